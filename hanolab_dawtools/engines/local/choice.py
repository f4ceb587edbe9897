"""Which stems a request asks for.

Parameters of a request: `stems`, 2 (default) or 4, and, with 4, `only`: a list of roles to get
as files of their own; all others come as one further file, so that the files still add up to
the mix. That file is named for what it holds: a single role keeps its name, everything but the
vocals is the accompaniment, any other sum is the `rest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hanolab_dawtools.errors import EngineCannot, UsageError
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT

STEM_COUNTS = (2, 4)
CLOUD_HINT = "The HanoLab cloud can: add --engine hanolab (it costs credits; see hanolab login)."

_TWO, _FOUR = STEMS_OF_COUNT[2], STEMS_OF_COUNT[4]
_TRAINED = _TWO  # what the networks were trained for; all else is a draft


@dataclass(frozen=True)
class StemChoice:
    """The roles to write, in order; `StemRole.REST`, if any, is the last."""

    roles: tuple[StemRole, ...]

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> StemChoice:
        """What a request's parameters ask for.

        Raises
        ------
        EngineCannot
            A number of stems that the engine cannot make.
        UsageError
            An unknown parameter, or roles that cannot be chosen.
        """
        unknown = sorted(set(parameters) - {"stems", "only"})
        if unknown:
            raise UsageError(f"the local engine knows no parameter {unknown[0]!r}")
        stems = parameters.get("stems", STEM_COUNTS[0])
        if stems not in STEM_COUNTS:
            raise EngineCannot(f"the local engine cannot make {stems} stems", hint=CLOUD_HINT)
        if "only" not in parameters:
            return cls(_TWO if stems == 2 else _FOUR)
        if stems == 2:
            raise UsageError(
                "2 stems leave nothing to choose from", hint="Use 4 stems, or leave out the choice."
            )
        return cls(_with_rest(_chosen(parameters["only"])))

    def is_draft(self, role: StemRole) -> bool:
        """Whether a stem comes of rules about sound, instead of trained networks."""
        return role not in _TRAINED


def _chosen(only: Any) -> set[StemRole]:
    names = [str(name) for name in (only if isinstance(only, list | tuple) else [only])]
    possible = {role.value: role for role in _FOUR}
    wrong = [name for name in names if name not in possible]
    if wrong or not names:
        what = f"{wrong[0]!r} is no stem" if wrong else "no stem is chosen"
        raise UsageError(f"{what}: choose among {', '.join(possible)}")
    return {possible[name] for name in names}


def _with_rest(chosen: set[StemRole]) -> tuple[StemRole, ...]:
    if chosen == {StemRole.VOCALS}:
        return _TWO
    if len(chosen) >= len(_FOUR) - 1:
        return _FOUR
    return (*(role for role in _FOUR if role in chosen), StemRole.REST)
