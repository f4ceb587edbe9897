"""The whole window with a running REAPER, and after a process that was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
from fakes.action_runs import band_spec
from fakes.panel_window import OpenPanel, panel_services
from fakes.reaper import FakeReaper
from fakes.weights import real_music

from hanolab_dawtools.audio.files import read_audio


@pytest.fixture
def reaper(tmp_path: Path) -> Iterator[FakeReaper]:
    """A REAPER with a band in it, where 3 s to 5.5 s are selected, and its bridge running."""
    with FakeReaper(tmp_path, projects=[band_spec(tmp_path / "song")]) as reaper:
        reaper.install()
        reaper.run_action("HanoLab_bridge.py")
        reaper.wait_until(lambda: bool(list(reaper.runtime_folder.glob("bridge-*.json"))))
        yield reaper


def names(reaper: FakeReaper) -> list[str]:
    return [track["name"] for track in reaper.snapshot()["tracks"]]


def test_selection_in_reaper_is_heard_and_placed_in_one_undo_step(reaper, tmp_path, qtbot) -> None:
    services = panel_services(tmp_path, has_weights=True)
    panel = OpenPanel(services, qtbot, Path("reaper"))
    try:
        panel.until(lambda: panel.panel.source.view.range_seconds == (3.0, 5.5))
        panel.start()
        panel.until_shown()
        assert panel.lanes == ["Original", "Vocals", "Accompaniment"]
        panel.until(lambda: all(lane.seconds for lane in panel.panel.waveforms.view.lanes))
        assert panel.panel.waveforms.view.origin_seconds == pytest.approx(3.0, abs=1e-4)
        assert names(reaper) == ["Band"]
        assert reaper.undo_steps == []
        panel.place()
        assert names(reaper)[-2:] == ["Vocals", "Accompaniment"]
        assert len(reaper.undo_steps) == 1
        panel.click(panel.window.placing.results.undo_button)
        panel.until(lambda: "Taken out" in panel.panel.results.view.where)
        assert names(reaper) == ["Band"]
    finally:
        panel.close()


def test_quote_follows_what_is_selected_in_reaper(reaper, tmp_path, qtbot) -> None:
    panel = OpenPanel(panel_services(tmp_path, has_weights=True), qtbot, Path("reaper"))
    try:
        panel.until(lambda: panel.panel.running.view.what == "0:02.500")
        reaper.edit({"time_selection": [2.0, 6.0]})
        panel.until(lambda: panel.panel.running.view.what == "0:04.000")
    finally:
        panel.close()


def test_results_go_onto_fixed_lanes_where_reaper_has_them(tmp_path, qtbot) -> None:
    spec = band_spec(tmp_path / "song")
    with FakeReaper(tmp_path, version="7.78", projects=[spec]) as reaper:
        reaper.install()
        reaper.run_action("HanoLab_bridge.py")
        reaper.wait_until(lambda: bool(list(reaper.runtime_folder.glob("bridge-*.json"))))
        panel = OpenPanel(panel_services(tmp_path, has_weights=True), qtbot, Path("reaper"))
        try:
            panel.until(lambda: panel.panel.source.view.is_ready)
            panel.start()
            panel.until_shown()
            panel.panel.placing.set_layout("lanes")
            panel.place()
            assert names(reaper) == ["Band"]
            assert len(reaper.snapshot()["tracks"][0]["items"]) > 2
        finally:
            panel.close()


def test_job_of_a_killed_process_is_gone_on_with(tmp_path, qtbot) -> None:
    services = panel_services(tmp_path / "home", has_weights=True)
    music = read_audio(real_music())
    take = tmp_path / "take.wav"
    soundfile.write(take, music.samples.T, music.sample_rate, "FLOAT")
    folders = {
        f"HANOLAB_{kind}_DIR": str(tmp_path / "home" / name)
        for kind, name in (
            ("CONFIG", "config"),
            ("DATA", "data"),
            ("CACHE", "cache"),
            ("LOG", "logs"),
        )
    }
    command = [sys.executable, "-m", "hanolab_dawtools", "separate", str(take), "--yes"]
    with subprocess.Popen(
        command, env=os.environ | folders, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if line.startswith("separating"):
                process.kill()
                break
    panel = OpenPanel(services, qtbot)
    try:
        panel.until(lambda: panel.panel.queue.view.n_interrupted == 1)
        job_id = panel.panel.queue.view.rows[0].id
        panel.panel.queue.resume_all()
        panel.until_phase("done")
        panel.panel.queue.place_again(job_id)
        panel.until_shown()
        assert panel.lanes == ["Original", "Vocals", "Accompaniment"]
        assert len(list((tmp_path / "take_hanolab").glob("*.wav"))) == 2
    finally:
        panel.close()
