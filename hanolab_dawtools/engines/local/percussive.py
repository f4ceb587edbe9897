"""Harmonic and percussive parts of a spectrogram, by diffusion.

What is played on pitched instruments lies along time in a spectrogram, what is struck lies along
frequency. Each value is divided into the two, and the halves are let flow: the harmonic one to
its neighbours in time, the percussive one to those in frequency, each at the other's cost.

Magnitudes are float32, shape (n_windows, n_bins), from 0 Hz to half the sample rate.

Source: N. Ono, K. Miyamoto, J. Le Roux, H. Kameoka, S. Sagayama, "Separation of a monaural audio
signal into harmonic/percussive components by complementary diffusion on spectrogram", Proc.
EUSIPCO 2008.
"""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.engines.local.tensors import Array
from hanolab_dawtools.events import Stop, raise_if_stopped

REACH_WINDOWS = 40  # rounds of diffusion, each as far as one window; more change little (measured)
BALANCE = 0.6  # alpha of the paper, 0..1: how strongly the harmonic part is smoothed along time

_ROWS_AT_ONCE = 16  # windows; what one step touches stays in a processor's cache


def harmonic_part(magnitudes: Array, stop: Stop) -> Array:
    """The harmonic part of `magnitudes`, without `REACH_WINDOWS` windows at either end.

    The percussive part is the rest. Row `i` of the result belongs to row `i + REACH_WINDOWS`,
    and depends on rows `i` to `i + 2 * REACH_WINDOWS` alone: a long spectrogram may be cut
    anywhere, and gives the same bits.

    Raises
    ------
    ValueError
        Fewer than `2 * REACH_WINDOWS + 1` windows, or fewer than 2 bins.
    JobCancelled

    Notes
    -----
    The update of the paper, with W the magnitudes, H and P = W - H the parts, i the window and
    h the bin::

        D = alpha * (H[h,i-1] - 2 H[h,i] + H[h,i+1]) / 4
            - (1 - alpha) * (P[h-1,i] - 2 P[h,i] + P[h+1,i]) / 4
        H = min(max(H + D, 0), W)

    With P = W - H everything but H is constant: D = a (H[h,i-1] + H[h,i+1]) +
    b (H[h-1,i] + H[h+1,i]) - H[h,i] / 2 - K, where a = alpha / 4, b = (1 - alpha) / 4 and
    K = b (W[h-1,i] - 2 W[h,i] + W[h+1,i]). A magnitude spectrum goes on beyond its first and
    last bin as if mirrored there.
    """
    n_windows, n_bins = magnitudes.shape
    if n_windows <= 2 * REACH_WINDOWS or n_bins < 2:
        raise ValueError(f"a spectrogram of shape {magnitudes.shape} is too small")
    constant = _neighbour_bins(magnitudes)
    constant -= 2 * magnitudes
    constant *= np.float32((1 - BALANCE) / 4)
    harmonic: Array = magnitudes * np.float32(0.5)
    for done in range(REACH_WINDOWS):
        raise_if_stopped(stop)
        edge = done + 1  # the rows left lie this far inside `magnitudes`
        rows = slice(edge, n_windows - edge)
        harmonic = _diffuse(harmonic, constant[rows], magnitudes[rows])
    return harmonic


def _diffuse(harmonic: Array, constant: Array, magnitudes: Array) -> Array:
    """One round, in place; the result is two rows shorter and lies in the same memory.

    New row `i` needs old rows `i`, `i + 1` and `i + 2`, and takes the place of old row `i`.
    """
    n_rows = len(magnitudes)
    for first in range(0, n_rows, _ROWS_AT_ONCE):
        rows = slice(first, min(first + _ROWS_AT_ONCE, n_rows))
        before, after = harmonic[rows], harmonic[rows.start + 2 : rows.stop + 2]
        middle = harmonic[rows.start + 1 : rows.stop + 1]
        flow = _neighbour_bins(middle)
        flow *= np.float32((1 - BALANCE) / 4)
        along_time = before + after
        along_time *= np.float32(BALANCE / 4)
        flow += along_time
        np.multiply(middle, np.float32(0.5), out=along_time)
        flow += along_time
        flow -= constant[rows]
        np.clip(flow, 0, magnitudes[rows], out=before)
    return harmonic[:n_rows]


def _neighbour_bins(values: Array) -> Array:
    """Sum of the two neighbours of each bin."""
    neighbours = np.empty_like(values)
    np.add(values[:, :-2], values[:, 2:], out=neighbours[:, 1:-1])
    np.multiply(values[:, 1], 2, out=neighbours[:, 0])
    np.multiply(values[:, -2], 2, out=neighbours[:, -1])
    return neighbours
