"""How late one mono signal is against another: two passes over both, in bounded memory.

1. Search: whitened cross-correlation of the whole, in segments several times as long as the
   largest lag. Each segment of the reference meets a segment of the target that is longer by the
   largest lag on both sides, so that no lag is at a disadvantage; their cross-spectra are summed.
   The highest point of the correlation is the lag in whole frames.
2. Refinement: windows of 32768 frames, the strongest of each eighth of the reference, laid on
   each other by that lag; the slope of the phase of their cross-spectrum gives the rest.
"""

from __future__ import annotations

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
    small_lag,
    whitened_correlation,
)
from hanolab_dawtools.audio.mono import Mono, MonoSum

WINDOW_FRAMES = 32_768
HOP_FRAMES = WINDOW_FRAMES // 2
N_PARTS = 8
WINDOWS_PER_PART = 8
SILENT_POWER = 1e-16  # mean square: -160 dB full scale
SEGMENT_LAGS = 6  # length of a segment over the largest lag: the rest of the transform is overlap
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

    `tick` is told the share of the work that is done, at least ten times a second.
    """
    max_lag = min(max_lag, max(reference.n_frames, target.n_frames))
    peak, energies = _search(reference, target, max_lag, tick)
    if peak.confidence == 0.0:
        return LagEstimate(0.0, 1, 0.0, is_silent=_is_silent(energies))
    whole = peak.lag_frames
    parts = _windows(reference, target, whole, energies, tick)
    if not parts:
        return LagEstimate(float(whole), peak.sign, peak.confidence)
    rest, polarity = small_lag(reduce(add, parts))
    if abs(rest) > 0.75:  # the search was a frame or two off: look again from there
        whole += round(rest)
        parts = _windows(reference, target, whole, energies, tick)
        rest, polarity = small_lag(reduce(add, parts))
    drift = small_lag(parts[-1])[0] - small_lag(parts[0])[0] if len(parts) > 1 else None
    return LagEstimate(round(whole + rest, 4) + 0.0, polarity, peak.confidence, drift)


def _search(
    reference: MonoSum, target: MonoSum, max_lag: int, tick: Tick
) -> tuple[Peak, tuple[Energies, Energies]]:
    """Lag in whole frames, and the energy of both signals in each hop of the reference's time."""
    segment = -(-max(SEGMENT_LAGS * max_lag, WINDOW_FRAMES) // HOP_FRAMES) * HOP_FRAMES
    segment = min(segment, reference.n_frames)
    n_fft = fft.next_fast_len(segment + 2 * max_lag, real=True)
    cross = np.zeros(n_fft // 2 + 1, dtype=np.complex64)
    pair = np.zeros((2, n_fft), dtype=np.float32)
    ours: list[Energies] = []
    theirs: list[Energies] = []
    known = target.read(-max_lag, max_lag)
    for start in range(0, reference.n_frames, segment):
        tick(SEARCH_SHARE * start / reference.n_frames)
        pair[0, :segment] = reference.read(start, start + segment)
        pair[1, : 2 * max_lag] = known
        pair[1, 2 * max_lag : segment + 2 * max_lag] = target.read(
            start + max_lag, start + segment + max_lag
        )
        known = pair[1, segment : segment + 2 * max_lag].copy()
        ours.append(_hop_energies(pair[0, :segment]))
        theirs.append(_hop_energies(pair[1, max_lag : max_lag + segment]))
        if ours[-1].max() > SILENT_POWER * HOP_FRAMES and _energy(pair[1]) > SILENT_POWER * segment:
            still, moving = fft.rfft(pair, workers=2)
            cross += np.multiply(still.conj(), moving, out=moving)
    correlation = whitened_correlation(cross, n_fft, max_lag)
    return find_peak(correlation), (np.concatenate(ours), np.concatenate(theirs))


def _windows(
    reference: MonoSum,
    target: MonoSum,
    lag: int,
    energies: tuple[Energies, Energies],
    tick: Tick,
) -> list[Coherent]:
    """Summed spectra of the strongest windows of each part of the file that has some."""
    shape = signal.windows.hann(WINDOW_FRAMES, sym=False).astype(np.float32)
    parts = []
    strength = _window_strength(energies, lag)
    for number, hops in enumerate(np.array_split(np.arange(strength.size), N_PARTS)):
        tick(SEARCH_SHARE + (1.0 - SEARCH_SHARE) * number / N_PARTS)
        best = hops[np.argsort(strength[hops])[::-1][:WINDOWS_PER_PART]]
        found = [
            _coherent(reference, target, (int(hop) - 1) * HOP_FRAMES, lag, shape)
            for hop in np.sort(best)
            if strength[hop] > 0.0
        ]
        if found:
            parts.append(reduce(add, found))
    return parts


def _window_strength(energies: tuple[Energies, Energies], lag: int) -> Energies:
    """For each window (it covers the hops i-1 and i): how much of both signals is in it."""
    ours, theirs = energies
    at = np.arange(ours.size) + round(lag / HOP_FRAMES)
    there = np.where((at >= 0) & (at < theirs.size), theirs[np.clip(at, 0, theirs.size - 1)], 0.0)
    both = np.sqrt(ours * there)
    return np.asarray(np.append(both, 0.0) + np.insert(both, 0, 0.0))


def _coherent(reference: MonoSum, target: MonoSum, start: int, lag: int, shape: Mono) -> Coherent:
    still = fft.rfft(reference.read(start, start + WINDOW_FRAMES) * shape)
    moving = fft.rfft(target.read(start + lag, start + lag + WINDOW_FRAMES) * shape)
    return Coherent(still.conj() * moving, np.abs(still) ** 2, np.abs(moving) ** 2, 1)


def _hop_energies(mono: Mono) -> Energies:
    """Energy of each hop, the last of which may be shorter."""
    n_hops = mono.size // HOP_FRAMES
    hops = mono[: n_hops * HOP_FRAMES].reshape(n_hops, HOP_FRAMES)
    energies = np.einsum("ij,ij->i", hops, hops).astype(np.float64)
    return np.append(energies, _energy(mono[hops.size :])) if hops.size < mono.size else energies


def _is_silent(energies: tuple[Energies, Energies]) -> bool:
    return any(float(own.max()) <= SILENT_POWER * HOP_FRAMES for own in energies)


def _energy(mono: Mono) -> float:
    return float(np.einsum("i,i->", mono, mono))
