"""Waveforms as lanes of minima and maxima, one pair per pixel column, ready to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.audio.peaks import open_peaks

Columns = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Lane:
    """One waveform: arrays of shape (n_columns,), all channels together, full scale -1..1."""

    name: str
    colour: str
    seconds: float
    minima: Columns
    maxima: Columns


@dataclass(frozen=True)
class WaveformView:
    """Lanes over the same stretch of time."""

    title: str
    seconds: float
    lanes: tuple[Lane, ...]


def read_lane(
    path: Path,
    name: str,
    colour: str,
    cache_folder: Path,
    *,
    n_columns: int,
    frames: tuple[int, int] | None = None,
) -> Lane:
    """Lane of a file, or of its frames start..stop."""
    with open_peaks(path, cache_folder) as peaks:
        start, stop = frames or (0, peaks.n_frames)
        minima, maxima = peaks.columns(start, stop, n_columns)
    seconds = (stop - start) / probe(path).sample_rate
    return Lane(name, colour, seconds, minima.min(axis=0), maxima.max(axis=0))


def loudest(lanes: Sequence[Lane]) -> float:
    """Largest magnitude in any lane; 1 when all are silent, so that it can divide."""
    magnitudes = [max(float(-lane.minima.min()), float(lane.maxima.max())) for lane in lanes]
    return max(magnitudes, default=0.0) or 1.0
