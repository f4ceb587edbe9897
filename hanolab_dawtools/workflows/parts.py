"""Runs that are made of others: parameter sweeps, and conversions of what a separation gave.

Each part is a job of its own, so each paid request is stored, charged, cached and resumed by
itself. A part writes files only, into the folder of the job that it belongs to; that job captures
the selection, has its parts done, and places what they gave, once. Its plan holds those of its
parts, and their ids are its own with a number, so nothing is lost between making it and them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.errors import InputError, JobNotFound, UsageError
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import HostName, RequestKind, Selection, Stem, StemRole
from hanolab_dawtools.placement import Arrangement
from hanolab_dawtools.redaction import without_signatures
from hanolab_dawtools.workflows.doubts import doubts_of
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    capture_of,
    is_cached,
    placed_of,
    plan_of,
    quote_of,
    ticket_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import outcome_of, to_json

FOLDER = "parts"  # in a job's folder; gone when its results are placed
MOST_PARTS = 64

Sweep = Sequence[tuple[str, Sequence[float]]]


def swept(plan: RunPlan, sweep: Sweep) -> RunPlan:
    """A run that does `plan` for every combination of parameter values; one result for each.

    Raises
    ------
    UsageError
        There are too many, or one parameter is swept twice.
    """
    names = [name for name, _ in sweep]
    if len(set(names)) < len(names):
        raise UsageError("--sweep names a parameter twice", hint="Put its values into one list.")
    rows = list(itertools.product(*(values for _, values in sweep)))
    if len(rows) > MOST_PARTS:
        raise UsageError(
            f"--sweep makes {len(rows)} runs, and at most {MOST_PARTS} are done at once",
            hint="Name fewer values.",
        )
    parts = tuple(
        replace(
            _as_part(plan, number),
            parameters={**plan.parameters, **dict(zip(names, row, strict=True))},
            label=", ".join(f"{name} {value:g}" for name, value in zip(names, row, strict=True)),
        )
        for number, row in enumerate(rows, 1)
    )
    return replace(plan, parts=parts)


def isolated(plan: RunPlan, engine: str) -> RunPlan:
    """A conversion of the vocals alone, which `engine` separates first.

    The chain before the conversion acts on the vocals; what accompanies them stays as it is.
    """
    selection = plan.selection
    separation = replace(
        _as_part(plan, 1),
        kind=RequestKind.SEPARATE,
        engine=engine,
        parameters={"stems": 2},
        before=(),
        label="the vocals apart",
    )
    vocals = Path(FOLDER, "1", f"{StemRole.VOCALS}.wav")
    conversion = replace(
        _as_part(plan, 2),
        selection=Selection(
            HostName.AUDIO_FILE,
            vocals,
            selection.name,
            0.0,
            selection.end_seconds - selection.start_seconds,
            "the vocals",
        ),
        label="the vocals converted",
        origin="",
    )
    return replace(plan, parts=(separation, conversion))


def leaves(plan: RunPlan) -> tuple[RunPlan, ...]:
    """The runs that ask an engine: the plan's parts, or the plan itself."""
    return plan.parts or (plan,)


def is_sweep(plan: RunPlan) -> bool:
    """Whether the parts of a plan are the same work with other parameters."""
    return bool(plan.parts) and all(part.kind is plan.kind for part in plan.parts)


def part_id(job_id: str, number: int) -> str:
    """The id of a job's part; numbers start at 1."""
    return f"{job_id}-{number}"


def run_parts(
    context: StepContext, store: JobStore, steps: Sequence[Step]
) -> tuple[Stems, list[Mapping[str, Any]]]:
    """Do what is left to do of a job's parts; what all of them gave, and what is told of each.

    Raises
    ------
    HanolabError
        What a part failed with, or waits for. The others are done when it is resumed.
    InputError
        What a part gave does not fit the selection.
    """
    plan, jobs = plan_of(context.job), []
    for number, part in enumerate(plan.parts, 1):
        job = _job_of(store, context, part, number)
        if job.state is not JobState.DONE:
            job = Runner(store, steps).run(
                job.id,
                stop=context.stop,
                progress=context.progress,
                is_patient=context.is_patient,
            )
        jobs.append(job)
    stems = tuple(stem for job in jobs for stem in _collected(job, is_labelled=is_sweep(plan)))
    _check_lengths(stems, context)
    return stems, [_facts_of(job) for job in jobs]


def _check_lengths(stems: Stems, context: StepContext) -> None:
    capture = capture_of(context.job.outcomes)
    for info in (probe(stem.path) for stem in stems):
        if capture is not None and (
            info.sample_rate != capture.sample_rate or info.n_frames < capture.selection_frames
        ):
            raise InputError(
                "the selection has changed while its parts were made",
                hint="Run it again on the project as it is now.",
            )


def _as_part(plan: RunPlan, number: int) -> RunPlan:
    return replace(
        plan,
        folder=Path(FOLDER, str(number)),
        destination=None,
        as_takes=False,
        keep_source=False,
        arrangement=Arrangement(),
        parts=(),
        shelf="",
        deliver_to="",
    )


def _job_of(store: JobStore, context: StepContext, part: RunPlan, number: int) -> Job:
    """The job of a part, made when there is none yet."""
    job_id = part_id(context.job.id, number)
    try:
        return store.get(job_id)
    except JobNotFound:
        pass
    selection = part.selection
    if not selection.source.is_absolute() and not part.origin:  # what an earlier part has made
        source = context.folder / selection.source
        selection = replace(selection, source=source, end_seconds=probe(source).seconds)
    plan = replace(
        part,
        folder=context.folder / (part.folder or Path()),
        selection=selection,
        part_of=context.job.id,
    )
    whole = context.job.id
    return store.create(plan.kind.value, plan.title, to_json(plan), job_id=job_id, part_of=whole)


def _collected(job: Job, *, is_labelled: bool) -> Iterator[Stem]:
    """What a part gave, as the whole job places it."""
    label = plan_of(job).label
    stems = outcome_of(job.outcomes, "polish", Stems, "stems")
    for stem, track in zip(stems, placed_of(job.outcomes).tracks, strict=True):
        if stem.role is StemRole.VOCALS:  # only what was made of them is placed
            continue
        name = stem.name
        if is_labelled:
            name = f"{label}, {stem.name.lower()}" if stem.name else label
        yield replace(stem, path=track.path, name=name)


def _facts_of(job: Job) -> Mapping[str, Any]:
    """What is told of a part beside its results: its parameters, how it lay in time, its price."""
    plan, outcomes = plan_of(job), job.outcomes
    quote, ticket = quote_of(outcomes), ticket_of(outcomes)
    return {
        "job": job.id,
        "what": plan.label,
        "engine": plan.engine,
        "parameters": without_signatures(plan.parameters),
        "alignment": outcomes["align"]["alignment"],
        "cached": is_cached(outcomes),
        "credits": quote.credits if quote else 0,
        "task_id": ticket.task_id if ticket else "",
        "doubts": doubts_of(outcomes),
    }
