"""The panel's window: what goes where, and what it remembers of how it was left.

Top: where the music is. Left: what is seen and heard, below it the queue. Right: what is to be
done. Bottom: what it costs, and the button that starts it. With the tab of batches, which
have sources of their own, their cells take all of the left, and the bottom is about them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
)
from PyQt6.QtWidgets import (
    QApplication,
    QMainWindow,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.presenters.source_view import SourceKind
from hanolab_dawtools.qt.batch_side import BatchSide
from hanolab_dawtools.qt.batch_view import BatchView
from hanolab_dawtools.qt.chain_view import ChainEditor
from hanolab_dawtools.qt.cost_bar import CostBar
from hanolab_dawtools.qt.first_run_view import FirstRunView
from hanolab_dawtools.qt.lanes_view import LanesView
from hanolab_dawtools.qt.log_view import LogView
from hanolab_dawtools.qt.messages_view import MessagesView
from hanolab_dawtools.qt.parameters_view import ParametersView
from hanolab_dawtools.qt.placing_view import PlacingView
from hanolab_dawtools.qt.preset_bar import PresetBar
from hanolab_dawtools.qt.queue_view import QueueView
from hanolab_dawtools.qt.source_bar import SourceBar
from hanolab_dawtools.qt.theme import SPACING, Theme, apply_theme, current_theme
from hanolab_dawtools.qt.voice_picker import VoicePicker

MINIMUM_SIZE = (720, 520)
FIRST_SIZE = (1240, 800)
SIDE_PIXELS = 380
ROOMY_PIXELS = 700  # high enough for the first steps above everything else
QUEUE_PIXELS = 190
BATCH_TAB = 3


class PanelWindow(QMainWindow):
    """The window of a `Panel`; `memory` keeps its geometry from one start to the next."""

    def __init__(self, panel: Panel, memory: QSettings) -> None:
        super().__init__()
        self._panel = panel
        self._memory = memory
        self.setWindowTitle("HanoLab")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.setAcceptDrops(True)
        self.source = SourceBar(panel.source)
        self.messages = MessagesView(panel.messages)
        self.first_run = FirstRunView(panel.first_run)
        self.lanes = LanesView(panel.waveforms, panel.listening)
        self.queue = QueueView(panel.queue)
        self.presets = PresetBar(panel.presets)
        self.voices = VoicePicker(panel.voices)
        self.parameters = ParametersView(panel.parameters, self.voices)
        self.chains = ChainEditor(panel.chains, panel.chain_preview)
        self.placing = PlacingView(panel.placing, panel.results)
        self.batch = BatchView(panel.batch)
        self.batch_side = BatchSide(panel.batch, lambda: str(panel.source.path or ""))
        self.cost = CostBar(panel.running, panel.cost)
        self.batch_cost = CostBar(panel.batch.starting, panel.batch.cost)
        self.side = QTabWidget()
        self.left = QStackedWidget()
        self._welcome = _column(self.first_run)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._log: LogView | None = None
        self._build()
        self._add_acts()
        self._remember()
        self._follow_system()

    def set_theme(self, theme: Theme) -> None:
        """Draw everything in the colours of a theme."""
        application = QApplication.instance()
        assert isinstance(application, QApplication), "there is an application"
        apply_theme(application, theme)
        for part in (
            *(self.source, self.messages, self.lanes, self.queue, self.presets),
            *(self.parameters, self.voices, self.chains, self.placing, self.cost),
            *(self.batch, self.batch_side, self.batch_cost),
        ):
            part.set_theme(theme)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Ask once while jobs run; keep the geometry for the next start."""
        if event is not None and not self._may_close():
            event.ignore()
            return
        self._memory.setValue("geometry", self.saveGeometry())
        self._memory.setValue("columns", self._columns.saveState())
        self._memory.setValue("rows", self._rows.saveState())
        self._memory.setValue("listens_first", self._panel.placing.view.listens_first)
        super().closeEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Leave room for the work where there is little."""
        super().resizeEvent(event)
        self.first_run.set_compact(self.height() < ROOMY_PIXELS)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 - Qt's name
        """Take files that are dropped anywhere."""
        if event is not None and _files_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 - Qt's name
        """Open the files; presets are imported."""
        files = _files_of(event) if event is not None else []
        presets = [path for path in files if path.suffix.lower() == ".toml"]
        if presets:
            self._panel.presets.import_files(presets)
        music = [path for path in files if path not in presets]
        if music and self._is_on_batches:
            self.batch_side.add(music)
        elif music:
            self._panel.source.open_files(music)
        if event is not None and files:  # a copy: a file manager that moves would take it away
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def show_log(self) -> None:
        """Show the log in a window of its own, which stays one."""
        if self._log is None:
            self._log = LogView(self._panel, self)
        self._log.read()
        self._log.show()
        self._log.raise_()

    def _build(self) -> None:
        for page, name in (
            (_column(self.presets, _scrolled(self.parameters)), self.tr("Preset")),
            (self.chains, self.tr("Effects")),
            (self.placing, self.tr("Place")),
            (_scrolled(self.batch_side), self.tr("Batch")),
        ):
            self.side.addTab(page, name)
        self.side.setDocumentMode(True)
        self._rows.addWidget(self.lanes)
        self._rows.addWidget(self.queue)
        self._rows.setStretchFactor(0, 1)
        self.left.addWidget(self._rows)
        self.left.addWidget(self.batch)
        self._columns.addWidget(self.left)
        self._columns.addWidget(self.side)
        self._columns.setStretchFactor(0, 1)
        for splitter in (self._rows, self._columns):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(SPACING)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        for widget in (self.source, self.messages, self._welcome):
            layout.addWidget(widget)
        layout.addWidget(self._columns, stretch=1)
        layout.addWidget(self.cost)
        layout.addWidget(self.batch_cost)
        self.setCentralWidget(central)
        self.side.currentChanged.connect(lambda _: self._show_page())
        self._panel.queue.batch_wanted.connect(lambda: self.side.setCurrentIndex(BATCH_TAB))
        for part in (self._panel.cost, self._panel.batch.cost, self._panel.source):
            part.changed.connect(self._show_page)
        self._show_page()

    @property
    def _is_on_batches(self) -> bool:
        return self.side.currentIndex() == BATCH_TAB

    def _show_page(self) -> None:
        """Show around the tab what it is about; a question is always seen.

        The first steps make room as soon as something is open.
        """
        on_batches, panel = self._is_on_batches, self._panel
        self.left.setCurrentWidget(self.batch if on_batches else self._rows)
        self.source.setVisible(not on_batches)
        is_open = panel.source.view.kind is not SourceKind.NONE
        self._welcome.setVisible(not (is_open or on_batches))
        self.cost.setVisible(not on_batches or panel.cost.view.question is not None)
        self.batch_cost.setVisible(on_batches or panel.batch.cost.view.question is not None)

    def _add_acts(self) -> None:
        """What the keyboard does anywhere in the window."""
        acts: dict[str, tuple[str, Callable[[], object]]] = {
            "Ctrl+1": (self.tr("Preset"), lambda: self.side.setCurrentIndex(0)),
            "Ctrl+2": (self.tr("Effects"), lambda: self.side.setCurrentIndex(1)),
            "Ctrl+3": (self.tr("Place"), lambda: self.side.setCurrentIndex(2)),
            "Ctrl+4": (self.tr("Batch"), lambda: self.side.setCurrentIndex(BATCH_TAB)),
            "Ctrl+L": (self.tr("Log"), self.show_log),
            "Ctrl+W": (self.tr("Close"), self.close),
        }
        for keys, (name, act) in acts.items():
            action = QAction(name, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(lambda _, act=act: act())
            self.addAction(action)
        for index, keys in enumerate(("Ctrl+1", "Ctrl+2", "Ctrl+3", "Ctrl+4")):
            self.side.setTabToolTip(index, f"{self.side.tabText(index)} ({keys})")

    def _may_close(self) -> bool:
        """Ask once about all that closing would cut off."""
        doubts = []
        n_running = self._panel.queue.view.n_running
        if n_running or self._panel.batch.is_running:
            running = (
                self.tr("A batch is running.")
                if self._panel.batch.is_running
                else self.tr("A job is running.")
                if n_running == 1
                else self.tr("{} jobs are running.").format(n_running)
            )
            way_back = self.tr(
                "What is stored stays: Resume goes on with it at the next start, and what is "
                "paid goes on at HanoLab meanwhile."
            )
            doubts.append(f"{running} {way_back}")
        if unsaved := self._panel.presets.unsaved:
            names = ", ".join(unsaved)
            doubts.append(self.tr("Not saved, and lost: the changes of {}.").format(names))
        if not doubts:
            return True
        doubts.append(self.tr("Close the panel?"))
        question = "\n\n".join(doubts)
        answer = QMessageBox.question(self, self.tr("Close HanoLab"), question)
        return answer == QMessageBox.StandardButton.Yes

    def _remember(self) -> None:
        self.resize(*FIRST_SIZE)
        self._columns.setSizes([FIRST_SIZE[0] - SIDE_PIXELS, SIDE_PIXELS])
        self._rows.setSizes([FIRST_SIZE[1] - QUEUE_PIXELS, QUEUE_PIXELS])
        for key, restore in (
            ("geometry", self.restoreGeometry),
            ("columns", self._columns.restoreState),
            ("rows", self._rows.restoreState),
        ):
            kept = self._memory.value(key)
            if kept is not None:
                restore(kept)
        listens_first = self._memory.value("listens_first", True, type=bool)
        self._panel.placing.set_listens_first(bool(listens_first))

    def _follow_system(self) -> None:
        hints = QGuiApplication.styleHints()
        assert hints is not None, "there is an application"
        hints.colorSchemeChanged.connect(lambda _: self.set_theme(current_theme()))
        self.set_theme(current_theme())


def _files_of(event: QDropEvent) -> list[Path]:
    """Files of this machine that are dragged."""
    data = event.mimeData()
    urls = data.urls() if data is not None else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it is reached by Tab
    area.setWidget(widget)
    return area


def _column(*widgets: QWidget) -> QWidget:
    """Widgets below each other, the last one as high as there is room."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, SPACING, 0, 0)
    layout.setSpacing(SPACING)
    for widget in widgets[:-1]:
        layout.addWidget(widget)
    layout.addWidget(widgets[-1], stretch=1)
    return column
