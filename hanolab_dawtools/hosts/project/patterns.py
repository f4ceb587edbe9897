"""What a user's word means among names and numbers: a name, a pattern, or a number.

Names are compared as a reader sees them: in any case, and however their accents are encoded.
"""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fitting:
    """Which of some names a text means, by their places; `is_name`: it is one's whole name."""

    places: tuple[int, ...]
    is_name: bool


def fitting(text: str, names: Sequence[str], numbers: Sequence[int]) -> Fitting:
    """Which names a text means.

    `#2` is always the number, where there is one. Else a whole name comes first, then one in any
    case, then a pattern (`*`, `?`, `[...]`), then the pattern with its brackets as they stand,
    then the number.
    """
    by_sign = tuple(at for at, number in enumerate(numbers) if f"#{number}" == text)
    if by_sign:
        return Fitting(by_sign, is_name=False)
    for is_name, found in (
        (True, _where(names, lambda name: name == text)),
        (True, _where(names, lambda name: as_read(name) == as_read(text))),
        (False, _like(as_read(text), names)),
        (False, _like(as_read(text).replace("[", "[[]"), names)),
        (False, tuple(at for at, number in enumerate(numbers) if str(number) == text)),
    ):
        if found:
            return Fitting(found, is_name)
    return Fitting((), is_name=False)


def as_read(name: str) -> str:
    """A name without what a reader does not see: case, and how accents are encoded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _like(pattern: str, names: Sequence[str]) -> tuple[int, ...]:
    return _where(names, lambda name: fnmatch.fnmatchcase(as_read(name), pattern))


def _where(names: Sequence[str], fits: object) -> tuple[int, ...]:
    assert callable(fits)
    return tuple(at for at, name in enumerate(names) if fits(name))
