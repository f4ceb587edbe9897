"""Changing REAPER's own settings files: whole or not at all, with one backup, read back after.

The backup `<name>.hanolab.bak` is what the file was before we first touched it, and what
uninstalling goes back to. No file is `None`, which is not the same as an empty one.
"""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.errors import FileChanged, InputError

BACKUP_SUFFIX = ".hanolab.bak"
_CLOSE_REAPER = "Close REAPER and other programs that use it, then run it again."


def backup_of(path: Path) -> Path:
    """Where the backup of a file lies."""
    return path.with_name(path.name + BACKUP_SUFFIX)


def read_file(path: Path) -> bytes | None:
    """A file's bytes, None when there is none.

    Raises
    ------
    InputError
        It is there and cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def change_file(path: Path, before: bytes | None, after: bytes | None) -> None:
    """Put `after` where `before` was read.

    Raises
    ------
    FileChanged
        It is not `before` any more, or not `after` afterwards.
    DiskFull, NotWritable
    """
    if read_file(path) != before:
        raise FileChanged(path, hint=_CLOSE_REAPER)
    if after is None:
        remove_file(path)
    else:
        durable.write_bytes(path, after)
    if read_file(path) != after:
        raise FileChanged(path, since="it was written", hint=_CLOSE_REAPER)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there.

    Raises
    ------
    NotWritable
    """
    with durable.translated_os_errors(path):
        path.unlink(missing_ok=True)


def newline_of(content: bytes, default: bytes) -> bytes:
    """How the last ended line of a file ends; `default` when none does."""
    end = content.rfind(b"\n")
    if end < 0:
        return default
    return b"\r\n" if content[:end].endswith(b"\r") else b"\n"


def ended(content: bytes, newline: bytes) -> bytes:
    """The content, its last line ended."""
    return content if not content or content.endswith(b"\n") else content + newline
