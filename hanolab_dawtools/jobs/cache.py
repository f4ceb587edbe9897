"""Results by content and parameters: the same request again is answered from here.

An entry is a folder with the files and `entry.json`, which holds each file's SHA-256 and the
facts that came with it. It is built under another name and renamed, so it is there whole or not
at all. The cache serves jobs and never fails one: a damaged entry counts as missing, and one that
cannot be written (a full disk, a read-only folder) is left out with a warning in the log.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from hanolab_dawtools import durable
from hanolab_dawtools.errors import JobCancelled, OutputError
from hanolab_dawtools.events import NeverStop, Stop, raise_if_stopped

_log = logging.getLogger(__name__)

_MANIFEST = "entry.json"
_GOING = ".going-"  # prefix of folders that are being built or removed
_ABANDONED_SECONDS = 24 * 3600.0  # no entry takes longer to build
_KEY = re.compile(r"[0-9a-f]{64}")


class ResultCache:
    """The entries in `folder`, together at most `limit_bytes` (0: keep nothing).

    Several processes may use a folder at once.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    @staticmethod
    def key(parts: Mapping[str, Any]) -> str:
        """SHA-256, in hex, of JSON values, whatever their order in mappings."""
        text = json.dumps(dict(parts), sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def get(self, key: str, into: Path, *, stop: Stop | None = None) -> Mapping[str, Any] | None:
        """Copy an entry's files into a folder and return its facts; None when there is none.

        Every copy is checked by its digest. A damaged entry is removed, and nothing of it is left
        in `into`.

        Raises
        ------
        DiskFull, NotWritable
            `into` cannot be written: the caller's own files would not fit there either.
        JobCancelled
        """
        entry = self._entry(key)
        copied: list[Path] = []
        try:
            digests, facts = _read_manifest(entry / _MANIFEST)
            for name, digest in digests.items():
                _copy_checked(entry / name, into / name, digest, stop or NeverStop())
                copied.append(into / name)
        except _Missing:
            return None
        except (_Damaged, OutputError, JobCancelled) as error:
            for path in copied:
                path.unlink(missing_ok=True)
            if not isinstance(error, _Damaged):
                raise
            _log.warning("a damaged entry was removed from the result cache: %s", error)
            _remove(entry)
            return None
        _mark_used(entry)
        return facts

    def put(
        self,
        key: str,
        files: Mapping[str, Path],
        facts: Mapping[str, Any],
        *,
        stop: Stop | None = None,
    ) -> None:
        """Keep copies of files, by their names in the entry, with facts as JSON values.

        The least recently used entries make room. An entry over the limit, one that exists, one
        that cannot be written, and one that `stop` cuts short are left out.

        Raises
        ------
        ValueError, TypeError
            A name is no plain file name, or the facts are no JSON values.
        """
        for name in files:
            if not _is_plain(name):
                raise ValueError(f"{name!r} cannot be a name in the result cache")
        entry, facts_text = self._entry(key), json.dumps(dict(facts), allow_nan=False)
        try:
            with durable.translated_os_errors(self._folder):
                n_bytes = sum(path.stat().st_size for path in files.values())
                if n_bytes > self._limit_bytes or entry.exists():
                    return
                self._folder.mkdir(parents=True, exist_ok=True)
                self._remove_abandoned()
                self._make_room(n_bytes)
                self._build(entry, files, facts_text, stop or NeverStop())
                self._make_room(0)  # others may have put entries meanwhile
        except JobCancelled:  # the caller's own work is whole; it looks at the flag itself
            _log.info("the result was not kept in the cache: stopped")
        except OutputError as error:
            _log.warning("the result was not kept in the cache: %s", error)

    def has(self, key: str) -> bool:
        """Whether there is an entry, whole or damaged."""
        return self._entry(key).is_dir()

    def replace_facts(self, key: str, facts: Mapping[str, Any]) -> None:
        """Give an entry other facts; its files stay. Nothing happens when there is no such entry.

        Raises
        ------
        DiskFull, NotWritable
        ValueError, TypeError
            The facts are no JSON values.
        """
        path = self._entry(key) / _MANIFEST
        facts_text = json.dumps(dict(facts), allow_nan=False)
        try:
            digests, _ = _read_manifest(path)
        except (_Missing, _Damaged):
            return
        durable.write_bytes(path, _manifest(digests, json.loads(facts_text)))

    def drop(self, key: str) -> None:
        """Forget an entry, if there is one."""
        if self.has(key):
            _remove(self._entry(key))

    def size_bytes(self) -> int:
        """Bytes of all entries' files."""
        return sum(n_bytes for _, n_bytes, _ in self._entries())

    def clear(self) -> None:
        """Remove all entries; what another process is building stays."""
        for _, _, entry in self._entries():
            _remove(entry)

    def _entry(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of the result cache")
        return self._folder / key

    def _build(self, entry: Path, files: Mapping[str, Path], facts_text: str, stop: Stop) -> None:
        """Write an entry under another name, then give it its own.

        Nothing is synced: an entry that a power cut damages is found by its digests.
        """
        building = _going_name(self._folder)
        building.mkdir()
        try:
            digests = {}
            for name, path in files.items():
                with path.open("rb") as reader:
                    digests[name] = _copy(reader, building / name, stop)
            (building / _MANIFEST).write_bytes(_manifest(digests, json.loads(facts_text)))
            try:
                building.rename(entry)
            except OSError:
                if not entry.exists():  # else another process was first, with the same content
                    raise
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _make_room(self, n_bytes: int) -> None:
        entries = sorted(self._entries())
        used_bytes = sum(size for _, size, _ in entries)
        for _, size, entry in entries:
            if used_bytes + n_bytes <= self._limit_bytes:
                return
            _remove(entry)
            used_bytes -= size

    def _entries(self) -> Iterator[tuple[int, int, Path]]:
        """Each entry's last use (nanoseconds), size in bytes, and folder."""
        if not self._folder.is_dir():
            return
        for entry in self._folder.iterdir():
            if _KEY.fullmatch(entry.name):
                with suppress(OSError):  # removed by another process just now
                    n_bytes = sum(path.stat().st_size for path in entry.iterdir())
                    yield _last_use(entry), n_bytes, entry

    def _remove_abandoned(self) -> None:
        """Remove what crashes left while an entry was built or removed."""
        for folder in self._folder.glob(f"{_GOING}*"):
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


class _Missing(Exception):
    """There is no such entry, or it cannot be looked at."""


class _Damaged(Exception):
    """An entry is not what was put."""


def _manifest(digests: Mapping[str, str], facts: Mapping[str, Any]) -> bytes:
    manifest: dict[str, Any] = {"files": dict(digests), "facts": dict(facts)}
    manifest["digest"] = ResultCache.key(manifest)
    return json.dumps(manifest).encode("ascii")


def _read_manifest(path: Path) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    try:
        text = path.read_bytes()
    except OSError as error:
        if path.parent.is_dir() and isinstance(error, FileNotFoundError):
            raise _Damaged(f"{path} is missing") from error
        raise _Missing from error
    try:
        manifest = json.loads(text)
        digest = manifest.pop("digest")
        digests, facts = dict(manifest["files"]), dict(manifest["facts"])
        is_as_put = ResultCache.key(manifest) == digest
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _Damaged(f"{path}: {error}") from error
    if not is_as_put:
        raise _Damaged(f"{path} was changed")
    if not all(_is_plain(name) for name in digests):
        raise _Damaged(f"{path} names a file outside the entry")
    return digests, facts


def _copy_checked(source: Path, target: Path, digest: str, stop: Stop) -> None:
    """Copy a file of an entry, durably and only if it is what was put."""
    try:
        reader = source.open("rb")
    except OSError as error:  # never there, or removed by another process just now
        raise _Damaged(f"{source} is missing") from error
    with reader, durable.replacing(target) as part:
        if _copy(reader, part, stop) != digest:
            raise _Damaged(f"{source} was changed")


def _copy(reader: BinaryIO, target: Path, stop: Stop) -> str:
    """Copy an open file and return the SHA-256 of what was copied, in hex."""
    digest = hashlib.sha256()
    with target.open("wb") as writer:
        while block := reader.read(durable.COPY_BLOCK_BYTES):
            raise_if_stopped(stop)
            digest.update(block)
            writer.write(block)
    return digest.hexdigest()


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and durable.safe_name(name) == name and name != _MANIFEST


def _going_name(folder: Path) -> Path:
    return folder / f"{_GOING}{secrets.token_hex(8)}"


def _remove(entry: Path) -> None:
    """Remove an entry: gone at once for everybody, its bytes a moment later."""
    going = _going_name(entry.parent)
    with suppress(OSError):  # another process was first, or the folder is read-only
        entry.rename(going)
        shutil.rmtree(going, ignore_errors=True)


def _mark_used(entry: Path) -> None:
    now = time.time_ns()
    with suppress(OSError):  # a read-only cache still answers
        os.utime(entry / _MANIFEST, ns=(now, now))


def _last_use(entry: Path) -> int:
    return (entry / _MANIFEST).stat().st_mtime_ns
