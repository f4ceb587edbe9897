"""Standard output and error that outlive their reader, and bear names that are no text.

A command piped into `head` goes on with its work when `head` has gone: what it would print is
dropped, and its exit code still says what came of the work. (typer and rich would end it with 1.)
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO, cast


class _Patient(io.FileIO):
    """A file whose reader may go."""

    def write(self, data: Any, /) -> int:
        """Write, or drop what nobody reads any more."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return memoryview(data).nbytes


def prepare_streams() -> None:
    """Replace `sys.stdout` and `sys.stderr`, where they are a process's own."""
    sys.stdout = _prepared(sys.stdout, 1)
    sys.stderr = _prepared(sys.stderr, 2)


def discard_output() -> None:
    """Drop what stdout still holds: it cannot be written, and the exit must not try again."""
    sys.stdout = cast("TextIO", open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end


def _prepared(stream: TextIO, number: int) -> TextIO:
    try:
        is_own = stream.fileno() == number
    except (AttributeError, OSError, ValueError):  # none at all, one in memory, or closed
        is_own = False
    if not is_own:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
        return stream
    stream.flush()
    raw = _Patient(number, "w", closefd=False)
    is_line_buffered = number == 2 or raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",  # file names may be no text
        line_buffering=is_line_buffered,
    )
