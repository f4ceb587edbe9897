"""The table of a batch's cells: ticked by mouse and keys, elided where there is little room."""

from __future__ import annotations

from PyQt6.QtCore import QModelIndex, QPoint, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.qt.batch_model import FIRST_CELL, LENGTH, NAME, BatchModel, Flat
from hanolab_dawtools.qt.parts_delegate import PartsDelegate
from hanolab_dawtools.qt.queue_model import StateDelegate
from hanolab_dawtools.qt.theme import Theme

ROW_PIXELS = 24
LENGTH_PIXELS, COST_PIXELS = 76, 92
CELL_PIXELS = 118  # of a preset's column, at least
NAME_PIXELS = 170  # of what a line is called, at least
STATE_SHARE = 0.37  # of a narrow list
SLIM_PIXELS = 520  # a list below it leaves columns out


class BatchTable(QTableView):
    """Shows the cells of a `BatchPresenter`; `selected` tells the current cell's place."""

    selected = pyqtSignal(object)

    def __init__(self, presenter: BatchPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._cells = BatchModel(
            lambda places, are_ticked: presenter.draft.tick_cells(places, are_ticked=are_ticked)
        )
        self._is_following = False
        self._delegate = StateDelegate(self)
        self.setModel(self._cells)
        self.setItemDelegate(self._delegate)
        self._names = PartsDelegate(" · ")
        self.setItemDelegateForColumn(NAME, self._names)
        self.setAccessibleName(self.tr("Cells of the batch"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        lines, columns = self.verticalHeader(), self.horizontalHeader()
        assert lines is not None, "a table has one"
        assert columns is not None, "a table has one"
        lines.hide()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(ROW_PIXELS)
        columns.setMinimumSectionSize(40)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setTextElideMode(Qt.TextElideMode.ElideRight)
        selection = self.selectionModel()
        assert selection is not None, "a table with a model has one"
        selection.currentChanged.connect(self._on_current)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._cells.set_theme(theme)
        viewport = self.viewport()
        if viewport is not None:
            viewport.update()

    def wants_flat(self, n_columns: int) -> bool:
        """Whether there is too little room for a column of each preset."""
        return self.width() < NAME_PIXELS + LENGTH_PIXELS + CELL_PIXELS * n_columns

    def show_cells(self) -> None:
        """Show what the presenter has."""
        view = self._presenter.view
        self._is_following = True
        if self._cells.take(view.rows, view.layout):
            self.fit()
            if view.selected is not None:
                self.setCurrentIndex(self._cells.index_of(view.selected))
        self._is_following = False

    def fit(self) -> None:
        """Give the columns the room that there is."""
        header, layout = self.horizontalHeader(), self._cells.cell_layout
        if header is None or not layout.columns:
            return
        if layout.is_flat:
            self._fit_list(header)
            return
        for column in range(header.count()):
            self.setColumnHidden(column, False)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
        viewport = self.viewport()
        room = (viewport.width() if viewport is not None else self.width()) - LENGTH_PIXELS
        n_cells = len(layout.columns)
        width = max(CELL_PIXELS, min(220, (room - NAME_PIXELS) // n_cells))
        header.resizeSection(LENGTH, LENGTH_PIXELS)
        for column in range(FIRST_CELL, header.count()):
            header.resizeSection(column, width)
        header.resizeSection(NAME, max(NAME_PIXELS, room - width * n_cells))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Give the columns the room that there is now."""
        super().resizeEvent(event)
        self.fit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """The space bar ticks all selected cells, or takes their ticks away."""
        if event is not None and event.key() == Qt.Key.Key_Space:
            self._toggle()
            return
        super().keyPressEvent(event)

    def tick_selected(self, are_ticked: bool) -> None:
        """Make the selected cells, or do not."""
        places = self._cells.places_of(self.selectedIndexes())
        self._presenter.draft.tick_cells(places, are_ticked=are_ticked)

    def _fit_list(self, header: QHeaderView) -> None:
        is_slim = self.width() < SLIM_PIXELS
        header.setSectionResizeMode(Flat.NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(Flat.STATE, QHeaderView.ResizeMode.Interactive)
        for column, pixels in ((Flat.LENGTH, LENGTH_PIXELS), (Flat.COST, COST_PIXELS)):
            self.setColumnHidden(column, is_slim)
            header.resizeSection(column, pixels)
        header.resizeSection(Flat.STATE, round(STATE_SHARE * self.width()) if is_slim else 190)

    def _toggle(self) -> None:
        rows = self._presenter.view.rows
        places = self._cells.places_of(self.selectedIndexes())
        those = [at for at in places if rows[at].can_tick]
        are_ticked = not all(rows[at].is_ticked for at in those)
        self._presenter.draft.tick_cells(those, are_ticked=are_ticked)

    def _on_current(self, index: QModelIndex) -> None:
        if not self._is_following:
            self.selected.emit(self._cells.place_of(index))

    def _open_menu(self, at: QPoint) -> None:
        if not self._presenter.view.is_new or not self.selectedIndexes():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, are_ticked in ((self.tr("Tick"), True), (self.tr("Take the ticks away"), False)):
            action = QAction(text, menu)
            action.triggered.connect(lambda _, on=are_ticked: self.tick_selected(on))
            menu.addAction(action)
        menu.popup(self.mapToGlobal(at))
