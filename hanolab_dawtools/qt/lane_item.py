"""One waveform in the plot: columns from the presenter, drawn when the visible range changes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import Qt

from hanolab_dawtools.presenters.lanes import LaneState, WaveformPresenter
from hanolab_dawtools.qt.theme import Role, Theme

HALF_HEIGHT = 0.46  # of a lane, which is 1 high; what is left keeps lanes apart


class LaneItem:
    """A lane's curve, its middle line and its marks; lane `row` lies at y -row."""

    def __init__(self, plot: pg.PlotItem, presenter: WaveformPresenter, key: str) -> None:
        self.key = key
        self._plot = plot
        self._presenter = presenter
        self._row = 0
        self._curve = pg.PlotCurveItem(antialias=False)
        self._middle = pg.InfiniteLine(angle=0, movable=False)
        self._marks = pg.PlotCurveItem(connect="pairs")
        for item in (self._middle, self._curve, self._marks):
            plot.addItem(item, ignoreBounds=True)

    def remove(self) -> None:
        """Take everything out of the plot."""
        for item in (self._middle, self._curve, self._marks):
            self._plot.removeItem(item)

    def arrange(self, lane: LaneState, row: int, theme: Theme) -> None:
        """Lie in a row, in a theme's colours, with the lane's marks."""
        self._row = row
        self._curve.setPen(pg.mkPen(theme.stem_colour(lane.source.role), width=1))
        self._middle.setPen(pg.mkPen(theme.colour(Role.LINE), width=1))
        self._middle.setPos(-row)
        marks = np.repeat(np.asarray(lane.source.marks, dtype=np.float64), 2)
        heights = np.tile([-row - 0.5, -row + 0.5], len(lane.source.marks))
        self._marks.setPen(
            pg.mkPen(theme.colour(Role.WARNING), width=1, style=Qt.PenStyle.DashLine)
        )
        self._marks.setData(marks, heights)

    def redraw(self, n_columns: int) -> None:
        """Draw what is visible now."""
        found = self._presenter.drawing(self.key, n_columns)
        if found is None:
            self._curve.setData([], [])
            return
        drawing, offset_seconds, frame_seconds = found
        times = offset_seconds + drawing.frames * frame_seconds
        if drawing.is_samples:
            self._curve.setData(times, drawing.maxima * HALF_HEIGHT - self._row, connect="all")
            return
        # Evenly, by less than a pixel: cells begin unevenly, and a column may be left without any.
        times = np.linspace(times[0], times[-1], len(times))
        heights = np.empty(2 * len(times))
        heights[::2] = drawing.minima
        heights[1::2] = drawing.maxima
        heights *= HALF_HEIGHT
        heights -= self._row
        # Joined from column to column: pixels between two columns would stay empty otherwise.
        self._curve.setData(np.repeat(times, 2), heights, connect="all")
