"""The tab "Place": where results go, how, which of them, and the button that does it."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from hanolab_dawtools.presenters.placing import PlacingPresenter
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.qt.theme import Theme


class PlacingView(QWidget):
    """What was made, and where it goes."""

    def __init__(
        self, placing: PlacingPresenter, results: ResultsPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._placing = placing
        self._results = results

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
