"""Small icons drawn in the theme's colours, sharp at every scale."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from hanolab_dawtools.qt.theme import Role, Theme

SIZE = 16  # px; drawn on a grid of as many units
SCALES = (1, 2, 3)


def icon(name: str, theme: Theme) -> QIcon:
    """The icon with this name, in the colour of text, and faint where it is disabled."""
    made = QIcon()
    for mode, role in ((QIcon.Mode.Normal, Role.TEXT), (QIcon.Mode.Disabled, Role.LINE)):
        for scale in SCALES:
            pixmap = QPixmap(SIZE * scale, SIZE * scale)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(scale, scale)
            _draw(painter, name, theme.colour(role))
            painter.end()
            pixmap.setDevicePixelRatio(scale)
            made.addPixmap(pixmap, mode)
    return made


def _draw(painter: QPainter, name: str, colour: QColor) -> None:
    pen = QPen(colour, 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(colour if name in _FILLED else Qt.BrushStyle.NoBrush)
    _SHAPES[name](painter)


def _polygon(*points: tuple[float, float]) -> Callable[[QPainter], None]:
    return lambda painter: painter.drawPolygon(QPolygonF([QPointF(*at) for at in points]))


def _lines(*lines: tuple[float, float, float, float]) -> Callable[[QPainter], None]:
    def draw(painter: QPainter) -> None:
        for x1, y1, x2, y2 in lines:
            painter.drawLine(QPointF(x1, y1), QPointF(x2, y2))

    return draw


def _all(*shapes: Callable[[QPainter], None]) -> Callable[[QPainter], None]:
    def draw(painter: QPainter) -> None:
        for shape in shapes:
            shape(painter)

    return draw


def _rectangle(x: float, y: float, width: float, height: float) -> Callable[[QPainter], None]:
    return lambda painter: painter.drawRoundedRect(QRectF(x, y, width, height), 1, 1)


def _arc(start_degrees: int, span_degrees: int) -> Callable[[QPainter], None]:
    area = QRectF(3, 3, 10, 10)
    return lambda painter: painter.drawArc(area, start_degrees * 16, span_degrees * 16)


_FILLED = {"play", "pause", "start", "stop", "more"}
_SHAPES: dict[str, Callable[[QPainter], None]] = {
    "play": _polygon((4.5, 3), (12.5, 8), (4.5, 13)),
    "pause": _all(_rectangle(4, 3.5, 2, 9), _rectangle(10, 3.5, 2, 9)),
    "stop": _rectangle(4, 4, 8, 8),
    "start": _all(_polygon((12.5, 3.5), (6, 8), (12.5, 12.5)), _lines((3.5, 3.5, 3.5, 12.5))),
    "loop": _all(_arc(40, 280), _lines((12.2, 2.6, 11.8, 5.2), (9.2, 4.6, 11.8, 5.2))),
    "add": _lines((8, 3, 8, 13), (3, 8, 13, 8)),
    "duplicate": _all(
        _rectangle(3, 3, 7.5, 7.5),
        _lines((13, 6, 13, 13), (6, 13, 13, 13)),
    ),
    "remove": _lines((4, 4, 12, 12), (12, 4, 4, 12)),
    "up": _lines((8, 3.5, 8, 12.5), (4, 7.5, 8, 3.5), (12, 7.5, 8, 3.5)),
    "down": _lines((8, 3.5, 8, 12.5), (4, 8.5, 8, 12.5), (12, 8.5, 8, 12.5)),
    "refresh": _all(_arc(40, 280), _lines((12.2, 2.6, 11.8, 5.2), (9.2, 4.6, 11.8, 5.2))),
    "reset": _all(_arc(140, -280), _lines((3.8, 2.6, 4.2, 5.2), (6.8, 4.6, 4.2, 5.2))),
    "more": _all(*(_rectangle(at, 7, 2, 2) for at in (2.5, 7, 11.5))),
    "folder": _polygon((2.5, 4), (6.5, 4), (8, 5.8), (13.5, 5.8), (13.5, 12.5), (2.5, 12.5)),
    "save": _all(_lines((8, 2.5, 8, 9.5), (5, 6.8, 8, 9.5), (11, 6.8, 8, 9.5), (3, 13, 13, 13))),
}
NAMES = tuple(_SHAPES)
