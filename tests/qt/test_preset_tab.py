"""The tab of presets by mouse and keys: what is shown, what is forwarded, what is asked."""

import pytest
from PyQt6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.voices import VoicesPresenter, VoicesState
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.parameters_view import ParametersView
from hanolab_dawtools.qt.preset_bar import DOT, PresetBar
from hanolab_dawtools.qt.theme import Theme
from hanolab_dawtools.qt.voice_picker import VoicePicker
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings

LONG_NAME = "Stimme für den großen Saal & 夜の歌 " * 2


class Tab(QWidget):
    """Bar and parameters below each other, over the program's own parts."""

    def __init__(self, services, workers):
        super().__init__()
        self.messages = MessagesPresenter()
        self.presets = PresetPresenter(services.presets, workers, self.messages)
        self.presenter = ParametersPresenter(self.presets, services, workers)
        self.voices = VoicesPresenter(self.presets, services, workers)
        self.bar = PresetBar(self.presets)
        self.picker = VoicePicker(self.voices)
        self.parameters = ParametersView(self.presenter, self.picker)
        layout = QVBoxLayout(self)
        layout.addWidget(self.bar)
        layout.addWidget(self.parameters)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "config" / "presets"
    folder.mkdir(parents=True)
    (folder / "long.toml").write_text(f"name = '{LONG_NAME.strip()}'\n", encoding="utf-8")
    (folder / "broken.toml").write_text("name = 3\n", encoding="utf-8")
    return folder


@pytest.fixture
def tab(qtbot, tmp_path, folder):
    where = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    dispatcher = QtDispatcher()
    workers = Workers(dispatcher)
    tab = Tab(Services(Settings(), where), workers)
    qtbot.addWidget(tab)
    tab.resize(360, 900)
    tab.show()
    tab.activateWindow()
    qtbot.waitUntil(tab.isActiveWindow)
    tab.presets.refresh()
    qtbot.waitUntil(lambda: len(tab.presets.view.rows) > 10 and bool(tab.presenter.view.engines))
    yield tab
    workers.close()
    dispatcher.close()


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def pitch(tab):
    tab.presets.start("convert")
    return tab.parameters.control("job.pitch_shift")


def test_a_quick_choice_starts_from_its_preset_and_shows_its_parameters(tab, qtbot):
    click(qtbot, tab.bar._whats.buttons["convert"])
    assert tab.presets.current.name == "Convert"
    qtbot.waitUntil(tab.parameters.control("job.pitch_shift").isVisible)
    assert tab.picker.isVisible()
    click(qtbot, tab.bar._whats.buttons["none"])
    assert not tab.picker.isVisible()
    assert not tab.parameters._engine.isVisible()


def test_the_engine_says_what_is_missing_and_the_next_step(tab):
    box = tab.parameters._engine
    assert "weights" in box._missing.text()
    assert "hanolab weights fetch" in box._step.text()
    box._choose(box._list.findData("hanolab"))
    assert "base URL" in box._missing.text()
    assert tab.presets.current.job.engine == "hanolab"


def test_arrows_pages_and_delete_move_and_reset_a_slider(tab, pitch, qtbot):
    slider = pitch._slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert tab.presets.current.job.pitch_shift == 1
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert tab.presets.current.job.pitch_shift == 13
    assert pitch._box.value() == 13
    qtbot.keyClick(slider, Qt.Key.Key_Delete)
    assert tab.presets.current.job.pitch_shift == 0


def test_a_double_click_and_the_button_reset_a_slider(tab, pitch, qtbot):
    for act in (
        lambda: qtbot.mouseDClick(pitch._slider, Qt.MouseButton.LeftButton),
        lambda: click(qtbot, pitch._reset),
    ):
        tab.presets.edit({"job.pitch_shift": 5})
        assert pitch._reset.isVisible()
        act()
        assert tab.presets.current.job.pitch_shift == 0
        assert not pitch._reset.isVisible()


def test_a_number_is_typed_into_the_box(tab, qtbot):
    tab.presets.start("convert")
    box = tab.parameters.control("job.protect")._box
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0.21")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert tab.presets.current.job.protect == 0.21


def wheel(widget):
    place = QPointF(widget.rect().center())
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        none,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_moves_a_slider_only_when_it_has_the_focus(tab, pitch, qtbot):
    tab.bar._save_as.setFocus()
    wheel(pitch._slider)
    assert tab.presets.current.job.pitch_shift == 0
    pitch._slider.setFocus()
    wheel(pitch._slider)
    assert tab.presets.current.job.pitch_shift > 0


def test_a_knob_without_effect_is_pale_with_the_reason_beside_it(tab, qtbot):
    tab.presets.start("convert")
    knob = tab.parameters.control("job.index_rate")
    assert knob._body.graphicsEffect() is not None
    qtbot.waitUntil(knob._reason.isVisible)
    assert "without a reference" in knob._reason.text()
    assert "without a reference" in knob._slider.accessibleDescription()
    tab.presenter.set("job.reference", "clip.wav")
    assert knob._body.graphicsEffect() is None
    assert not knob._reason.isVisible()


def test_a_preset_is_found_by_typing_and_taken_by_enter(tab, qtbot):
    qtbot.keyClick(tab, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(tab.bar.table.isVisible)
    search = tab.bar.table._search
    qtbot.waitUntil(search.hasFocus)
    qtbot.keyClicks(search, "telep")
    assert [row.name for row in tab.presets.view.rows] == ["Telephone"]
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert tab.presets.current.name == "Telephone"
    assert not tab.bar.table.isVisible()


def test_escape_closes_the_list_of_presets(tab, qtbot):
    qtbot.keyClick(tab, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    search = tab.bar.table._search
    qtbot.waitUntil(search.hasFocus)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert not tab.bar.table.isVisible()
    assert tab.presets.current.name == "Separate"


def test_a_broken_file_stands_in_the_list_with_its_reason(tab, qtbot):
    model = tab.bar.table.list.model()
    texts = {
        model.index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole): model.index(at, 0).data(
            Qt.ItemDataRole.AccessibleDescriptionRole
        )
        for at in range(model.rowCount())
    }
    assert "name: it must be text" in texts["broken, cannot be used, yours"]


def test_changes_are_marked_by_a_dot_and_in_words_and_can_be_reverted(tab, qtbot):
    assert not tab.bar._save.isEnabled()
    click(qtbot, tab.parameters.control("job.stems")._segments.buttons[4])
    assert tab.presets.current.job.stems == 4
    assert tab.bar._dot.text() == DOT
    assert "changed" in tab.bar._state.text()
    click(qtbot, tab.bar._revert)
    assert tab.presets.current.job.stems == 2
    assert tab.bar._dot.text() == ""


def test_save_as_asks_for_a_name_in_the_tab_and_checks_it(tab, qtbot, folder):
    click(qtbot, tab.bar._save_as)
    prompt = tab.bar.name_prompt
    assert prompt.isVisible()
    assert "factory" in prompt._remark.text()
    prompt._edit.clear()
    assert not prompt._save.isEnabled()
    qtbot.keyClicks(prompt._edit, "Vier & mehr")
    qtbot.keyClick(prompt._edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: tab.presets.view.state == "yours")
    assert (folder / "Vier & mehr.toml").exists()
    assert "&&" in tab.bar._choose.text()


def test_escape_ends_the_prompt_without_saving(tab, qtbot):
    click(qtbot, tab.bar._save_as)
    qtbot.keyClick(tab.bar.name_prompt._edit, Qt.Key.Key_Escape)
    assert not tab.bar.name_prompt.isVisible()


def test_removing_asks_in_the_tab(tab, qtbot, folder):
    tab.presets.choose(folder / "long.toml")
    tab.bar._remove.trigger()
    assert tab.bar.question.isVisible()
    click(qtbot, tab.bar.question._yes)
    qtbot.waitUntil(lambda: not (folder / "long.toml").exists())
    assert not tab.bar.question.isVisible()


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    widget.dropEvent(event)
    return event.isAccepted()


def test_a_dropped_preset_is_imported_and_used(tab, qtbot, tmp_path):
    path = tmp_path / "brought.toml"
    path.write_text("name = 'Brought'\n", encoding="utf-8")
    assert drop(tab.bar, path)
    qtbot.waitUntil(lambda: tab.presets.current.name == "Brought")


def test_a_dropped_clip_is_the_reference(tab, tmp_path):
    tab.presets.start("convert")
    drop(tab.parameters.control("job.reference"), tmp_path / "clip.wav")
    assert tab.presets.current.job.reference == str(tmp_path / "clip.wav")


def test_a_row_can_be_dragged_out_as_its_file(tab):
    model = tab.bar.table.list.model()
    data = model.mimeData([model.index(0, 0)])
    assert data.urls()[0].toLocalFile() == str(tab.presets.view.rows[0].path)


def test_voices_are_asked_for_only_where_they_matter(tab, qtbot):
    tab.presets.start("convert")
    assert tab.voices.view.state is VoicesState.NOT_ASKED
    assert "No effect" in tab.picker._state.text()
    tab.presenter.choose_engine("hanolab")
    qtbot.waitUntil(lambda: tab.voices.view.state is VoicesState.NO_KEY)
    assert "login" in tab.picker._step.text()


@pytest.mark.parametrize("is_dark", [True, False])
@pytest.mark.parametrize("what", ["separate", "convert", "none"])
def test_every_control_has_a_name_and_fits_into_the_column(tab, qtbot, is_dark, what):
    tab.presets.start(what)
    for part in (tab.bar, tab.parameters):
        part.set_theme(Theme(is_dark))
    qtbot.waitUntil(tab.bar._whats.buttons[what].isChecked)
    assert tab.minimumSizeHint().width() <= 360
    nameless = [
        child
        for child in tab.findChildren(QWidget)
        if child.isVisible()
        and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (child.accessibleName() or getattr(child, "text", lambda: "")())
        and child.objectName() != "qt_spinbox_lineedit"
    ]
    assert not nameless


def test_the_tab_key_goes_down_the_rows_whatever_was_shown_before(tab, qtbot):
    tab.presets.start("convert")
    first = tab.parameters.control("job.pitch_shift")
    qtbot.waitUntil(first._slider.isVisible)
    first._slider.setFocus()
    visited = []
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        visited.append(QApplication.focusWidget().accessibleName())
    assert visited[0] == "Pitch"
    assert visited[1] == visited[2] == "Formants"
    assert visited[3] == "Accent of the model"
