"""All that a user wants to know of one job: how it stands, what came of it, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.jobs.model import Charge, Job, JobState
from hanolab_dawtools.model import Alignment, RequestKind, StemRole
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.presenters.job_words import charges_text, engine_text
from hanolab_dawtools.presenters.wording import (
    alignment_text,
    capture_text,
    null_text,
    role_text,
)
from hanolab_dawtools.redaction import without_queries
from hanolab_dawtools.workflows.doubts import doubts_of
from hanolab_dawtools.workflows.outcomes import (
    alignment_of,
    capture_of,
    is_cached,
    placed_of,
    plan_of,
    stems_of,
)
from hanolab_dawtools.workflows.resolve import NOT_FROM_ENGINES
from hanolab_dawtools.workflows.undo import is_in_project, is_undone

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

ENGINE_ROLES = tuple(role for role in StemRole if role not in NOT_FROM_ENGINES)
SHOWN_CHARACTERS = 500  # of an answer that made no sense
DOUBT = "Nobody here knows whether it was accepted. Look at your HanoLab account, then settle it."
HOPELESS = "Resuming would fail again: start it anew with what is right."


@dataclass(frozen=True)
class Fact:
    """One thing that is known, under its name."""

    name: str
    value: str


@dataclass(frozen=True)
class FileLine:
    """A file that a job has made, and what it holds."""

    role: str
    path: Path


@dataclass(frozen=True)
class JobDetails:
    """What the details show.

    Attributes
    ----------
    problem, hint
        Why it does not go on, and the next step; empty when all is well.
    notes
        What was mended, what is uncertain, what did not come along: one sentence each.
    roles
        The stems whose roles can be corrected.
    is_unsure
        Only the user can say whether the request was accepted.
    """

    id: str
    title: str
    facts: tuple[Fact, ...]
    problem: str = ""
    hint: str = ""
    notes: tuple[str, ...] = ()
    files: tuple[FileLine, ...] = ()
    folder: Path | None = None
    history: tuple[str, ...] = ()
    roles: tuple[StemRole, ...] = ()
    is_unsure: bool = False
    is_done: bool = False
    can_undo: bool = False


def read_details(services: Services, job_id: str) -> JobDetails:
    """The details of a job as the store has it now.

    Raises
    ------
    JobNotFound
        It was removed meanwhile.
    """
    store = services.store
    job = store.get(job_id)
    charges = [entry.charge for entry in store.ledger.entries(job.id)]
    is_unsure = JobState.UNSURE in (job.state, job.good_state)
    problem, hint = _problem(job, is_unsure=is_unsure)
    notes, files, folder, can_undo = _result(job) if "place" in job.outcomes else ((), (), None, 0)
    if is_unsure:
        notes = (_answer_text(store.folder_of(job.id)), *notes)
    history = tuple(
        f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}  {event.state.value}  {event.note}".rstrip()
        for event in store.events(job.id)
    )
    return JobDetails(
        job.id,
        job.title,
        tuple(_facts(job, charges)),
        problem,
        hint,
        notes,
        files,
        folder,
        history,
        _roles(job),
        is_unsure,
        job.state is JobState.DONE,
        bool(can_undo),
    )


def _problem(job: Job, *, is_unsure: bool) -> tuple[str, str]:
    if is_unsure:
        failure = job.failure.message if job.failure else "it was sent, and no answer is known"
        return failure, DOUBT
    if job.failure is None or job.state is not JobState.FAILED:
        return "", ""
    hint = job.failure.hint or ("" if job.failure.can_resume else HOPELESS)
    return job.failure.message, hint


def _facts(job: Job, charges: list[Charge]) -> list[Fact]:
    facts = [Fact("engine", engine_text(job))]
    if job.failure is not None and job.state is JobState.FAILED:
        facts.append(Fact("failed at", job.failure.step))
    if charges:
        facts.append(Fact("cost", charges_text(charges)))
    tasks = ", ".join(charge.task_id for charge in charges if charge.task_id)
    if tasks:
        facts.append(Fact("task", tasks))
    if "prepare" in job.outcomes and is_cached(job.outcomes):
        facts.append(Fact("answer", "from the result cache, free"))
    capture = capture_of(job.outcomes) if "capture" in job.outcomes else None
    if capture is not None:
        facts.append(Fact("captured", capture_text(capture)))
    if "align" in job.outcomes:
        facts += _alignment_facts(job, alignment_of(job.outcomes))
    facts.append(Fact("begun", f"{job.created_at.astimezone():%Y-%m-%d %H:%M:%S}"))
    facts.append(Fact("job", job.id))
    return facts


def _alignment_facts(job: Job, alignment: Alignment | None) -> list[Fact]:
    if alignment is None:
        return []
    kind = plan_of(job).kind
    facts = [Fact("alignment", alignment_text(alignment, is_voice=kind.is_conversion))]
    if kind is RequestKind.SEPARATE:
        facts.append(Fact("null", f"{null_text(alignment.null_db)} (mix minus sum of stems)"))
    return facts


def _result(job: Job) -> tuple[tuple[str, ...], tuple[FileLine, ...], Path, bool]:
    """Of a job that has placed something: what to note, its files, and whether it can be undone."""
    placed, outcomes = placed_of(job.outcomes), job.outcomes
    alignment, capture = alignment_of(outcomes), capture_of(outcomes)
    notes = [*(alignment.repairs if alignment else ()), *doubts_of(outcomes), *placed.warnings]
    if capture is not None:
        for title, items in (("not heard", capture.skipped), ("not exact", capture.approximate)):
            notes += [f"{title}: {note.item}: {note.reason}" for note in items]
        notes += capture.remarks
    files = tuple(FileLine(role_text(track), track.path) for track in placed.tracks)
    if is_undone(outcomes):
        notes.insert(0, f"It was undone; the files stay in {placed.folder}.")
    return tuple(dict.fromkeys(notes)), files, placed.folder, _can_undo(job, placed)


def _can_undo(job: Job, placed: Placed) -> bool:
    is_kept = placed.backup is not None or bool(placed.undo_label)
    return is_in_project(placed) and is_kept and not is_undone(job.outcomes)


def _roles(job: Job) -> tuple[StemRole, ...]:
    """The roles that an engine gave, of a separation that was placed."""
    if "place" not in job.outcomes or plan_of(job).kind is not RequestKind.SEPARATE:
        return ()
    if job.plan.get("parts"):
        return ()
    return tuple(s.role for s in stems_of(job.outcomes) if s.role not in NOT_FROM_ENGINES)


def _answer_text(folder: Path) -> str:
    """What a service answered to the request in doubt, cut to what a line can show."""
    answer = Journal(folder).answer
    if answer is None:
        return "No answer came."
    body = without_queries(answer.body.decode("utf-8", "backslashreplace"))[:SHOWN_CHARACTERS]
    shown = "".join(letter if letter.isprintable() else " " for letter in body)
    return f"The answer was {answer.status}: {shown}"
