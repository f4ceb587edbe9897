"""From what a user asks for to plans: one for each job to be.

Whatever can be refused without any work is refused here, before a job exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.model import (
    HostName,
    Quote,
    Request,
    RequestKind,
    Selection,
    StemRole,
    Wanted,
    Width,
)
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.units import seconds_to_frames
from hanolab_dawtools.workflows.arranging import check_arrangement
from hanolab_dawtools.workflows.generate import request_of
from hanolab_dawtools.workflows.parts import leaves
from hanolab_dawtools.workflows.plan import Effects, RunPlan
from hanolab_dawtools.workflows.spending import sum_of, with_limits

BACKUP_SUFFIX = ".rpp-bak"
PROJECT_SUFFIX = ".rpp"
PROVISIONAL_RATE = 44_100  # a quote comes before the capture, whose rate is not known yet


@dataclass(frozen=True)
class Asked:
    """What a user asks for, apart from where the music is; see `RunPlan` for what each means."""

    kind: RequestKind
    engine: str
    wanted: Wanted = field(default_factory=Wanted)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keep_source: bool = False
    folder: Path | None = None
    destination: Path | None = None
    max_credits: float | None = None
    again: bool = False
    width: Width = Width.MONO
    match_level: bool = False
    before: Effects = ()
    after: Mapping[StemRole, Effects] = field(default_factory=dict)
    has_tail: bool = False
    preset: str = ""
    voice: str = ""
    arrangement: Arrangement = field(default_factory=Arrangement)


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
    SpendingLimit
        It may cost more than `max_credits`, all jobs together.
    NotWritable, DiskFull
        Nothing can be written where the stems are to go.
    """
    if asked.keep_source and asked.folder is not None:
        raise UsageError(
            "--keep-source and --output exclude each other: with -o no source item is muted",
            hint="Leave --keep-source out.",
        )
    if asked.destination is not None and asked.folder is not None:
        raise UsageError("--to and --output exclude each other", hint="Use one of them.")
    if asked.wanted.as_takes:
        refuse_takes(asked)
    plans = [plan_of_selection(asked, selection) for selection in host.selections(asked.wanted)]
    quotes = [quote_plan(plan, engine) for plan in plans]
    for plan in plans:
        refuse_what_needs_a_project(plan)
        check_arrangement(plan)
    plans = with_limits(plans, quotes, asked.max_credits)
    source = plans[0].selection.source
    with durable.translated_os_errors(asked.folder or asked.destination or source):
        refuse_unusable_targets(asked, source)
    if asked.folder is not None and len(plans) > 1:
        plans = _in_folders_of_their_own(plans, asked.folder.absolute())
    if asked.destination is not None and len(plans) > 1:
        raise UsageError(
            f"--to takes one job, and this selection makes {len(plans)}",
            hint="Choose a range with one item in it, or leave --takes out."
            if asked.wanted.as_takes
            else "Use --each selection, or name one track.",
        )
    return plans


def plan_of_selection(asked: Asked, selection: Selection) -> RunPlan:
    """What is asked for, done to one selection; nothing is checked."""
    return RunPlan(
        selection,
        asked.kind,
        asked.engine,
        asked.parameters,
        asked.keep_source,
        asked.folder.absolute() if asked.folder else None,
        asked.destination.absolute() if asked.destination else None,
        asked.wanted.as_takes,
        width=asked.width,
        match_level=asked.match_level,
        max_credits=asked.max_credits,
        again=asked.again,
        before=asked.before,
        after=asked.after,
        has_tail=asked.has_tail,
        preset=asked.preset,
        voice=asked.voice,
        arrangement=asked.arrangement,
    )


def refuse_unusable_targets(asked: Asked, source: Path) -> None:
    """What cannot be written is told before the work, not after it.

    Raises
    ------
    UsageError, NotWritable
    """
    folder, project = asked.folder, asked.destination
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"--output {folder} is a file", hint="Name a folder.")
    if project is not None:
        if project.is_dir() or project.suffix.lower() != PROJECT_SUFFIX:
            raise UsageError(f"--to {project} is no project file", hint="Name a file: NEW.rpp.")
        if project.exists() and project.samefile(source):
            raise UsageError(
                f"--to {project} is the project itself",
                hint="Leave --to out to write into it; a backup is kept.",
            )
    durable.check_writable(folder or (project or source).absolute().parent)


def _in_folders_of_their_own(plans: list[RunPlan], folder: Path) -> list[RunPlan]:
    """Several jobs into one folder: each in a folder in it, named after its selection."""
    taken: set[str] = set()
    moved = []
    for plan in plans:
        base = name = durable.safe_name(plan.selection.name)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        moved.append(replace(plan, folder=folder / name))
    return moved


def refuse_takes(asked: Asked) -> None:
    """Raise `UsageError` where takes do not go with what else is asked."""
    if asked.folder is not None:
        raise UsageError("--takes and --output exclude each other", hint="Use one of them.")
    if asked.keep_source:
        raise UsageError(
            "--takes and --keep-source exclude each other: a stem has the item's fades in it, so "
            "the item cannot keep its own",
            hint="Leave --keep-source out: the original stays as the item's first take.",
        )


def refuse_what_needs_a_project(plan: RunPlan) -> None:
    """Raise `UsageError` where a plan wants of its source what only a project can do."""
    source = plan.selection.source
    if plan.selection.host is HostName.REAPER:
        if plan.destination is not None:
            raise UsageError(
                "--to needs a project file, and the running REAPER is none",
                hint="Use -o FOLDER, or name the project's file instead of reaper.",
            )
    elif plan.selection.host is not HostName.RPP:
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
    if plan.kind is RequestKind.GENERATE:
        return engine.quote(request_of(plan))
    return engine.quote(_provisional_request(plan.selection, plan.kind, plan.parameters))


def quote_whole(plan: RunPlan, engine_named: Callable[[str], Engine]) -> Quote:
    """What a plan will cost with all of its parts; raises as `Engine.quote`."""
    quotes = [quote_plan(part, engine_named(part.engine)) for part in leaves(plan)]
    if not plan.parts:
        return quotes[0]
    unknown = [quote.reason for quote in quotes if quote.credits is None]
    remarks = dict.fromkeys(quote.remark for quote in quotes if quote.remark)
    return Quote(
        sum_of(quotes),
        sum(quote.billed_seconds for quote in quotes),
        unknown[0] if unknown else f"{len(quotes)} parts together",
        "; ".join(remarks),
    )


def limited(
    plans: Sequence[RunPlan], max_credits: float | None, engine_named: Callable[[str], Engine]
) -> list[RunPlan]:
    """The plans and their parts, each with its share of what may be spent.

    Raises
    ------
    SpendingLimit
        Together they may cost more.
    """
    shared = with_limits(plans, [quote_whole(plan, engine_named) for plan in plans], max_credits)
    return [
        replace(plan, parts=tuple(limited(plan.parts, plan.max_credits, engine_named)))
        if plan.parts and max_credits is not None
        else plan
        for plan in shared
    ]


def _provisional_request(
    selection: Selection, kind: RequestKind, parameters: Mapping[str, Any]
) -> Request:
    seconds = selection.end_seconds - selection.start_seconds
    n_frames = seconds_to_frames(seconds, PROVISIONAL_RATE)
    return Request(kind, selection.source, PROVISIONAL_RATE, 2, n_frames, parameters)
