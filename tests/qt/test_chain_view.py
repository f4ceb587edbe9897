"""The tab of effects by mouse and by keys."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from fakes.effects_tab import EffectsTab
from fakes.system_packages import need
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QWheelEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.presenters.lanes import LaneSource
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.qt.effect_tree import drop_path
from hanolab_dawtools.qt.theme import Theme, apply_theme

FOLDER = Path("/usr/lib/vst3")
MIX = {"effect": "mix", "branches": [[], [{"effect": "reverb"}]]}
Indicator = QAbstractItemView.DropIndicatorPosition


@pytest.fixture
def make(qtbot, tmp_path):
    made = []

    def tab(*folders, **fields):
        made.append(EffectsTab(qtbot, tmp_path, *folders, **fields))
        return made[-1]

    yield tab
    for each in made:
        each.close()


def click(qtbot, widget, at=None):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


def drop_onto(tree, item, part):
    """Drop the selected row at a share of an item's height."""
    box = tree.visualItemRect(item)
    at = QPoint(box.center().x(), box.top() + round(part * box.height()))
    tree.dropEvent(own_drop(tree, at))


def own_drop(tree, at):
    class Own(QDropEvent):
        def source(self):
            return tree

    mime, none = QMimeData(), Qt.KeyboardModifier.NoModifier
    event = Own(QPointF(at), Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton, none)
    event.mime = mime  # an event does not keep it alive
    return event


def test_an_effect_is_found_and_added_by_keys_alone(make, qtbot):
    tab = make()
    qtbot.keyClick(tab.view, Qt.Key.Key_Insert)
    picker = tab.view._picker
    qtbot.waitUntil(picker.isVisible)
    qtbot.keyClicks(picker._query, "echo")
    qtbot.keyClick(picker._query, Qt.Key.Key_Return)
    assert tab.names() == ["delay"]
    assert not picker.isVisible()
    assert tab.view._editor._title.text() == "Delay"


def test_the_arrows_step_through_what_is_found(make, qtbot):
    tab = make()
    click(qtbot, tab.view._add)
    picker = tab.view._picker
    qtbot.keyClicks(picker._query, "shelf")
    qtbot.keyClick(picker._query, Qt.Key.Key_Down)
    assert "highs" in picker._about.text()
    qtbot.keyClick(picker._query, Qt.Key.Key_Return)
    assert tab.names() == ["high_shelf"]


def test_a_search_without_a_find_adds_nothing(make, qtbot):
    tab = make()
    click(qtbot, tab.view._add)
    qtbot.keyClicks(tab.view._picker._query, "qqqq")
    assert "No effect" in tab.view._picker._about.text()
    qtbot.keyClick(tab.view._picker._query, Qt.Key.Key_Return)
    assert tab.names() == []


def test_alt_and_an_arrow_move_the_selected_effect(make, qtbot):
    tab = make(before=[{"effect": "gain"}, {"effect": "reverb"}])
    tab.tree.setFocus()
    tab.chains.select((0,))
    qtbot.keyClick(tab.tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert tab.names() == ["reverb", "gain"]
    assert tab.tree.currentItem().text(0) == "Gain"
    qtbot.keyClick(tab.tree, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert tab.names() == ["reverb", "gain", "gain"]
    qtbot.keyClick(tab.tree, Qt.Key.Key_Delete)
    assert tab.names() == ["reverb", "gain"]


def test_space_bypasses_and_says_so(make, qtbot):
    tab = make(before=[{"effect": "gain"}])
    tab.tree.setFocus()
    tab.chains.select((0,))
    qtbot.keyClick(tab.tree, Qt.Key.Key_Space)
    assert tab.holder.current.before[0]["bypass"]
    item = tab.tree.topLevelItem(0)
    assert "bypassed" in item.text(1)
    assert "bypassed" in item.data(0, Qt.ItemDataRole.AccessibleTextRole)


def test_the_arrows_choose_what_is_edited(make, qtbot):
    tab = make(before=[{"effect": "gain"}, MIX])
    tab.tree.setFocus()
    tab.chains.select((0,))
    for _ in range(4):
        qtbot.keyClick(tab.tree, Qt.Key.Key_Down)
    assert tab.chains.view.selected == (1, 1, 0)
    assert tab.view._editor._title.text() == "Reverb"


@pytest.mark.parametrize(
    ("target", "where", "expected"),
    [
        ((2,), Indicator.AboveItem, (2,)),
        ((2,), Indicator.BelowItem, (3,)),
        ((2,), Indicator.OnItem, (3,)),
        ((1, 0), Indicator.OnItem, (1, 0)),
        ((1, 0), Indicator.BelowItem, (1, 0, 0)),
        ((1, 0, 0), Indicator.AboveItem, (1, 0, 0)),
    ],
)
def test_a_drop_lands_where_the_line_is(target, where, expected):
    assert drop_path(target, where) == expected


def test_an_effect_is_dropped_into_a_branch_and_out_of_it(make):
    tab = make(before=[{"effect": "gain"}, MIX])
    tab.chains.select((0,))
    branch = tab.tree.topLevelItem(1).child(0)
    tab.tree.dropIndicatorPosition = lambda: Indicator.OnItem  # Qt sets it while one drags
    drop_onto(tab.tree, branch, 0.5)
    assert tab.holder.current.before[0]["branches"][0] == [{"effect": "gain"}]
    assert tab.chains.view.selected == (0, 0, 0)
    tab.tree.dropEvent(own_drop(tab.tree, QPoint(20, tab.tree.viewport().height() - 2)))
    assert tab.names() == ["mix", "gain"]


def test_a_plugin_of_a_file_manager_is_dropped(make, qtbot):
    need(is_there=(FOLDER / "ZamComp.vst3").exists(), package="zam-plugins")
    tab = make(FOLDER)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(FOLDER / "ZamComp.vst3"))])
    none = Qt.KeyboardModifier.NoModifier
    tab.tree.dropEvent(
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none)
    )
    qtbot.waitUntil(lambda: tab.names() == ["vst3"], timeout=20_000)
    qtbot.waitUntil(lambda: "threshold_db" in tab.rows())


def test_a_slider_and_its_box_set_the_same_value(make, qtbot):
    tab = make(before=[{"effect": "gain"}])
    tab.chains.select((0,))
    row = tab.rows()["gain_db"]
    row._slider.setValue(750)
    assert tab.holder.current.before == [{"effect": "gain", "gain_db": 30.0}]
    assert row._box.value() == 30.0
    row._box.setFocus()
    row._box.selectAll()
    qtbot.keyClicks(row._box, "-12.5")
    qtbot.keyClick(row._box, Qt.Key.Key_Return)
    assert tab.holder.current.before == [{"effect": "gain", "gain_db": -12.5}]
    assert row._slider.value() == 396
    click(qtbot, row._reset)
    assert tab.holder.current.before == [{"effect": "gain"}]
    assert not row._reset.isVisible()


def test_looking_at_an_effect_changes_nothing(make):
    """Values finer than a box shows stay as they are."""
    fine = {"effect": "peak", "q": 0.7071234, "cutoff_frequency_hz": 1234.5678}
    tab = make(
        before=[fine, *({"effect": name} for name in EFFECTS if name not in {"mix", "vst3"})]
    )
    for number in range(len(tab.names())):
        tab.chains.select((number,))
    tab.chains.select((0,))
    assert tab.holder.n_changes == 0
    assert tab.holder.current.before[0] == fine


@pytest.mark.parametrize("name", [name for name in EFFECTS if name not in {"mix", "vst3"}])
def test_every_parameter_of_every_effect_can_be_reset_to_where_it_was(make, name):
    tab = make(before=[{"effect": name}])
    tab.chains.select((0,))
    assert list(tab.rows()) == [field.name for field in EFFECTS[name].parameters]


def test_a_choice_a_switch_and_a_text_are_set(make, qtbot):
    tab = make(before=[{"effect": "ladder"}, {"effect": "ceiling"}, {"effect": "convolution"}])
    tab.chains.select((0,))
    tab.rows()["mode"]._list.textActivated.emit("HPF24")
    tab.chains.select((1,))
    click(qtbot, tab.rows()["true_peak"]._box, QPoint(8, tab.rows()["true_peak"].height() // 2))
    tab.chains.select((2,))
    edit = tab.rows()["impulse_response"]._edit
    edit.setText("/rooms/hall.wav")
    edit.editingFinished.emit()
    first, second, third = tab.holder.current.before
    assert (first["mode"], second["true_peak"]) == ("HPF24", True)
    assert third["impulse_response"] == "/rooms/hall.wav"


def test_the_wheel_scrolls_and_leaves_values_alone(make):
    tab = make(before=[{"effect": "reverb"}])
    tab.chains.select((0,))
    slider = tab.rows()["room_size"]._slider
    tab.tree.setFocus()
    for control in (slider, tab.rows()["room_size"]._box):
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(control.mapToGlobal(QPoint(5, 5))),
            QPoint(0, 0),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, event)
    assert tab.holder.n_changes == 0


def test_another_effect_has_its_own_ranges_in_the_same_rows(make):
    tab = make(before=[{"effect": "gain", "gain_db": 6.0}, {"effect": "highpass"}])
    tab.chains.select((0,))
    row = tab.rows()["gain_db"]
    tab.chains.select((1,))
    assert tab.rows() == {"cutoff_frequency_hz": row}
    assert row._box.text() == "80 Hz"
    assert (row._box.minimum(), row._box.maximum()) == (10.0, 20_000.0)
    row._slider.setValue(1_000)
    assert tab.holder.current.before[1]["cutoff_frequency_hz"] == 20_000.0
    assert tab.holder.current.before[0]["gain_db"] == 6.0


def test_a_dragged_slider_keeps_its_row(make):
    tab = make(before=[{"effect": "reverb"}])
    tab.chains.select((0,))
    row = tab.rows()["room_size"]
    for at in range(0, 1_000, 100):
        row._slider.setValue(at)
    assert tab.rows()["room_size"] is row
    assert row._slider.value() == 900


def test_a_missing_plugin_stays_with_its_name_and_ways_out(make, qtbot):
    entry = {"effect": "vst3", "plugin": "夜の歌 & <b>Über</b>", "path": "/nowhere/x.vst3"}
    tab = make(before=[entry])
    tab.chains.select((0,))
    qtbot.waitUntil(lambda: tab.chains.view.editor.problem != "")
    assert "夜の歌 & <b>Über</b>" in tab.view._editor._problem.text()
    assert tab.view._editor._locate.isVisible()
    assert "missing" in tab.tree.topLevelItem(0).text(1)
    assert tab.holder.current.before == [entry]


def test_a_plugin_with_thousands_of_parameters_is_searched(make, qtbot):
    tab = make(before=[{"effect": "vst3", "plugin": "Big"}])
    spec = tab.holder.current.effects_before()[0]
    told = {"value": 0.5, "minimum": 0.0, "maximum": 1.0, "unit": "", "words": []}
    tab.chains.shelf.state_of = lambda _: _loaded({f"band_{n}": told for n in range(3_000)})
    tab.chains.select((0,))
    assert spec.name == "vst3"
    qtbot.waitUntil(lambda: len(tab.rows()) == 40)
    assert "2960 more" in tab.view._editor._more.text()
    tab.view._editor._filter.setText("band 2999")
    assert list(tab.rows()) == ["band_2999"]


def _loaded(parameters):
    from hanolab_dawtools.audio.plugins import PluginInfo
    from hanolab_dawtools.presenters.plugin_shelf import PluginState

    return PluginState(True, info=PluginInfo("Big", "", False, parameters, ""))


def test_a_chain_is_heard_and_left_again_by_one_key(make, qtbot, tmp_path):
    tab = make(before=[{"effect": "gain", "gain_db": -6.0}])
    assert not tab.view._bar._button.isEnabled()
    path = tmp_path / "song.wav"
    soundfile.write(path, np.full(16_000, 0.5, np.float32), 8_000)
    tab.waveforms.set_lanes([LaneSource("original", "Song", None, path)])
    tab.listening.set_lanes([PlayLane("original", "Song", path, is_original=True)], 2.0)
    qtbot.waitUntil(tab.view._bar._button.isEnabled)
    qtbot.keyClick(tab.view, Qt.Key.Key_H)
    assert "Rendering" in tab.view._bar._state.text()
    qtbot.waitUntil(lambda: tab.listening.view.is_playing, timeout=20_000)
    assert "B: with" in tab.view._bar._state.text()
    assert len(tab.waveforms.view.lanes) == 2
    qtbot.keyClick(tab.view, Qt.Key.Key_H)
    assert len(tab.waveforms.view.lanes) == 1


def test_a_question_about_a_folder_is_asked_in_the_tab(make, qtbot):
    tab = make()
    tab.chains.add_plugin(Path("/usr/lib/vst3/ZamComp.vst3"))
    qtbot.waitUntil(tab.view._question.isVisible)
    assert "/usr/lib/vst3" in tab.view._sentence.text()
    declines = [b for b in tab.view._question.findChildren(QPushButton) if b.text() == "Not now"]
    click(qtbot, declines[0])
    assert not tab.view._question.isVisible()


def test_a_chosen_file_that_is_no_plugin_is_told(make, qtbot, tmp_path):
    tab = make()
    tab.view._picker._ask = lambda _: tmp_path
    click(qtbot, tab.view._add)
    click(qtbot, tab.view._picker._file)
    assert "Loading" in tab.view._loading.text()
    qtbot.waitUntil(lambda: not tab.view._loading.isVisible())
    assert tab.names() == []


def test_everything_that_can_be_used_has_a_name(make):
    tab = make(before=[{"effect": "ladder"}, {"effect": "convolution"}, MIX])
    kinds = (QSlider, QDoubleSpinBox, QComboBox, QToolButton, QLineEdit, QAbstractItemView)
    for path in ((0,), (1,), (2,)):
        tab.chains.select(path)
        for widget in tab.view.findChildren(QWidget):
            is_own = isinstance(widget, kinds) and not _is_inside(widget)
            if is_own and widget.isVisibleTo(tab.view):
                assert widget.accessibleName(), widget


def _is_inside(widget):
    """Whether it is a part of another control, such as the line of a spin box."""
    return isinstance(widget.parent(), QDoubleSpinBox | QLineEdit | QComboBox | QAbstractSlider)


def test_nothing_is_cut_off_in_a_narrow_panel(make):
    tab = make(before=[{"effect": "compressor"}, {"effect": "vst3", "plugin": "Lang " * 30}])
    apply_theme(QApplication.instance(), Theme(is_dark=True))
    tab.view.resize(300, 520)
    tab.chains.select((0,))
    QApplication.processEvents()
    area = tab.view._editor
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()
    assert tab.view.minimumSizeHint().width() <= 300
    labels = tab.view.findChildren(QLabel)
    assert not [each for each in labels if each.isVisibleTo(tab.view) and each.width() > 300]
