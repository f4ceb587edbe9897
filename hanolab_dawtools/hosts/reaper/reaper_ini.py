"""The three keys of `reaper.ini` by which REAPER finds a Python; bytes to bytes, line by line.

    [REAPER]
    reascript=1                      bit 0: Python scripts are allowed
    pythonlibpath64=/usr/lib         the folder of a shared libpython
    pythonlibdll64=libpython3.11.so  its bare name; with a path in it REAPER finds nothing

As in Windows' own reader of such files the section's and the keys' letter case does not matter,
and of several the first counts. REAPER writes the file from memory when it quits, so it must not
run while we edit. Never a config parser: they lose lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from hanolab_dawtools.hosts.reaper.ini_files import ended, newline_of

FILE_NAME = "reaper.ini"
ENABLED_KEY, FOLDER_KEY, NAME_KEY = "reascript", "pythonlibpath64", "pythonlibdll64"
PYTHON_KEYS = (ENABLED_KEY, FOLDER_KEY, NAME_KEY)
_PYTHON_BIT = 1
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SECTION = re.compile(rb"\s*\[([^\]]*)\]")
_KEY = re.compile(rb"(?P<key>[^=]*)=(?P<value>[^\r\n]*)(?P<end>\r?\n?)", re.DOTALL)


@dataclass(frozen=True)
class PythonKeys:
    """The values in the file; None where it says nothing."""

    enabled: str | None
    folder: str | None
    name: str | None

    @property
    def is_enabled(self) -> bool | None:
        """Whether Python scripts are allowed; None when the file does not say."""
        return None if self.enabled is None else bool(_number(self.enabled) & _PYTHON_BIT)

    @property
    def library(self) -> PurePath | None:
        """The library they name; None when either half is missing."""
        return PurePath(self.folder, self.name) if self.folder and self.name else None


def read_python_keys(content: bytes) -> PythonKeys:
    """What the file says of Python."""
    values = read_values(content)
    return PythonKeys(*(values.get(key) for key in PYTHON_KEYS))


def values_for(library: PurePath, keys: PythonKeys) -> dict[str, str]:
    """The values that make REAPER take a library, those already right included."""
    return {
        ENABLED_KEY: str(_number(keys.enabled or "") | _PYTHON_BIT),
        FOLDER_KEY: str(library.parent),
        NAME_KEY: library.name,
    }


def read_values(content: bytes) -> dict[str, str]:
    """The Python keys that the file has."""
    lines = _lines(content)
    return {key: _text(lines[place]) for key, place in _places(lines).items()}


def with_values(content: bytes, values: Mapping[str, str], *, newline: bytes) -> bytes:
    """The file with these values: in place where the keys are, else at the section's end.

    A missing section comes to the end of the file. `newline` ends lines when the file has none.
    """
    newline = newline_of(content, newline)
    lines = _lines(content)
    places = _places(lines)
    for key in places.keys() & values.keys():
        if _text(lines[places[key]]) != values[key]:
            lines[places[key]] = _with_value(lines[places[key]], values[key])
    new = [f"{key}={values[key]}".encode() for key in values if key not in places]
    if not new:
        return b"".join(lines)
    start, end = _section(lines)
    if start is None:
        new.insert(0, b"[reaper]")
    before = ended(b"".join(lines[:end]), newline)
    return before + b"".join(line + newline for line in new) + b"".join(lines[end:])


def restored(content: bytes, backup: bytes, written: Mapping[str, str], *, newline: bytes) -> bytes:
    """The file with the values that `backup` has, where it still holds what we wrote.

    Equal to `backup` when nothing else changed since.
    """
    if with_values(backup, written, newline=newline) == content:
        return backup
    earlier = read_values(backup)
    lines = _lines(content)
    for key, place in _places(lines).items():
        if key not in written or _text(lines[place]) != written[key]:
            continue
        lines[place] = _with_value(lines[place], earlier[key]) if key in earlier else b""
    return b"".join(lines)


def _lines(content: bytes) -> list[bytes]:
    return [line for line in re.split(rb"(?<=\n)", content) if line]


def _section(lines: list[bytes]) -> tuple[int | None, int]:
    """Where the lines behind the first [reaper] start, and where its last line of text ends."""
    start: int | None = None
    end = len(lines)
    for number, line in enumerate(lines):
        header = _SECTION.match(line.removeprefix(_BYTE_ORDER_MARK))
        if header and start is not None:
            end = number
            break
        if header and header[1].strip().lower() == b"reaper":
            start = number + 1
    while start is not None and end > start and not lines[end - 1].strip():
        end -= 1
    return start, end


def _places(lines: list[bytes]) -> dict[str, int]:
    """Number of the line that holds each key."""
    start, end = _section(lines)
    places: dict[str, int] = {}
    for number in range(start if start is not None else end, end):
        found = _KEY.fullmatch(lines[number])
        key = found["key"].strip().lower().decode("utf-8", "replace") if found else ""
        if key in PYTHON_KEYS:
            places.setdefault(key, number)
    return places


def _text(line: bytes) -> str:
    found = _KEY.fullmatch(line)
    assert found
    return found["value"].strip().decode("utf-8", "surrogateescape")


def _with_value(line: bytes, value: str) -> bytes:
    found = _KEY.fullmatch(line)
    assert found
    return found["key"] + b"=" + value.encode("utf-8", "surrogateescape") + found["end"]


def _number(text: str) -> int:
    digits = re.match(r"\s*\d+", text)
    return int(digits[0]) if digits else 0
