"""The waveforms of the panel: lanes over one time axis, what of it is seen, what is marked in it.

Times are seconds of the axis; a lane's file begins at its `start_seconds`. Files are opened and
read in the background; drawing never waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress, Stop
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.ruler import Grid, Tick, bar_ticks, second_ticks
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.presenters.lane_peaks import Drawing, LanePeaks

ORIGINAL_KEY = "original"  # of the lane that the others were made of
MIN_VISIBLE_SECONDS = 0.001
EMPTY_SECONDS = 10.0  # of an axis without lanes
REDRAW_SECONDS = 0.15  # between two pictures of a file that is being read


@dataclass(frozen=True)
class LaneSource:
    """A file that is to be seen.

    Attributes
    ----------
    key
        Tells the lane from the others; a lane whose key and path stay keeps what was read.
    start_seconds
        Where the file begins on the axis.
    marks
        Times, on the axis, where something was mended.
    figure
        Short lines of numbers below the name, such as the null.
    """

    key: str
    name: str
    role: StemRole | None
    path: Path
    start_seconds: float = 0.0
    marks: tuple[float, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class LaneState:
    """A lane as it is now; `fraction` is how much of the file is read, `problem` why it is not."""

    source: LaneSource
    seconds: float = 0.0
    fraction: float = 0.0
    problem: str = ""

    @property
    def end_seconds(self) -> float:
        """Where the file ends on the axis."""
        return self.source.start_seconds + self.seconds


@dataclass(frozen=True)
class WaveformView:
    """What is seen: `start_seconds` to `end_seconds` of an axis `total_seconds` long from `origin`.

    `grid` None: the ruler counts seconds. `title` is what the lanes are of.
    """

    title: str = ""
    lanes: tuple[LaneState, ...] = ()
    origin_seconds: float = 0.0
    total_seconds: float = EMPTY_SECONDS
    start_seconds: float = 0.0
    end_seconds: float = EMPTY_SECONDS
    selection: tuple[float, float] | None = None
    cursor_seconds: float = 0.0
    grid: Grid | None = None


class WaveformPresenter(Presenter[WaveformView]):
    """Shows lanes; the user zooms, pans and selects. `redraw` tells that more can be drawn."""

    def __init__(self, workers: Workers, cache: Path) -> None:
        super().__init__(WaveformView())
        self.redraw = Event()
        self.selected = Event()
        self.seeked = Event()
        self._workers = workers
        self._cache = cache
        self._peaks: dict[str, LanePeaks] = {}
        self._unseen: set[LanePeaks] = set()  # opened by a worker, and not brought here yet

    def set_lanes(self, sources: Sequence[LaneSource], *, title: str = "") -> None:
        """Show these files, from the top down; the whole of them when the axis is another one."""
        known = {lane.source.key: lane for lane in self.view.lanes}
        lanes = []
        for source in sources:
            before = known.pop(source.key, None)
            if before is not None and before.source.path == source.path:
                lanes.append(replace(before, source=source))
                continue
            if before is not None:
                self._forget(source.key)
            lanes.append(LaneState(source))
            self._open(source)
        for key in known:
            self._forget(key)
        self._show(replace(self.view, title=title, lanes=tuple(lanes)))
        self._fit_axis()

    def set_grid(self, grid: Grid | None) -> None:
        """Let the ruler count bars, or seconds with None."""
        self._show(replace(self.view, grid=grid))

    def show(self, start_seconds: float, end_seconds: float) -> None:
        """Show a stretch of the axis, as far as it lies in it."""
        view = self.view
        length = min(max(end_seconds - start_seconds, MIN_VISIBLE_SECONDS), view.total_seconds)
        latest = view.origin_seconds + view.total_seconds - length
        start = min(max(start_seconds, view.origin_seconds), latest)
        self._show(replace(view, start_seconds=start, end_seconds=start + length))

    def show_all(self) -> None:
        """Show the whole axis."""
        self.show(self.view.origin_seconds, self.view.origin_seconds + self.view.total_seconds)

    def show_selection(self) -> None:
        """Zoom to what is selected, if anything is."""
        if self.view.selection is not None:
            self.show(*self.view.selection)

    def zoom(self, factor: float, at_seconds: float) -> None:
        """Show `factor` times less than now; what is at a time stays where it is."""
        view = self.view
        start = at_seconds - (at_seconds - view.start_seconds) / factor
        self.show(start, start + (view.end_seconds - view.start_seconds) / factor)

    def pan(self, seconds: float) -> None:
        """Show what lies so much later."""
        length = self.view.end_seconds - self.view.start_seconds
        self.show(self.view.start_seconds + seconds, self.view.start_seconds + seconds + length)

    def select(self, start_seconds: float | None, end_seconds: float | None = None) -> None:
        """Select between two times in any order; None: nothing."""
        selection = None
        if start_seconds is not None and end_seconds is not None and start_seconds != end_seconds:
            low, high = sorted((start_seconds, end_seconds))
            first, last = (
                self.view.origin_seconds,
                self.view.origin_seconds + self.view.total_seconds,
            )
            low, high = max(low, first), min(high, last)
            selection = (low, high) if low < high else None
        if selection != self.view.selection:
            self._show(replace(self.view, selection=selection))
            self.selected.emit()

    def set_cursor(self, seconds: float) -> None:
        """Move the play cursor, because time goes on."""
        self._show(replace(self.view, cursor_seconds=seconds))

    def seek(self, seconds: float) -> None:
        """Move the play cursor, because the user wants to hear from there."""
        first, last = self.view.origin_seconds, self.view.origin_seconds + self.view.total_seconds
        self.set_cursor(min(max(seconds, first), last))
        self.seeked.emit()

    def ticks(self, n_labels: int) -> list[Tick]:
        """The marks of the ruler over what is seen."""
        view = self.view
        if view.grid is None:
            return second_ticks(view.start_seconds, view.end_seconds, n_labels)
        return bar_ticks(view.start_seconds, view.end_seconds, n_labels, view.grid)

    def drawing(self, key: str, n_columns: int) -> tuple[Drawing, float, float] | None:
        """What is seen of a lane, with the times that its frame 0 and each frame stand for.

        None: nothing can be drawn yet. Finer things that have to be read first are read in the
        background, and `redraw` tells when they are there.
        """
        peaks = self._peaks.get(key)
        lane = next((lane for lane in self.view.lanes if lane.source.key == key), None)
        if peaks is None or lane is None or n_columns < 1:
            return None
        rate, offset = peaks.sample_rate, lane.source.start_seconds
        first = (self.view.start_seconds - offset) * rate
        last = (self.view.end_seconds - offset) * rate
        if peaks.wants_samples(first, last, n_columns):
            self._workers.run(
                f"samples {key}",
                lambda _: peaks.read_samples(first, last),
                done=lambda _: self.redraw.emit(),
                failed=partial(self._fail, key),
            )
        drawing = peaks.draw(first, last, n_columns)
        return None if drawing is None else (drawing, offset, 1.0 / rate)

    def close(self) -> None:
        """Close all files; the workers are closed before."""
        for key in tuple(self._peaks):
            self._forget(key)
        for peaks in tuple(self._unseen):
            peaks.close()

    def _open(self, source: LaneSource) -> None:
        key = source.key
        self._workers.run(
            f"lane {key}",
            partial(self._load, source),
            done=lambda _: self._read(key, 1.0),
            failed=partial(self._fail, key),
        )

    def _load(self, source: LaneSource, stop: Stop) -> None:
        """Read a file, in the background; what is read can be seen meanwhile."""
        from hanolab_dawtools.audio.files import probe
        from hanolab_dawtools.presenters.lane_peaks import LanePeaks

        info = probe(source.path)
        peaks = LanePeaks(source.path, info.sample_rate, info.n_frames)
        self._unseen.add(peaks)
        post = self._workers.dispatcher.post
        post(lambda: self._opened(source, peaks, stop))

        told_at = -REDRAW_SECONDS

        def progress(report: Progress) -> None:
            nonlocal told_at
            fraction, now = report.fraction or 0.0, time.monotonic()
            if now - told_at >= REDRAW_SECONDS:  # it is painting that costs, not reading
                told_at = now
                post(lambda: self._read(source.key, fraction, peaks))

        peaks.load(self._cache, stop, progress)
        if stop.is_set():
            peaks.close()

    def _opened(self, source: LaneSource, peaks: LanePeaks, stop: Stop) -> None:
        self._unseen.discard(peaks)
        if stop.is_set():  # the lane went, or shows another file now
            peaks.close()
            return
        if (before := self._peaks.get(source.key)) is not None:
            before.close()
        self._peaks[source.key] = peaks
        seconds = peaks.n_frames / peaks.sample_rate
        self._change(source.key, lambda lane: replace(lane, seconds=seconds))
        self._fit_axis()

    def _read(self, key: str, fraction: float, peaks: LanePeaks | None = None) -> None:
        """So much of a lane's file is read; `peaks` tells late news of another file from it."""
        if peaks is None or self._peaks.get(key) is peaks:
            self._change(key, lambda lane: replace(lane, fraction=fraction))
            self.redraw.emit()

    def _fail(self, key: str, error: HanolabError) -> None:
        self._change(key, lambda lane: replace(lane, problem=str(error)))

    def _change(self, key: str, change: Callable[[LaneState], LaneState]) -> None:
        lanes = tuple(change(lane) if lane.source.key == key else lane for lane in self.view.lanes)
        self._show(replace(self.view, lanes=lanes))

    def _forget(self, key: str) -> None:
        self._workers.stop(f"lane {key}")
        self._workers.stop(f"samples {key}")
        if (peaks := self._peaks.pop(key, None)) is not None:
            peaks.close()

    def _fit_axis(self) -> None:
        """Let the axis hold all lanes; what was seen whole is seen whole again."""
        view = self.view
        known = [lane for lane in view.lanes if lane.seconds > 0]
        if not known:
            if not view.lanes:
                self._show(WaveformView(grid=view.grid))
            return
        origin = min(lane.source.start_seconds for lane in known)
        total = max(lane.end_seconds for lane in known) - origin
        if (origin, total) == (view.origin_seconds, view.total_seconds):
            return
        selection, end = view.selection, origin + total
        if selection is not None and not origin <= selection[0] < selection[1] <= end:
            selection = None
        cursor = min(max(view.cursor_seconds, origin), end)
        self._show(
            replace(
                view,
                origin_seconds=origin,
                total_seconds=total,
                start_seconds=origin,
                end_seconds=end,
                selection=selection,
                cursor_seconds=cursor,
            )
        )
