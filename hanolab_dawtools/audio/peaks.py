"""Smallest and largest sample of every stretch of a file, for drawing its waveform at any zoom.

An hour of 48 kHz stereo becomes 15 MB of minima and maxima (see `pyramid`), kept in a cache file
that is read by mapping it into memory. Zoomed in far enough, the file's own samples are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.audio.pyramid import (
    BASE_FRAMES,
    Level,
    SourceStamp,
    build_levels,
    read_cache,
    reduced,
    without_nan,
    write_cache,
)
from hanolab_dawtools.errors import OutputError
from hanolab_dawtools.events import NeverStop, ProgressCallback, Stop, ignore_progress

CELLS_PER_COLUMN = 4  # a column's inner edges are rounded by an eighth of its width at most


class Peaks(AbstractContextManager["Peaks"]):
    """The peaks of one audio file, which stays open until `close`. One thread at a time."""

    def __init__(self, reader: AudioReader, levels: list[Level]) -> None:
        self.n_channels = reader.info.n_channels
        self.n_frames = reader.info.n_frames
        self._reader = reader
        self._levels = levels

    @property
    def levels(self) -> Sequence[Level]:
        """The pyramid, finest level first."""
        return self._levels

    def read(self, start_frame: int, n_frames: int) -> Samples:
        """The file's own samples, shape (n_channels, n_frames); 0 outside of it."""
        return self._reader.read_at(start_frame, n_frames)

    def columns(self, start_frame: int, stop_frame: int, n_columns: int) -> tuple[Samples, Samples]:
        """Minima and maxima of `n_columns` equal parts of frames start..stop.

        Exact over the parts that `column_edges` gives: together they hold every frame of the
        range and no other. A part narrower than a frame shows the frame it lies in.

        Returns
        -------
        tuple
            Minima and maxima, each of shape (n_channels, n_columns).

        Raises
        ------
        ValueError
            The range is empty or not inside the file, or there is no column.
        AudioFileError
            The file cannot be read, or not any more.
        """
        edges = self.column_edges(start_frame, stop_frame, n_columns)
        level = _level_for(stop_frame - start_frame, n_columns, self._levels)
        if level is None:
            return self._raw_columns(edges)
        return self._cell_columns(edges, level)

    def column_edges(
        self, start_frame: int, stop_frame: int, n_columns: int
    ) -> npt.NDArray[np.int64]:
        """Frames at which the columns begin, and where the last one ends: n_columns + 1 numbers.

        The range in equal parts; where columns are wide, their inner edges are moved to the
        nearest cell of the level that serves them.
        """
        if not 0 <= start_frame < stop_frame <= self.n_frames or n_columns < 1:
            raise ValueError(f"frames {start_frame}..{stop_frame} of {self.n_frames}, {n_columns=}")
        n_frames = stop_frame - start_frame
        edges = start_frame + np.arange(n_columns + 1, dtype=np.int64) * n_frames // n_columns
        level = _level_for(n_frames, n_columns, self._levels)
        if level is not None:
            cell = level.cell_frames
            edges[1:-1] = (edges[1:-1] + cell // 2) // cell * cell
        return edges

    def _raw_columns(self, edges: npt.NDArray[np.int64]) -> tuple[Samples, Samples]:
        """Columns of at least one frame each, from the samples themselves."""
        first, last = int(edges[0]), int(edges[-1])
        return reduced(self._reader.read_at(first, last - first), edges[:-1] - first)

    def _cell_columns(self, edges: npt.NDArray[np.int64], level: Level) -> tuple[Samples, Samples]:
        """Columns out of whole cells, but for the two at the ends of the range."""
        minima = silence(self.n_channels, len(edges) - 1)
        maxima = minima.copy()
        for column in {0, len(edges) - 2}:
            extent = self._extent(int(edges[column]), int(edges[column + 1]))
            minima[:, column], maxima[:, column] = extent
        inner = edges[1:-1] // level.cell_frames
        if len(inner) > 1:
            cells = slice(int(inner[0]), int(inner[-1]))
            starts = inner[:-1] - inner[0]
            minima[:, 1:-1] = np.minimum.reduceat(level.minima[:, cells], starts, axis=1)
            maxima[:, 1:-1] = np.maximum.reduceat(level.maxima[:, cells], starts, axis=1)
        return minima, maxima

    def _extent(
        self, start: int, stop: int
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Exact minimum and maximum of each channel over frames start..stop."""
        first, last = -(-start // BASE_FRAMES), stop // BASE_FRAMES
        if stop == self.n_frames:
            last = -(-stop // BASE_FRAMES)  # the last cell may be short
        if first >= last:
            samples = without_nan(self._reader.read_at(start, stop - start))
            return samples.min(axis=1), samples.max(axis=1)
        base = self._levels[0]
        head = self._reader.read_at(start, first * BASE_FRAMES - start)
        tail = self._reader.read_at(last * BASE_FRAMES, max(stop - last * BASE_FRAMES, 0))
        raw = without_nan(np.concatenate([head, tail], axis=1))
        lows = np.concatenate([base.minima[:, first:last], raw], axis=1)
        highs = np.concatenate([base.maxima[:, first:last], raw], axis=1)
        return lows.min(axis=1), highs.max(axis=1)

    def close(self) -> None:
        """Close the audio file."""
        self._reader.close()

    def __exit__(self, *_: object) -> None:
        self.close()


def open_peaks(
    path: Path,
    cache_folder: Path,
    *,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
    watch: Callable[[Level], None] = lambda _: None,
) -> Peaks:
    """Peaks of an audio file, from the cache when it still fits, else built and cached.

    A cache that cannot be written costs only the time to build the peaks again. `watch`: see
    `pyramid.build_levels`; it is not called when the cache serves.

    Raises
    ------
    AudioFileError, JobCancelled
    """
    with ExitStack() as stack:
        reader = stack.enter_context(AudioReader(path))
        n_channels, n_frames = reader.info.n_channels, reader.info.n_frames
        stamp = SourceStamp.of(path)
        name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
        cache = cache_folder / f"{name[:32]}.peaks"
        levels = read_cache(cache, n_channels, n_frames, stamp)
        if levels is None:
            levels = build_levels(reader, stop or NeverStop(), progress, watch=watch)
            with suppress(OutputError):
                write_cache(cache, n_channels, n_frames, stamp, levels)
        stack.pop_all()
        return Peaks(reader, levels)


def _level_for(n_frames: int, n_columns: int, levels: list[Level]) -> Level | None:
    """The coarsest level whose cells are narrow against the columns; None: use the samples."""
    width = n_frames // n_columns
    fitting = [level for level in levels if level.cell_frames * CELLS_PER_COLUMN <= width]
    return fitting[-1] if fitting else None
