"""The rows of the queue for Qt's tables: told what is different, never anew as a whole.

Rows come as tuples in which unchanged rows are the same objects, so what is different is found by
looking at identities: 2000 rows take well under a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QRect, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from hanolab_dawtools.presenters.job_rows import JobRow
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.wording import age_text, percent_text
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

MOST_STEPS = 40  # inserts and removals one by one; more come from a filter, and are told at once
FRACTION = int(Qt.ItemDataRole.UserRole)
PHASE_COLOURS = {
    Phase.QUEUED: Role.TEXT,
    Phase.RUNNING: Role.ACCENT,
    Phase.ELSEWHERE: Role.ACCENT,
    Phase.WAITING: Role.TEXT,
    Phase.INTERRUPTED: Role.WARNING,
    Phase.UNSURE: Role.WARNING,
    Phase.FAILED: Role.FAILED,
    Phase.CANCELLED: Role.FAINT,
    Phase.DONE: Role.OK,
}


class Column(IntEnum):
    """What a column shows."""

    TITLE = 0
    STATE = 1
    ENGINE = 2
    COST = 3
    AGE = 4


class JobModel(QAbstractTableModel):
    """A table of jobs."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[JobRow] = []
        self._theme = current_theme()
        self._headings = {
            Column.TITLE: self.tr("Job"),
            Column.STATE: self.tr("State"),
            Column.ENGINE: self.tr("Where"),
            Column.COST: self.tr("Cost"),
            Column.AGE: self.tr("Age"),
        }

    def set_theme(self, theme: Theme) -> None:
        """Colour the states as a theme does."""
        self._theme = theme

    def rows(self) -> Sequence[JobRow]:
        """The jobs that are shown."""
        return self._rows

    def row_of(self, job_id: str) -> int:
        """Where a job is; -1 when it is not shown."""
        return next((at for at, row in enumerate(self._rows) if row.id == job_id), -1)

    def take(self, rows: Sequence[JobRow]) -> None:
        """Show these rows from now on, and tell the view what is different."""
        if [row.id for row in rows] != [row.id for row in self._rows]:
            self._move_to(rows)
        self._change_to(rows)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many jobs."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(  # noqa: N802 - Qt's name
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """The columns' headings."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[Column(section)]
        return None

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                shown: Any = self._text(row, column)
            case Qt.ItemDataRole.ForegroundRole:
                shown = self._colour(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                shown = plain_tip(f"{row.title}\n{row.status(datetime.now(UTC))}\n{row.id}")
            case Qt.ItemDataRole.AccessibleTextRole:
                shown = f"{self._headings[column]}: {self._text(row, column)}"
            case _:
                shown = row.fraction if role == FRACTION and column is Column.STATE else None
        return shown

    def _text(self, row: JobRow, column: Column) -> str:
        if column is Column.TITLE:
            return row.title
        if column is Column.STATE:
            share = "" if row.fraction is None else f", {percent_text(row.fraction)}"
            return f"{row.status(datetime.now(UTC))}{share}"
        if column is Column.AGE:
            return age_text((datetime.now(UTC) - row.created_at).total_seconds())
        return row.engine if column is Column.ENGINE else row.cost

    def _colour(self, row: JobRow, column: Column) -> QColor | None:
        if column is Column.STATE:
            return self._theme.colour(PHASE_COLOURS[row.phase])
        return None if column is Column.TITLE else self._theme.colour(Role.FAINT)

    def _change_to(self, rows: Sequence[JobRow]) -> None:
        """Put in rows of the same jobs in the same order."""
        last = len(Column) - 1
        for at, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old is not new:
                self._rows[at] = new
                self.dataChanged.emit(self.index(at, 0), self.index(at, last))

    def _move_to(self, rows: Sequence[JobRow]) -> None:
        """Remove and insert until the same jobs are there in the same order."""
        wanted = {row.id for row in rows}
        removals = _runs([at for at, row in enumerate(self._rows) if row.id not in wanted])
        kept = [row.id for row in self._rows if row.id in wanted]
        there = set(kept)
        insertions = _runs([at for at, row in enumerate(rows) if row.id not in there])
        is_same_order = kept == [row.id for row in rows if row.id in there]
        if not is_same_order or len(removals) + len(insertions) > MOST_STEPS:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        for first, last in reversed(removals):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self.endRemoveRows()
        for first, last in insertions:
            self.beginInsertRows(QModelIndex(), first, last)
            self._rows[first:first] = rows[first : last + 1]
            self.endInsertRows()


class StateDelegate(QStyledItemDelegate):
    """Draws a state with the share that is done behind its words."""

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw one cell."""
        fraction = index.data(FRACTION)
        if fraction is None or painter is None:
            super().paint(painter, option, index)
            return
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        text, shown.text = shown.text, ""
        style = shown.widget.style() if shown.widget is not None else QApplication.style()
        assert style is not None, "there is an application"
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        area = shown.rect.adjusted(2, 3, -2, -3)
        done = QRect(area.left(), area.top(), round(area.width() * fraction), area.height())
        is_selected = bool(shown.state & QStyle.StateFlag.State_Selected)
        palette = shown.palette
        colour = QColor(palette.text().color() if is_selected else palette.highlight().color())
        colour.setAlpha(70)
        painter.fillRect(done, colour)
        ink = palette.highlightedText() if is_selected else palette.text()
        painter.setPen(ink.color())
        space = area.adjusted(4, 0, -4, 0)
        elided = shown.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, space.width())
        painter.drawText(space, int(Qt.AlignmentFlag.AlignVCenter), elided)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as runs of neighbours, first and last of each."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
