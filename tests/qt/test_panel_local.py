"""The whole window on files and projects, with the local engine: start, hear, place, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes.panel_sources import song
from fakes.panel_window import OpenPanel, panel_services
from fakes.weights import real_music
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.presenters.messages import Severity
from hanolab_dawtools.presenters.placing_choices import Target
from hanolab_dawtools.services import Services

HOSTILE = "Bass & Söhne <b>fett 夜の歌 %s {0} \u202egnp" + "x" * 120


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return panel_services(tmp_path / "home", has_weights=True)


@pytest.fixture
def panel(services: Services, qtbot) -> Iterator[OpenPanel]:
    panel = OpenPanel(services, qtbot)
    yield panel
    panel.close()


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """Three seconds of real music."""
    music = read_audio(real_music())
    path = tmp_path / "take.wav"
    soundfile.write(path, music.samples[:, 44_100 : 4 * 44_100].T, 44_100, "FLOAT")
    return path


def test_file_is_separated_heard_and_placed_beside_itself(panel, take) -> None:
    panel.panel.source.open(take)
    panel.until(lambda: panel.lanes == ["take.wav"])
    panel.start()
    panel.until_shown()
    assert panel.lanes == ["Original", "Vocals", "Accompaniment"]
    assert panel.panel.listening.view.can_compare
    assert not (take.parent / "take_hanolab").exists()
    panel.place()
    stems = [read_audio(path).samples for path in (take.parent / "take_hanolab").glob("*.wav")]
    assert len(stems) == 2
    np.testing.assert_allclose(sum(stems), read_audio(take).samples, atol=1e-5)
    assert panel.panel.messages.view.current.severity is Severity.OK


def test_region_of_a_project_is_placed_as_tracks_and_taken_out_again(panel, tmp_path) -> None:
    project = song(tmp_path / "song")
    original = project.read_bytes()
    panel.panel.source.open(project)
    panel.until(lambda: panel.panel.source.view.is_ready)
    panel.panel.source.choose_region("Chorus")
    panel.start()
    panel.until_shown()
    assert project.read_bytes() == original
    panel.place()
    assert project.read_bytes().count(b"<TRACK") == 5
    assert "In song.rpp, as tracks" in panel.panel.results.view.where
    panel.click(panel.window.placing.results.undo_button)
    panel.until(lambda: project.read_bytes() == original)
    panel.until(lambda: "Taken out" in panel.panel.results.view.where)


def test_a_separation_is_started_heard_and_placed_by_keys_alone(panel, take, qtbot) -> None:
    panel.panel.source.open(take)
    panel.until(lambda: panel.panel.running.view.can_start)
    qtbot.waitUntil(panel.window.isActiveWindow)
    qtbot.keyClick(panel.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    panel.until_shown()
    before = panel.panel.listening.view.hears_original
    qtbot.keyClick(panel.window, Qt.Key.Key_A)
    assert panel.panel.listening.view.hears_original is not before
    qtbot.keyClick(panel.window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(panel.window, Qt.Key.Key_Return, keys)
    panel.until((take.parent / "take_hanolab" / "vocals.wav").is_file)


def test_files_dropped_on_the_window_are_taken_as_copies(panel, take) -> None:
    preset = take.with_name("brought.toml")
    preset.write_text("name = 'Brought'\n", encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (preset, take)])
    drop = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.MoveAction | Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.window.dropEvent(drop)
    assert drop.isAccepted()
    assert drop.dropAction() is Qt.DropAction.CopyAction
    panel.until(lambda: panel.lanes == ["take.wav"])
    panel.until(lambda: panel.panel.presets.current.name == "Brought")


def test_what_was_chosen_about_listening_is_remembered(services, qtbot) -> None:
    first = OpenPanel(services, qtbot)
    first.window.placing.listen_box.click()
    first.window.close()
    first.close()
    second = OpenPanel(Services(services.settings, services.folders), qtbot)
    try:
        assert not second.panel.placing.view.listens_first
        assert not second.window.placing.listen_box.isChecked()
    finally:
        second.close()


def test_only_the_range_that_is_drawn_in_the_waveform_is_worked_on(panel, take) -> None:
    panel.panel.source.open(take)
    panel.until(lambda: panel.panel.waveforms.view.lanes)
    panel.until(lambda: panel.panel.waveforms.view.total_seconds == pytest.approx(3, abs=0.01))
    panel.panel.waveforms.select(0.5, 1.5)
    panel.until(lambda: panel.panel.source.view.range_seconds == (0.5, 1.5))
    panel.panel.placing.set_listens_first(False)
    panel.panel.placing.set_target(Target.FOLDER, take.parent / "stems")
    panel.start()
    panel.until_shown()
    lengths = {soundfile.info(path).frames for path in (take.parent / "stems").glob("*.wav")}
    assert lengths == {44_100}


def test_hostile_names_are_shown_as_they_are_and_break_nothing(panel, take) -> None:
    hostile = take.rename(take.parent / f"{HOSTILE[:100]}.wav")
    panel.choose(name=HOSTILE[:70])
    panel.panel.source.open(hostile)
    panel.start()
    job_id = panel.until_shown()
    assert HOSTILE[:20] in panel.services.store.get(job_id).title
    panel.place()
    panel.window.grab()
    assert len(list(hostile.parent.glob("*_hanolab/*.wav"))) == 2


def test_cancelled_job_says_so_and_goes_on_later(panel, take) -> None:
    panel.panel.source.open(take)
    panel.start()
    panel.until_phase("running")
    job_id = panel.panel.queue.view.rows[0].id
    panel.panel.queue.cancel(job_id)
    panel.until_phase("cancelled")
    assert not panel.panel.results.view.job_id
    panel.panel.queue.resume(job_id)
    assert panel.until_shown() == job_id


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.wav", None, "gone.wav"),
        ("text.wav", b"no audio at all", "text.wav"),
        ("broken.rpp", b"<REAPER_PROJECT\n  <TRACK\n", "broken.rpp"),
    ],
)
def test_source_that_cannot_be_used_is_told_in_a_sentence(
    panel, tmp_path, name, content, sentence
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    panel.panel.source.open(tmp_path / name)
    panel.until(lambda: panel.panel.source.view.problem or panel.message)
    assert sentence in f"{panel.panel.source.view.problem} {panel.message}"
    assert not panel.panel.running.view.can_start


def test_missing_weights_are_offered_and_can_be_declined(tmp_path, qtbot, take) -> None:
    panel = OpenPanel(panel_services(tmp_path / "bare"), qtbot, take)
    try:
        panel.start()
        panel.until(lambda: panel.panel.cost.view.question)
        panel.click(panel.window.cost.decline)
        panel.until(lambda: panel.panel.running.view.can_start)
        assert panel.services.store.list() == []
    finally:
        panel.close()


def test_preset_with_a_plug_in_that_is_missing_says_which(panel, take) -> None:
    effect = {"effect": "vst3", "plugin": "Golden Reverb", "vendor": "Nobody", "path": "/x.vst3"}
    panel.choose(job_kind="none", before=[effect])
    panel.panel.source.open(take)
    panel.until(lambda: "Golden Reverb" in panel.panel.running.view.problem)
    assert panel.panel.running.view.hint
    assert not panel.window.cost.start.isEnabled()
