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
        `destination` does not fit what was selected.
    SelectionError, InputError
        From the host.
    EngineCannot
        The engine lacks what is asked.
    """
    if asked.destination is not None and asked.folder is not None:
        raise UsageError("--to and --output exclude each other", hint="Use one of them.")
    plans = [
        RunPlan(
            selection,
            asked.kind,
            asked.engine,
            asked.parameters,
            asked.keep_source,
            asked.folder.absolute() if asked.folder else None,
            asked.destination.absolute() if asked.destination else None,
        )
        for selection in host.selections(asked.wanted)
    ]
    for plan in plans:
        quote_plan(plan, engine)
        if plan.destination is not None and plan.selection.host is not HostName.RPP:
            raise UsageError(
                f"--to needs a project, and {plan.selection.source} is none", hint="Use -o FOLDER."
            )
    if asked.destination is not None and len(plans) > 1:
        raise UsageError(
            f"--to takes one job, and this selection makes {len(plans)}",
            hint="Use --each selection, or name one track.",
        )
    return plans


def quote_plan(plan: RunPlan, engine: Engine) -> Quote:
    """What a plan will cost, as far as it can be known before the capture."""
    return engine.quote(_provisional_request(plan.selection, plan.kind, plan.parameters))


def _provisional_request(
    selection: Selection, kind: RequestKind, parameters: Mapping[str, Any]
) -> Request:
    seconds = selection.end_seconds - selection.start_seconds
    n_frames = seconds_to_frames(seconds, PROVISIONAL_RATE)
    return Request(kind, selection.source, PROVISIONAL_RATE, 2, n_frames, parameters)
