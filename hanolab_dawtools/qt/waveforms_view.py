"""The waveforms: lanes over a ruler, the play cursor, and what is selected.

Wheel: zoom at the pointer (with Shift: pan). Left drag: select; click: seek. Right or middle drag:
pan. Double click: everything. The keys are told in the tool tip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyqtgraph as pg
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from hanolab_dawtools.presenters.lanes import LaneState, WaveformPresenter, WaveformView
from hanolab_dawtools.presenters.wording import percent_text
from hanolab_dawtools.qt.lane_item import LaneItem
from hanolab_dawtools.qt.theme import Role, Theme, current_theme

ZOOM_PER_STEP = 1.25  # of the wheel
PIXELS_PER_LABEL = 90
MIN_LANE_PIXELS = 44
RULER_PIXELS = 24


class _Ruler(pg.AxisItem):
    """The time axis, with the marks that the presenter gives."""

    def __init__(self, presenter: WaveformPresenter) -> None:
        super().__init__("top")
        self._presenter = presenter

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[object]:  # noqa: N802, N803, ARG002 - pyqtgraph's names
        ticks = self._presenter.ticks(max(2, int(size / PIXELS_PER_LABEL)))
        self._labels = {tick.seconds: tick.label for tick in ticks}
        return [(1.0, [tick.seconds for tick in ticks])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802, ARG002 - as above
        return [self._labels.get(value, "") for value in values]


class _Box(pg.ViewBox):
    """Hands the mouse to the presenter instead of moving itself."""

    def __init__(self, presenter: WaveformPresenter) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=False, y=False)
        self._presenter = presenter

    def wheelEvent(self, ev: object, axis: int | None = None) -> None:  # noqa: N802, ARG002 - Qt's name
        at = self.mapToView(ev.pos()).x()  # type: ignore[attr-defined] # pyqtgraph has no types
        steps = ev.delta() / 120.0  # type: ignore[attr-defined]
        if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier:  # type: ignore[attr-defined]
            view = self._presenter.view
            self._presenter.pan(-steps * 0.1 * (view.end_seconds - view.start_seconds))
        else:
            self._presenter.zoom(ZOOM_PER_STEP**steps, at)
        ev.accept()  # type: ignore[attr-defined]

    def mouseDragEvent(self, ev: object, axis: int | None = None) -> None:  # noqa: N802, ARG002 - as above
        here = self.mapToView(ev.pos()).x()  # type: ignore[attr-defined]
        if ev.button() == Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            began = self.mapToView(ev.buttonDownPos()).x()  # type: ignore[attr-defined]
            self._presenter.select(began, here)
        else:
            before = self.mapToView(ev.lastPos()).x()  # type: ignore[attr-defined]
            self._presenter.pan(before - here)
        ev.accept()  # type: ignore[attr-defined]

    def mouseClickEvent(self, ev: object) -> None:  # noqa: N802 - as above
        if ev.button() != Qt.MouseButton.LeftButton:  # type: ignore[attr-defined]
            return
        if ev.double():  # type: ignore[attr-defined]
            self._presenter.show_all()
        else:
            self._presenter.select(None)
            self._presenter.seek(self.mapToView(ev.pos()).x())  # type: ignore[attr-defined]
        ev.accept()  # type: ignore[attr-defined]


class WaveformsView(QWidget):
    """Shows what a `WaveformPresenter` shows."""

    def __init__(self, presenter: WaveformPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._theme: Theme = current_theme()
        self._items: dict[str, LaneItem] = {}
        self._shown: WaveformView | None = None  # but for the cursor
        self._box = _Box(presenter)
        self._ruler = _Ruler(presenter)
        self._plot_widget = pg.PlotWidget(viewBox=self._box, axisItems={"top": self._ruler})
        self._plot = self._plot_widget.getPlotItem()
        self._build()
        presenter.changed.connect(self._render)
        presenter.redraw.connect(self._redraw)
        self._render()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of a theme."""
        self._theme = theme
        self._plot_widget.setBackground(theme.colour(Role.PANEL))
        self._ruler.setPen(pg.mkPen(theme.colour(Role.LINE)))
        self._ruler.setTextPen(pg.mkPen(theme.colour(Role.FAINT)))
        self._cursor.setPen(pg.mkPen(theme.colour(Role.TEXT), width=1))
        tint = theme.colour(Role.SELECTION)
        tint.setAlpha(50)
        self._selection.setBrush(tint)
        self._shown = None
        self._render()

    @property
    def ruler_pixels(self) -> int:
        """Height of the ruler, below which the lanes begin."""
        return RULER_PIXELS

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Draw as many columns as there are pixels now."""
        super().resizeEvent(event)
        self._redraw()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot_widget)
        self.setFocusProxy(self._plot_widget)
        self.setAccessibleName(self.tr("Waveforms"))
        self.setToolTip(
            self.tr(
                "Wheel or + and -: zoom. Left and right: pan. 0: everything. Z: the selection.\n"
                "Drag: select. Click: play from there. Escape: select nothing."
            )
        )
        for name in ("left", "bottom", "right"):
            self._plot.hideAxis(name)
        self._plot.showAxis("top")
        self._ruler.setHeight(RULER_PIXELS)
        self._plot.layout.setContentsMargins(0, 0, 0, 0)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._selection = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
        self._selection.setZValue(-10)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setZValue(10)
        for item in (self._selection, self._cursor):
            self._plot.addItem(item, ignoreBounds=True)
        self._add_shortcuts()
        self.set_theme(self._theme)

    def _add_shortcuts(self) -> None:
        presenter = self._presenter

        def middle() -> float:
            return (presenter.view.start_seconds + presenter.view.end_seconds) / 2

        def shown() -> float:
            return presenter.view.end_seconds - presenter.view.start_seconds

        acts: dict[str, Callable[[], None]] = {
            "+": lambda: presenter.zoom(ZOOM_PER_STEP**2, middle()),
            "=": lambda: presenter.zoom(ZOOM_PER_STEP**2, middle()),
            "-": lambda: presenter.zoom(ZOOM_PER_STEP**-2, middle()),
            "0": presenter.show_all,
            "Z": presenter.show_selection,
            "Left": lambda: presenter.pan(-0.1 * shown()),
            "Right": lambda: presenter.pan(0.1 * shown()),
            "Escape": lambda: presenter.select(None),
        }
        for key, act in acts.items():
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _render(self) -> None:
        """Show what has changed; a cursor that moves on, as it does while playing, moves alone."""
        view = self._presenter.view
        self._cursor.setPos(view.cursor_seconds)
        without_cursor = replace(view, cursor_seconds=0.0)
        if without_cursor == self._shown:
            return
        self._shown = without_cursor
        self._arrange_lanes(view.lanes)
        self._box.setXRange(view.start_seconds, view.end_seconds, padding=0)
        self._box.setYRange(-max(len(view.lanes), 1) + 0.5, 0.5, padding=0)
        self._cursor.setVisible(bool(view.lanes))
        self._selection.setVisible(view.selection is not None)
        if view.selection is not None:
            self._selection.setRegion(view.selection)
        self.setAccessibleDescription(self._description())
        self._redraw()

    def _arrange_lanes(self, lanes: tuple[LaneState, ...]) -> None:
        keys = [lane.source.key for lane in lanes]
        for key in self._items.keys() - set(keys):
            self._items.pop(key).remove()
        for row, lane in enumerate(lanes):
            key = lane.source.key
            if key not in self._items:
                self._items[key] = LaneItem(self._plot, self._presenter, key)
            self._items[key].arrange(lane, row, self._theme)
        self.setMinimumHeight(MIN_LANE_PIXELS * (max(len(lanes), 1) + 1))

    def _redraw(self) -> None:
        n_columns = max(1, int(self._box.width() * self.devicePixelRatioF()))
        for item in self._items.values():
            item.redraw(n_columns)

    def _description(self) -> str:
        lanes = self._presenter.view.lanes
        return "; ".join(_label(lane) for lane in lanes) or self.tr("nothing is shown")


def _label(lane: LaneState) -> str:
    parts = [lane.source.name]
    if lane.source.figure:
        parts.append(lane.source.figure)
    if lane.problem:
        parts.append(lane.problem)
    elif lane.fraction < 1.0:
        parts.append(percent_text(lane.fraction))
    return "   ".join(parts)
