"""The upload area: an extra of the sandbox, which the reference does not have.

A file keeps its name, behind a prefix that makes it no device and no hidden file anywhere.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

from hanolab_dawtools import durable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_PREFIX = "upload-"


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
        return path if NAME.fullmatch(name) and path.is_file() else None

    def remove(self, name: str) -> bool:
        """Remove a file; whether there was one."""
        found = self.find(name)
        if found is not None:
            found.unlink()
        return found is not None

    def count(self) -> int:
        """How many files there are."""
        return len(list(self._folder.glob(f"{_PREFIX}*")))

    def _path(self, name: str) -> Path:
        return self._folder / f"{_PREFIX}{name}"
