"""Batches in the store: kept whole, told by what their cells are, removed with all they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from hanolab_dawtools.errors import JobBusy, JobNotFound
from hanolab_dawtools.jobs.batches import Batch, NewJob
from hanolab_dawtools.jobs.model import BatchState, JobState
from hanolab_dawtools.jobs.store import JobStore


def new_cells(*numbers: int) -> list[NewJob]:
    return [NewJob(n, "separate", f"cell {n}", {"stems": n}) for n in numbers]


@pytest.fixture
def batch(store: JobStore) -> Batch:
    return store.batches.create("a project", {"regions": ["*"]}, new_cells(1, 2, 5))


def folders_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def test_batch_holds_what_it_was_given_and_a_job_for_each_cell(
    store: JobStore, batch: Batch
) -> None:
    assert (batch.title, batch.plan, batch.outcomes) == ("a project", {"regions": ["*"]}, {})
    assert batch.counts == {JobState.PLANNED: 3}
    cells = store.batches.cells(batch.id)
    assert [cell.id for cell in cells] == [f"{batch.id}-{n}" for n in (1, 2, 5)]
    assert [(cell.cell, cell.batch_id) for cell in cells] == [(n, batch.id) for n in (1, 2, 5)]
    assert [(cell.title, cell.plan) for cell in cells] == [
        (f"cell {n}", {"stems": n}) for n in (1, 2, 5)
    ]
    assert [event.state for event in store.events(cells[1].id)] == [JobState.PLANNED]


def test_cells_are_not_among_the_jobs(store: JobStore, batch: Batch) -> None:
    single = store.create("separate", "alone", {})
    assert [job.id for job in store.list()] == [single.id]
    assert list(store.marks()) == [single.id]
    assert [one.id for one in store.batches.list()] == [batch.id]


def test_second_claim_is_told_that_the_batch_is_worked_on(store: JobStore, batch: Batch) -> None:
    with store.batches.claim(batch.id):
        assert store.batches.get(batch.id).state is BatchState.RUNNING
        with pytest.raises(JobBusy, match=f"^batch {batch.id} is being worked on by process"):
            store.batches.claim(batch.id)
    assert store.batches.get(batch.id).state is BatchState.PLANNED


def test_removed_batch_leaves_nothing(store: JobStore, folder: Path, batch: Batch) -> None:
    cell = store.batches.cells(batch.id)[0]
    with store.claim(cell.id):
        (store.folder_of(cell.id) / "capture.wav").write_bytes(b"audio")
        store.create("separate", "part", {}, job_id=f"{cell.id}-1", part_of=cell.id)
    store.batches.remove(batch.id)
    assert folders_in(folder) == set()
    for gone in (batch.id, cell.id, f"{cell.id}-1"):
        with pytest.raises(JobNotFound):
            store.get(gone)
