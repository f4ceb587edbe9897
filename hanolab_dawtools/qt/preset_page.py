"""The tab of presets: the preset in use on top, its parameters below, scrolled where needed."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.parameters import ParametersPresenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.voices import VoicesPresenter
from hanolab_dawtools.qt.parameters_view import ParametersView
from hanolab_dawtools.qt.preset_bar import PresetBar
from hanolab_dawtools.qt.theme import SPACING, Theme
from hanolab_dawtools.qt.voice_picker import VoicePicker


class PresetPage(QWidget):
    """Joins the bar, the parameters and the voices; reads the presets when it is first seen."""

    def __init__(
        self,
        presets: PresetPresenter,
        parameters: ParametersPresenter,
        voices: VoicesPresenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presets = presets
        self._parameter_presenter = parameters
        self._is_read = False
        self.bar = PresetBar(presets)
        self.voices = VoicePicker(voices)
        self.parameters = ParametersView(parameters, self.voices)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, SPACING, SPACING)
        inner.addWidget(self.parameters)
        self._area = QScrollArea()
        self._area.setWidget(inside)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACING, SPACING, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self.bar)
        layout.addWidget(self._area, stretch=1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self.bar.set_theme(theme)
        self.parameters.set_theme(theme)

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Read the presets and look at the engines, behind the first paint."""
        super().showEvent(event)
        if not self._is_read:
            self._is_read = True
            self._presets.refresh()
            self._parameter_presenter.refresh()
