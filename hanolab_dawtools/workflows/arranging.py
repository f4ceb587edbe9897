"""How results are laid out: which of them are placed, and what they are called."""

from __future__ import annotations

from dataclasses import replace

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import HostName, RequestKind, Stem, StemRole
from hanolab_dawtools.presets.naming import OWN_NAME, check_pattern, expanded
from hanolab_dawtools.stem_roles import STEMS_OF_COUNT
from hanolab_dawtools.workflows.plan import RunPlan


def check_arrangement(plan: RunPlan) -> None:
    """Refuse what cannot be laid out, before any work.

    Raises
    ------
    UsageError
        A wildcard is unknown, or no result of this run is to be placed.
    """
    check_pattern(plan.arrangement.names)
    wanted, possible = set(plan.arrangement.roles), _possible_roles(plan)
    if wanted and possible and not wanted & possible:
        raise UsageError(
            f"nothing would be placed: of {', '.join(sorted(wanted))} this run makes none",
            hint=f"It makes: {', '.join(sorted(possible))}.",
        )


def wanted_stems(stems: tuple[Stem, ...], plan: RunPlan) -> tuple[Stem, ...]:
    """The stems that are placed.

    Raises
    ------
    UsageError
        None of them is.
    """
    arrangement = plan.arrangement
    kept = tuple(stem for stem in stems if not arrangement.roles or stem.role in arrangement.roles)
    if not arrangement.has_residual:
        kept = tuple(stem for stem in kept if stem.role is not StemRole.RESIDUAL)
    if not kept:
        came = ", ".join(stem.role.value for stem in stems)
        raise UsageError(
            f"nothing is to be placed: {came} came",
            hint=f"Choose among these: --set import.stems=[{came}]",
        )
    return kept


def named(stem: Stem, plan: RunPlan) -> Stem:
    """A stem under the name that the pattern gives it.

    A name that the engine gave stays with it, in brackets, where the pattern leaves it out.
    """
    pattern, selection = plan.arrangement.names, plan.selection
    if pattern == OWN_NAME:
        return stem
    own = stem.name or stem.role.value.capitalize()
    is_project = selection.host in {HostName.RPP, HostName.REAPER}
    tracks = ", ".join(selection.track_names)
    name = expanded(
        pattern,
        {
            "project": selection.source.stem,
            "region": selection.name,
            "track": tracks or (selection.name if is_project else selection.source.stem),
            "item": selection.name,
            "stem": own,
            "preset": plan.preset,
            "voice": plan.voice,
        },
    )
    if stem.name and OWN_NAME not in pattern:
        name = f"{name} ({stem.name})"
    return replace(stem, name=name or own)


def _possible_roles(plan: RunPlan) -> set[StemRole]:
    """What a run may make; empty where that cannot be known."""
    if plan.kind is RequestKind.PROCESS:
        return {StemRole.PROCESSED}
    if plan.kind.is_conversion:
        return {StemRole.CONVERTED, StemRole.ACCOMPANIMENT, StemRole.MIX}
    if plan.kind is not RequestKind.SEPARATE or plan.parameters.get("stems") not in STEMS_OF_COUNT:
        return set()
    roles = {*STEMS_OF_COUNT[plan.parameters["stems"]]}
    only = set(map(StemRole, plan.parameters.get("only", ())))
    return {*(roles & only or roles), StemRole.REST, StemRole.RESIDUAL}
