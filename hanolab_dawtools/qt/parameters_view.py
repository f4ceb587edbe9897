"""Thin for now: what others build on."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.qt.theme import Theme


class ParametersView(QWidget):
    """Shows and drives a `ParametersPresenter`."""

    def __init__(self, presenter: ParametersPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
