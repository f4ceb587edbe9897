"""The bottom of the panel: what it costs, what was spent, and the button that starts it."""

from __future__ import annotations

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.running import RunningPresenter
from hanolab_dawtools.qt.theme import Theme


class CostBar(QFrame):
    """Shows a `RunningPresenter` and its `CostPresenter`."""

    def __init__(
        self, running: RunningPresenter, cost: CostPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._running, self._cost = running, cost
        self._quote, self._spent = QLabel(), QLabel()
        self.start = QPushButton()
        self.start.setProperty("primary", True)
        self.start.clicked.connect(lambda _: running.start())
        layout = QHBoxLayout(self)
        for widget in (self._quote, self._spent, self.start):
            layout.addWidget(widget)
        running.changed.connect(self._render)
        cost.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""

    def _render(self) -> None:
        self._quote.setText(self._cost.view.quote)
        self._spent.setText(self._cost.view.spent)
        self.start.setText(self._running.view.verb)
        self.start.setEnabled(self._running.view.can_start)
