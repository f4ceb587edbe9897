"""Lanes with their buttons and the transport, by mouse and by keys, without a sound device."""

import numpy as np
import pytest
import soundfile
from PyQt6.QtCore import Qt

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.lanes import LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt import icons
from hanolab_dawtools.qt.audio_sink import QtAudioSink
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.lanes_view import LanesView
from hanolab_dawtools.qt.theme import Theme

RATE, SECONDS = 8_000, 30.0
LONG_NAME = "Gesangsaufnahme im großen Saal, zweite Fassung, 夜の歌 " * 3


@pytest.fixture
def view(qtbot, tmp_path):
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    waveforms = WaveformPresenter(workers, tmp_path / "cache")
    listening = ListeningPresenter(workers, QtAudioSink())
    view = LanesView(waveforms, listening)
    qtbot.addWidget(view)
    view.resize(800, 400)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    sources = []
    for number, role in enumerate((None, StemRole.VOCALS, StemRole.ACCOMPANIMENT)):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, np.full(int(SECONDS * RATE), 0.5, np.float32), RATE)
        sources.append(LaneSource(str(number), LONG_NAME, role, path))
    waveforms.set_lanes(sources)
    lanes = [PlayLane(s.key, s.name, s.path, is_original=s.role is None) for s in sources]
    listening.set_lanes(lanes, SECONDS)
    qtbot.waitUntil(lambda: all(lane.fraction == 1 for lane in waveforms.view.lanes))
    yield view
    listening.close()
    workers.close()
    waveforms.close()
    dispatcher.close()


@pytest.fixture
def listening(view):
    return view._transport._listening


def test_space_plays_and_the_cursor_moves_without_a_device(view, listening, qtbot):
    view._view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert listening.view.is_playing
    qtbot.waitUntil(lambda: view._waveforms.view.cursor_seconds > 0.1)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert not listening.view.is_playing
    assert "no sound device" in view._transport._problem.text()


def test_a_seek_in_the_waveform_is_one_of_the_player(view, listening):
    view._waveforms.seek(12.0)
    assert listening.view.position_seconds == 12.0
    assert "0:12.0" in view._transport._place.text()


def test_what_is_selected_is_looped(view, listening, qtbot):
    view._waveforms.select(3, 5)
    qtbot.keyClick(view, Qt.Key.Key_L)
    assert listening.view.loop == (3, 5)
    view._waveforms.select(6, 7)
    assert listening.view.loop == (6, 7)
    qtbot.keyClick(view, Qt.Key.Key_L)
    assert listening.view.loop is None


def test_a_switches_between_original_and_result(view, listening, qtbot):
    assert view._transport._compare.text() == "B: result"
    qtbot.keyClick(view, Qt.Key.Key_A)
    assert view._transport._compare.text() == "A: original"
    assert [lane.is_heard for lane in listening.view.lanes] == [True, False, False]


def test_solo_and_mute_are_clicked_beside_the_lane(view, listening, qtbot):
    header = view._headers._headers["1"]
    qtbot.mouseClick(header._solo, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view._headers._headers["2"]._mute, Qt.MouseButton.LeftButton)
    sounds = {lane.key: (lane.is_soloed, lane.is_muted) for lane in listening.view.lanes}
    assert sounds == {"0": (False, False), "1": (True, False), "2": (False, True)}
    assert header._solo.isChecked()
    assert header.accessibleDescription() == "heard"


def test_long_names_end_in_an_ellipsis_and_are_whole_in_the_tool_tip(view):
    name = view._headers._headers["0"]._name
    assert name.text().endswith("…")
    assert LONG_NAME.strip() in name.toolTip()
    assert name.accessibleName() == LONG_NAME


def test_headers_lie_beside_their_lanes(view):
    lane_height = (view._view.height() - view._view.ruler_pixels) / 3
    for row, key in enumerate("012"):
        header = view._headers._headers[key]
        expected = view._view.ruler_pixels + row * lane_height
        assert header.y() == pytest.approx(expected, abs=3)
        assert header.height() == pytest.approx(lane_height, abs=3)


def test_without_lanes_a_sentence_says_what_to_do(view):
    view._waveforms.set_lanes([])
    assert view._stack.currentWidget() is view._empty
    assert "drop an audio file" in view._empty.text()


def test_every_control_is_named_for_a_screen_reader(view):
    transport = view._transport
    for control in (transport._play, transport._start, transport._loop, transport._compare):
        assert control.accessibleName()
        assert control.toolTip()


@pytest.mark.parametrize("name", icons.NAMES)
@pytest.mark.parametrize("is_dark", [True, False])
def test_every_icon_is_seen_on_its_background(qtbot, name, is_dark):
    image = icons.icon(name, Theme(is_dark)).pixmap(32, 32).toImage()
    seen = sum(
        image.pixelColor(x, y).alpha() > 128
        for x in range(image.width())
        for y in range(image.height())
    )
    assert seen > 20
