"""The column beside the waveforms: each lane's name and figure, with solo and mute."""

from __future__ import annotations

from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from hanolab_dawtools.presenters.lanes import LaneState, WaveformPresenter
from hanolab_dawtools.presenters.listening import LaneSound, ListeningPresenter
from hanolab_dawtools.presenters.wording import percent_text
from hanolab_dawtools.qt.labels import ElidedLabel
from hanolab_dawtools.qt.theme import Theme, current_theme

WIDTH = 176  # px
STRIPE = 4  # px, in the stem's colour
BUTTON = 22  # px


class LaneHeader(QWidget):
    """One lane's name, figure and buttons."""

    def __init__(self, key: str, listening: ListeningPresenter) -> None:
        super().__init__()
        self._stripe = QColor()
        self._name, self._figure = ElidedLabel(), ElidedLabel()
        self._figure.setProperty("faint", True)
        self._solo = self._button("S", self.tr("Solo"), lambda: listening.solo(key))
        self._mute = self._button("M", self.tr("Mute"), lambda: listening.mute(key))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addStretch()
        texts.addWidget(self._name)
        texts.addWidget(self._figure)
        texts.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(STRIPE + 6, 2, 4, 2)
        layout.setSpacing(4)
        layout.addLayout(texts, stretch=1)
        layout.addWidget(self._solo)
        layout.addWidget(self._mute)

    def show_lane(self, lane: LaneState, sound: LaneSound | None, colour: QColor) -> None:
        """Show what is true of the lane now."""
        self._stripe = colour
        self._name.set_whole(lane.source.name)
        is_read = lane.fraction >= 1.0
        figure = lane.problem or (lane.source.figure if is_read else percent_text(lane.fraction))
        self._figure.set_whole(figure)
        self._figure.setVisible(bool(figure))
        for button in (self._solo, self._mute):
            button.setVisible(sound is not None)
        if sound is not None:
            self._solo.setChecked(sound.is_soloed)
            self._mute.setChecked(sound.is_muted)
            self._solo.setAccessibleName(self.tr("Solo {}").format(sound.name))
            self._mute.setAccessibleName(self.tr("Mute {}").format(sound.name))
            self.setAccessibleDescription(
                self.tr("heard") if sound.is_heard else self.tr("not heard")
            )
        font = self._name.font()
        font.setBold(sound is not None and sound.is_heard)
        self._name.setFont(font)
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw the stripe in the stem's colour."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(0, 2, STRIPE, self.height() - 4, self._stripe)
        painter.end()

    def _button(self, text: str, tip: str, act: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.setFixedSize(BUTTON, BUTTON)
        button.setProperty("lane", "solo" if text == "S" else "mute")
        button.clicked.connect(lambda _: act())  # type: ignore[operator] # a verb of a presenter
        return button


class LaneHeaders(QWidget):
    """A header for each lane, as high as the lane; `top_pixels` is the ruler's height."""

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
        self._headers: dict[str, LaneHeader] = {}
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.setFixedWidth(WIDTH)
        waveforms.changed.connect(self._render)
        listening.changed.connect(self._render)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._render()

    def set_top(self, top_pixels: int) -> None:
        """Begin as far down as the lanes do."""
        self._rows.setContentsMargins(0, top_pixels, 0, 0)

    def _render(self) -> None:
        lanes = self._waveforms.view.lanes
        keys = [lane.source.key for lane in lanes]
        if keys != list(self._headers):
            for header in self._headers.values():
                self._rows.removeWidget(header)
                header.hide()
                header.deleteLater()
            self._headers = {key: LaneHeader(key, self._listening) for key in keys}
            for header in self._headers.values():
                self._rows.addWidget(header, stretch=1)
        sounds = {sound.key: sound for sound in self._listening.view.lanes}
        for lane in lanes:
            colour = self._theme.stem_colour(lane.source.role)
            key = lane.source.key
            self._headers[key].show_lane(lane, sounds.get(key), colour)
