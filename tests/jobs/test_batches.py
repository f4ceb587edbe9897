"""Batches in the store: kept whole, told by what their cells are, removed with all they have."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.clock import FakeClock

from hanolab_dawtools.errors import JobBusy, JobNotFound
from hanolab_dawtools.jobs.batches import Batch, NewJob
from hanolab_dawtools.jobs.claims import ClaimTimes
from hanolab_dawtools.jobs.model import BatchState, Failure, JobState, Wait
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


def test_batch_stands_as_its_cells_do(store: JobStore, batch: Batch) -> None:
    first, second, third = (cell.id for cell in store.batches.cells(batch.id))

    def state() -> BatchState:
        return store.batches.get(batch.id).state

    with store.claim(first) as claim:
        store.record(first, JobState.CAPTURED, claim=claim)
        assert state() is BatchState.INTERRUPTED  # nobody holds the batch
        store.record(first, JobState.PREPARED, claim=claim)
        store.wait(first, Wait(None, "full"), claim=claim)
    assert state() is BatchState.INTERRUPTED
    store.request_cancel(second)
    store.request_cancel(third)
    assert state() is BatchState.WAITING
    with store.claim(first) as claim:
        failure = Failure("start", "no", "", 4, can_resume=True)
        store.record(first, JobState.FAILED, claim=claim, failure=failure)
    assert state() is BatchState.FAILED
    assert store.batches.counts(batch.id) == {JobState.FAILED: 1, JobState.CANCELLED: 2}


@pytest.mark.parametrize("number", [1, 2, 5])
def test_cell_is_meant_by_the_beginning_of_its_batch_and_its_number(
    store: JobStore, batch: Batch, number: int
) -> None:
    assert store.get(f"{batch.id[:6].upper()}-{number}").id == f"{batch.id}-{number}"


def test_id_of_a_batch_means_the_batch_alone(store: JobStore, batch: Batch) -> None:
    assert store.batches.get(batch.id[:6]).id == batch.id
    assert store.batches.names(batch.id)
    assert not store.batches.names(f"{batch.id}-1")
    with pytest.raises(JobNotFound, match="is a batch of jobs, and no single one"):
        store.get(batch.id[:6])
    with pytest.raises(JobNotFound, match="is a job, and no batch"):
        store.batches.get(f"{batch.id}-1")
    with pytest.raises(JobNotFound, match="there is no job"):
        store.get(f"{batch.id}-3")


def test_beginning_that_a_job_and_a_batch_have_is_refused(store: JobStore, batch: Batch) -> None:
    single = store.create("separate", "alone", {}, job_id=f"{batch.id[:6]}x")
    with pytest.raises(JobNotFound, match=f"2 jobs start with.*{batch.id}, {single.id}"):
        store.batches.names(batch.id[:6])


@pytest.mark.parametrize("numbers", [(1, 1), (0, 1), (-1,)])
def test_numbers_that_tell_no_cells_apart_are_a_mistake(
    store: JobStore, folder: Path, numbers: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="different numbers, from 1"):
        store.batches.create("a project", {}, new_cells(*numbers))
    assert folders_in(folder) == set()


def test_plan_of_a_cell_that_is_no_json_leaves_nothing_behind(
    store: JobStore, folder: Path
) -> None:
    with pytest.raises(TypeError):
        store.batches.create("a project", {}, [NewJob(1, "separate", "", {"path": Path()})])
    assert (store.batches.list(), folders_in(folder)) == ([], set())


def test_folder_of_a_cell_is_made_when_it_is_claimed(
    store: JobStore, folder: Path, batch: Batch
) -> None:
    assert folders_in(folder) == {batch.id}
    cell = store.batches.cells(batch.id)[2]
    with store.claim(cell.id):
        assert store.folder_of(cell.id).is_dir()
    assert folders_in(folder) == {batch.id, cell.id}


def test_folder_of_a_cell_that_was_lost_is_not_made_again(store: JobStore, batch: Batch) -> None:
    # An empty one would prove that nothing was sent, and it would be paid once more.
    cell = store.batches.cells(batch.id)[0]
    with store.claim(cell.id) as claim:
        store.record(cell.id, JobState.CAPTURED, claim=claim)
    store.folder_of(cell.id).rmdir()
    with store.claim(cell.id):
        assert not store.folder_of(cell.id).exists()


def test_wish_to_cancel_reaches_who_runs_the_batch(folder: Path) -> None:
    times = ClaimTimes(poll_seconds=0.01)
    with JobStore(folder, times=times) as store, JobStore(folder) as other:
        batch = store.batches.create("a project", {}, new_cells(1, 2))
        with store.batches.claim(batch.id) as claim:
            assert other.batches.request_cancel(batch.id).counts == {JobState.PLANNED: 2}
            assert claim.stop.wait(10)
            assert store.batches.cancel_open(claim).counts == {JobState.CANCELLED: 2}
        with store.batches.claim(batch.id) as claim:  # who claims it wants it done
            assert not store.batches.cancel_requested(batch.id)


def test_cancelling_a_batch_that_nobody_runs_leaves_what_has_ended(
    store: JobStore, batch: Batch
) -> None:
    first, second, _ = (cell.id for cell in store.batches.cells(batch.id))
    with store.claim(first) as claim, store.claim(second):
        failure = Failure("capture", "no", "", 3, can_resume=True)
        store.record(first, JobState.FAILED, claim=claim, failure=failure)
        after = store.batches.request_cancel(batch.id)
        assert store.cancel_requested(second)
    assert after.counts == {JobState.FAILED: 1, JobState.PLANNED: 1, JobState.CANCELLED: 1}


def test_claim_that_was_lost_changes_the_batch_no_more(folder: Path) -> None:
    with JobStore(folder) as store:
        batch = store.batches.create("a project", {}, new_cells(1))
        claim = store.batches.claim(batch.id)
        store.batches.release(claim)
        for act in (
            lambda: store.batches.cancel_open(claim),
            lambda: store.batches.note(claim, "placed", {}),
        ):
            with pytest.raises(JobBusy, match=f"^batch {batch.id} was taken over"):
                act()


def test_what_acts_on_a_batch_left_is_kept_by_its_name(store: JobStore, batch: Batch) -> None:
    with store.batches.claim(batch.id) as claim:
        store.batches.note(claim, "placed", {"tracks": 2})
        store.batches.note(claim, "undo", {})
        store.batches.note(claim, "placed", {"tracks": 3})
    assert store.batches.get(batch.id).outcomes == {"placed": {"tracks": 3}, "undo": {}}


def test_batch_whose_cell_is_worked_on_is_not_removed(store: JobStore, batch: Batch) -> None:
    cell = store.batches.cells(batch.id)[0]
    with store.claim(cell.id), pytest.raises(JobBusy, match=f"job {cell.id} is being worked on"):
        store.batches.remove(batch.id)
    with store.batches.claim(batch.id), pytest.raises(JobBusy, match=f"batch {batch.id} is"):
        store.batches.remove(batch.id)
    assert store.batches.get(batch.id) == batch


def test_part_of_a_cell_is_of_the_batch_and_no_cell(store: JobStore, batch: Batch) -> None:
    cell = store.batches.cells(batch.id)[0]
    part = store.create("convert", "part", {}, job_id=f"{cell.id}-1", part_of=cell.id)
    assert (part.batch_id, part.cell) == (batch.id, None)
    assert store.batches.get(batch.id).n_cells == 3
    assert store.list() == []


def test_old_batches_are_those_none_of_whose_cells_is_otherwise_or_younger(folder: Path) -> None:
    clock = FakeClock()
    with JobStore(folder, clock=clock) as store:
        old, young = (store.batches.create(name, {}, new_cells(1, 2)) for name in ("old", "young"))
        for batch in (old, young):
            store.request_cancel(f"{batch.id}-1")
        clock.move(1000)
        store.request_cancel(f"{young.id}-2")
        states = {JobState.CANCELLED}
        assert store.batches.old(timedelta(seconds=500), states) == []  # one is planned
        clock.move(100)
        assert store.clean(timedelta(0), set(JobState)) == []
        store.request_cancel(f"{old.id}-2")
        assert [batch.id for batch in store.batches.old(timedelta(seconds=50), states)] == [
            young.id
        ]
        assert folders_in(folder) == {old.id, young.id}


def test_mark_of_a_batch_is_another_one_when_a_cell_has_changed(
    store: JobStore, batch: Batch
) -> None:
    other = store.batches.create("another", {}, new_cells(1))
    before = store.batches.marks()
    assert list(before) == [other.id, batch.id]
    cell = store.batches.cells(batch.id)[1].id
    with store.claim(cell) as claim:
        store.record(cell, JobState.CAPTURED, claim=claim)
    after = store.batches.marks()
    assert after[batch.id] != before[batch.id]
    assert after[other.id] == before[other.id]
