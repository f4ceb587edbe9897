"""Undoing what a job has put into a project.

The job stays done, and keeps a note that it was undone: it is not run again, and not undone twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.claims import Claim
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.workflows.outcomes import placed_of, plan_of

UNDO = "undo"  # among a job's outcomes

Restore = Callable[[Job, Placed], bool]  # what it returns: see `Undone.is_restored`


@dataclass(frozen=True)
class Undone:
    """`is_restored` False: the project was as before already, only the note was missing."""

    job: Job
    placed: Placed
    is_restored: bool


def undo_job(store: JobStore, job_id: str, restore: Restore) -> Undone:
    """Restore the project of a job by `restore`, and note it with the job.

    The project comes first: a crash between the two leaves a job that can be undone again, which
    then finds the project restored and makes the note.

    Raises
    ------
    UsageError
        The job has put nothing into a project, was undone before, or is a cell of a batch that
        was placed together with others.
    JobNotFound, JobBusy
    HanolabError
        What `restore` raises; nothing was changed.
    """
    job = store.get(job_id)
    with store.claim(job.id) as claim:
        job = store.get(job.id)
        if "place" not in job.outcomes:
            raise UsageError(
                f"job {job.id} has not placed anything yet, so there is nothing to undo",
                hint=f"See how it stands with: hanolab jobs show {job.id}",
            )
        placed = placed_of(job.outcomes)
        if is_undone(job.outcomes):
            raise UsageError(
                f"job {job.id} was undone already",
                hint=f"The stems lie in {placed.folder}.",
            )
        n_others = _n_placed_with(store, job)
        if n_others:
            cells = f"{n_others} other cell{'s' * (n_others > 1)}"
            raise UsageError(
                f"job {job.id} was placed together with {cells} of batch {job.batch_id}, and can "
                "only be taken back with them",
                hint=f"Undo all of them: hanolab jobs undo {job.batch_id}",
            )
        is_restored = restore(job, placed)
        job = _noted(store, job, claim)
    return Undone(job, placed, is_restored)


def note_undone(store: JobStore, job: Job) -> Job:
    """Note with a job that its project was restored.

    Raises
    ------
    JobBusy
        Another process works on it.
    """
    claim = store.claim(job.id)
    try:
        return _noted(store, job, claim)
    finally:
        store.release(claim)


def placed_together(job: Job) -> tuple[str, str, str]:
    """What jobs have in common that were placed in one write of a project, or one of its steps."""
    placed = placed_of(job.outcomes)
    return project_of(job), str(placed.backup or ""), placed.undo_label


def project_of(job: Job) -> str:
    """The project that a placed job's results went into, as a user names it."""
    return str(placed_of(job.outcomes).project or plan_of(job).selection.source)


def _noted(store: JobStore, job: Job, claim: Claim) -> Job:
    project, backup = project_of(job), placed_of(job.outcomes).backup
    facts = {"project": project, "backup": str(backup)}
    return store.note(job.id, f"undone: {project} restored", claim=claim, outcome=(UNDO, facts))


def _n_placed_with(store: JobStore, job: Job) -> int:
    """How many other cells of a job's batch lie in the same write of a project, not undone."""
    if not job.batch_id or not is_in_project(placed_of(job.outcomes)):
        return 0
    others = (store.get(cell.id) for cell in store.batches.cells(job.batch_id))
    return sum(
        other.id != job.id
        and "place" in other.outcomes
        and not is_undone(other.outcomes)
        and placed_together(other) == placed_together(job)
        for other in others
    )


def is_undone(outcomes: Mapping[str, Any]) -> bool:
    """Whether a job with these outcomes was undone."""
    return UNDO in outcomes


def is_in_project(placed: Placed) -> bool:
    """Whether a placing changed a project, on disk or in a running host."""
    return placed.project is not None or any(track.item_id for track in placed.tracks)
