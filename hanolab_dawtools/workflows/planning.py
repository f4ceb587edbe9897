"""From what a user asks for to plans: one for each job to be.

Whatever can be refused without any work is refused here, before a job exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import HostName, Quote, Request, RequestKind, Selection, Wanted
from hanolab_dawtools.units import seconds_to_frames
from hanolab_dawtools.workflows.plan import RunPlan

BACKUP_SUFFIX = ".rpp-bak"
PROVISIONAL_RATE = 44_100  # a quote comes before the capture, whose rate is not known yet


@dataclass(frozen=True)
class Asked:
    """What a user asks for, apart from where the music is."""

    kind: RequestKind
    engine: str
    wanted: Wanted = field(default_factory=Wanted)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keep_source: bool = False
    folder: Path | None = None
    destination: Path | None = None


def make_plans(asked: Asked, host: Host, engine: Engine) -> list[RunPlan]:
    """One plan for each selection.

    Raises
    ------
    UsageError
        `destination`, or takes, do not fit what was selected.
    SelectionError, InputError
        From the host.
    EngineCannot
        The engine lacks what is asked.
    """
    if asked.destination is not None and asked.folder is not None:
        raise UsageError("--to and --output exclude each other", hint="Use one of them.")
    if asked.wanted.as_takes:
        _refuse_takes(asked)
    plans = [
        RunPlan(
            selection,
            asked.kind,
            asked.engine,
            asked.parameters,
            asked.keep_source,
            asked.folder.absolute() if asked.folder else None,
            asked.destination.absolute() if asked.destination else None,
            asked.wanted.as_takes,
        )
        for selection in host.selections(asked.wanted)
    ]
    for plan in plans:
        quote_plan(plan, engine)
        _refuse_what_needs_a_project(plan)
    if asked.destination is not None and len(plans) > 1:
        raise UsageError(
            f"--to takes one job, and this selection makes {len(plans)}",
            hint="Choose a range with one item in it, or leave --takes out."
            if asked.wanted.as_takes
            else "Use --each selection, or name one track.",
        )
    return plans


def _refuse_takes(asked: Asked) -> None:
    if asked.folder is not None:
        raise UsageError("--takes and --output exclude each other", hint="Use one of them.")
    if asked.keep_source:
        raise UsageError(
            "--takes and --keep-source exclude each other: a stem has the item's fades in it, so "
            "the item cannot keep its own",
            hint="Leave --keep-source out: the original stays as the item's first take.",
        )


def _refuse_what_needs_a_project(plan: RunPlan) -> None:
    source = plan.selection.source
    if plan.selection.host is not HostName.RPP:
        for option, is_given, way_out in (
            ("--to", plan.destination is not None, "Use -o FOLDER."),
            ("--takes", plan.as_takes, "Leave it out."),
        ):
            if is_given:
                raise UsageError(f"{option} needs a project, and {source} is none", hint=way_out)
    elif source.suffix.lower() == BACKUP_SUFFIX and plan.destination is plan.folder is None:
        raise UsageError(
            f"{source.name} is a backup that REAPER writes over at its next save",
            hint="Write a new project with --to NEW.rpp, or only the stems with -o FOLDER.",
        )


def quote_plan(plan: RunPlan, engine: Engine) -> Quote:
    """What a plan will cost, as far as it can be known before the capture."""
    return engine.quote(_provisional_request(plan.selection, plan.kind, plan.parameters))


def _provisional_request(
    selection: Selection, kind: RequestKind, parameters: Mapping[str, Any]
) -> Request:
    seconds = selection.end_seconds - selection.start_seconds
    n_frames = seconds_to_frames(seconds, PROVISIONAL_RATE)
    return Request(kind, selection.source, PROVISIONAL_RATE, 2, n_frames, parameters)
