"""Thin for now: what others build on."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.qt.theme import Theme


class PresetBar(QWidget):
    """Shows and drives a `PresetPresenter`."""

    def __init__(self, presenter: PresetPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
