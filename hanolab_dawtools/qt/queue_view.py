"""The list of jobs with its filters and buttons, and the details of the selected one."""

from __future__ import annotations

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QTableView, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.qt.theme import Theme

TICK_MILLISECONDS = 100


class QueueView(QWidget):
    """Shows a `QueuePresenter` and keeps it going."""

    def __init__(self, presenter: QueuePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = QTableView()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._table)
        self._timer = QTimer(self)
        self._timer.timeout.connect(presenter.tick)
        self._timer.start(TICK_MILLISECONDS)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
