"""The transport: play, loop, A against B, where it stands, and through which device."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, QTimer
from PyQt6.QtGui import QFontDatabase, QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.ruler import clock_text
from hanolab_dawtools.qt.icons import icon
from hanolab_dawtools.qt.theme import Theme, current_theme

TICK_MILLISECONDS = 33
DEVICE_PIXELS = 60


class TransportBar(QWidget):
    """Shows and drives a `ListeningPresenter`; the waveforms' cursor and selection go with it."""

    def __init__(
        self,
        listening: ListeningPresenter,
        waveforms: WaveformPresenter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._listening = listening
        self._waveforms = waveforms
        self._play = self._button(self.tr("Play or pause"), "Space", listening.toggle)
        self._start = self._button(
            self.tr("Back to the start"),
            "Home",
            lambda: listening.seek(listening.view.start_seconds),
        )
        self._loop = self._button(
            self.tr("Loop what is selected, or everything"), "L", self._toggle_loop
        )
        self._loop.setCheckable(True)
        self._compare = self._button(
            self.tr("A: the original. B: what came of it."), "A", listening.toggle_ab
        )
        self._place = QLabel()
        self._match = QLabel()
        self._problem = QLabel()
        self._devices = QComboBox()
        self._build()
        self._theme = current_theme()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MILLISECONDS)
        self._timer.timeout.connect(listening.tick)
        listening.changed.connect(self._render)
        waveforms.seeked.connect(lambda: listening.seek(waveforms.view.cursor_seconds))
        waveforms.selected.connect(self._follow_selection)
        self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._start.setIcon(icon("start", theme))
        self._loop.setIcon(icon("loop", theme))
        self._render()

    def _button(self, tip: str, key: str, act: object) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(f"{tip} ({key})")
        button.setAccessibleName(tip)
        QShortcut(QKeySequence(key), self).activated.connect(button.click)  # at once: it is heard
        button.clicked.connect(lambda _: act())  # type: ignore[operator] # a verb of a presenter
        return button

    def _build(self) -> None:
        self._place.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._place.setAccessibleName(self.tr("Position"))
        self._place.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._match.setProperty("faint", True)
        self._problem.setProperty("severity", "warning")
        self._problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._devices.setAccessibleName(self.tr("Sound device"))
        self._devices.setToolTip(self.tr("The sound device"))
        self._devices.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._devices.setMinimumContentsLength(12)
        self._devices.setMinimumWidth(DEVICE_PIXELS)  # it gives way to the time
        self._devices.addItems(self._listening.view.devices)
        self._devices.textActivated.connect(self._listening.choose_device)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._start, self._play, self._loop, self._compare, self._place):
            layout.addWidget(widget)
        layout.addWidget(self._match)
        layout.addWidget(self._problem, stretch=1)
        layout.addWidget(self._devices)

    def _toggle_loop(self) -> None:
        view = self._listening.view
        if view.loop is not None:
            self._listening.set_loop(None)
        else:
            whole = (view.start_seconds, view.end_seconds)
            self._listening.set_loop(self._waveforms.view.selection or whole)

    def _follow_selection(self) -> None:
        """A new selection is what is looped, if anything is."""
        view = self._listening.view
        if view.loop is not None:
            whole = (view.start_seconds, view.end_seconds)
            self._listening.set_loop(self._waveforms.view.selection or whole)

    def _render(self) -> None:
        view = self._listening.view
        self._play.setIcon(icon("pause" if view.is_playing else "play", self._theme))
        self._play.setAccessibleDescription(
            self.tr("playing") if view.is_playing else self.tr("paused")
        )
        for button in (self._play, self._start, self._loop):
            button.setEnabled(view.can_play)
        self._loop.setChecked(view.loop is not None)
        self._compare.setEnabled(view.can_compare)
        self._compare.setText(
            self.tr("A: original") if view.hears_original else self.tr("B: result")
        )
        self._place.setText(
            f"{clock_text(view.position_seconds, 1)} / {clock_text(view.end_seconds, 1)}"
        )
        matched = self.tr("B at {:+.1f} dB to match A").format(view.match_db)
        self._match.setText(matched if abs(view.match_db) >= 0.05 else "")
        self._problem.setText(view.problem)
        self._problem.setToolTip(view.problem)
        with QSignalBlocker(self._devices):
            self._devices.setCurrentText(view.device)
        self._devices.setVisible(bool(view.devices))
        if view.is_playing and not self._timer.isActive():
            self._timer.start()
        elif not view.is_playing:
            self._timer.stop()
        self._waveforms.set_cursor(view.position_seconds)
