"""What is told of a batch, word by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.batch_reports import cell, report

from hanolab_dawtools.model import HostName
from hanolab_dawtools.presenters import batch_matrix as matrix
from hanolab_dawtools.presenters import batch_words as words
from hanolab_dawtools.presenters.batch_progress import BatchView, CellPhase
from hanolab_dawtools.workflows.batch.model import CellReport, Forecast

P = CellPhase


def test_counts_name_what_there_is_and_nothing_else() -> None:
    counts = {P.DONE: 1200, P.FAILED: 1, P.QUEUED: 3, P.HELD: 0}
    view = BatchView(1204, counts, n_cached=12)
    assert words.counts_text(view) == "1,200 done (12 from the cache), 1 failed, 3 to go"
    assert words.counts_text(BatchView(0)) == ""


def test_every_phase_is_told() -> None:
    for phase in CellPhase:
        assert words.counts_text(BatchView(1, {phase: 1})).startswith("1 ")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.523, "0.52 s"),
        (9.99, "10 s"),
        (59.4, "59 s"),
        (61, "1 min"),
        (3_599, "1 h 0 min"),
        (4_000, "1 h 7 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_stretch_of_time_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert words.stretch_text(seconds) == text


def test_a_pace_that_nobody_knows_is_not_told() -> None:
    assert words.pace_text(BatchView(2)) == words.left_text(BatchView(2)) == ""
    view = BatchView(2, pace=7.331, cells_per_minute=35.2, left_seconds=120)
    assert words.pace_text(view) == "7.33 s of audio per second, 35.2 cells per minute"
    assert words.left_text(view) == "about 2 min left"


@pytest.mark.parametrize(
    ("value", "text"), [(0.7863, "0.786"), (35.24, "35.2"), (1070.4, "1,070"), (12345.6, "12,346")]
)
def test_figures_are_written_out(value: float, text: str) -> None:
    assert words.figure_text(value) == text


def test_the_next_slot_is_told_on_the_users_clock() -> None:
    at = datetime.now().astimezone().replace(hour=14, minute=3, second=22, microsecond=0)
    view = BatchView(3, {P.WAITING: 2}, next_slot_at=at.timestamp())
    assert words.slots_text(view) == "2 cells wait for a slot; the next opens at 14:03:22"
    tomorrow = (at + timedelta(days=1)).timestamp()
    assert f"{at + timedelta(days=1):%Y-%m-%d} 14:03" in words.clock_text(tomorrow)
    nobody = BatchView(3, {P.WAITING: 1})
    assert words.slots_text(nobody) == "1 cell waits for a slot; the next opens when there is room"


def test_where_a_cell_goes() -> None:
    plan = cell().plan
    assert words.output_of(plan) == "into song.rpp"
    assert words.output_of(replace(plan, folder=Path("/out"))) == "/out"
    assert words.output_of(replace(plan, folder=Path("/out"), deliver_to="s3://b/x")) == "s3://b/x"
    assert words.output_of(replace(plan, destination=Path("/new.rpp"))) == "/new.rpp"
    live = replace(plan, selection=replace(plan.selection, host=HostName.REAPER))
    assert words.output_of(live) == "into REAPER"
    file = replace(plan, selection=replace(plan.selection, host=HostName.AUDIO_FILE))
    assert words.output_of(file) == "beside song.rpp"


@pytest.mark.parametrize(
    ("forecast", "price", "text"),
    [
        (Forecast.NEW, 0.0, "free"),
        (Forecast.NEW, 2.5, "2.5"),
        (Forecast.NEW, None, "?"),
        (Forecast.CACHED, 2.5, "free"),
        (Forecast.CACHED, None, "free"),
        (Forecast.CACHED, 0.0, "free"),
        (Forecast.DONE, 2.5, "free"),
    ],
)
def test_what_a_cell_costs(forecast: Forecast, price: float | None, text: str) -> None:
    assert words.credits_of(cell(price=price, forecast=forecast)) == text


def test_who_works_for_a_cell_is_told_with_its_parts() -> None:
    parts = (cell(engine="local").plan, cell(engine="hanolab").plan)
    assert words.engine_of(cell(parts=parts).plan) == "this machine + HanoLab"


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["done", "done"], "done"),
        (["done", "waiting"], "waiting"),
        (["unsure", "waiting"], "unsure"),
        (["held", "unsure", "done"], "held"),
        (["failed", "held", "waiting"], "failed"),
        (["failed", "captured"], "stopped"),
    ],
)
def test_the_worst_cell_decides_how_a_batch_stands(states: list[str], state: str) -> None:
    assert words.state_of_batch([report(n, one) for n, one in enumerate(states, 1)]) == state


def test_each_kind_of_trouble_has_its_next_step() -> None:
    def steps(state: str) -> str:
        return " ".join(words.next_steps("b7", [report(1, state)]))

    assert steps("done") == ""
    assert "jobs resume b7 --only-failed" in steps("failed")
    assert steps("waiting").endswith("jobs resume b7")
    assert steps("running").endswith("jobs resume b7")
    assert "jobs resolve" in steps("unsure")
    assert "mend" in steps("held")
    assert "jobs resume b7" in steps("held")


def test_totals_tell_new_cached_and_done_cells_apart() -> None:
    cells = [
        cell(1, price=2.0),
        cell(2, price=2.0, forecast=Forecast.CACHED),
        cell(3, price=2.0, forecast=Forecast.DONE),
    ]
    totals = matrix.totals_of(cells)
    assert (totals.n_cells, totals.n_to_run, totals.n_cached, totals.n_done) == (3, 2, 1, 1)
    assert totals.known_credits == 2.0
    assert totals.seconds == 24.0
    assert matrix.totals_text(totals) == "3 cells, 1 done already, 1 from the cache, 1 to do"
    assert matrix.price_text(totals) == "2 credits; nothing for 1 cell from the cache"


def test_an_unknown_price_is_said_and_never_counted_as_nothing() -> None:
    totals = matrix.totals_of([cell(1, price=None), cell(2, price=3.0)])
    assert totals.known_credits is None
    assert not totals.is_free
    assert matrix.price_text(totals) == "3 credits and 1 cell of unknown price"
    only = matrix.totals_of([cell(1, price=None)])
    assert matrix.price_text(only) == "1 cell of unknown price"
    cached = matrix.totals_of([cell(1, price=None, forecast=Forecast.CACHED)])
    assert cached.is_free
    assert matrix.price_text(cached) == "free; nothing for 1 cell from the cache"


def test_what_costs_nothing_is_free() -> None:
    totals = matrix.totals_of([cell(1), cell(2, forecast=Forecast.CACHED)])
    assert totals.is_free
    assert matrix.price_text(totals) == "free"


def test_kinds_are_counted_in_the_order_in_which_they_come() -> None:
    cells = [cell(1, preset="B"), cell(2, preset="A"), cell(3, preset="B", price=1.0)]
    counted = matrix.counted_by(cells, lambda one: one.preset)
    assert [(name, its.n_cells, its.credits) for name, its in counted] == [
        ("B", 2, 1.0),
        ("A", 1, 0.0),
    ]


def test_resuming_is_not_offered_for_a_cell_that_was_abandoned() -> None:
    abandoned = CellReport(1, "b-1", "one", "cancelled", facts={"is_abandoned": True})
    assert words.next_steps("b", [abandoned]) == []
    assert words.next_steps("b", [abandoned, CellReport(2, "b-2", "two", "cancelled")]) == [
        "Go on with: hanolab jobs resume b"
    ]
