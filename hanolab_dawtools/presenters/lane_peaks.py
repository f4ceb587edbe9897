"""The waveform of one file as a panel draws it: always at once, from what is in memory.

Minima and maxima come from the pyramid of peaks (`audio.pyramid`). Zoomed in so far that its
finest cells would be wider than a column, they come from a window of the file's own samples, which
is read in the background; until it is there the finest cells are drawn.

Channels are drawn together: arrays have shape (n_columns,), float32.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.peaks import Peaks, open_peaks
from hanolab_dawtools.audio.pyramid import BASE_FRAMES, Level, without_nan
from hanolab_dawtools.events import Progress, Stop

Columns = npt.NDArray[np.float32]
MAX_WINDOW_FRAMES = 1 << 20  # of samples in memory: 8 MB in stereo


@dataclass(frozen=True)
class Drawing:
    """What is drawn of a lane: a column's extent for each pixel, or each sample when there is room.

    `frames` are the positions of `minima` in the file; with `is_samples` both arrays are equal.
    """

    frames: npt.NDArray[np.float64]
    minima: Columns
    maxima: Columns
    is_samples: bool = False


class LanePeaks:
    """The peaks of one file; made in the background by `load`, drawn on the GUI thread.

    Until the whole file is read, what is not read yet is drawn as silence.
    """

    def __init__(self, path: Path, sample_rate: int, n_frames: int) -> None:
        self.path = path
        self.sample_rate = sample_rate
        self.n_frames = n_frames
        self._peaks: Peaks | None = None
        self._levels: Sequence[Level] = ()
        self._window: tuple[int, Samples] = (0, np.zeros((1, 0), np.float32))
        self._reading = threading.Lock()  # a reader serves one thread at a time

    def load(self, cache: Path, stop: Stop, progress: Callable[[Progress], None]) -> None:
        """Build the pyramid, or take it from the cache; meanwhile it can be drawn already.

        Raises
        ------
        AudioFileError, JobCancelled
        """

        def watch(base: Level) -> None:
            self._levels = (base,)

        peaks = open_peaks(self.path, cache, stop=stop, progress=progress, watch=watch)
        with self._reading:
            self._peaks = peaks
        self._levels = peaks.levels

    def wants_samples(self, start_frame: float, stop_frame: float, n_columns: int) -> bool:
        """Whether a drawing of these frames would be finer with samples that are not read yet."""
        n_frames = stop_frame - start_frame
        if self._peaks is None or n_frames / n_columns >= BASE_FRAMES:
            return False
        at, samples = self._window
        first, last = max(0, int(start_frame)), min(self.n_frames, int(stop_frame) + 1)
        return n_frames <= MAX_WINDOW_FRAMES and not at <= first <= last <= at + samples.shape[1]

    def read_samples(self, start_frame: float, stop_frame: float) -> None:
        """Read the samples around some frames, as far as a window holds them; in the background.

        Raises
        ------
        AudioFileError
        """
        margin = max(0, MAX_WINDOW_FRAMES - int(stop_frame - start_frame)) // 2
        first = max(0, int(start_frame) - margin)
        n_frames = min(self.n_frames, int(stop_frame) + 1 + margin) - first
        with self._reading:
            if self._peaks is not None and n_frames > 0:
                self._window = (first, without_nan(self._peaks.read(first, n_frames)))

    def draw(self, start_frame: float, stop_frame: float, n_columns: int) -> Drawing | None:
        """What lies between two frames, in at most `n_columns`; None when there is nothing yet."""
        first, last = max(0, int(start_frame)), min(self.n_frames, int(np.ceil(stop_frame)))
        if first >= last or not self._levels:
            return None
        width = max((stop_frame - start_frame) / n_columns, 1e-9)
        at, samples = self._window
        if width < BASE_FRAMES and at <= first < last <= at + samples.shape[1]:
            return _of_samples(samples[:, first - at : last - at], first, width)
        fitting = [level for level in self._levels if level.cell_frames <= width]
        level = fitting[-1] if fitting else self._levels[0]
        return _of_cells(level, first, last, width)

    def close(self) -> None:
        """Close the file."""
        with self._reading:
            if self._peaks is not None:
                self._peaks.close()
                self._peaks = None


def _of_samples(samples: Samples, first: int, width: float) -> Drawing:
    n_frames = samples.shape[1]
    if width <= 1.0:
        mono = samples[np.abs(samples).argmax(axis=0), np.arange(n_frames)]
        frames = np.arange(first, first + n_frames, dtype=np.float64)
        return Drawing(frames, mono, mono, is_samples=True)
    starts = _starts(n_frames, width)
    return Drawing(
        (first + starts).astype(np.float64),
        np.minimum.reduceat(samples, starts, axis=1).min(axis=0),
        np.maximum.reduceat(samples, starts, axis=1).max(axis=0),
    )


def _of_cells(level: Level, first: int, last: int, width: float) -> Drawing:
    """Columns out of whole cells; where cells are wider than columns, one column for each cell."""
    begin, end = first // level.cell_frames, -(-last // level.cell_frames)
    starts = _starts(end - begin, max(width / level.cell_frames, 1.0))
    lows, highs = level.minima[:, begin:end], level.maxima[:, begin:end]
    return Drawing(
        ((begin + starts) * level.cell_frames).astype(np.float64),
        np.minimum.reduceat(lows, starts, axis=1).min(axis=0),
        np.maximum.reduceat(highs, starts, axis=1).max(axis=0),
    )


def _starts(n: int, width: float) -> npt.NDArray[np.int64]:
    """Where columns of a width begin among `n` things, each beginning once."""
    n_columns = max(1, int(np.ceil(n / width)))
    return np.arange(n_columns, dtype=np.int64) * n // n_columns
