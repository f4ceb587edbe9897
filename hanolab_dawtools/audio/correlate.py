"""The mathematics of finding a lag: whitened cross-correlation and the slope of its phase.

A lag is positive when the target is late. Spectra are one-sided, as `scipy.fft.rfft` gives them;
`omega` is in radians per frame. Nothing here reads files.

Source
------
Knapp & Carter 1976, IEEE Trans. ASSP 24(4), 320-327: the phase transform (PHAT) for the search,
the maximum-likelihood weighting for the refinement. Carter, Knapp & Nuttall 1973, IEEE Trans.
AU 21(4), 337-344: the bias of an estimated coherence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

Spectrum = npt.NDArray[np.complex64]
Reals = npt.NDArray[np.float32]

QUIET_RATIO = 1e-9  # bins 90 dB below the mean power carry rounding and dither, not music
NOISE_MARGIN = 1.15  # over the highest peak to be expected of unrelated material
LOBE_FRAMES = 8  # around the peak, where a fractional lag or a filter spreads it

_AUDIBLE_RATIO = 1e-8
_TINY = 1e-37  # keeps silence from being divided by 0; a normal float32
_BAND_BINS = 32  # over which coherence is estimated
_MAX_WEIGHT = 1e3  # coherence 0.999; beyond, all bands are equally good
_REACH_FRAMES = 2.0  # how far from lag 0 the refinement looks
_GRID_FRAMES = 0.25


@dataclass(frozen=True)
class Peak:
    """The highest point of a correlation. `lag_frames` is whole; `sign` is its polarity."""

    lag_frames: int
    sign: int
    confidence: float


def whitened_correlation(cross: Spectrum, n_fft: int) -> Reals:
    """Circular correlation of length `n_fft`; a pure delay of all frequencies gives one 1.

    `cross` is conj(reference) * target. It is overwritten.
    """
    power = np.abs(cross)
    floor = float(power.mean(dtype=np.float64)) * QUIET_RATIO
    power += np.float32(max(floor, _TINY))
    cross /= power
    weight = float(np.abs(cross).mean(dtype=np.float64))
    if weight == 0.0:
        return np.zeros(n_fft, dtype=np.float32)
    correlation = fft.irfft(cross, n_fft, overwrite_x=True)
    return np.asarray(correlation / np.float32(weight), dtype=np.float32)


def find_peak(correlation: Reals) -> Peak:
    """Highest point, up or down, of a correlation whose middle is lag 0.

    Confidence is 1 - (rival / peak)^2, not below 0: `rival` is the highest point outside the
    peak's own lobe, or what unrelated material of that length is expected to reach if that is
    more. Unrelated material gives about 0, a shifted copy about 1, a loop that fits at several
    lags equally well about 0.
    """
    height = np.abs(correlation)
    at = int(height.argmax())
    peak = float(height[at])
    if peak == 0.0:
        return Peak(0, 1, 0.0)
    sign = 1 if correlation[at] > 0 else -1
    first, last = _lobe(correlation * np.float32(sign), at)
    outside = np.concatenate([height[:first], height[last:]])
    confidence = 0.0
    if outside.size:
        rms = math.sqrt(float(np.einsum("i,i->", outside, outside)) / outside.size)
        expected = NOISE_MARGIN * rms * math.sqrt(2.0 * math.log(outside.size + 1.0))
        rival = max(float(outside.max()), expected)
        confidence = max(0.0, 1.0 - (rival / peak) ** 2)
    return Peak(at - correlation.size // 2, sign, confidence)


def _lobe(upright: Reals, at: int) -> tuple[int, int]:
    """First..last index of the stretch around `at` that belongs to the same peak."""
    below = np.flatnonzero(upright[:at][::-1] <= 0)
    above = np.flatnonzero(upright[at:] <= 0)
    left = int(below[0]) + 1 if below.size else at
    right = int(above[0]) if above.size else upright.size - at
    return max(0, at - left - LOBE_FRAMES), min(upright.size, at + right + LOBE_FRAMES)


@dataclass(frozen=True)
class Coherent:
    """Sums of spectra over windows in which reference and target lie nearly on each other."""

    cross: Spectrum
    reference_power: Reals
    target_power: Reals
    n_windows: int

    def __add__(self, other: Coherent) -> Coherent:
        return Coherent(
            self.cross + other.cross,
            self.reference_power + other.reference_power,
            self.target_power + other.target_power,
            self.n_windows + other.n_windows,
        )


def occupied_share(windows: Coherent) -> float:
    """Share of the band, 0..1, in which each signal is within 80 dB of its strongest bin."""
    ours, theirs = windows.reference_power, windows.target_power
    is_ours, is_theirs = ours > ours.max() * _AUDIBLE_RATIO, theirs > theirs.max() * _AUDIBLE_RATIO
    return float(np.mean(is_ours & is_theirs))


def small_lag(windows: Coherent) -> tuple[float, int]:
    """Lag within 2 frames, and polarity, that explain the phase of the cross-spectrum best.

    Bands are weighted by what their coherence says of the phase's variance.
    """
    bands = _weighted_bands(windows)
    omega = np.arange(windows.cross.size) * (np.pi / (windows.cross.size - 1))
    omega = omega[1 : bands.size + 1]
    grid = np.arange(-_REACH_FRAMES, _REACH_FRAMES + _GRID_FRAMES, _GRID_FRAMES)
    turn = np.exp(1j * omega * _GRID_FRAMES)
    turned = bands * np.exp(1j * omega * grid[0])
    likelihood = np.zeros(grid.size)
    for number in range(grid.size):
        likelihood[number] = turned.real.sum()
        turned *= turn
    best = int(np.abs(likelihood).argmax())
    sign = 1 if likelihood[best] >= 0 else -1
    lag = float(grid[best])
    for _ in range(6):  # Newton; the grid's step is well inside its basin
        turned = sign * bands * np.exp(1j * omega * lag)
        slope = -float((omega * turned.imag).sum())
        curvature = -float((omega**2 * turned.real).sum())
        if curvature >= 0.0:
            break
        step = slope / curvature
        lag -= max(-_GRID_FRAMES, min(_GRID_FRAMES, step))
    return lag, sign


def _weighted_bands(windows: Coherent) -> npt.NDArray[np.complex128]:
    """Cross-spectrum without its first and last bin, each band scaled to its weight."""
    n_bands = max(1, (windows.cross.size - 2) // _BAND_BINS)
    n_bins = min(n_bands * _BAND_BINS, windows.cross.size - 2)
    cross = windows.cross[1 : n_bins + 1].astype(np.complex128).reshape(n_bands, -1)
    shape = cross.shape
    ours = windows.reference_power[1 : n_bins + 1].astype(np.float64).reshape(shape).sum(axis=1)
    theirs = windows.target_power[1 : n_bins + 1].astype(np.float64).reshape(shape).sum(axis=1)
    power = np.abs(cross.sum(axis=1))
    product = ours * theirs
    audible = product > product.max() * QUIET_RATIO**2
    coherence = np.divide(power**2, product, out=np.zeros(n_bands), where=audible)
    bias = 1.0 / (shape[1] * max(1, windows.n_windows))
    coherence = np.clip((coherence - bias) / (1.0 - bias), 0.0, 1.0)
    weight = np.minimum(coherence / np.maximum(1.0 - coherence, 1e-12), _MAX_WEIGHT)
    scale = np.divide(weight, power, out=np.zeros(n_bands), where=power > 0.0)
    return np.asarray((cross * scale[:, np.newaxis]).ravel())
