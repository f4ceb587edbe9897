"""Undoing what a batch has put into projects: all that was placed together is taken back at once.

Each cell keeps a note that it was undone. A project that somebody changed since stays as it is, and
the others are undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.jobs.model import Batch, Job
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.workflows.outcomes import placed_of
from hanolab_dawtools.workflows.resuming import goes_into_project
from hanolab_dawtools.workflows.undo import (
    Restore,
    is_in_project,
    is_undone,
    note_undone,
    placed_together,
    project_of,
)


@dataclass(frozen=True)
class ProjectUndone:
    """What became of one writing of a project.

    `is_restored` False: it was as before already. `failure`: why it stays as it is.
    """

    project: str
    job_ids: tuple[str, ...]
    placed: Placed
    is_restored: bool = False
    failure: HanolabError | None = None


@dataclass(frozen=True)
class BatchUndone:
    """What became of each project, the one that was written last first."""

    batch: Batch
    projects: tuple[ProjectUndone, ...]


def undo_batch(store: JobStore, batch_id: str, restore: Restore) -> BatchUndone:
    """Restore the projects of a batch by `restore`, and note it with each cell.

    What was placed last is taken back first. Undoing again after a crash does what is left to do.

    Raises
    ------
    UsageError
        It has put nothing into a project, or was undone before.
    JobNotFound, JobBusy
    """
    batch = store.batches.get(batch_id)
    with store.batches.claim(batch.id):
        writings = _writings(store, batch)
        undone: list[ProjectUndone] = []
        for jobs in writings:
            project = project_of(jobs[0])
            if not any(one.failure and one.project == project for one in undone):
                undone.append(_undone(store, jobs, restore))
    return BatchUndone(store.batches.get(batch.id), tuple(undone))


def _writings(store: JobStore, batch: Batch) -> list[Sequence[Job]]:
    """The cells that lie in projects, those together that were placed together, newest first."""
    in_projects = list(_in_projects(store, batch))
    if not in_projects:
        raise UsageError(
            f"batch {batch.id} has put nothing into a project, so there is nothing to undo",
            hint=f"See how it stands with: hanolab jobs show {batch.id}",
        )
    left = [job for job in in_projects if not is_undone(job.outcomes)]
    if not left:
        raise UsageError(f"batch {batch.id} was undone already")
    writings: dict[object, list[Job]] = {}
    for job in left:
        writings.setdefault(placed_together(job), []).append(job)
    return sorted(writings.values(), key=lambda jobs: jobs[0].updated_at, reverse=True)


def _in_projects(store: JobStore, batch: Batch) -> Iterator[Job]:
    for cell in filter(goes_into_project, store.batches.cells(batch.id)):
        job = store.get(cell.id)
        if "place" in job.outcomes and is_in_project(placed_of(job.outcomes)):
            yield job


def _undone(store: JobStore, jobs: Sequence[Job], restore: Restore) -> ProjectUndone:
    first = jobs[0]
    ids, placed = tuple(job.id for job in jobs), placed_of(first.outcomes)
    project = project_of(first)
    try:
        is_restored = restore(first, placed)
        for job in jobs:
            note_undone(store, job)
    except HanolabError as error:
        return ProjectUndone(project, ids, placed, failure=error)
    return ProjectUndone(project, ids, placed, is_restored)
