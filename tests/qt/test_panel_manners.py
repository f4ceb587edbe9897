"""Manners of the whole window: every control is named, and a small window loses nothing."""

import pytest
from fakes.panel_window import OpenPanel, panel_services
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QScrollBar,
    QWidget,
)

CONTROLS = (
    *(QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox),
    *(QAbstractSlider, QAbstractItemView),
)


@pytest.fixture
def panel(tmp_path, qtbot):
    panel = OpenPanel(panel_services(tmp_path), qtbot, None)
    panel.until(lambda: panel.panel.presets.view.rows and panel.panel.first_run.view.steps)
    yield panel
    panel.close()


def is_own(widget: QWidget) -> bool:
    """Whether a control is the user's, and no inner part of another one."""
    parent = widget.parentWidget()
    inner = isinstance(parent, (QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView))
    is_qts = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
    in_popup = any(
        type(one).__name__ == "QComboBoxPrivateContainer" for one in (parent, widget) if one
    )
    return not inner and not is_qts and not in_popup


def seen(panel, kind):
    """The controls that are seen in any of the tabs, once each."""
    found = {}
    for tab in range(panel.window.side.count()):
        panel.window.side.setCurrentIndex(tab)
        found |= {
            id(widget): widget
            for widget in panel.window.findChildren(kind)
            if is_own(widget) and widget.isVisible()
        }
    return found.values()


def test_every_control_has_a_name_for_a_screen_reader(panel):
    nameless = set()
    for kind in CONTROLS:
        for widget in seen(panel, kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not widget.accessibleName() and not text:
                nameless.add(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    assert sorted(nameless) == []


def test_buttons_of_icons_alone_tell_what_they_do(panel):
    silent = [
        f"{type(button).__name__} {button.accessibleName()!r}"
        for button in seen(panel, QAbstractButton)
        if not button.text() and not button.toolTip()
    ]
    assert silent == []


def test_first_steps_take_one_line_where_there_is_little_room(panel):
    window = panel.window
    window.resize(1240, 900)
    panel.until(lambda: window.first_run.height() > 100)
    assert window.first_run.more.isHidden()
    window.resize(window.minimumSize())
    panel.until(lambda: window.first_run.more.isVisible() and window.first_run.height() < 60)
    window.first_run.more.click()
    (dialog,) = [one for one in window.findChildren(QDialog) if one.isVisible()]
    assert any(button.text() == "Fetch weights" for button in dialog.findChildren(QAbstractButton))
    dialog.close()


def test_nothing_lies_upon_another_in_the_smallest_window(panel):
    window = panel.window
    window.resize(window.minimumSize())
    panel.until(lambda: window.first_run.height() < 60)
    parts = [window.source, window.first_run, window.lanes, window.queue, window.side, window.cost]
    places = [part.rect().translated(part.mapTo(window, part.rect().topLeft())) for part in parts]
    for index, place in enumerate(places):
        assert window.rect().contains(place), type(parts[index]).__name__
        for other_index in range(index):
            other = places[other_index]
            names = f"{type(parts[index]).__name__} on {type(parts[other_index]).__name__}"
            assert not place.intersects(other), names
