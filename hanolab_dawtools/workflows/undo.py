"""Undoing what a job has put into a project.

The job stays done, and keeps a note that it was undone: it is not run again, and not undone twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hanolab_dawtools.errors import UsageError
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
        The job has put nothing into a project, or was undone before.
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
        is_restored = restore(job, placed)
        project = placed.project or plan_of(job).selection.source
        facts = {"project": str(project), "backup": str(placed.backup)}
        job = store.note(job.id, f"undone: {project} restored", claim=claim, outcome=(UNDO, facts))
    return Undone(job, placed, is_restored)


def is_undone(outcomes: Mapping[str, Any]) -> bool:
    """Whether a job with these outcomes was undone."""
    return UNDO in outcomes


def is_in_project(placed: Placed) -> bool:
    """Whether a placing changed a project, on disk or in a running host."""
    return placed.project is not None or any(track.item_id for track in placed.tracks)
