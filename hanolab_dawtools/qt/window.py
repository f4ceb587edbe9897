"""The panel's window: what goes where, and what it remembers of how it was left.

Top: where the music is. Left: what is seen and heard, below it the queue. Right: what is to be
done. Bottom: what it costs, and the button that starts it.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QSettings, Qt
from PyQt6.QtGui import QCloseEvent, QGuiApplication
from PyQt6.QtWidgets import QApplication, QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.panel import Panel
from hanolab_dawtools.qt.lanes_view import LanesView
from hanolab_dawtools.qt.messages_view import MessagesView
from hanolab_dawtools.qt.theme import SPACING, Theme, apply_theme, current_theme

MINIMUM_SIZE = (720, 520)
FIRST_SIZE = (1180, 760)


class PanelWindow(QMainWindow):
    """The window of a `Panel`; `memory` keeps its geometry from one start to the next."""

    def __init__(self, panel: Panel, memory: QSettings) -> None:
        super().__init__()
        self._panel = panel
        self._memory = memory
        self.setWindowTitle("HanoLab")
        self.setMinimumSize(*MINIMUM_SIZE)
        self.messages = MessagesView(panel.messages)
        self.lanes = LanesView(panel.waveforms, panel.listening)
        self.side = QTabWidget()
        self._themed: list[Callable[[Theme], None]] = [
            self.messages.set_theme,
            self.lanes.set_theme,
        ]
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._build()
        self._remember()
        hints = QGuiApplication.styleHints()
        assert hints is not None, "there is an application"
        hints.colorSchemeChanged.connect(lambda _: self.set_theme(current_theme()))
        self.set_theme(current_theme())

    def set_theme(self, theme: Theme) -> None:
        """Draw everything in the colours of a theme."""
        application = QApplication.instance()
        assert isinstance(application, QApplication), "there is an application"
        apply_theme(application, theme)
        for tell in self._themed:
            tell(theme)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 - Qt's name
        """Keep the geometry for the next start."""
        self._memory.setValue("geometry", self.saveGeometry())
        self._memory.setValue("columns", self._columns.saveState())
        self._memory.setValue("rows", self._rows.saveState())
        super().closeEvent(event)

    def _build(self) -> None:
        self._rows.addWidget(self.lanes)
        self._columns.addWidget(self._rows)
        self._columns.addWidget(self.side)
        self._columns.setStretchFactor(0, 1)
        self._columns.setChildrenCollapsible(False)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(SPACING, SPACING, SPACING, SPACING)
        layout.setSpacing(SPACING)
        layout.addWidget(self.messages)
        layout.addWidget(self._columns, stretch=1)
        self.setCentralWidget(central)

    def _remember(self) -> None:
        self.resize(*FIRST_SIZE)
        for key, restore in (
            ("geometry", self.restoreGeometry),
            ("columns", self._columns.restoreState),
            ("rows", self._rows.restoreState),
        ):
            kept = self._memory.value(key)
            if kept is not None:
                restore(kept)
