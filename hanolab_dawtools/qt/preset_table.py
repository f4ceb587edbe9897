"""The list of presets with its search: two lines each, broken files with their reason."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    QUrl,
    pyqtSignal,
)
from PyQt6.QtGui import QFont, QKeyEvent, QPainter
from PyQt6.QtWidgets import (
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.preset_rows import PresetRow
from hanolab_dawtools.qt.labels import plain_tip
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

LIST_PIXELS = 230
MARGIN = 6
ROW = Qt.ItemDataRole.UserRole


class PresetModel(QAbstractListModel):
    """The rows of the view; a row can be dragged out as its file."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[PresetRow, ...] = ()

    def show_rows(self, rows: tuple[PresetRow, ...]) -> None:
        """Take other rows; where only facts changed, the selection stays."""
        if [row.path for row in rows] != [row.path for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802 - Qt's name
        """How many there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Texts for painters and screen readers."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        told = row.problem or row.description
        texts: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: row.name,
            Qt.ItemDataRole.ToolTipRole: plain_tip(f"{row.name}, {row.note}. {told}"),
            Qt.ItemDataRole.AccessibleTextRole: f"{row.name}, {row.note}",
            Qt.ItemDataRole.AccessibleDescriptionRole: told,
            ROW: row,
        }
        return texts.get(role)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Every row can be looked at and dragged out."""
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeData(self, indexes: object) -> QMimeData:  # noqa: N802 - Qt's name
        """The files of rows."""
        data = QMimeData()
        rows = [self.rows[index.row()] for index in indexes]  # type: ignore[attr-defined] # a list
        data.setUrls([QUrl.fromLocalFile(str(row.path)) for row in rows])
        return data


class PresetDelegate(QStyledItemDelegate):
    """Two lines: the name with a dot where it is changed, and what it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = current_theme()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802 - Qt's name
        """Two lines high."""
        del index
        return QSize(80, 2 * option.fontMetrics.height() + 2 * MARGIN - 2)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw a row."""
        row = index.data(ROW)
        if painter is None or not isinstance(row, PresetRow):
            return
        painter.save()
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected:
            painter.fillRect(option.rect, self.theme.colour(Role.ACCENT))
        first = self.theme.colour(Role.ON_ACCENT if is_selected else Role.TEXT)
        second = self.theme.colour(Role.FAINT)
        if row.problem:
            second = self.theme.colour(Role.FAILED)
        if is_selected:
            second = first
        area = option.rect.adjusted(MARGIN, MARGIN - 2, -MARGIN, -MARGIN + 2)
        half = area.height() // 2
        font = QFont(option.font)
        font.setBold(row.is_current)
        painter.setFont(font)
        painter.setPen(first)
        name = f"{row.name} \N{BULLET}" if row.is_dirty else row.name
        self._line(painter, QRect(area.left(), area.top(), area.width(), half), name)
        painter.setFont(option.font)
        painter.setPen(second)
        note = row.problem or row.note
        self._line(painter, QRect(area.left(), area.top() + half, area.width(), half), note)
        painter.restore()

    def _line(self, painter: QPainter, area: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class SearchField(QLineEdit):
    """A search whose arrow keys go on in the list below it."""

    left = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """Arrow down goes to the list."""
        if event is not None and event.key() == Qt.Key.Key_Down:
            self.left.emit()
            return
        super().keyPressEvent(event)


class PresetTable(QWidget):
    """Search and list; `chosen` says that a preset was taken from it."""

    chosen = pyqtSignal()

    def __init__(self, presenter: PresetPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._search = SearchField()
        self._search.setPlaceholderText(self.tr("Search presets"))
        self._search.setAccessibleName(self.tr("Search presets"))
        self._search.setToolTip(self.tr("Words of names, descriptions and tags (Down: the list)"))
        self._search.setClearButtonEnabled(True)
        self._model = PresetModel(self)
        self._delegate = PresetDelegate(self)
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName(self.tr("Presets"))
        self.list.setToolTip("")
        self.list.setUniformItemSizes(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QListView.DragDropMode.DragOnly)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(LIST_PIXELS)
        self._empty = QLabel()
        self._empty.setWordWrap(True)
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setProperty("faint", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for widget in (self._search, self.list, self._empty):
            layout.addWidget(widget)
        self._search.textChanged.connect(presenter.search)
        self._search.returnPressed.connect(self._choose_first)
        self._search.left.connect(self._enter_list)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        presenter.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._delegate.theme = theme
        viewport = self.list.viewport()
        if viewport is not None:
            viewport.update()

    def begin(self) -> None:
        """Let the user type a search at once."""
        self._search.setFocus()
        self._search.selectAll()
        rows = self._model.rows
        current = next((at for at, row in enumerate(rows) if row.is_current), None)
        if current is not None:
            self.list.setCurrentIndex(self._model.index(current))

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()]
        self._presenter.choose(Path(row.path))
        if not row.problem:
            self.chosen.emit()

    def _choose_first(self) -> None:
        if self._model.rows:
            self._choose(self._model.index(0))

    def _enter_list(self) -> None:
        self.list.setFocus()
        if not self.list.currentIndex().isValid() and self._model.rows:
            self.list.setCurrentIndex(self._model.index(0))

    def _render(self) -> None:
        view = self._presenter.view
        self._model.show_rows(view.rows)
        text = ""
        if not view.rows:
            text = self.tr("Reading…") if view.is_loading else self.tr("No preset is found.")
        self._empty.setText(text)
        self._empty.setVisible(bool(text))
