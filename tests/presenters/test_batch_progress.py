"""Counts, pace and time left of a batch; truth is recounted from the reports themselves."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from fakes.batch_reports import report
from fakes.clock import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.presenters.batch_progress import (
    BatchProgress,
    CellPhase,
    last_phase_of,
    phase_of,
)
from hanolab_dawtools.workflows.batch.model import CellReport

STATES = [*(state.value for state in JobState), "queued", "running", "held"]


def progress_of(*reports: CellReport) -> BatchProgress:
    progress = BatchProgress()
    for one in reports:
        progress.take(one)
    return progress


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from(STATES)), max_size=40))
def test_counts_are_those_of_the_last_reports(told: list[tuple[int, str]]) -> None:
    reports = [report(number, state) for number, state in told]
    view = progress_of(*reports).view()
    last = {one.number: one for one in reports}
    counts = Counter(phase_of(one) for one in last.values())
    assert {phase: n for phase, n in view.counts.items() if n} == dict(counts)
    assert view.n_cells == len(last)
    assert view.n_ended == sum(n for phase, n in counts.items() if phase.has_ended)
    assert [one.number for one in view.running] == sorted(
        one.number for one in last.values() if phase_of(one) is CellPhase.RUNNING
    )


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_phase_and_an_end(state: str) -> None:
    phase, last = phase_of(report(1, state)), last_phase_of(report(1, state))
    assert last.has_ended or last is CellPhase.WAITING
    assert last is phase or last is CellPhase.STOPPED


def test_a_phase_is_told_once_and_progress_within_it_is_not() -> None:
    progress = BatchProgress()
    told = [progress.take(report(1, state)) for state in ("queued", "running", "captured", "done")]
    assert told == [CellPhase.QUEUED, CellPhase.RUNNING, None, CellPhase.DONE]


def test_pace_is_audio_by_time_and_what_is_left_follows_from_it() -> None:
    clock = FakeClock()
    progress = BatchProgress(clock=clock)
    for number in range(1, 11):
        progress.take(report(number))
    for number in (1, 2, 3, 4):
        progress.take(report(number, "running"))
        clock.move(6.0)
        progress.take(report(number, "done"))
    view = progress.view()
    assert view.pace == pytest.approx(2.0)  # 4 cells of 12 s in 24 s
    assert view.cells_per_minute == pytest.approx(10.0)
    assert view.left_seconds == pytest.approx(36.0)  # 6 cells of 12 s
    assert view.done_seconds == 48.0


def test_a_pace_is_not_told_from_one_cell_or_none() -> None:
    clock = FakeClock()
    progress = BatchProgress(clock=clock)
    progress.take(report(1))
    clock.move(5.0)
    progress.take(report(1, "done"))
    view = progress.view()
    assert (view.pace, view.left_seconds) == (0.0, None)


def test_answers_of_the_cache_and_failures_are_no_pace() -> None:
    clock = FakeClock()
    progress = BatchProgress(clock=clock)
    for number in range(1, 21):
        progress.take(report(number))
        clock.move(0.1)
        is_even = number % 2 == 0
        progress.take(report(number, "done" if is_even else "failed", facts={"cached": is_even}))
    view = progress.view()
    assert view.pace == 0.0
    assert view.n_cached == 10
    assert len(view.failures) == 10


def test_the_pace_is_that_of_the_last_minutes() -> None:
    clock = FakeClock()
    progress = BatchProgress(clock=clock)
    for number in range(1, 101):
        progress.take(report(number))
    for number in range(1, 51):  # quick ones
        clock.move(1.0)
        progress.take(report(number, "done"))
    for number in range(51, 91):  # slow ones
        clock.move(12.0)
        progress.take(report(number, "done"))
    assert progress.view().pace == pytest.approx(1.0, rel=0.05)


def test_what_waits_for_a_slot_is_not_in_the_time_left() -> None:
    clock = FakeClock()
    progress = BatchProgress(clock=clock)
    for number in range(1, 6):
        progress.take(report(number))
    for number in (1, 2):
        clock.move(12.0)
        progress.take(report(number, "done"))
    progress.take(report(3, "waiting", wait_until=5000.0))
    progress.take(report(4, "waiting", wait_until=4000.0))
    view = progress.view()
    assert view.left_seconds == pytest.approx(12.0)
    assert view.next_slot_at == 4000.0


def test_a_cell_that_is_ready_to_place_is_made_and_not_counted_twice() -> None:
    progress = progress_of(*(report(1, state) for state in ("queued", "polished", "done")))
    assert progress.view().done_seconds == 12.0


def test_costs_add_up_and_an_unknown_one_is_told() -> None:
    view = progress_of(report(1, "done", credits=1.5), report(2, "done", credits=2.0)).view()
    assert (view.credits, view.has_unknown_price) == (3.5, False)
    view = progress_of(report(1, "done", credits=1.5), report(2, "done", credits=None)).view()
    assert (view.credits, view.has_unknown_price) == (1.5, True)


def test_many_threads_may_tell_at_once() -> None:
    progress = BatchProgress()
    begin = threading.Barrier(4)

    def tell(first: int) -> None:
        begin.wait()
        for number in range(first, 400, 4):
            for state in ("queued", "running", "done"):
                progress.take(report(number + 1, state))
                progress.view() if number % 97 == 0 else None

    threads = [threading.Thread(target=tell, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    view = progress.view()
    assert (view.n_cells, view.count(CellPhase.DONE), view.n_ended) == (400, 400, 400)


def test_cells_that_are_ready_to_place_count_as_worked_off() -> None:
    progress = BatchProgress()
    assert progress.view().fraction == 0.0
    for number, state in enumerate(("polished", "done", "failed", "queued"), 1):
        progress.take(report(number, state))
    view = progress.view()
    assert (view.n_ended, view.fraction) == (2, 0.75)
