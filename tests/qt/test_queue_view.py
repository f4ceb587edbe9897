"""The list of jobs by mouse and keys: what is different is told, the rest stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.panel_jobs import GatedEngine, PanelJobs, share_panel, write_music
from PyQt6.QtCore import QObject, Qt, QUrl, pyqtSlot
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtTest import QAbstractItemModelTester
from PyQt6.QtWidgets import QDialogButtonBox

from hanolab_dawtools.jobs.model import Charge, JobState
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.job_rows import JobRow
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.qt.dispatch import QtDispatcher
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.queue_model import Column, JobModel
from hanolab_dawtools.qt.queue_view import QueueView
from hanolab_dawtools.qt.resolve_dialog import ResolveDialog, RolesDialog
from hanolab_dawtools.qt.theme import Theme

HOSTILE = "<img src='x'> & <b>Strophe</b> 夜の歌 " * 6
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def rows(*ids: str) -> tuple[JobRow, ...]:
    return tuple(
        JobRow(one, f"song {one}", Phase.DONE, "done", "", None, BEGUN, BEGUN, "this machine", "")
        for one in ids
    )


@pytest.fixture
def told() -> list[tuple]:
    return []


@pytest.fixture
def model(qapp, told) -> JobModel:
    model = JobModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.take(rows(*"gfedcba"))
    model.rowsInserted.connect(lambda _, first, last: told.append(("in", first, last)))
    model.rowsRemoved.connect(lambda _, first, last: told.append(("out", first, last)))
    model.dataChanged.connect(lambda first, last: told.append(("new", first.row(), last.row())))
    model.modelReset.connect(lambda: told.append(("reset",)))
    return model


def ids_of(model: JobModel) -> str:
    return "".join(row.id for row in model.rows())


def test_same_rows_tell_nothing(model, told) -> None:
    model.take(tuple(model.rows()))
    assert told == []


def test_new_and_gone_jobs_are_told_one_run_at_a_time(model, told) -> None:
    there = {row.id: row for row in model.rows()}
    model.take((*rows("i", "h"), *(there[one] for one in "geda")))
    assert ids_of(model) == "ihgeda"
    assert told == [("out", 4, 5), ("out", 1, 1), ("in", 0, 1)]


def test_changed_job_is_told_alone(model, told) -> None:
    shown = list(model.rows())
    shown[3] = replace(shown[3], phase=Phase.RUNNING, fraction=0.5, state="separating")
    model.take(shown)
    assert told == [("new", 3, 3)]
    assert model.index(3, Column.STATE).data() == "separating, 50 %"


def test_filter_that_changes_everything_is_told_at_once(model, told) -> None:
    model.take(rows(*(f"{number}" for number in range(400))))
    told.clear()
    model.take([row for row in model.rows() if int(row.id) % 2])
    assert told == [("reset",)]
    assert model.rowCount() == 200


def test_tool_tips_never_read_a_name_as_html() -> None:
    assert "<img" not in plain_tip(HOSTILE)


class FolderOpener(QObject):
    """Opens folders in place of the system."""

    def __init__(self, opened: list[Path]) -> None:
        super().__init__()
        self._opened = opened

    @pyqtSlot(QUrl)
    def open(self, url: QUrl) -> None:
        self._opened.append(Path(url.toLocalFile()))


class Shown:
    """The queue of a panel in a window."""

    def __init__(self, panel: PanelJobs, view: QueueView) -> None:
        self.panel = panel
        self.view = view
        self.queue = panel.queue


@pytest.fixture
def engine() -> GatedEngine:
    return GatedEngine()


@pytest.fixture
def shown(qtbot, tmp_path, engine, monkeypatch) -> Iterator[Shown]:
    dispatcher = QtDispatcher()
    monkeypatch.setattr("fakes.panel_jobs.Loop", lambda: dispatcher)
    panel = share_panel(tmp_path / "home", engine)
    view = QueueView(panel.queue)
    qtbot.addWidget(view)
    view.resize(1000, 400)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    yield Shown(panel, view)
    engine.gate.set()
    panel.close()
    dispatcher.close()


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return write_music(tmp_path / "Lied & Chor.wav")


def test_empty_queue_says_what_appears_there(shown, qtbot) -> None:
    qtbot.waitUntil(shown.view.empty.isVisible)
    assert not shown.view.table.isVisible()
    assert not shown.view.resume_all.isVisible()


def test_job_is_chosen_by_keys_and_its_details_and_files_are_shown(
    shown, qtbot, engine, music
) -> None:
    opened = []
    engine.gate.set()
    job_id = shown.panel.plan(music)
    shown.queue.run([job_id])
    qtbot.waitUntil(
        lambda: getattr(shown.panel.row(job_id), "phase", "") == Phase.DONE, timeout=20_000
    )
    assert not shown.view.details.isVisible()
    shown.view.table.setFocus()
    qtbot.keyClick(shown.view.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: shown.queue.view.details is not None)
    assert shown.view.details.isVisible()
    assert [action.text() for action in shown.view.actions_.main()] == [
        "Show in folder",
        "Place again",
    ]
    folder = shown.queue.view.details.folder
    handler = FolderOpener(opened)
    QDesktopServices.setUrlHandler("file", handler, "open")
    try:
        qtbot.keyClick(
            shown.view.table,
            Qt.Key.Key_F,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opened == [folder]
    qtbot.keyClick(shown.view.table, Qt.Key.Key_Escape)
    assert shown.queue.view.selected == ""
    assert not shown.view.details.isVisible()


def test_running_job_is_cancelled_and_interrupted_ones_are_resumed_by_a_button(
    shown, qtbot, engine, music
) -> None:
    job_id = shown.panel.plan(music)
    qtbot.waitUntil(shown.view.resume_all.isVisible, timeout=20_000)
    assert "1" in shown.view.resume_all.text()
    shown.view.resume_all.click()
    qtbot.waitUntil(lambda: engine.n_at_once == 1, timeout=20_000)
    shown.queue.select(job_id)
    qtbot.waitUntil(shown.view.actions_.cancel.isEnabled)
    shown.view.actions_.cancel.trigger()
    qtbot.waitUntil(lambda: shown.panel.row(job_id).phase is Phase.CANCELLED, timeout=20_000)
    assert not shown.view.resume_all.isVisible()
    assert shown.view.actions_.resume.isEnabled()


def test_delete_asks_in_the_details_before_a_job_is_forgotten(shown, qtbot, music) -> None:
    job_id = shown.panel.plan(music)
    shown.queue.select(job_id)
    qtbot.waitUntil(shown.view.details.isVisible, timeout=20_000)
    shown.view.table.setFocus()
    qtbot.keyClick(shown.view.table, Qt.Key.Key_Delete)
    assert shown.view.details.forgetting.isVisible()
    shown.queue.remove()
    qtbot.waitUntil(lambda: shown.queue.view.n_jobs == 0, timeout=20_000)


def test_search_and_filter_by_the_widgets(shown, qtbot, tmp_path) -> None:
    first = shown.panel.plan(write_music(tmp_path / "drums.wav"))
    shown.panel.plan(write_music(tmp_path / "song.wav"))
    qtbot.waitUntil(lambda: shown.queue.view.n_jobs == 2, timeout=20_000)
    qtbot.keyClick(shown.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.search.hasFocus()
    qtbot.keyClicks(shown.view.search, "DRUM")
    assert [row.id for row in shown.queue.view.rows] == [first]
    shown.view.search.clear()
    shown.view.filter.setCurrentText("Done")
    shown.view.filter.activated.emit(shown.view.filter.currentIndex())
    assert shown.queue.view.rows == ()
    assert shown.view.empty.isVisible()


def test_narrow_queue_shows_details_instead_of_the_list(shown, qtbot, music) -> None:
    job_id = shown.panel.plan(music)
    qtbot.waitUntil(lambda: shown.queue.view.n_jobs == 1, timeout=20_000)
    shown.view.resize(340, 300)
    assert shown.view.table.isColumnHidden(Column.COST)
    shown.queue.select(job_id)
    assert shown.view.details.isVisible()
    assert not shown.view.table.isVisible()
    shown.queue.select("")
    assert shown.view.table.isVisible()


def unsure_job(panel: PanelJobs, music: Path) -> str:
    job_id = panel.plan(music, engine="hanolab")
    store = panel.services.store
    charge = Charge("hanolab", "separate/2stem", 3.0, None, "", is_sure=False)
    with store.claim(job_id) as claim:
        for state in (JobState.CAPTURED, JobState.PREPARED, JobState.STARTING):
            store.record(job_id, state, claim=claim)
        store.record(job_id, JobState.UNSURE, claim=claim, charge=charge)
    return job_id


def test_doubt_is_settled_in_a_dialog_that_allows_only_what_is_whole(shown, qtbot, music) -> None:
    job_id = unsure_job(shown.panel, music)
    shown.queue.select(job_id)
    qtbot.waitUntil(lambda: shown.queue.view.details is not None, timeout=20_000)
    qtbot.waitUntil(shown.view.actions_.settle.isEnabled)
    dialog = ResolveDialog(shown.queue, shown.queue.view.details)
    qtbot.addWidget(dialog)
    accept = dialog._buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not accept.isEnabled()
    dialog.task.setText("task_1")
    assert accept.isEnabled()
    dialog.left.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: shown.panel.row(job_id).phase is Phase.CANCELLED, timeout=20_000)


def test_two_stems_cannot_have_one_role(shown, qtbot, engine, music) -> None:
    engine.gate.set()
    job_id = shown.panel.plan(music)
    shown.queue.run([job_id])
    shown.queue.select(job_id)
    qtbot.waitUntil(lambda: bool(getattr(shown.queue.view.details, "roles", ())), timeout=20_000)
    dialog = RolesDialog(shown.queue, shown.queue.view.details)
    qtbot.addWidget(dialog)
    accept = dialog._buttons.button(QDialogButtonBox.StandardButton.Ok)
    vocals, rest = StemRole.VOCALS, StemRole.ACCOMPANIMENT
    dialog.choices[vocals].setCurrentText(rest.value)
    assert not accept.isEnabled()
    dialog.choices[rest].setCurrentText(vocals.value)
    assert accept.isEnabled()
    assert dialog.corrected() == {vocals: rest, rest: vocals}


@pytest.mark.parametrize("is_dark", [False, True])
def test_every_state_is_a_text_and_a_colour(model, is_dark) -> None:
    theme = Theme(is_dark=is_dark)
    model.set_theme(theme)
    model.take(
        [
            replace(row, phase=phase, state=str(phase))
            for row, phase in zip(rows(*(str(phase) for phase in Phase)), Phase, strict=True)
        ]
    )
    for at, phase in enumerate(Phase):
        cell = model.index(at, Column.STATE)
        assert str(phase) in cell.data()
        assert cell.data(Qt.ItemDataRole.ForegroundRole) != theme.colour("window")
