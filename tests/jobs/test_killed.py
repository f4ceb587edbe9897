"""A run that is killed anywhere is resumed by a new process and ends as if nothing had been."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes.job_steps import ROAD, STEP_NAMES
from fakes.killed_runs import AT_STATEMENTS, Report, reports_of

IN_STEPS = [f"{place} of {name}" for name in STEP_NAMES for place in ("begin", "end")]
DEATHS = IN_STEPS + AT_STATEMENTS
AROUND_THE_START = IN_STEPS[2:8] + AT_STATEMENTS[10:60]


@pytest.fixture(scope="module")
def repeatable(memory_folder: Path) -> Mapping[str, Report]:
    return reports_of(memory_folder / "repeatable", "repeatable", DEATHS)


@pytest.fixture(scope="module")
def once(memory_folder: Path) -> Mapping[str, Report]:
    return reports_of(memory_folder / "once", "once", AROUND_THE_START)


def begun(report: Report) -> Counter[str]:
    return Counter(line.split()[0] for line in report["journal"] if line.endswith("begins"))


def test_unkilled_run_takes_every_step_once(repeatable: Mapping[str, Report]) -> None:
    unkilled = repeatable[""]
    assert not unkilled["was_killed"]
    assert begun(unkilled) == dict.fromkeys(STEP_NAMES, 1)
    assert unkilled["history"] == [
        "planned",
        "captured",
        "prepared",
        "starting",
        *(after.value for _, _, after in ROAD[2:]),
    ]


def test_every_statement_of_a_run_was_a_place_to_die(repeatable: Mapping[str, Report]) -> None:
    assert not repeatable[AT_STATEMENTS[-1]]["was_killed"]
    n_killed = sum(repeatable[death]["was_killed"] for death in AT_STATEMENTS)
    assert n_killed > len(STEP_NAMES) * 6  # begin, look, write outcome, state and event, commit
    assert all(repeatable[death]["was_killed"] for death in AT_STATEMENTS[:n_killed])


@pytest.mark.parametrize("death", DEATHS)
def test_resumed_run_ends_like_an_unkilled_one(
    repeatable: Mapping[str, Report], death: str
) -> None:
    report = repeatable[death]
    assert report["resumed"] == 0
    assert report["state"] == "done"
    assert report["outcomes"] == repeatable[""]["outcomes"]


@pytest.mark.parametrize("death", DEATHS)
def test_finished_steps_are_not_repeated(repeatable: Mapping[str, Report], death: str) -> None:
    report = repeatable[death]
    times = begun(report)
    assert all(times[name] == 1 for name in report["finished_before"])
    assert set(times.values()) <= {1, 2}
    assert sum(times.values()) <= len(STEP_NAMES) + 1  # only the step that was cut short


@pytest.mark.parametrize("death", IN_STEPS)
def test_step_that_was_cut_short_is_run_again(repeatable: Mapping[str, Report], death: str) -> None:
    assert repeatable[death]["was_killed"]
    assert begun(repeatable[death])[death.rsplit(maxsplit=1)[-1]] == 2


@pytest.mark.parametrize("death", AROUND_THE_START)
def test_step_that_must_not_be_repeated_never_is(once: Mapping[str, Report], death: str) -> None:
    assert begun(once[death])["start"] <= 1


@pytest.mark.parametrize("death", AROUND_THE_START)
def test_doubt_about_the_start_is_left_to_the_user(once: Mapping[str, Report], death: str) -> None:
    report = once[death]
    if report["state_before"] == "starting":
        assert (report["state"], report["resumed"]) == ("unsure", 75)
        assert "start" not in report["outcomes"]
    else:
        assert (report["state"], report["resumed"]) == ("done", 0)
        assert report["outcomes"] == once[""]["outcomes"]


def test_deaths_around_the_start_cover_both_certainty_and_doubt(once: Mapping[str, Report]) -> None:
    states = Counter(once[death]["state_before"] for death in AROUND_THE_START)
    assert {"prepared", "starting", "started"} <= set(states)
