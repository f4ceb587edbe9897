"""A list of lines to tick, with a search that narrows it down, and all or none of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QAbstractListModel, QModelIndex, QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.batch_ticks import Tick, TickList
from hanolab_dawtools.qt.labels import ElidedLabel, plain_tip
from hanolab_dawtools.qt.parts_delegate import PARTS, PartsDelegate
from hanolab_dawtools.qt.theme import SPACING

INDENT = "    "  # for each folder around a track
LEAST_PIXELS = 66  # three lines


class TickModel(QAbstractListModel):
    """The lines that the search shows; `tick` is told of every tick."""

    def __init__(self, tick: Callable[[str, bool], None]) -> None:
        super().__init__()
        self._tick = tick
        self._lines: tuple[Tick, ...] = ()

    def take(self, lines: tuple[Tick, ...]) -> None:
        """Show these lines from now on."""
        if [line.word for line in lines] != [line.word for line in self._lines]:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()
        elif lines != self._lines:
            self._lines = lines
            self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many lines."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """A line can be ticked unless it has a problem."""
        if not index.isValid() or self._lines[index.row()].problem:
            return Qt.ItemFlag.ItemIsSelectable
        return super().flags(index) | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: QModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """What a line shows."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        told = ", ".join(_parts(line))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                shown: Any = told
            case Qt.ItemDataRole.CheckStateRole:
                is_on = line.is_ticked
                shown = Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                shown = plain_tip(told)
            case Qt.ItemDataRole.AccessibleTextRole:
                shown = told
            case _:
                shown = _parts(line) if role == PARTS else None
        return shown

    def setData(  # noqa: N802 - Qt's name
        self, index: QModelIndex, value: Any, role: int = int(Qt.ItemDataRole.EditRole)
    ) -> bool:
        """The user ticks a line."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        is_ticked = Qt.CheckState(value) is Qt.CheckState.Checked
        self._tick(self._lines[index.row()].word, is_ticked)
        return True


def _parts(line: Tick) -> tuple[str, ...]:
    name = INDENT * line.depth + line.name
    return tuple(filter(None, (name, line.problem or line.note)))


class TickListView(QWidget):
    """Shows a `TickList`; the user's acts go to the three functions."""

    def __init__(
        self,
        *,
        tick: Callable[[str, bool], None],
        tick_shown: Callable[[bool], None],
        search: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = TickModel(tick)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(search)
        self.all, self.none = QPushButton(self.tr("All")), QPushButton(self.tr("None"))
        self.all.clicked.connect(lambda _: tick_shown(True))
        self.none.clicked.connect(lambda _: tick_shown(False))
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setUniformItemSizes(True)
        self.list.setMinimumHeight(LEAST_PIXELS)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = PartsDelegate(", ")
        self.list.setItemDelegate(self._delegate)
        self.hint = ElidedLabel()
        self.hint.setProperty("faint", True)
        bar = QHBoxLayout()
        bar.setSpacing(SPACING // 2)
        bar.addWidget(self.search, stretch=1)
        bar.addWidget(self.all)
        bar.addWidget(self.none)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(bar)
        layout.addWidget(self.list, stretch=1)
        layout.addWidget(self.hint)

    def set_words(self, name: str, hint: str) -> None:
        """Say what is ticked here, and what it means that nothing is."""
        self.search.setPlaceholderText(self.tr("Search {}").format(name))
        self.search.setAccessibleName(self.tr("Search {}").format(name))
        self.search.setToolTip(self.tr("Show only lines with these words"))
        self.list.setAccessibleName(name)
        self.all.setToolTip(self.tr("Tick all lines that are shown"))
        self.none.setToolTip(self.tr("Take the ticks of all shown lines away"))
        self.hint.set_whole(hint)
        self.hint.setVisible(bool(hint))

    def show_lines(self, ticks: TickList, *, is_enabled: bool = True) -> None:
        """Show what can be ticked."""
        self._model.take(ticks.shown)
        if self.search.text() != ticks.search:
            with QSignalBlocker(self.search):
                self.search.setText(ticks.search)
        for widget in (self.list, self.search, self.all, self.none):
            widget.setEnabled(is_enabled and bool(ticks.lines))
