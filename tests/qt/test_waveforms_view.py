"""The waveforms as the user handles them: wheel, drags, clicks, keys; and what is painted."""

import numpy as np
import pytest
import soundfile
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.lanes import LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.theme import Role, Theme
from hanolab_dawtools.qt.waveforms_view import WaveformsView

RATE = 8_000
SECONDS = 20.0


@pytest.fixture
def view(qtbot, tmp_path):
    """One loud lane, the whole of it seen."""
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    presenter = WaveformPresenter(workers, tmp_path / "cache")
    view = WaveformsView(presenter)
    qtbot.addWidget(view)
    view.resize(800, 300)
    view.show()
    path = tmp_path / "loud.wav"
    samples = np.tile([0.9, -0.9], int(SECONDS * RATE / 2)).astype(np.float32)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    presenter.set_lanes([LaneSource("loud", "loud", StemRole.VOCALS, path)])
    qtbot.waitUntil(lambda: presenter.view.lanes[0].fraction == 1.0)
    yield view
    workers.close()
    presenter.close()
    dispatcher.close()


def viewport(view):
    return view._plot_widget.viewport()


def middle(view, share=0.5):
    """A point at a share of what is seen."""
    box = view._box.sceneBoundingRect()
    return QPoint(int(box.left() + share * box.width()), int(box.center().y()))


def turn_wheel(view, steps, modifiers=Qt.KeyboardModifier.NoModifier):
    at = QPointF(middle(view))
    event = QWheelEvent(
        at,
        QPointF(viewport(view).mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport(view), event)


def test_the_wheel_zooms_at_the_pointer(view):
    turn_wheel(view, 4)
    shown = view._presenter.view
    assert shown.end_seconds - shown.start_seconds == pytest.approx(SECONDS / 1.25**4)
    assert (shown.start_seconds + shown.end_seconds) / 2 == pytest.approx(SECONDS / 2, abs=0.1)


def test_shift_and_the_wheel_pan(view):
    view._presenter.show(5, 10)
    turn_wheel(view, -2, Qt.KeyboardModifier.ShiftModifier)
    assert view._presenter.view.start_seconds == pytest.approx(6.0)


def drag(view, button, start, end):
    kinds = [QEvent.Type.MouseButtonPress, *[QEvent.Type.MouseMove] * 5]
    for step, kind in enumerate([*kinds, QEvent.Type.MouseButtonRelease]):
        at = QPointF(middle(view, start + (end - start) * min(step / 5, 1)))
        is_move, is_last = kind == QEvent.Type.MouseMove, kind == QEvent.Type.MouseButtonRelease
        event = QMouseEvent(
            kind,
            at,
            QPointF(viewport(view).mapToGlobal(at.toPoint())),
            Qt.MouseButton.NoButton if is_move else button,
            Qt.MouseButton.NoButton if is_last else button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(viewport(view), event)


def test_a_left_drag_selects(view):
    drag(view, Qt.MouseButton.LeftButton, 0.25, 0.5)
    assert view._presenter.view.selection == pytest.approx((5.0, 10.0), abs=0.2)


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_other_drags_pan(view, button):
    view._presenter.show(5, 10)
    drag(view, button, 0.75, 0.25)
    assert view._presenter.view.start_seconds == pytest.approx(7.5, abs=0.2)
    assert view._presenter.view.selection is None


def test_a_click_seeks_and_selects_nothing(view, qtbot):
    view._presenter.select(2, 4)
    qtbot.mouseClick(viewport(view), Qt.MouseButton.LeftButton, pos=middle(view, 0.75))
    qtbot.waitUntil(lambda: view._presenter.view.cursor_seconds > 0)
    assert view._presenter.view.cursor_seconds == pytest.approx(15.0, abs=0.1)
    assert view._presenter.view.selection is None


@pytest.mark.parametrize(
    ("key", "start", "length"),
    [("+", 5.9, 3.2), ("Right", 5.5, 5.0), ("0", 0.0, 20.0), ("Z", 7, 1)],
)
def test_keys_do_what_the_mouse_does(view, qtbot, key, start, length):
    view._presenter.select(7, 8)
    view._presenter.show(5, 10)
    view.activateWindow()
    view._plot_widget.setFocus()
    keys = {"Right": Qt.Key.Key_Right}
    qtbot.keyClick(viewport(view), keys.get(key, key))
    shown = view._presenter.view
    assert shown.start_seconds == pytest.approx(start, abs=0.05)
    assert shown.end_seconds - shown.start_seconds == pytest.approx(length, abs=0.05)


@pytest.mark.parametrize("is_dark", [True, False])
def test_the_lane_fills_its_part_in_the_stems_colour(view, qtbot, is_dark):
    theme = Theme(is_dark)
    view.set_theme(theme)
    image = view.grab().toImage()
    box = view._box.sceneBoundingRect()
    column = int(box.center().x())
    colours = [image.pixelColor(column, y) for y in range(int(box.top()), int(box.bottom()))]
    stem = theme.stem_colour(StemRole.VOCALS)
    painted = sum(colour.name() == stem.name() for colour in colours)
    assert painted / len(colours) == pytest.approx(0.9 * 0.46 * 2, abs=0.06)
    assert theme.colour(Role.PANEL).name() in {colour.name() for colour in colours}


def test_no_column_stays_empty(view, qtbot):
    """Neighbouring columns touch: every column of pixels in a loud lane is painted."""
    view._presenter.show(3.137, 14.021)
    image = view.grab().toImage()
    box = view._box.sceneBoundingRect()
    stem = view._theme.stem_colour(StemRole.VOCALS).name()
    y = int(box.top() + box.height() * 0.3)
    columns = range(int(box.left()) + 120, int(box.right()) - 2)
    assert {image.pixelColor(x, y).name() for x in columns} == {stem}


def test_a_screen_reader_is_told_what_is_shown(view):
    assert view.accessibleName()
    assert "loud" in view.accessibleDescription()
