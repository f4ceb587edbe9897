"""How late one mono signal is against another: two passes over both, in bounded memory.

1. Search: whitened cross-correlation of the whole, in segments several times as long as the
   largest lag. Each segment of the reference meets a segment of the target that is longer by the
   largest lag on both sides, so that no lag is at a disadvantage; their cross-spectra are summed.
   The highest point of the correlation is the lag in whole frames.
2. Refinement: windows of 32768 frames, the strongest of each eighth of the reference, laid on
   each other by that lag; the slope of the phase of their cross-spectrum gives the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt
from scipy import fft, signal

from hanolab_dawtools.audio.correlate import (
    Coherent,
    Peak,
    find_peak,
    occupied_share,
    small_lag,
    whitened_correlation,
)
from hanolab_dawtools.audio.mono import Mono, MonoSum, soften_edge

WINDOW_FRAMES = 32_768
HOP_FRAMES = WINDOW_FRAMES // 2
N_PARTS = 8
WINDOWS_PER_PART = 8
SILENT_POWER = 1e-20  # mean square of a hop: -200 dB full scale
SEGMENT_LAGS = 6  # length of a segment over the margin: 2 more are overlap
SAME_RATIO = 1e-4  # a null of 40 dB as it is: beyond doubt within 2 frames of lag 0
NARROW_SHARE = 0.02  # of the band: less is a few tones, whose lag is known only but for a period
SEGMENTS_AT_ONCE = 2  # with 4 rows pocketfft uses vector instructions: half the time of 2
HEARD_RATIO = 0.01  # of the strongest part, for a part that counts for the drift
SEARCH_SHARE = 0.9  # of the whole work, for progress

Energies = npt.NDArray[np.float64]
Tick = Callable[[float], None]


@dataclass(frozen=True)
class LagEstimate:
    """Lag, polarity, confidence, drift as in `align.Measurement`.

    `is_silent`: one of the signals has nothing to compare.
    """

    lag_frames: float
    polarity: int
    confidence: float
    drift_frames: float | None = None
    is_silent: bool = False


def estimate_lag(reference: MonoSum, target: MonoSum, max_lag: int, tick: Tick) -> LagEstimate:
    """Estimate how late `target` is against `reference`, both at one rate.

    `tick` is told the share of the work that is done, before each segment and part.
    """
    segments = _Segments(reference, target, max_lag)
    peak = _search(segments, tick)
    if segments.is_silent():
        return LagEstimate(0.0, 1, 0.0, is_silent=True)
    left = segments.left_at_zero()
    if left < SAME_RATIO:
        peak = Peak(0, 1, 1.0 - left)
    parts = segments.coherent_parts(peak.lag_frames, tick) if peak.confidence > 0.0 else []
    if not parts or (left >= SAME_RATIO and occupied_share(reduce(add, parts)) < NARROW_SHARE):
        return LagEstimate(0.0, 1, 0.0)
    whole = peak.lag_frames
    rest, polarity = small_lag(reduce(add, parts))
    if abs(rest) > 0.75:  # the search was a frame or two off: look again from there
        whole += round(rest)
        parts = segments.coherent_parts(whole, tick)
        rest, polarity = small_lag(reduce(add, parts))
    lag_frames = round(whole + rest, 4) + 0.0  # no -0.0
    return LagEstimate(lag_frames, polarity, peak.confidence, _drift(parts))


def _drift(parts: list[Coherent]) -> float | None:
    """Lag of the last part less that of the first, of those that are not nearly silent."""
    strengths = [float(np.abs(part.cross).sum()) for part in parts]
    heard = [
        part
        for part, strength in zip(parts, strengths, strict=True)
        if strength > HEARD_RATIO * max(strengths)
    ]
    return small_lag(heard[-1])[0] - small_lag(heard[0])[0] if len(heard) > 1 else None


def _search(segments: _Segments, tick: Tick) -> Peak:
    """Highest point of the whitened correlation of the whole."""
    n_rows = min(SEGMENTS_AT_ONCE, segments.count)
    batch = np.zeros((n_rows, 2, segments.n_fft), dtype=np.float32)
    cross = np.zeros(segments.n_fft // 2 + 1, dtype=np.complex64)
    for first in range(0, segments.count, n_rows):
        for row in range(n_rows):
            tick(min(1.0, (first + row) / segments.count) * SEARCH_SHARE)
            segments.fill(first + row, batch[row])
        for still, moving in fft.rfft(batch):
            cross += np.multiply(still.conj(), moving, out=moving)
    correlation = whitened_correlation(cross, segments.n_fft)
    middle, max_lag = segments.margin, segments.max_lag
    return find_peak(correlation[middle - max_lag : middle + max_lag + 1])


class _Segments:
    """Reference and target cut into segments, and where in them the sound is.

    A segment of the target begins `margin` frames earlier and ends `margin` frames later than
    the reference's, the margin being the largest lag in whole hops.
    """

    def __init__(self, reference: MonoSum, target: MonoSum, max_lag: int) -> None:
        self._reference, self._target = reference, target
        self.max_lag = min(max_lag, max(reference.n_frames, target.n_frames))
        margin_hops = -(-self.max_lag // HOP_FRAMES)
        self.margin = margin_hops * HOP_FRAMES
        self._n_frames = min(
            SEGMENT_LAGS * self.margin, -(-reference.n_frames // HOP_FRAMES) * HOP_FRAMES
        )
        self.count = -(-reference.n_frames // self._n_frames)
        self.n_fft = fft.next_fast_len(self._n_frames + 2 * self.margin, real=True)
        self._overlap = target.read(-self.margin, self.margin)
        self._reference_energies: list[Energies] = []
        self._target_energies = [_hop_energies(self._overlap)]
        self._left_energies: list[Energies] = []

    def fill(self, number: int, pair: Mono) -> None:
        """Put segment `number` into `pair`, shape (2, n_fft); to be called in order.

        Behind the last segment there is silence.
        """
        start, n_frames, n_overlap = number * self._n_frames, self._n_frames, self._overlap.size
        pair[0, :n_frames] = self._reference.read(start, start + n_frames)
        fresh = self._target.read(start + self.margin, start + self.margin + n_frames)
        pair[1, :n_overlap] = self._overlap
        pair[1, n_overlap : n_overlap + n_frames] = fresh
        self._overlap = pair[1, n_frames : n_frames + n_overlap].copy()
        self._reference_energies.append(_hop_energies(pair[0, :n_frames]))
        self._target_energies.append(_hop_energies(fresh))
        here = pair[1, self.margin : self.margin + n_frames]
        self._left_energies.append(_hop_energies(pair[0, :n_frames] - here))
        for part in (pair[0, :n_frames], pair[1, : n_frames + n_overlap]):
            soften_edge(part, 0)
            soften_edge(part[::-1], 0)

    def is_silent(self) -> bool:
        """Whether one of the two had nothing to hear."""
        return any(
            max(float(hops.max()) for hops in energies) <= SILENT_POWER * HOP_FRAMES
            for energies in (self._reference_energies, self._target_energies)
        )

    def left_at_zero(self) -> float:
        """Energy of (reference - target), nothing moved, over the reference's.

        Without the hops in which the two files' ends are faded; infinite for very short files.
        """
        inner = slice(1, -2)
        whole = float(np.concatenate(self._reference_energies)[inner].sum())
        left = float(np.concatenate(self._left_energies)[inner].sum())
        return left / whole if whole > 0.0 else math.inf

    def coherent_parts(self, lag: int, tick: Tick) -> list[Coherent]:
        """Summed spectra of the strongest windows of each part that has some, `lag` taken out."""
        shape = signal.windows.hann(WINDOW_FRAMES, sym=False).astype(np.float32)
        strength = self._window_strength(lag)
        parts = []
        for number, hops in enumerate(np.array_split(np.arange(strength.size), N_PARTS)):
            tick(SEARCH_SHARE + (1.0 - SEARCH_SHARE) * number / N_PARTS)
            best = hops[np.argsort(strength[hops])[::-1][:WINDOWS_PER_PART]]
            windows = [
                self._coherent((int(hop) - 1) * HOP_FRAMES, lag, shape)
                for hop in np.sort(best)
                if strength[hop] > 0.0
            ]
            if windows:
                parts.append(reduce(add, windows))
        return parts

    def _window_strength(self, lag: int) -> Energies:
        """For each window (it covers the hops i-1 and i): how much of both signals is in it."""
        ours = np.concatenate(self._reference_energies)
        theirs = np.concatenate(self._target_energies)
        place = np.arange(ours.size) + (lag + self.margin) / HOP_FRAMES
        both = np.sqrt(ours * np.interp(place, np.arange(theirs.size), theirs))
        return np.asarray(np.append(both, 0.0) + np.insert(both, 0, 0.0))

    def _coherent(self, start: int, lag: int, shape: Mono) -> Coherent:
        still = fft.rfft(self._reference.read(start, start + WINDOW_FRAMES) * shape)
        moving = fft.rfft(self._target.read(start + lag, start + lag + WINDOW_FRAMES) * shape)
        return Coherent(still.conj() * moving, np.abs(still) ** 2, np.abs(moving) ** 2, 1)


def _hop_energies(mono: Mono) -> Energies:
    """Energy of each hop of a whole number of hops."""
    hops = mono.reshape(-1, HOP_FRAMES)
    return np.asarray(np.einsum("ij,ij->i", hops, hops), dtype=np.float64)
