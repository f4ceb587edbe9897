"""The source bar by mouse and keys, over real files."""

import pytest
from fakes.panel_sources import services_in, song, tone
from PyQt6.QtCore import Qt

from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_view import PreviewState
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.source_bar import SourceBar
from hanolab_dawtools.qt.theme import Theme, apply_theme


@pytest.fixture
def source(qtbot, tmp_path):
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    source = SourcePresenter(services_in(tmp_path / "home"), workers, lambda told: None)
    yield source
    workers.close()
    source.close()
    dispatcher.close()


@pytest.fixture
def bar(source, qtbot):
    bar = SourceBar(source)
    qtbot.addWidget(bar)
    bar.resize(720, 110)
    bar.show()
    bar.activateWindow()
    qtbot.waitUntil(bar.isActiveWindow)
    return bar


@pytest.fixture
def project(bar, source, qtbot, tmp_path):
    source.open(song(tmp_path))
    qtbot.waitUntil(lambda: source.view.preview_state is PreviewState.READY)


def test_nothing_open_says_what_to_do(bar):
    assert "drop" in bar._status.toolTip()
    assert not bar.regions.isEnabled()
    assert not bar.tracks.isEnabled()


def test_a_region_is_chosen_in_the_box(bar, source, project, qtbot):
    texts = [bar.regions.itemText(row) for row in range(bar.regions.count())]
    assert texts[:2] == ["Saved time selection", "All of it"]
    bar.regions.setFocus()
    for _ in range(3):
        qtbot.keyClick(bar.regions, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: source.view.range_seconds == (2.0, 4.0))
    assert bar.regions.currentText().startswith("2  Chorus")
    assert bar.range.start.text() == "0:02.000"


def test_a_time_is_typed_over(bar, source, project, qtbot):
    bar.range.end.setFocus()
    bar.range.end.selectAll()
    qtbot.keyClicks(bar.range.end, "2.5")
    qtbot.keyClick(bar.range.end, Qt.Key.Key_Return)
    assert source.wanted().range_seconds == (1.0, 2.5)
    assert bar.regions.currentText() == "Range"
    bar.range.start.selectAll()
    qtbot.keyClicks(bar.range.start, "soon")
    qtbot.keyClick(bar.range.start, Qt.Key.Key_Return)
    assert bar.range.start.text() == "0:01.000"


def test_tracks_are_searched_and_checked_by_keys(bar, source, project, qtbot):
    qtbot.keyClick(bar, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    popup = bar.tracks.popup
    qtbot.waitUntil(popup.isVisible)
    qtbot.keyClicks(popup.search, "bas")
    assert [popup.list.item(row).isHidden() for row in range(2)] == [True, False]
    popup.list.setCurrentRow(1)
    qtbot.keyClick(popup.list, Qt.Key.Key_Space)
    assert source.wanted().tracks == ("Bass",)
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert bar.tracks.text() == "Bass"


def test_points_that_only_reaper_has_cannot_be_chosen_and_say_why(bar, project):
    model = bar.points.model()
    assert [model.item(row).isEnabled() for row in range(4)] == [True, True, False, False]
    assert "running REAPER" in bar.points.itemData(3, Qt.ItemDataRole.ToolTipRole)


def test_a_long_name_is_whole_in_the_tool_tip_and_markup_stays_text(bar, source, qtbot, tmp_path):
    path = tone(tmp_path / ("<b>Gesang & Chor<&b> " + "ä" * 60 + ".wav"))
    source.open(path)
    qtbot.waitUntil(lambda: source.view.is_ready)
    assert "&lt;b&gt;Gesang &amp; Chor" in bar._title.toolTip()


def test_the_bar_fits_into_the_smallest_window(bar, project, qapp):
    before = qapp.styleSheet(), qapp.style().objectName()
    try:
        apply_theme(qapp, Theme(is_dark=True))
        bar.set_theme(Theme(is_dark=True))
        assert bar.minimumSizeHint().width() <= 704
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setStyle(before[1])


def test_a_problem_is_read_in_the_bar(bar, source, qtbot, tmp_path):
    source.open(tmp_path / "missing.wav")
    qtbot.waitUntil(lambda: bool(source.view.problem))
    assert bar._status.property("severity") == "failed"
    assert "missing.wav" in bar._status.toolTip()
    bar.set_theme(Theme(is_dark=True))
    bar.set_theme(Theme(is_dark=False))


def test_all_controls_are_named(bar, project):
    for control in (
        *(bar.open_button, bar.recent_button, bar.reaper_button, bar.regions, bar.range.start),
        *(bar.range.end, bar.tracks, bar.groupings, bar.points, bar.stop_button),
    ):
        assert control.accessibleName()
        assert control.toolTip()


def test_changes_are_looked_for_while_the_bar_is_visible(bar):
    assert bar._timer.isActive()
    bar.hide()
    assert not bar._timer.isActive()
