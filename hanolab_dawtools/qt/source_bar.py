"""The source bar: where the music is, and what of it is meant."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.qt.theme import Theme, current_theme


class SourceBar(QWidget):
    """Shows and drives a `SourcePresenter`; looks for changes while it is visible."""

    def __init__(self, source: SourcePresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._theme = current_theme()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
