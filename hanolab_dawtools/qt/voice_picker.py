"""Thin for now: what others build on."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from hanolab_dawtools.presenters.voices import VoicesPresenter
from hanolab_dawtools.qt.theme import Theme


class VoicePicker(QWidget):
    """Shows and drives a `VoicesPresenter`."""

    def __init__(self, presenter: VoicesPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
