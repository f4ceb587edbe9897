"""What can be chosen about placing, and why something cannot: facts of hosts, in a user's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanolab_dawtools.model import HostName, StemRole
from hanolab_dawtools.presets.schema import (
    ConvertJob,
    FlashJob,
    ImportPolicy,
    NoJob,
    Preset,
)
from hanolab_dawtools.stem_roles import STEM_ORDER, STEMS_OF_COUNT

PROJECTS = frozenset({HostName.RPP, HostName.REAPER})


class Target(StrEnum):
    """Where results go: to where the music is, into another project file, or into a folder."""

    HOST = "host"
    PROJECT = "project"
    FOLDER = "folder"


@dataclass(frozen=True)
class Choice:
    """One of several; `reason` says why it cannot be chosen, empty when it can."""

    value: str
    name: str
    reason: str = ""


@dataclass(frozen=True)
class StemChoice:
    """A stem that can be placed, or left out."""

    role: StemRole
    is_chosen: bool = True


def target_choices(host: HostName | None, source: Path | None) -> tuple[Choice, ...]:
    """Where results of music in this host can go."""
    name = source.name if source is not None else ""
    here = {
        HostName.REAPER: "Into REAPER, as one undo step",
        HostName.RPP: f"Into {name}, a backup is kept",
        HostName.AUDIO_FILE: f"Into a folder beside {name}",
        HostName.FOLDER: f"Into {name}",
    }
    reason = "" if host is HostName.RPP else "Only for music in a project file."
    return (
        Choice(Target.HOST, here[host] if host is not None else "To where the music is"),
        Choice(Target.PROJECT, "Into a new project file", reason),
        Choice(Target.FOLDER, "Into a folder, as files"),
    )


def layout_choices(host: HostName | None, target: Target) -> tuple[Choice, ...]:
    """As what results can be placed; the values are those of `ImportPolicy.results`."""
    no_project = ""
    if target is Target.FOLDER:
        no_project = "Files in a folder stand alone."
    elif host not in PROJECTS:
        no_project = "Only in a project."
    no_lanes = "" if host is HostName.REAPER else "Only in a running REAPER 7."
    return (
        Choice("tracks", "Tracks in a folder", no_project),
        Choice("takes", "Takes of the item", no_project),
        Choice("lanes", "Fixed lanes of its track", no_project or no_lanes),
    )


def source_choices(host: HostName | None, target: Target, layout: str) -> tuple[Choice, ...]:
    """What can happen to the source; the values are those of `ImportPolicy.source`."""
    reason = ""
    if target is Target.FOLDER or host not in PROJECTS:
        reason = "Files are left as they are."
    elif layout == "takes":
        reason = "The original stays as the item's first take."
    return (
        Choice("mute", "Mute the source, play the results", reason),
        Choice("keep", "Play the source, results muted", reason),
        Choice("both", "Play both", reason),
    )


def possible_roles(preset: Preset) -> tuple[StemRole, ...]:
    """The stems that a preset makes, in their order; what they may leave over is not foreseen."""
    job = preset.job
    if isinstance(job, NoJob):
        return (StemRole.PROCESSED,)
    if isinstance(job, ConvertJob | FlashJob):
        return (
            (StemRole.ACCOMPANIMENT, StemRole.CONVERTED) if job.isolate else (StemRole.CONVERTED,)
        )
    roles = set(STEMS_OF_COUNT[job.stems])
    if (only := set(job.only)) and only < roles:
        roles = {*only, StemRole.REST}
    return tuple(role for role in STEM_ORDER if role in roles)


def stem_choices(roles: Sequence[StemRole], policy: ImportPolicy) -> tuple[StemChoice, ...]:
    """Which of these stems a policy places."""
    return tuple(StemChoice(role, _is_placed(role, policy)) for role in roles)


def with_stem(
    policy: ImportPolicy, roles: Sequence[StemRole], role: StemRole, *, is_chosen: bool
) -> ImportPolicy:
    """A policy by which a stem of `roles` is placed, or left out."""
    placed = {one for one in roles if _is_placed(one, policy)}
    placed = placed | {role} if is_chosen else placed - {role}
    is_all = placed >= {one for one in roles if one is not StemRole.RESIDUAL}
    stems = [] if is_all else [one for one in STEM_ORDER if one in placed]
    residual = policy.residual
    if StemRole.RESIDUAL in roles:
        residual = "auto" if StemRole.RESIDUAL in placed else "never"
    return policy.model_copy(update={"stems": stems, "residual": residual})


def _is_placed(role: StemRole, policy: ImportPolicy) -> bool:
    if role is StemRole.RESIDUAL and policy.residual == "never":
        return False
    return not policy.stems or role in policy.stems
