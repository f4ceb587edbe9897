"""Actions in the stand-in REAPER that only talk: status, panel, cancel, import, and mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fakes.action_runs import MOST_TICKS, band_spec, reaper_with, run_to_end
from fakes.reaper import FakeReaper
from fakes.reaper.children import end_processes, is_running


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


@pytest.fixture
def panels(reaper: FakeReaper) -> Iterator[Callable[[], list[int]]]:
    """The processes of panels for this REAPER, which outlive the action."""
    wanted = b"\0panel\0reaper:%d\0" % reaper.pid

    def living() -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if path.read_bytes().endswith(wanted):
                    found.append(int(path.parent.name))
        return [pid for pid in found if is_running(pid)]

    yield living
    end_processes(living())


def has_connection_to(pid: int, port: int) -> bool:
    """Whether one of a process's sockets is connected with a port of this machine."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            sockets.add(str(link.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    return any(
        int(row[2].rpartition(":")[2], 16) == port and f"socket:[{row[9]}]" in sockets
        for row in rows
    )


def test_the_panel_opens_for_this_reaper_and_outlives_the_action(
    reaper: FakeReaper, panels: Callable[[], list[int]]
) -> None:
    reaper.install(environment={**reaper.environment, "QT_QPA_PLATFORM": "offscreen"})
    run_to_end(reaper, "HanoLab_open_panel.py")
    assert reaper.tooltips[-1] == "HanoLab: the panel opens"
    (panel,) = panels()
    (bridge,) = reaper.runtime_folder.glob("bridge-*.json")
    port = json.loads(bridge.read_text("utf-8"))["port"]
    reaper.wait_until(lambda: has_connection_to(panel, port), MOST_TICKS)


def test_a_panel_that_cannot_open_is_told(
    reaper: FakeReaper, panels: Callable[[], list[int]]
) -> None:
    no_screen = dict.fromkeys(("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"), "")
    reaper.install(environment={**reaper.environment, **no_screen})
    run_to_end(reaper, "HanoLab_open_panel.py")
    assert "the panel did not open (exit code 6)" in reaper.console
    assert f"hanolab panel reaper:{reaper.pid}" in reaper.console
    assert panels() == []


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
