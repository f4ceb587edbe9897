"""A picture of waveforms as a PNG file, drawn without a window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPen, QPolygonF

from hanolab_dawtools import durable
from hanolab_dawtools.presenters.waveforms import Lane, WaveformView, loudest

SCALE = 2  # drawn for high-density screens
WIDTH, LANE_HEIGHT, GAP = 1000, 120, 10
MARGIN, TITLE_HEIGHT, RULER_HEIGHT = 24, 44, 34
LANE_COLUMNS = (WIDTH - 2 * MARGIN) * SCALE

BACKGROUND, LANE_BACKGROUND = QColor("#14171c"), QColor("#1c2128")
TEXT, FAINT_TEXT, LINE = QColor("#e6e9ee"), QColor("#98a1ad"), QColor("#39414d")

_STEPS_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


@dataclass(frozen=True)
class _Pen:
    """The painter with the geometry of one picture."""

    painter: QPainter
    view: WaveformView
    gain: float

    @property
    def width(self) -> float:
        return WIDTH - 2 * MARGIN


def draw_picture(view: WaveformView, path: Path) -> None:
    """Write a picture of the lanes, all drawn to one scale, with a ruler in seconds.

    Lanes should have `LANE_COLUMNS` columns.
    """
    application = _application()
    height = TITLE_HEIGHT + len(view.lanes) * (LANE_HEIGHT + GAP) + RULER_HEIGHT
    image = QImage(WIDTH * SCALE, height * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.fill(BACKGROUND)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        pen = _Pen(painter, view, 1.0 / loudest(view.lanes))
        _draw_title(pen)
        for number, lane in enumerate(view.lanes):
            _draw_lane(pen, lane, TITLE_HEIGHT + number * (LANE_HEIGHT + GAP))
        _draw_ruler(pen, height - RULER_HEIGHT)
    finally:
        painter.end()
    with durable.replacing(path) as part:
        if not image.save(str(part), "PNG"):
            raise OSError(f"no picture could be written to {part}")
    del application


def _application() -> QGuiApplication:
    """The running Qt application, or one without a screen: fonts need it."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    return QGuiApplication(["hanolab", "-platform", "offscreen"])


def _font(size: int, *, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(size)
    font.setBold(bold)
    return font


def _draw_title(pen: _Pen) -> None:
    pen.painter.setPen(TEXT)
    pen.painter.setFont(_font(16, bold=True))
    box = QRectF(MARGIN, 0, pen.width, TITLE_HEIGHT)
    text = pen.painter.fontMetrics().elidedText(
        pen.view.title, Qt.TextElideMode.ElideRight, int(pen.width)
    )
    pen.painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)


def _draw_lane(pen: _Pen, lane: Lane, top: float) -> None:
    painter = pen.painter
    box = QRectF(MARGIN, top, pen.width, LANE_HEIGHT)
    painter.fillRect(box, LANE_BACKGROUND)
    painter.setPen(QPen(LINE, 1))
    middle = box.center().y()
    painter.drawLine(QPointF(box.left(), middle), QPointF(box.right(), middle))
    half = LANE_HEIGHT / 2 * 0.92 * pen.gain
    column = pen.width / len(lane.maxima)
    outline = [
        QPointF(box.left() + (i + 0.5) * column, middle - float(value) * half)
        for i, value in enumerate(lane.maxima)
    ]
    outline += [
        QPointF(box.left() + (i + 0.5) * column, middle - float(value) * half)
        for i, value in reversed(list(enumerate(lane.minima)))
    ]
    painter.setPen(QPen(QColor(lane.colour), 0.75))
    painter.setBrush(QColor(lane.colour))
    painter.drawPolygon(QPolygonF(outline))
    _draw_label(pen, lane.name, box)


def _draw_label(pen: _Pen, name: str, box: QRectF) -> None:
    """Draw the lane's name on a backing of its own, readable over any waveform."""
    painter = pen.painter
    painter.setFont(_font(13, bold=True))
    text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(pen.width / 2))
    width = painter.fontMetrics().horizontalAdvance(text) + 14
    backing = QRectF(box.left() + 6, box.top() + 6, width, 22)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 23, 28, 215))
    painter.drawRoundedRect(backing, 4, 4)
    painter.setPen(TEXT)
    painter.drawText(backing, Qt.AlignmentFlag.AlignCenter, text)


def _draw_ruler(pen: _Pen, top: float) -> None:
    painter = pen.painter
    painter.setFont(_font(12))
    seconds = max(pen.view.seconds, 1e-3)
    step = next((s for s in _STEPS_SECONDS if seconds / s <= 12), math.ceil(seconds / 12))
    for number in range(int(seconds / step) + 1):
        x = MARGIN + number * step / seconds * pen.width
        painter.setPen(QPen(LINE, 1))
        painter.drawLine(QPointF(x, top - GAP / 2), QPointF(x, top + 2))
        painter.setPen(FAINT_TEXT)
        text = f"{number * step:g} s"
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(x - width / 2, MARGIN), WIDTH - MARGIN - width)
        painter.drawText(QPointF(left, top + 18), text)
