"""Actions while the world is against them: a sentence, the project as it was, the job goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.action_runs import (
    MOST_TICKS,
    band_spec,
    finish_actions,
    reaper_with,
    run_to_end,
    start_action,
    track_names,
)
from fakes.reaper import FakeReaper

from hanolab_dawtools.jobs.store import JobStore

SEPARATE = "HanoLab_separate_into_2_stems.py"
IMPORT = "HanoLab_import_results_of_finished_jobs.py"
PLACED = ["Vocals", "Accompaniment"]


@pytest.fixture
def data(hanolab_with_weights) -> Path:
    return Path(hanolab_with_weights.environment["HANOLAB_DATA_DIR"])


@pytest.fixture
def reaper(hanolab_with_weights, data: Path, tmp_path: Path) -> Iterator[FakeReaper]:
    spec = band_spec(tmp_path / "song", seconds=14, time_selection=[1.0, 15.0])
    environment = hanolab_with_weights.environment
    with reaper_with(environment, data.parent, spec, allow_errors=True) as running:
        running.install()
        yield running


def state_of_job(data: Path) -> str:
    with JobStore(data / "jobs") as store:
        return next((job.state.value for job in store.list()), "")


def settled(reaper: FakeReaper) -> dict:
    """The project, without how often it was changed."""
    return {k: v for k, v in reaper.snapshot().items() if k not in {"change_count", "is_dirty"}}


def import_all(reaper: FakeReaper, data: Path) -> None:
    run_to_end(reaper, IMPORT)
    assert state_of_job(data) == "done"
    assert track_names(reaper)[-2:] == PLACED
    assert reaper.is_alive


def test_an_action_killed_before_its_render_is_done_leaves_reaper_as_it_was(reaper, data) -> None:
    reaper.misbehave("render_in_real_time")
    reaper.edit({"time_selection": [3.0, 4.0]})
    before = settled(reaper)
    start_action(reaper, SEPARATE)
    reaper.wait_until(lambda: state_of_job(data) != "", MOST_TICKS)
    os.kill(reaper.children[0], signal.SIGKILL)
    finish_actions(reaper)
    reaper.wait_ticks(3)
    reaper.misbehave("render_in_real_time", is_on=False)
    assert settled(reaper) == before
    import_all(reaper, data)


def test_a_disk_that_fills_up_while_reaper_renders_is_told(reaper, data) -> None:
    reaper.misbehave("disk_full")
    before = settled(reaper)
    run_to_end(reaper, SEPARATE)
    reaper.misbehave("disk_full", is_on=False)
    assert "the file is cut off" in reaper.console
    assert IMPORT in reaper.console
    assert settled(reaper) == before
    import_all(reaper, data)


def test_a_track_that_is_deleted_meanwhile_is_told_and_undoing_that_lets_it_go_on(
    reaper, data
) -> None:
    start_action(reaper, SEPARATE)
    reaper.wait_until(lambda: state_of_job(data) == "started", MOST_TICKS)
    reaper.edit({"delete_tracks": [0]})
    deleted = settled(reaper)
    finish_actions(reaper)
    assert state_of_job(data) == "failed"
    assert "were changed in REAPER since they were captured" in reaper.console
    assert settled(reaper) == deleted
    reaper.undo()
    import_all(reaper, data)
