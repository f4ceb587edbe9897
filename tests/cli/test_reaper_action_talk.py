"""Actions in the stand-in REAPER that only talk: status, panel, cancel, import, and mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.action_runs import band_spec, reaper_with, run_to_end
from fakes.reaper import FakeReaper


@pytest.fixture
def home(hanolab) -> Path:
    return Path(hanolab.environment["HANOLAB_DATA_DIR"]).parent


@pytest.fixture
def reaper(hanolab, home: Path, tmp_path: Path) -> Iterator[FakeReaper]:
    with reaper_with(hanolab.environment, home, band_spec(tmp_path / "song")) as running:
        running.install()
        yield running


def test_the_status_is_shown_in_the_console(reaper: FakeReaper, home: Path) -> None:
    run_to_end(reaper, "HanoLab_show_status.py")
    for words in (
        "REAPER 7.22",
        f"process {reaper.pid}",
        "local (the default)",
        "not fetched yet",
        "none: no base URL of the cloud is known",
        "none used yet",
        str(home / "log"),
    ):
        assert words in reaper.console
    assert reaper.dialogs == []
    assert "HanoLab: status" in next((home / "log").glob("*.log")).read_text("utf-8")


def test_without_a_panel_a_sentence_says_how_to_work(reaper: FakeReaper) -> None:
    run_to_end(reaper, "HanoLab_open_panel.py")
    assert "HanoLab_separate_into_2_stems.py" in reaper.console


def test_with_nothing_to_import_or_cancel_that_is_told(reaper: FakeReaper) -> None:
    run_to_end(reaper, "HanoLab_import_results_of_finished_jobs.py")
    run_to_end(reaper, "HanoLab_cancel_running_jobs.py")
    assert reaper.tooltips[-2:] == ["HanoLab: there is nothing to import", "HanoLab: no job runs"]


def test_a_mistake_in_the_settings_is_one_sentence_in_the_console(hanolab, reaper) -> None:
    hanolab.set('engine = "loud"')
    run_to_end(reaper, "HanoLab_separate_into_2_stems.py")
    assert "settings.toml" in reaper.console
    assert "Traceback" not in reaper.console
    assert reaper.snapshot()["undo"] == []


def test_six_stems_by_the_local_engine_are_refused_with_the_way_out(reaper: FakeReaper) -> None:
    run_to_end(reaper, "HanoLab_separate_into_6_stems.py")
    assert "6 stems are made by the HanoLab cloud alone" in reaper.console
    assert "hanolab login" in reaper.console


def test_an_unknown_action_is_a_wrong_use_of_the_command(hanolab, tmp_path: Path) -> None:
    outcome = hanolab("reaper", "action", "sing", "--bridge", tmp_path / "no")
    assert outcome.code == 2
    assert "separate-2" in outcome.err


def test_an_action_without_its_bridge_ends_as_not_reachable(hanolab, tmp_path: Path) -> None:
    outcome = hanolab("reaper", "action", "show-status", "--bridge", tmp_path / "no")
    assert outcome.code == 5
    assert "Run any HanoLab action in REAPER" in outcome.err
