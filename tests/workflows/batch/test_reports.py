"""What a batch says each of its cells has cost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hanolab_dawtools.jobs.model import Charge, LedgerEntry
from hanolab_dawtools.workflows.batch.model import CellReport
from hanolab_dawtools.workflows.batch.reports import with_charges


def charged(n_credits: float | None, *, is_sure: bool = True, task_id: str = "t1") -> LedgerEntry:
    charge = Charge("hanolab", "separate/2stem", 1.0, n_credits, task_id, is_sure)
    return LedgerEntry(datetime(2026, 1, 1, tzinfo=UTC), "b-1", "one", charge, "b")


def cost(state: str, *entries: LedgerEntry) -> float | None:
    (report,) = with_charges([CellReport(1, "b-1", "one", state)], entries)
    return report.credits


@pytest.mark.parametrize("state", ["failed", "cancelled", "done"])
def test_a_cell_has_cost_what_was_paid_for_it_however_it_ended(state: str) -> None:
    assert cost(state, charged(5.0), charged(2.5)) == 7.5


def test_what_was_not_sent_has_cost_nothing() -> None:
    assert cost("held") == 0.0


def test_nobody_knows_what_an_unsure_cell_has_cost() -> None:
    assert cost("unsure", charged(5.0, is_sure=False, task_id="")) is None


def test_a_request_that_never_arrived_has_cost_nothing() -> None:
    assert cost("done", charged(5.0, is_sure=False, task_id=""), charged(5.0)) == 5.0


def test_an_unknown_price_is_not_nothing() -> None:
    assert cost("failed", charged(None)) is None


def test_a_failed_cell_names_the_task_that_was_paid() -> None:
    (report,) = with_charges([CellReport(1, "b-1", "one", "failed")], [charged(5.0)])
    assert report.facts["task_id"] == "t1"
