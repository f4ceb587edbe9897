"""How files come to workers on other machines and back: never through the scheduler.

The owner lends what an order reads and fetches what it made; a worker's `Carrier` does the other
half with what it was told, which is plain data and good for some files only. Inputs are named by
their content, so that one that many orders read goes over once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hanolab_dawtools import durable
from hanolab_dawtools.errors import InputError, TransferFailed
from hanolab_dawtools.events import ProgressCallback, Stop, raise_if_stopped

Where = Mapping[str, Any]  # where a file is fetched from, or put: all that a carrier needs
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Lent:
    """A file that workers can fetch. `name` holds on all machines; SHA-256 `digest` in hex."""

    name: str
    digest: str
    n_bytes: int
    where: Where


class Exchange(Protocol):
    """The owner's side; may be used from several threads at once."""

    def lend(self, path: Path, *, stop: Stop, progress: ProgressCallback) -> Lent:
        """Bring a file to where workers can fetch it, unless it is there already."""
        ...

    def give_back(self, lent: Lent) -> None:
        """Tell that an order has ended which a file was lent for."""
        ...

    def slots(self, order_id: str, n_slots: int) -> tuple[Where, ...]:
        """Places that an order's results can be put to."""
        ...

    def take(self, slot: Where, path: Path, *, stop: Stop, progress: ProgressCallback) -> None:
        """Bring here what was put to a slot."""
        ...

    def clear(self, slots: tuple[Where, ...]) -> None:
        """Delete what was put to slots; never fails, and what is left goes when it is closed."""
        ...

    def close(self) -> None:
        """Delete all that is left; idempotent, and never fails."""
        ...


class Carrier(Protocol):
    """The worker's side."""

    def fetch(self, where: Where, path: Path, *, stop: Stop) -> None:
        """Write a file that was lent to `path`."""
        ...

    def put(self, path: Path, where: Where, *, stop: Stop) -> None:
        """Bring a result to a slot."""
        ...


class FolderExchange:
    """Exchanges through a folder that owner and workers see, as `folder` or as they are told.

    Where the file system can, files are linked instead of copied.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._shared, self._name = folder, name
        self._folder = folder / name
        self._lock = threading.Lock()

    def lend(self, path: Path, *, stop: Stop, progress: ProgressCallback) -> Lent:  # noqa: ARG002
        """See `Exchange`."""
        digest, n_bytes = content_of(path, stop)
        name = f"{digest}{safe_suffix(path)}"
        target = self._folder / "inputs" / name
        with self._lock:
            if not target.exists():
                lay(path, target)
        return Lent(name, digest, n_bytes, self._where("inputs", name))

    def give_back(self, lent: Lent) -> None:
        """See `Exchange`; links take no room, and copies stay until it is closed."""

    def slots(self, order_id: str, n_slots: int) -> tuple[Where, ...]:
        """See `Exchange`."""
        with durable.translated_os_errors(self._shared):
            self._shared.mkdir(parents=True, exist_ok=True)
        return tuple(self._where("results", f"{order_id}-{number}") for number in range(n_slots))

    def take(self, slot: Where, path: Path, *, stop: Stop, progress: ProgressCallback) -> None:  # noqa: ARG002
        """See `Exchange`."""
        raise_if_stopped(stop)
        lay(self._shared.joinpath(*slot["parts"]), path)

    def clear(self, slots: tuple[Where, ...]) -> None:
        """See `Exchange`."""
        for slot in slots:
            with suppress(OSError):
                self._shared.joinpath(*slot["parts"]).unlink(missing_ok=True)

    def close(self) -> None:
        """See `Exchange`."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _where(self, *parts: str) -> Where:
        return {"shared": str(self._shared), "parts": [self._name, *parts]}


class FolderCarrier:
    """Carries through a shared folder, which lies at `folder` here, or where its owner sees it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def fetch(self, where: Where, path: Path, *, stop: Stop) -> None:
        """See `Carrier`."""
        raise_if_stopped(stop)
        lay(self._path(where), path)

    def put(self, path: Path, where: Where, *, stop: Stop) -> None:
        """See `Carrier`."""
        raise_if_stopped(stop)
        if not self._shared(where).is_dir():
            raise self._not_shared(where)
        lay(path, self._path(where))

    def _shared(self, where: Where) -> Path:
        return self._folder or Path(where["shared"])

    def _path(self, where: Where) -> Path:
        path = self._shared(where).joinpath(*where["parts"])
        if where["parts"][1] == "inputs" and not path.exists():
            raise self._not_shared(where)
        return path

    def _not_shared(self, where: Where) -> TransferFailed:
        return TransferFailed(
            f"the exchange folder {self._shared(where)} of the owner is not seen on this worker",
            hint="Mount it there, or set exchange_folder in that machine's settings.",
        )


def content_of(path: Path, stop: Stop) -> tuple[str, int]:
    """SHA-256 in hex and length in bytes of a file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    digest, n_bytes = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                raise_if_stopped(stop)
                digest.update(block)
                n_bytes += len(block)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    return digest.hexdigest(), n_bytes


def check_content(path: Path, digest: str, n_bytes: int, stop: Stop) -> None:
    """Raise `TransferFailed`, and remove the file, unless it came over as it was sent."""
    if content_of(path, stop) != (digest, n_bytes):
        path.unlink(missing_ok=True)
        raise TransferFailed(
            f"{path.name} came over otherwise than it was sent", hint="Resume the job."
        )


def safe_suffix(path: Path) -> str:
    """The suffix of a file in lower case, when it is one that is harmless everywhere."""
    suffix = path.suffix.lower()
    is_harmless = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 8
    return suffix if is_harmless else ""


def lay(source: Path, target: Path) -> None:
    """Put a file's content to another name, whole or not at all: as a link, else as a copy."""
    if not source.is_file():
        raise InputError(f"cannot read {source}: there is no such file")
    with durable.translated_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{uuid.uuid4().hex}{durable.PART_SUFFIX}")
        try:
            try:
                os.link(source, part)
            except OSError:  # another file system, or one without links
                shutil.copyfile(source, part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)  # two links to one file are not renamed
