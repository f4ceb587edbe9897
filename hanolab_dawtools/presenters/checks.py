"""One thing that `hanolab doctor` looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hanolab_dawtools.errors import HanolabError


class Health(StrEnum):
    """Whether a thing works, could be better, or stops work."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do about it."""

    name: str
    health: Health
    found: str
    hint: str = ""


def failed(name: str, error: HanolabError, *, health: Health = Health.BAD) -> Check:
    """A check that ended with an error."""
    return Check(name, health, str(error), error.hint)
