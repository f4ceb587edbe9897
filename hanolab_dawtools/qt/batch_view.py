"""The left of the page of batches: cells with their states, what is known of one, how it goes."""

from __future__ import annotations

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.batch import BatchPresenter
from hanolab_dawtools.presenters.batch_page import BatchPageView
from hanolab_dawtools.presenters.batch_progress import CellPhase
from hanolab_dawtools.presenters.wording import short_length_text
from hanolab_dawtools.qt.batch_table import BatchTable
from hanolab_dawtools.qt.labels import ElidedLabel
from hanolab_dawtools.qt.segments import colour_label
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme

TICK_MILLISECONDS = 100
AT_WORK = frozenset({CellPhase.QUEUED, CellPhase.RUNNING, CellPhase.READY, CellPhase.WAITING})
SEVERITIES = {
    CellPhase.FAILED: "failed",
    CellPhase.UNSURE: "warning",
    CellPhase.HELD: "warning",
}
NEED_YOU = frozenset({CellPhase.FAILED, CellPhase.UNSURE, CellPhase.HELD, CellPhase.STOPPED})


class BatchView(QWidget):
    """Shows the cells of a `BatchPresenter`, and keeps it going."""

    def __init__(self, presenter: BatchPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.search, self.filter = QLineEdit(), QComboBox()
        self.all, self.none = QPushButton(self.tr("All")), QPushButton(self.tr("None"))
        self.table = BatchTable(presenter)
        self.empty = QLabel()
        self.details = CellDetails()
        self.notes = QLabel()
        self.status, self.pace = ElidedLabel(), ElidedLabel()
        self.progress = QProgressBar()
        self.stop, self.failed = QPushButton(self.tr("Stop")), QPushButton()
        self._build_bar()
        self._build()
        presenter.changed.connect(self._render)
        self.table.selected.connect(presenter.select)
        self.set_theme(current_theme())
        self._timer = QTimer(self)
        self._timer.timeout.connect(presenter.tick)
        self._timer.start(TICK_MILLISECONDS)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self.table.set_theme(theme)
        self._render()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """A matrix needs room; where there is too little, each cell gets a line."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self._fit)

    def _build_bar(self) -> None:
        self.search.setPlaceholderText(self.tr("Search cells"))
        self.search.setAccessibleName(self.tr("Search cells"))
        self.search.setToolTip(self.tr("Words in a cell's name, state or message (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._presenter.search)
        for text, phases in (
            (self.tr("All cells"), frozenset(CellPhase)),
            (self.tr("At work"), AT_WORK),
            (self.tr("Need you"), NEED_YOU),
            (self.tr("Done"), frozenset({CellPhase.DONE})),
        ):
            self.filter.addItem(text, phases)
        self.filter.setAccessibleName(self.tr("Which cells are shown"))
        self.filter.setToolTip(self.tr("Which cells are shown"))
        self.filter.activated.connect(
            lambda _: self._presenter.show_phases(self.filter.currentData())
        )
        self.all.setToolTip(self.tr("Tick all cells that are shown"))
        self.none.setToolTip(self.tr("Take the ticks of all shown cells away"))
        self.all.clicked.connect(lambda _: self._presenter.tick_shown(are_ticked=True))
        self.none.clicked.connect(lambda _: self._presenter.tick_shown(are_ticked=False))
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._find)

    def _build(self) -> None:
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Cells that have ended"))
        self.progress.setMaximum(1000)
        self.progress.setFixedHeight(8)
        self.pace.setProperty("faint", True)
        self.stop.setToolTip(self.tr("Stop the batch; it can be gone on with"))
        self.stop.clicked.connect(lambda _: self._presenter.stop())
        self.failed.setToolTip(self.tr("Run the failed cells again, and no others"))
        self.failed.clicked.connect(lambda _: self._presenter.run_failed())
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("faint", True)
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setProperty("faint", True)
        self.notes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        bar = QHBoxLayout()
        bar.setSpacing(SPACING // 2)
        bar.addWidget(self.search, stretch=1)
        for control in (self.filter, self.all, self.none):
            bar.addWidget(control)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self.status)
        texts.addWidget(self.pace)
        run = QHBoxLayout()
        run.addLayout(texts, stretch=1)
        run.addWidget(self.failed)
        run.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING // 2)
        layout.addLayout(bar)
        layout.addWidget(self.table, stretch=1)
        layout.addWidget(self.empty, stretch=1)
        for widget in (self.details, self.notes, self.progress):
            layout.addWidget(widget)
        layout.addLayout(run)

    def _fit(self) -> None:
        n_columns = len(self._presenter.view.layout.columns)
        self._presenter.set_flat(self.table.wants_flat(n_columns))

    def _render(self) -> None:
        view = self._presenter.view
        self.table.show_cells()
        if self.table.wants_flat(len(view.layout.columns)) is not view.layout.is_flat:
            QTimer.singleShot(0, self._fit)
        is_empty = not view.layout.lines
        self.table.setVisible(not is_empty)
        self.empty.setVisible(is_empty)
        self.empty.setText(self._empty_text(view))
        self.details.show_cell(view)
        self.notes.setText("\n".join(view.notes))
        self.notes.setVisible(bool(view.notes))
        for button in (self.all, self.none):
            button.setVisible(view.is_new)
            button.setEnabled(bool(view.rows))
        self.filter.setVisible(not view.is_new)
        self._render_progress(view)

    def _render_progress(self, view: BatchPageView) -> None:
        self.status.set_whole(view.status)
        self.status.setVisible(bool(view.status))
        self.pace.set_whole(view.pace)
        self.pace.setVisible(bool(view.pace))
        self.progress.setVisible(view.fraction is not None)
        self.progress.setValue(round(1000 * (view.fraction or 0.0)))
        self.stop.setVisible(view.is_running or view.is_elsewhere)
        self.stop.setEnabled(view.can_stop)
        self.stop.setText(self.tr("Stopping…") if view.is_stopping else self.tr("Stop"))
        self.failed.setVisible(view.can_run_failed)
        self.failed.setText(self.tr("Only failed ({})").format(view.n_failed))

    def _empty_text(self, view: BatchPageView) -> str:
        if view.rows:
            return self.tr("No cell matches.")
        if view.is_planning or not view.is_new:
            return self.tr("Working out the cells…") if view.is_new else self.tr("Reading…")
        return self.tr("Cells appear here: what is rendered, by preset.")

    def _find(self) -> None:
        self.search.setFocus()
        self.search.selectAll()


class CellDetails(QFrame):
    """What is known of the selected cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("panel", True)
        self.title, self.facts, self.message = ElidedLabel(), ElidedLabel(), QLabel()
        self.title.setProperty("heading", True)
        self.facts.setProperty("faint", True)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, 4, SPACING, 4)
        layout.setSpacing(2)
        for label in (self.title, self.facts, self.message):
            layout.addWidget(label)

    def show_cell(self, view: BatchPageView) -> None:
        """Show the selected cell, or nothing."""
        row = view.selected_row
        self.setVisible(row is not None)
        if row is None:
            return
        self.title.set_whole(row.title)
        facts = (row.state, short_length_text(row.seconds), row.engine, row.cost, row.output)
        self.facts.set_whole(", ".join(dict.fromkeys(filter(None, facts))))
        text = "\n".join(filter(None, (row.message, row.hint)))
        self.message.setText(text)
        self.message.setVisible(bool(text))
        colour_label(self.message, SEVERITIES.get(row.phase, ""))
