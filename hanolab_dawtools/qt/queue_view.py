"""The list of jobs with its filters, and the details of the selected one beside it."""

from __future__ import annotations

from PyQt6.QtCore import QItemSelection, QModelIndex, QPoint, Qt, QTimer
from PyQt6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.qt.job_actions import JobActions
from hanolab_dawtools.qt.job_details_view import JobDetailsView
from hanolab_dawtools.qt.queue_model import Column, JobModel, StateDelegate
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

TICK_MILLISECONDS = 100
TICKS_PER_REPAINT = 10  # ages and elapsed times
NARROW_PIXELS = 560  # below it, details take the place of the list
SLIM_PIXELS = 520  # a list below it leaves columns out
ROW_PIXELS = 24
COLUMN_PIXELS = {Column.STATE: 190, Column.ENGINE: 100, Column.COST: 84, Column.AGE: 56}
STATE_SHARE = 0.42  # of a list without the other columns
_SELECTING = {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_Space}
ATTENTION = frozenset({Phase.INTERRUPTED, Phase.UNSURE, Phase.FAILED})
ACTIVE = frozenset(phase for phase in Phase if phase.is_active)


class JobTable(QTableView):
    """A table that shows fewer columns where there is little room."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802 - Qt's name
        """The first key selects the row that has the focus, which Qt leaves unselected."""
        selection, model = self.selectionModel(), self.model()
        is_first = selection is not None and not selection.hasSelection()
        if event is not None and event.key() in _SELECTING and is_first and model is not None:
            if model.rowCount():
                self.selectRow(max(self.currentIndex().row(), 0))
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Leave columns out, or show them again."""
        super().resizeEvent(event)
        header = self.horizontalHeader()
        if header is None or header.count() == 0:
            return
        is_slim = self.width() < SLIM_PIXELS
        for column in (Column.ENGINE, Column.COST, Column.AGE):
            self.setColumnHidden(column, is_slim)
        slim_pixels = round(STATE_SHARE * self.width())
        header.resizeSection(Column.STATE, slim_pixels if is_slim else COLUMN_PIXELS[Column.STATE])


class QueueView(QWidget):
    """Shows a `QueuePresenter` and keeps it going."""

    def __init__(self, presenter: QueuePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._model = JobModel()
        self.actions_ = JobActions(presenter, self)
        self.search, self.filter = QLineEdit(), QComboBox()
        self.resume_all = QPushButton()
        self.table = JobTable()
        self.empty = QLabel()
        self.details = JobDetailsView(presenter, self.actions_)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._is_narrow = False
        self._is_following = False  # the presenter, whom it must not be told then
        self._n_ticks = 0
        self._build_bar()
        self._build_table()
        self._build()
        presenter.changed.connect(self._render)
        presenter.finished.connect(self._call_attention)
        self.set_theme(current_theme())
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MILLISECONDS)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._model.set_theme(theme)
        self.details.set_theme(theme)
        self._render()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Show less where there is little room."""
        super().resizeEvent(event)
        self._is_narrow = self.width() < NARROW_PIXELS
        self._render()

    def _build_bar(self) -> None:
        self.search.setPlaceholderText(self.tr("Search jobs"))
        self.search.setAccessibleName(self.tr("Search jobs"))
        self.search.setToolTip(self.tr("Words in a job's name, state, engine or id (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._presenter.search)
        for text, phases in (
            (self.tr("All jobs"), frozenset(Phase)),
            (self.tr("At work"), ACTIVE),
            (self.tr("Need you"), ATTENTION),
            (self.tr("Done"), frozenset({Phase.DONE})),
            (self.tr("Cancelled"), frozenset({Phase.CANCELLED})),
        ):
            self.filter.addItem(text, phases)
        self.filter.setAccessibleName(self.tr("Which jobs are shown"))
        self.filter.setToolTip(self.tr("Which jobs are shown"))
        self.filter.activated.connect(
            lambda _: self._presenter.show_phases(self.filter.currentData())
        )
        self.resume_all.setToolTip(self.tr("Go on with every job that was interrupted"))
        self.resume_all.clicked.connect(lambda _: self._presenter.resume_all())
        for keys, act in (
            (QKeySequence.StandardKey.Find, self._find),
            (Qt.Key.Key_Escape, lambda: self._presenter.select("")),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _build_table(self) -> None:
        table = self.table
        table.setModel(self._model)
        table.setItemDelegateForColumn(Column.STATE, StateDelegate(table))
        table.setAccessibleName(self.tr("Jobs"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        assert rows is not None, "a table has one"
        assert columns is not None, "a table has one"
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_PIXELS)
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(40)
        columns.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
        for column, width in COLUMN_PIXELS.items():
            columns.resizeSection(column, width)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        selection = table.selectionModel()
        assert selection is not None, "a table with a model has one"
        selection.selectionChanged.connect(self._on_selected)

    def _build(self) -> None:
        bar = QHBoxLayout()
        bar.addWidget(self.search, stretch=1)
        bar.addWidget(self.filter)
        bar.addWidget(self.resume_all)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("faint", True)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 2)
        column.addLayout(bar)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.empty, stretch=1)
        self._left = left
        self._split.addWidget(left)
        self._split.addWidget(self.details)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._split)

    def _tick(self) -> None:
        self._presenter.tick()
        self._n_ticks += 1
        viewport = self.table.viewport()
        if self._n_ticks % TICKS_PER_REPAINT == 0 and viewport is not None and self.isVisible():
            viewport.update()

    def _render(self) -> None:
        view = self._presenter.view
        self._model.take(view.rows)
        self._select(self._model.row_of(view.selected) if view.selected else -1)
        n_left = view.n_interrupted
        self.resume_all.setVisible(n_left > 0)
        self.resume_all.setText(self.tr("Resume all ({})").format(n_left))
        self.empty.setText(
            self.tr("No job matches.")
            if view.n_jobs
            else self.tr("Jobs appear here, of this panel and of the command line.")
        )
        is_empty = view.is_loaded and not view.rows
        self.empty.setVisible(is_empty)
        self.table.setVisible(not is_empty)
        self._left.setVisible(not (self._is_narrow and view.selected_row is not None))

    def _select(self, at: int) -> None:
        """Select what the presenter has selected, if that is not so yet."""
        selection = self.table.selectionModel()
        assert selection is not None, "a table with a model has one"
        chosen = selection.selectedRows()
        if [index.row() for index in chosen] == ([at] if at >= 0 else []):
            return
        self._is_following = True
        if at < 0:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            self.table.selectRow(at)
        self._is_following = False

    def _on_selected(self, chosen: QItemSelection, _: QItemSelection) -> None:
        indexes = chosen.indexes()
        if indexes and not self._is_following:
            self._presenter.select(self._model.rows()[indexes[0].row()].id)

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    def _open_menu(self, at: QPoint) -> None:
        menu = self.actions_.menu(self.table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.mapToGlobal(at))

    def _call_attention(self) -> None:
        """Let the system point at the window when a job has ended and it is not in front."""
        window = self.window()
        if window is not None and not window.isActiveWindow():
            QApplication.alert(window)
