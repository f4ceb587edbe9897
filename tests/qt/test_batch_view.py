"""The page of batches in the whole window: ticked by mouse and keys, laid out as there is room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.panel_sources import song
from fakes.panel_window import OpenPanel, panel_services
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QFont, QFontMetrics

from hanolab_dawtools.presenters.batch_draft import Kind
from hanolab_dawtools.qt.batch_model import FIRST_CELL
from hanolab_dawtools.qt.labels import fitted
from hanolab_dawtools.qt.window import BATCH_TAB, MINIMUM_SIZE

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(tmp_path: Path, qtbot) -> Iterator[OpenPanel]:
    panel = OpenPanel(panel_services(tmp_path / "home"), qtbot)
    yield panel
    panel.close()


def drop(panel: OpenPanel, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(9, 9), actions, data, button, Qt.KeyboardModifier.NoModifier)
    panel.window.dropEvent(event)


def test_dropped_project_is_crossed_ticked_by_keys_and_laid_out_as_there_is_room(
    panel, tmp_path, qtbot
) -> None:
    window, batch = panel.window, panel.panel.batch
    panel.until(lambda: batch.draft.form.presets.lines)
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_4, CONTROL)
    assert window.side.currentIndex() == BATCH_TAB
    assert window.batch_cost.isVisible()
    assert not window.cost.isVisible()
    drop(panel, song(tmp_path / "song"))
    panel.click(window.batch_side.kinds.buttons[Kind.PRESETS])
    panel.click(window.batch_side.ticks.none)
    batch.draft.tick(Kind.PRESETS, "Telephone", is_ticked=True)
    batch.draft.tick(Kind.PRESETS, "Effects only", is_ticked=True)
    panel.until(lambda: batch.starting.view.n_jobs == 4)
    assert window.batch_cost.start.isEnabled()
    table = window.batch.table
    model = table.model()
    assert (model.rowCount(), model.columnCount()) == (2, FIRST_CELL + 2)
    table.setFocus()
    table.setCurrentIndex(model.index(1, FIRST_CELL))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert batch.starting.view.n_jobs == 3
    assert "Chorus" in window.batch.details.title.toolTip()
    window.resize(*MINIMUM_SIZE)
    panel.until(lambda: model.rowCount() == 4)
    window.grab()
    panel.click(window.batch.none)
    assert "No cell is ticked" in batch.starting.view.problem
    qtbot.keyClick(window, Qt.Key.Key_1, CONTROL)
    assert window.cost.isVisible()
    assert not window.batch_cost.isVisible()


@pytest.mark.parametrize("pixels", range(60, 400, 40))
def test_names_of_alike_beginnings_stay_apart_as_soon_as_they_can(pixels, qtbot) -> None:
    metrics = QFontMetrics(QFont())
    song_name = "A very long name of a song that says nothing"
    names = [fitted((song_name, region), " · ", metrics, pixels) for region in ("Ab", "Xy")]
    assert all(metrics.horizontalAdvance(name) <= max(pixels, 60) for name in names)
    if pixels >= 100:
        assert names[0].endswith("· Ab")
        assert names[1].endswith("· Xy")
