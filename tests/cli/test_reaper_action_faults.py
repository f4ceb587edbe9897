"""Actions that are cut short: the job goes on where it was, and what REAPER holds stays whole."""

from __future__ import annotations

import os
import signal
from pathlib import Path

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

from hanolab_dawtools.jobs.model import JobSummary
from hanolab_dawtools.jobs.store import JobStore

SEPARATE = "HanoLab_separate_into_2_stems.py"
IMPORT = "HanoLab_import_results_of_finished_jobs.py"
CANCEL = "HanoLab_cancel_running_jobs.py"
LONG = {"seconds": 14, "time_selection": [1.0, 15.0]}
ENGINE_AT_WORK = {"started"}


def reaper_of(hanolab, tmp_path: Path, **spec: object) -> FakeReaper:
    home = Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent
    return reaper_with(hanolab.environment, home, band_spec(tmp_path / "song", **spec))


def the_job(hanolab) -> JobSummary | None:
    with JobStore(Path(hanolab.environment["HANOLAB_DATA_DIR"]) / "jobs") as store:
        return next(iter(store.list()), None)


def state_of_job(hanolab) -> str:
    job = the_job(hanolab)
    return job.state.value if job is not None else ""


def wait_for_engine(hanolab, reaper: FakeReaper) -> None:
    reaper.wait_until(lambda: state_of_job(hanolab) in ENGINE_AT_WORK, MOST_TICKS)


def test_a_killed_action_is_gone_on_with_by_importing(hanolab_with_weights, tmp_path: Path) -> None:
    hanolab = hanolab_with_weights
    with reaper_of(hanolab, tmp_path, **LONG) as reaper:
        reaper.install()
        before = reaper.snapshot()
        start_action(reaper, SEPARATE)
        wait_for_engine(hanolab, reaper)
        os.kill(reaper.children[0], signal.SIGKILL)
        finish_actions(reaper)
        assert state_of_job(hanolab) == "started"
        assert reaper.snapshot()["tracks"] == before["tracks"]
        run_to_end(reaper, IMPORT)
        assert state_of_job(hanolab) == "done"
        assert track_names(reaper)[2:] == ["Vocals", "Accompaniment"]
        assert "goes on: job" in reaper.console
        run_to_end(reaper, IMPORT)
        assert len(track_names(reaper)) == 4


def test_a_job_outlives_its_reaper_and_is_placed_in_the_next(
    hanolab_with_weights, tmp_path: Path
) -> None:
    hanolab = hanolab_with_weights
    with reaper_of(hanolab, tmp_path, **LONG) as reaper:
        reaper.install()
        start_action(reaper, SEPARATE)
        wait_for_engine(hanolab, reaper)
        (worker,) = reaper.children
        reaper.kill()
        wait_until_gone(worker)
    assert state_of_job(hanolab) == "polished"
    job_id = the_job(hanolab).id
    assert hanolab("jobs", "resume", job_id).code == 5
    assert state_of_job(hanolab) == "polished"
    assert not list((tmp_path / "song").glob("HanoLab/*"))
    with reaper_of(hanolab, tmp_path, **LONG) as reaper:
        reaper.install()
        run_to_end(reaper, "HanoLab_show_status.py")
        assert f"{job_id}  polished" in reaper.console
        resumed = hanolab("jobs", "resume", job_id, "-q")
        assert resumed.code == 0, resumed.err
        assert track_names(reaper)[2:] == ["Vocals", "Accompaniment"]
        assert len(reaper.undo_steps) == 1


def test_results_wait_until_their_project_is_open(hanolab_with_weights, tmp_path: Path) -> None:
    hanolab = hanolab_with_weights
    with reaper_of(hanolab, tmp_path, **LONG) as reaper:
        reaper.install()
        reaper.open_tab({"path": ""})
        reaper.switch_tab(0)
        start_action(reaper, SEPARATE)
        wait_for_engine(hanolab, reaper)
        reaper.close_tab(0)
        finish_actions(reaper)
        assert state_of_job(hanolab) == "polished"
        assert "song.rpp is open in no running REAPER" in reaper.console
        run_to_end(reaper, IMPORT)
        assert "left alone" in reaper.console
        reaper.open_tab(band_spec(tmp_path / "song", **LONG))
        run_to_end(reaper, IMPORT)
        assert state_of_job(hanolab) == "done"


def test_a_running_job_is_cancelled_and_says_how_it_goes_on(
    hanolab_with_weights, tmp_path: Path
) -> None:
    hanolab = hanolab_with_weights
    with reaper_of(hanolab, tmp_path, **LONG) as reaper:
        reaper.install()
        before = reaper.snapshot()
        start_action(reaper, SEPARATE)
        wait_for_engine(hanolab, reaper)
        reaper.run_action(CANCEL)
        finish_actions(reaper)
        assert state_of_job(hanolab) == "cancelled"
        job_id = the_job(hanolab).id
        assert f"cancelled: job {job_id}" in reaper.console
        assert f"hanolab jobs resume {job_id}" in reaper.console
        assert reaper.snapshot()["tracks"] == before["tracks"]
        run_to_end(reaper, IMPORT)
        assert "it was cancelled" in reaper.console
        assert state_of_job(hanolab) == "cancelled"


def wait_until_gone(pid: int) -> None:
    """Wait for a process that is not the test's child."""
    file = os.pidfd_open(pid)
    try:
        import select

        assert select.select([file], [], [], 60.0)[0], "it did not end"
    finally:
        os.close(file)
