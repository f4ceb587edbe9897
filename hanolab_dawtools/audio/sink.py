"""The file beneath an encoder: no write error is lost.

libsndfile drops the system's errors: it calls a full disk "system error", and FLAC, MP3 and Ogg
write their last bytes at closing, where it reports nothing at all (measured with 1.2.2). So it
is given this object to write to, which remembers.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from hanolab_dawtools.durable import translated_os_errors


class EncoderSink(AbstractContextManager["EncoderSink"]):
    """A new file at `path` with the methods soundfile needs; the first `OSError` is kept."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w+b", buffering=0)  # a buffer would fail in `seek`, unseen
        self._error: OSError | None = None
        self.seek = self._stream.seek
        self.tell = self._stream.tell
        self.readinto = self._stream.readinto
        self.close = self._stream.close

    def write(self, content: bytes) -> int:
        """Write all of `content`; return 0 when that fails, or has failed before."""
        rest = memoryview(content)
        try:
            while rest and self._error is None:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self._error = error
        return 0 if self._error else len(content)

    def check(self, path: Path) -> None:
        """Raise `DiskFull` or `NotWritable` about `path` if anything went wrong until now."""
        if self._error is not None:
            with translated_os_errors(path):
                raise self._error

    def __exit__(self, *_: object) -> None:
        self.close()
