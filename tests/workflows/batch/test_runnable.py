"""Which cells going on with a batch takes up: none that only the user can settle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hanolab_dawtools.jobs.model import Failure, JobState, JobSummary
from hanolab_dawtools.workflows.batch.reports import runnable

FINAL = Failure("finish", "it failed there", "", 1, can_resume=False)
MENDABLE = Failure("capture", "no such file", "", 3, can_resume=True)


def cell(state, *, good_state=JobState.PLANNED, failure=None):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return JobSummary("b-1", "", "separate", state, good_state, now, now, {}, failure)


@pytest.mark.parametrize(
    ("one", "goes_on", "goes_on_as_failed"),
    [
        (cell(JobState.PLANNED), True, False),
        (cell(JobState.POLISHED), True, False),
        (cell(JobState.WAITING), True, False),
        (cell(JobState.CANCELLED), True, False),
        (cell(JobState.FAILED, failure=MENDABLE), True, True),
        (cell(JobState.FAILED, failure=FINAL), False, False),
        (cell(JobState.DONE), False, False),
        (cell(JobState.UNSURE), False, False),
        (cell(JobState.CANCELLED, good_state=JobState.UNSURE), False, False),
    ],
)
def test_a_cell_is_taken_up_when_that_can_help_it(one, goes_on, goes_on_as_failed):
    assert bool(runnable([one], only_failed=False)) is goes_on
    assert bool(runnable([one], only_failed=True)) is goes_on_as_failed
