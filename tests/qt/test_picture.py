from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtGui import QColor, QImage

from hanolab_dawtools.errors import NotWritable
from hanolab_dawtools.presenters.waveforms import Lane, WaveformView
from hanolab_dawtools.qt.picture import GAP, LANE_COLUMNS, LANE_HEIGHT, SCALE, draw_picture
from hanolab_dawtools.qt.picture import TITLE_HEIGHT as TOP

COLOURS = ("#56B4E9", "#0072B2")


def lane(colour: str, height: float) -> Lane:
    maxima = np.full(LANE_COLUMNS, height, np.float32)
    return Lane("name", colour, 2.0, -maxima, maxima)


def colour_at(image: QImage, lane_number: int, share_of_half: float) -> QColor:
    """Colour in the middle of the picture, above a lane's middle by a share of its half height."""
    middle = TOP + lane_number * (LANE_HEIGHT + GAP) + LANE_HEIGHT / 2
    y = middle - share_of_half * LANE_HEIGHT / 2
    return image.pixelColor(image.width() // 2, int(y * SCALE))


def test_lanes_are_drawn_in_their_colours_to_one_scale(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    view = WaveformView("Titel ü 日本", 2.0, (lane(COLOURS[0], 1.0), lane(COLOURS[1], 0.5)))
    draw_picture(view, path)
    image = QImage(str(path))
    assert colour_at(image, 0, 0.8) == QColor(COLOURS[0])
    assert colour_at(image, 1, 0.4) == QColor(COLOURS[1])
    assert colour_at(image, 1, 0.6) != QColor(COLOURS[1])


def test_silence_and_a_long_title_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    draw_picture(WaveformView("long " * 200, 0.0, (lane("#56B4E9", 0.0),)), path)
    assert not QImage(str(path)).isNull()


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("no folder")
    with pytest.raises(NotWritable):
        draw_picture(WaveformView("t", 1.0, (lane("#56B4E9", 0.5),)), blocker / "picture.png")
