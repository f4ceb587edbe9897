"""Files that are either there whole or not at all.

Everything is written to a temporary name in the target's own folder, synced, and renamed; the
folder is synced after. After a crash a `.part` file may be left; `remove_leftovers` sweeps it.
On Windows a folder cannot be synced: there the rename alone is the promise.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.errors import DiskFull, FileChanged, NotWritable

PART_SUFFIX = ".part"
COPY_BLOCK_BYTES = 1 << 20
MAX_NAME_BYTES = 180  # leaves room for suffixes below the 255 bytes that file systems allow

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_WINDOWS_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@contextmanager
def translated_os_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` while writing `path` into `DiskFull` or `NotWritable`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(path) from error
        raise NotWritable(path, error.strerror or str(error)) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; on success it becomes `path`, synced; else it is removed.

    Raises
    ------
    DiskFull, NotWritable
        Also for an `OSError` raised inside the block.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}{PART_SUFFIX}")
    with translated_os_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            _sync_file(part)
            part.replace(path)
            sync_folder(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file durably."""
    with replacing(path) as part:
        part.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file durably, line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def copy_file(source: Path, target: Path) -> None:
    """Copy a file durably, in bounded memory."""
    with replacing(target) as part, source.open("rb") as reader, part.open("wb") as writer:
        while block := reader.read(COPY_BLOCK_BYTES):
            writer.write(block)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems
            raise
    finally:
        os.close(handle)


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a crash left in `folder`. Only for folders that one job owns."""
    for part in folder.glob(f".*{PART_SUFFIX}"):
        part.unlink(missing_ok=True)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class FileStamp:
    """What a file was when it was read: its content's SHA-256."""

    path: Path
    digest: str

    @classmethod
    def of_content(cls, path: Path, content: bytes) -> FileStamp:
        """Stamp of a file whose bytes were just read."""
        return cls(path, hashlib.sha256(content).hexdigest())

    def check(self) -> None:
        """Raise `FileChanged` unless the file still holds what was read."""
        try:
            unchanged = file_digest(self.path) == self.digest
        except OSError as error:
            raise FileChanged(self.path) from error
        if not unchanged:
            raise FileChanged(self.path)


def safe_name(text: str, *, fallback: str = "untitled") -> str:
    """A file name part made of `text` that Linux, macOS and Windows all take; never empty."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip().strip(".").strip()
    while len(name.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES:
        name = name[:-1]
    name = name.encode("utf-8", "replace").decode("utf-8").rstrip(" .")
    if not name:
        return fallback
    return f"_{name}" if _WINDOWS_DEVICES.fullmatch(name) else name


def unused_path(path: Path) -> Path:
    """`path`, or the first of `name-2`, `name-3`, … (before its suffix) that does not exist."""
    candidate, number = path, 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _sync_file(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
