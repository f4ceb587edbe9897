"""The cells of a batch for Qt's tables: a matrix, or a line for each cell; told what is different.

Rows come as tuples in which unchanged cells are the same objects, and a layout says where each is
shown, so 10 000 cells are compared in a millisecond and only what moved is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QColor

from hanolab_dawtools.presenters.batch_cells import CellRow
from hanolab_dawtools.presenters.batch_lines import Layout, Line
from hanolab_dawtools.presenters.batch_progress import CellPhase
from hanolab_dawtools.presenters.wording import short_length_text
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.parts_delegate import PARTS
from hanolab_dawtools.qt.queue_model import FRACTION
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

PHASE_COLOURS = {
    CellPhase.QUEUED: Role.TEXT,
    CellPhase.RUNNING: Role.ACCENT,
    CellPhase.READY: Role.ACCENT,
    CellPhase.WAITING: Role.TEXT,
    CellPhase.HELD: Role.WARNING,
    CellPhase.DONE: Role.OK,
    CellPhase.FAILED: Role.FAILED,
    CellPhase.UNSURE: Role.WARNING,
    CellPhase.STOPPED: Role.WARNING,
}
_WHOLE = Qt.ItemDataRole.DisplayRole


class Flat(IntEnum):
    """The columns where each cell has a line."""

    NAME = 0
    STATE = 1
    LENGTH = 2
    COST = 3


MOST_SINGLE = 200  # cells told one by one; more at once
NAME, LENGTH, FIRST_CELL = 0, 1, 2  # the columns of a matrix


class BatchModel(QAbstractTableModel):
    """A table of cells; `tick` is told which of them the user ticks, by their places."""

    def __init__(self, tick: Callable[[Sequence[int], bool], None]) -> None:
        super().__init__()
        self._tick = tick
        self._rows: tuple[CellRow, ...] = ()
        self._layout = Layout()
        self._where: dict[int, tuple[int, int]] = {}
        self._theme = current_theme()

    def set_theme(self, theme: Theme) -> None:
        """Colour the states as a theme does."""
        self._theme = theme

    @property
    def cell_layout(self) -> Layout:
        """How the cells are laid out."""
        return self._layout

    def take(self, rows: tuple[CellRow, ...], layout: Layout) -> bool:
        """Show these cells so from now on; whether the table is another one."""
        if layout != self._layout:
            self.beginResetModel()
            self._rows, self._layout = rows, layout
            self._where = {
                at: (number, column)
                for number, line in enumerate(layout.lines)
                for column, at in enumerate(line.cells)
                if at is not None
            }
            self.endResetModel()
            return True
        before, self._rows = self._rows, rows
        pairs = enumerate(zip(before, rows, strict=True))
        moved = [at for at, (old, new) in pairs if old is not new and at in self._where]
        last = self.columnCount() - 1
        if len(moved) > MOST_SINGLE:
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, last))
            return False
        for at in moved:
            line, column = self._where[at]
            if layout.is_flat:
                self.dataChanged.emit(self.index(line, 0), self.index(line, last))
            else:
                index = self.index(line, FIRST_CELL + column)
                self.dataChanged.emit(index, index)
        return False

    def place_of(self, index: QModelIndex) -> int | None:
        """The place of the cell at an index; of a matrix's name: of the first in its line."""
        if not index.isValid():
            return None
        cells = self._layout.lines[index.row()].cells
        if self._layout.is_flat:
            return cells[0]
        column = index.column() - FIRST_CELL
        if column >= 0:
            return cells[column]
        return next((at for at in cells if at is not None), None)

    def places_of(self, indexes: Iterable[QModelIndex]) -> list[int]:
        """The places of all cells that are meant by indexes; a name means its whole line."""
        found: dict[int, None] = {}
        for index in indexes:
            cells = self._layout.lines[index.row()].cells
            column = index.column() - FIRST_CELL
            meant = cells if self._layout.is_flat or column < 0 else (cells[column],)
            found.update(dict.fromkeys(at for at in meant if at is not None))
        return list(found)

    def index_of(self, at: int) -> QModelIndex:
        """Where the cell at a place is shown; an index that is none when it is not."""
        if at not in self._where:
            return QModelIndex()
        line, column = self._where[at]
        return self.index(line, Flat.NAME if self._layout.is_flat else FIRST_CELL + column)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many lines."""
        return 0 if parent is not None and parent.isValid() else len(self._layout.lines)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many columns."""
        if parent is not None and parent.isValid():
            return 0
        return len(Flat) if self._layout.is_flat else FIRST_CELL + len(self._layout.columns)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = int(_WHOLE)
    ) -> Any:
        """The columns' headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role not in {_WHOLE, Qt.ItemDataRole.ToolTipRole}:
            return None
        headings: tuple[str, ...]
        if self._layout.is_flat:
            headings = (self.tr("Cell"), self.tr("State"), self.tr("Length"), self.tr("Cost"))
        else:
            headings = (self.tr("What"), self.tr("Length"), *self._layout.columns)
        text = headings[section] if section < len(headings) else ""
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Cells that are planned can be ticked."""
        flags = super().flags(index)
        if self._ticked(index) is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(  # noqa: N802 - Qt's name
        self, index: QModelIndex, value: Any, role: int = int(Qt.ItemDataRole.EditRole)
    ) -> bool:
        """The user ticks a cell."""
        at = self.place_of(index)
        if role != Qt.ItemDataRole.CheckStateRole or at is None:
            return False
        self._tick([at], Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def data(self, index: QModelIndex, role: int = int(_WHOLE)) -> Any:
        """What a table cell shows."""
        at = self.place_of(index)
        if at is None:
            return None
        row, line = self._rows[at], self._layout.lines[index.row()]
        state = Flat.STATE if self._layout.is_flat else FIRST_CELL
        is_state = index.column() == state if self._layout.is_flat else index.column() >= state
        match role:
            case Qt.ItemDataRole.DisplayRole:
                shown: Any = row.state if is_state else self._text(row, line, index.column())
            case Qt.ItemDataRole.CheckStateRole:
                shown = self._ticked(index)
            case Qt.ItemDataRole.ForegroundRole:
                shown = self._colour(row, is_state=is_state, is_name=index.column() == NAME)
            case Qt.ItemDataRole.ToolTipRole:
                shown = plain_tip(tip_of(row) if is_state else line.name)
            case Qt.ItemDataRole.AccessibleTextRole:
                shown = f"{row.title}: {row.state}" if is_state else None
            case _:
                shown = self._more(row, line, role, index.column(), is_state=is_state)
        return shown

    def _more(self, row: CellRow, line: Line, role: int, column: int, *, is_state: bool) -> Any:
        """What our own delegates draw."""
        if role == FRACTION and is_state:
            return row.fraction
        return self._parts(row, line) if role == PARTS and column == NAME else None

    def _parts(self, row: CellRow, line: Line) -> tuple[str, ...]:
        has_preset = self._layout.is_flat and len(self._layout.columns) > 1
        return (*line.parts, row.preset) if has_preset else line.parts

    def _text(self, row: CellRow, line: Line, column: int) -> str:
        if column == NAME:
            return " · ".join(self._parts(row, line))
        if self._layout.is_flat and column == Flat.COST:
            return row.cost
        return short_length_text(row.seconds)

    def _colour(self, row: CellRow, *, is_state: bool, is_name: bool) -> QColor | None:
        if not is_state:
            return None if is_name else self._theme.colour(Role.FAINT)
        if row.is_planned and not row.is_ticked:
            return self._theme.colour(Role.FAINT)
        if row.is_planned:
            return self._theme.colour(Role.OK if row.is_cached else Role.TEXT)
        return self._theme.colour(PHASE_COLOURS[row.phase])

    def _ticked(self, index: QModelIndex) -> Qt.CheckState | None:
        """Whether a cell is ticked; None where there is nothing to tick."""
        at = self.place_of(index)
        column = Flat.NAME if self._layout.is_flat else FIRST_CELL
        is_there = index.column() == column if self._layout.is_flat else index.column() >= column
        if at is None or not is_there:
            return None
        row = self._rows[at]
        if not row.can_tick:
            return None
        return Qt.CheckState.Checked if row.is_ticked else Qt.CheckState.Unchecked


def tip_of(row: CellRow) -> str:
    """All that is known of a cell, a line for each."""
    facts = ", ".join(
        filter(None, (short_length_text(row.seconds), row.engine, row.cost, row.output))
    )
    return "\n".join(filter(None, (row.title, row.state, facts, row.message, row.hint)))
