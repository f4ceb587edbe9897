"""Values of what the bridge answered, each of the type it must have.

Anything else is an error whose sentence says what is wrong where. An answer is JSON of a process
that may be older than this program, so it is checked like a file.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Iterator
from typing import Any, NoReturn, TypeGuard

from hanolab_dawtools.errors import HostCallFailed

MAX_UNPACKED_BYTES = 1 << 28  # of far more items than a project has
_UPDATE_HINT = "Update the scripts in REAPER: hanolab reaper install, then restart REAPER."


class Checked:
    """An object of an answer; `where` says which, for messages ("track 3, item 1")."""

    def __init__(self, values: Any, where: str, command: str) -> None:
        self._where = where
        self._command = command
        if not isinstance(values, dict):
            raise self._failure("is no object")
        self._values: dict[str, Any] = values

    def text(self, key: str) -> str:
        """A text."""
        value = self._value(key)
        return value if isinstance(value, str) else self._wrong(key, "text")

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self._value(key)
        return value if isinstance(value, bool) else self._wrong(key, "true or false")

    def integer(self, key: str) -> int:
        """A whole number of at most 64 bits."""
        value = self._value(key)
        return value if _is_integer(value) else self._wrong(key, "a whole number")

    def number(self, key: str, *, positive: bool = False) -> float:
        """A finite number."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(key, "a number")
        try:
            number = float(value)
        except OverflowError:
            self._wrong(key, "a usable number")
        if not math.isfinite(number) or (positive and number <= 0.0):
            self._wrong(key, "a usable number")
        return number

    def is_null(self, key: str) -> bool:
        """Whether a value is null, or not there at all."""
        return self._values.get(key) is None

    def objects(self, key: str, what: str) -> Iterator[Checked]:
        """The objects of a list, called `what` and their number from 1 on."""
        for number, values in enumerate(self._list(key), start=1):
            yield Checked(values, f"{self._within}{what} {number}", self._command)

    def objects_or_none(self, key: str, what: str) -> Iterator[Checked | None]:
        """As `objects`; None where the list has null."""
        for number, values in enumerate(self._list(key), start=1):
            where = f"{self._within}{what} {number}"
            yield None if values is None else Checked(values, where, self._command)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            self._wrong(key, "a list of texts")
        return tuple(values)

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self._list(key)
        if not all(_is_integer(value) for value in values):
            self._wrong(key, "a list of whole numbers")
        return tuple(values)

    def span(self, key: str) -> tuple[float, float] | None:
        """A list of two times, the second later; None for null."""
        if self.is_null(key):
            return None
        values = self._list(key)
        pair = Checked(dict(zip(("start", "end"), values, strict=False)), key, self._command)
        start, end = pair.number("start"), pair.number("end")
        return (start, end) if end > start else self._wrong(key, "a start and a later end")

    def unpacked(self, key: str) -> Checked:
        """The object whose JSON text a text holds, compressed by zlib, in base64."""
        try:
            packer = zlib.decompressobj()
            content = packer.decompress(base64.b64decode(self.text(key)), MAX_UNPACKED_BYTES)
            values = json.loads(content) if packer.eof else None
        except (ValueError, zlib.error, RecursionError) as error:
            raise self._failure(f"holds no packed object as {key!r}") from error
        return Checked(values, self._where, self._command)

    @property
    def _within(self) -> str:
        return f"{self._where}, " if self._where else ""

    def _list(self, key: str) -> list[Any]:
        value = self._value(key)
        return value if isinstance(value, list) else self._wrong(key, "a list")

    def _value(self, key: str) -> Any:
        if key not in self._values:
            raise self._failure(f"has no {key!r}")
        return self._values[key]

    def _wrong(self, key: str, expected: str) -> NoReturn:
        told = repr(self._values[key])[:60]
        raise self._failure(f"has {told} as {key!r}, which is not {expected}")

    def _failure(self, what: str) -> HostCallFailed:
        return HostCallFailed(
            f"REAPER's answer to {self._command!r} is not as expected: "
            f"{self._where or 'it'} {what}",
            command=self._command,
            code="internal",
            hint=_UPDATE_HINT,
        )


def _is_integer(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
