"""The upload area: an extra of the sandbox, which the reference does not have.

A file is kept under the SHA-256 of its name, so that no name can be anything but a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from hanolab_dawtools import durable

MAX_NAME_CHARACTERS = 300


class TooLarge(Exception):
    """An upload is larger than the sandbox takes."""


class Uploads:
    """Uploaded files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, blocks: AsyncIterator[bytes], max_bytes: int) -> None:
        """Keep a file, replacing one of this name, once it is there whole.

        Raises
        ------
        TooLarge
        DiskFull, NotWritable
        """
        n_bytes = 0
        with durable.replacing(self._path(name)) as part, part.open("wb") as stream:
            async for block in blocks:
                n_bytes += len(block)
                if n_bytes > max_bytes:
                    raise TooLarge
                stream.write(block)

    def find(self, name: str) -> Path | None:
        """Where a file lies, None when there is none."""
        path = self._path(name)
        return path if path.is_file() else None

    def remove(self, name: str) -> bool:
        """Remove a file; whether there was one."""
        found = self.find(name)
        if found is not None:
            found.unlink()
        return found is not None

    def names(self) -> int:
        """How many files there are."""
        return len(list(self._folder.glob("*.bin")))

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self._folder / f"{digest}.bin"
