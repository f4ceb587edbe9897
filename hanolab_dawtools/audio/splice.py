"""Joining two renditions of the same music whose waves do not match, as a vocoder makes them.

Where both overlap, the join is laid where it disturbs least: where little sounds, or where the
waves agree when the later one is moved a little. The crossfade's gains follow the agreement that
is left, so the level stays. Samples are float32, shape (n_channels, n_frames).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples

CROSSFADE_SECONDS = 0.04
MAX_LAG_SECONDS = 0.004  # a whole period from 125 Hz on
_SEARCH_STEP_SECONDS = 0.02
_LEAST_CORRELATION = -0.5  # below, a constant level would need gains over 1.5
_COMPARED_CHANNELS = 2

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Splice:
    """A join: from frame `start` of the overlap on, the later one is read `lag_frames` on."""

    start: int
    n_frames: int
    lag_frames: int
    correlation: float

    def joined(self, earlier: Samples, later: Samples) -> Samples:
        """The crossfade itself; both are cut to its frames already."""
        later_gain = (np.arange(self.n_frames) + 0.5) / self.n_frames
        gain = 1.0 - later_gain
        agreement = max(self.correlation, _LEAST_CORRELATION)
        power = gain**2 + later_gain**2 + 2.0 * agreement * gain * later_gain
        mixed = (earlier * gain + later * later_gain) / np.sqrt(power)
        return np.asarray(mixed, dtype=np.float32)


def max_lag_frames(sample_rate: int) -> int:
    """How far a splice may move the later piece, either way."""
    return round(MAX_LAG_SECONDS * sample_rate)


def find_splice(earlier: Samples, later: Samples, sample_rate: int) -> Splice:
    """Where to join two pieces.

    `earlier` is the overlap, `later` the same time with `max_lag_frames` more on either side.
    """
    n_frames = round(CROSSFADE_SECONDS * sample_rate)
    n_lags = max_lag_frames(sample_rate)
    best, best_cost = Splice(0, n_frames, 0, 0.0), math.inf
    for start in range(0, earlier.shape[1] - n_frames, round(_SEARCH_STEP_SECONDS * sample_rate)):
        part = earlier[:_COMPARED_CHANNELS, start : start + n_frames].astype(np.float64)
        around = later[:_COMPARED_CHANNELS, start : start + n_frames + 2 * n_lags]
        products, energies = _compared(part, around.astype(np.float64))
        energy = float(np.sum(part**2))
        correlations = products / np.sqrt(np.maximum(energies * energy, 1e-30))
        at = int(np.argmax(correlations - 0.01 * np.abs(np.arange(-n_lags, n_lags + 1)) / n_lags))
        cost = (energy + energies[at]) * (1.0 - correlations[at])
        if cost < best_cost:
            best_cost = cost
            best = Splice(start, n_frames, at - n_lags, float(correlations[at]))
    return best


def _compared(part: _Floats, around: _Floats) -> tuple[_Floats, _Floats]:
    """For each lag: the product of `part` with `around` there, and the energy of the latter."""
    pairs = zip(around, part, strict=True)
    products = np.sum([np.correlate(long, short, "valid") for long, short in pairs], axis=0)
    summed = np.cumsum(np.pad(np.sum(around**2, axis=0), (1, 0)))
    energies = summed[part.shape[1] :] - summed[: -part.shape[1]]
    return products, np.maximum(energies, 0.0)
