"""Batches in the queue: one row each, brought up to date without reading what did not change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.panel_jobs import PanelJobs, share_panel

from hanolab_dawtools.jobs.batches import NewJob
from hanolab_dawtools.jobs.model import Batch, Charge, Failure, JobState
from hanolab_dawtools.presenters.batch_rows import QueueReader
from hanolab_dawtools.presenters.job_words import Phase

PLAN = {"engine": "none", "selection": {"host": "audio_file", "source": "/music/song.wav"}}


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[PanelJobs]:
    panel = share_panel(tmp_path / "home")
    yield panel
    panel.close()


def new_batch(panel: PanelJobs, n_cells: int = 3) -> Batch:
    cells = [NewJob(n, "process", f"cell {n}", PLAN) for n in range(1, n_cells + 1)]
    return panel.services.store.batches.create("a project", {"asked": {"presets": ["p"]}}, cells)


def test_batch_is_one_row_among_the_jobs_newest_first(panel) -> None:
    store = panel.services.store
    old = store.create("process", "old", PLAN)
    batch = new_batch(panel)
    new = store.create("process", "new", PLAN)
    rows = QueueReader().read(panel.services).rows
    assert [row.id for row in rows] == [new.id, batch.id, old.id]
    assert [row.is_batch for row in rows] == [False, True, False]
    assert rows[1].state == "interrupted: 0 of 3 done, 3 to go"


def test_rows_stay_the_same_objects_until_they_differ(panel) -> None:
    reader, store = QueueReader(), panel.services.store
    batch, other = new_batch(panel), new_batch(panel)
    first = reader.read(panel.services)
    assert reader.read(panel.services) is first
    store.request_cancel(f"{batch.id}-1")
    second = reader.read(panel.services)
    before, after = ({row.id: row for row in stored.rows} for stored in (first, second))
    assert after[other.id] is before[other.id]
    assert after[batch.id].state == "interrupted: 0 of 3 done, 1 stopped, 2 to go"


def test_running_batch_tells_its_share_and_what_it_cost(panel) -> None:
    reader, store = QueueReader(), panel.services.store
    batch = new_batch(panel, 2)
    reader.read(panel.services)
    with store.batches.claim(batch.id), store.claim(f"{batch.id}-1") as claim:
        for state in (JobState.CAPTURED, JobState.PREPARED, JobState.STARTING):
            store.record(claim.job_id, state, claim=claim)
        paid = Charge("hanolab", "convert", 3.0, 4.0, "t", is_sure=True)
        store.record(claim.job_id, JobState.STARTED, claim=claim, charge=paid)
        (row,) = reader.read(panel.services).rows
    assert (row.phase, row.fraction, row.cost) == (Phase.ELSEWHERE, 0.0, "4 credits")
    (row,) = reader.read(panel.services).rows
    assert (row.phase, row.fraction, row.can_resume) == (Phase.INTERRUPTED, None, True)


def test_removed_batch_is_no_row_any_more(panel) -> None:
    reader, batch = QueueReader(), new_batch(panel)
    reader.read(panel.services)
    panel.services.store.batches.remove(batch.id)
    assert reader.read(panel.services).rows == ()


def test_queue_shows_why_cells_failed_and_cancels_and_forgets_all_of_them(panel) -> None:
    store, batch = panel.services.store, new_batch(panel)
    with store.claim(f"{batch.id}-2") as claim:
        failure = Failure("capture", "the file is gone", "", 3, can_resume=True)
        store.record(claim.job_id, JobState.FAILED, claim=claim, failure=failure)
    panel.until_phase(batch.id, Phase.INTERRUPTED)
    details = panel.details(batch.id)
    assert details.notes == ("1 cell: the file is gone",)
    assert details.problem == "1 cell failed"
    assert {fact.name: fact.value for fact in details.facts}["presets"] == "p"
    panel.queue.cancel(batch.id)
    panel.until_phase(batch.id, Phase.FAILED)
    assert store.batches.counts(batch.id) == {JobState.FAILED: 1, JobState.CANCELLED: 2}
    panel.queue.ask_remove(batch.id)
    panel.queue.remove()
    panel.until(lambda: panel.queue.view.is_loaded and panel.row(batch.id) is None)
    assert store.batches.list() == []


def test_going_on_with_a_batch_is_handed_to_its_page(panel) -> None:
    batch = new_batch(panel)
    wanted = []
    panel.queue.batch_wanted.connect(
        lambda: wanted.append((panel.queue.wanted_batch, panel.queue.is_resume_wanted))
    )
    panel.until_phase(batch.id, Phase.INTERRUPTED)
    panel.queue.resume_all()  # it counts single jobs only
    panel.queue.resume(batch.id)
    panel.queue.show_batch(batch.id)
    assert wanted == [(batch.id, True), (batch.id, False)]
    panel.queue.batch_here = lambda: batch.id
    panel.queue.search("")
    assert panel.row(batch.id).phase is Phase.RUNNING
