"""The file beneath a codec: no system error is lost, and no name is guessed from.

libsndfile drops the system's errors: it calls a full disk "system error", and FLAC, MP3 and Ogg
write their last bytes at closing, where it reports nothing at all (measured with 1.2.2). It also
takes any file for raw audio whose name ends in .vox or .gsm. So it is given this nameless object
to read or write, which remembers what went wrong.
"""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal


class GuardedFile(AbstractContextManager["GuardedFile"]):
    """A file with the methods soundfile needs; `error` is the first `OSError` it met, or None."""

    def __init__(self, path: Path, mode: Literal["rb", "w+b"]) -> None:
        self._stream = path.open(mode, buffering=0)  # a buffer would fail in `seek`, unseen
        self.error: OSError | None = None
        self.tell = self._stream.tell
        self.close = self._stream.close

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte; return where the file is then, which is elsewhere when that fails."""
        try:
            return self._stream.seek(offset, whence)
        except OSError as error:
            if error.errno != errno.EINVAL:  # before the start, where damaged headers may point
                self.error = self.error or error
            return self._stream.tell()

    def readinto(self, target: memoryview) -> int:
        """Fill `target` as far as the file goes; return the number of bytes."""
        try:
            return self._stream.readinto(target)
        except OSError as error:
            self.error = self.error or error
            return 0

    def write(self, content: bytes) -> int:
        """Write all of `content`; return 0 when that fails, or has failed before."""
        rest = memoryview(content)
        try:
            while rest and self.error is None:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self.error = error
        return 0 if self.error else len(content)

    def __exit__(self, *_: object) -> None:
        self.close()
