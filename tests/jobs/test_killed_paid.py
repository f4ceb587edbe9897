"""A paid run that is killed anywhere is sent once, charged once, or honestly in doubt."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes import capped_jobs, killed_acts, paid_steps
from fakes.killed_runs import AT_STATEMENTS, Report, output_of, reports_of

# From before the admission to behind the ticket; the rest of the road is met in `test_killed`.
DEATHS = [*paid_steps.DEATHS, *AT_STATEMENTS[10:75]]


@pytest.fixture(scope="module")
def paid(memory_folder: Path) -> Mapping[str, Report]:
    return reports_of(memory_folder / "paid", "paid", DEATHS)


def test_unkilled_run_is_sent_and_charged_once(paid: Mapping[str, Report]) -> None:
    unkilled = paid[""]
    assert not unkilled["was_killed"]
    assert (unkilled["state"], unkilled["n_accepted"]) == ("done", 1)
    assert unkilled["charges"] == [["task-1", True]]


@pytest.mark.parametrize("death", DEATHS)
def test_nothing_is_sent_twice_and_all_that_was_sent_is_in_the_ledger(
    paid: Mapping[str, Report], death: str
) -> None:
    report = paid[death]
    if report["state"] == "done":
        assert (report["resumed"], report["n_accepted"]) == (0, 1)
        assert report["charges"] == [["task-1", True]]
        assert report["outcomes"]["start"] == {"ticket": "task-1"}
    else:
        assert (report["resumed"], report["state"]) == (75, "unsure")
        assert report["charges"] == [["", False]]


@pytest.mark.parametrize(
    ("death", "state"),
    [("before sending", "unsure"), ("after sending", "unsure"), ("after the answer", "done")],
)
def test_only_what_nobody_can_know_is_in_doubt(
    paid: Mapping[str, Report], death: str, state: str
) -> None:
    assert paid[death]["state_before"] == "starting"
    assert paid[death]["state"] == state
    assert all(paid[place]["state"] == "done" for place in DEATHS if place not in paid_steps.DEATHS)


def test_deaths_lie_on_both_sides_of_every_transition_of_the_start(
    paid: Mapping[str, Report],
) -> None:
    states = {paid[death]["state_before"] for death in AT_STATEMENTS[10:75]}
    assert {"captured", "prepared", "starting", "started"} <= states


def test_slot_of_a_killed_run_blocks_nobody_who_comes_after(paid: Mapping[str, Report]) -> None:
    assert all("waiting" not in paid[death]["history"] for death in DEATHS)


@pytest.mark.parametrize("act", killed_acts.ACTS)
def test_act_that_is_cut_short_happened_whole_or_not_at_all(folder: Path, act: str) -> None:
    before, *after_deaths, after = output_of(killed_acts, folder, act)
    assert before != after
    n_done = sum(stored == after for stored in after_deaths)
    assert after_deaths == [before] * (len(after_deaths) - n_done) + [after] * n_done
    assert len(after_deaths) - n_done > 3  # begin, look, write, commit


def test_ten_processes_never_have_two_requests_in_flight(folder: Path) -> None:
    report = output_of(capped_jobs, folder, 10)
    assert report["exit_codes"] == [-signal.SIGKILL] + [0] * 9
    assert report["states"][0] in {"prepared", "waiting"}
    assert report["states"][1:] == ["done"] * 9
    trace = [line.split() for line in report["trace"]]
    assert [word for word, _ in trace] == ["begin", "end"] * 9
    assert all(begin[1] == end[1] for begin, end in zip(trace[::2], trace[1::2], strict=True))
    assert len({job_id for _, job_id in trace}) == 9
