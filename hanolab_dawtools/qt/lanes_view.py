"""Waveforms with their headers beside them, and the transport below."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.qt.lane_headers import LaneHeaders
from hanolab_dawtools.qt.theme import SPACING, Theme, current_theme
from hanolab_dawtools.qt.transport_bar import TransportBar

if TYPE_CHECKING:
    from hanolab_dawtools.qt.waveforms_view import WaveformsView

DRAWING = "hanolab_dawtools.qt.waveforms_view"


class LanesView(QWidget):
    """What can be seen and heard: empty until there is something."""

    def __init__(
        self,
        waveforms: WaveformPresenter,
        listening: ListeningPresenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._waveforms = waveforms
        self._listening = listening
        self._theme = current_theme()
        self._is_loading = False
        self._view: WaveformsView | None = None
        self._headers: LaneHeaders | None = None
        self._transport = TransportBar(listening, waveforms)
        self._empty = QLabel(
            self.tr("Nothing to show yet. Open a project or drop an audio file here.")
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setProperty("faint", True)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        layout.addWidget(self._stack, stretch=1)
        layout.addWidget(self._transport)
        waveforms.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        for part in (self._view, self._headers):
            if part is not None:
                part.set_theme(theme)
        self._transport.set_theme(theme)

    def preload(self, workers: Workers) -> None:
        """Load beside the GUI thread what draws lanes; they appear when it is there."""
        self._is_loading = True

        def loaded(_: object) -> None:
            self._is_loading = False
            self._make_lanes()  # now, and not when the user is waiting for a file
            self._render()

        def work(_: threading.Event) -> object:
            return importlib.import_module(DRAWING)

        workers.run("drawing", work, done=loaded, failed=loaded)

    def _make_lanes(self) -> None:
        if self._view is None:
            self._stack.addWidget(self._scrolled())

    def _scrolled(self) -> QScrollArea:
        """The lanes; those that do not fit are scrolled to.

        Made with the first lanes: the library that draws them takes a third of a second to load,
        and the window is there sooner without (see `preload`).
        """
        from hanolab_dawtools.qt.waveforms_view import WaveformsView

        self._view = WaveformsView(self._waveforms)
        self._headers = LaneHeaders(self._waveforms, self._listening)
        self._headers.set_top(self._view.ruler_pixels)
        self.set_theme(self._theme)
        both = QWidget()
        layout = QHBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._headers)
        layout.addWidget(self._view, stretch=1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it is reached by Tab
        area.setWidget(both)
        return area

    def _render(self) -> None:
        has_lanes = bool(self._waveforms.view.lanes) and not self._is_loading
        if has_lanes:
            self._make_lanes()
        self._stack.setCurrentIndex(1 if has_lanes else 0)
