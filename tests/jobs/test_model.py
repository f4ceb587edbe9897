from __future__ import annotations

import itertools

import pytest

from hanolab_dawtools.jobs.model import JobState, next_states

# The table of the design, written a second time; a resume is tested on its own.
WAYS = {
    "planned": "captured failed cancelled",
    "captured": "prepared finished failed cancelled",
    "prepared": "starting waiting captured failed cancelled",
    "waiting": "starting captured failed cancelled",
    "starting": "started unsure prepared waiting failed cancelled",
    "unsure": "started prepared failed cancelled",
    "started": "finished failed cancelled",
    "finished": "aligned failed cancelled",
    "aligned": "polished failed cancelled",
    "polished": "placed failed cancelled",
    "placed": "done failed cancelled",
    "done": "",
}
ENDS = {JobState.FAILED, JobState.CANCELLED}
PAIRS = list(itertools.product(WAYS, JobState))


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=[f"{old}-{new}" for old, new in PAIRS])
def test_job_moves_only_as_designed(old: str, new: JobState) -> None:
    state = JobState(old)
    assert (new in next_states(state, state)) == (new.value in WAYS[old].split())


@pytest.mark.parametrize("good_state", [JobState(name) for name in WAYS if name != "done"])
@pytest.mark.parametrize("end", ENDS)
def test_resume_leads_only_to_the_good_state(end: JobState, good_state: JobState) -> None:
    assert next_states(end, good_state) - ENDS == {good_state}


def test_failed_job_can_be_cancelled_but_not_the_other_way_round() -> None:
    assert JobState.CANCELLED in next_states(JobState.FAILED, JobState.PLANNED)
    assert JobState.FAILED not in next_states(JobState.CANCELLED, JobState.PLANNED)


def test_every_state_can_be_reached() -> None:
    reached = {JobState.PLANNED}
    for _ in JobState:
        reached |= {new for state in reached for new in next_states(state, state)}
    assert reached == set(JobState)
