"""Cutting and moving: pure functions on samples, float32, (n_channels, n_frames)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples, silence

SHIFT_REACH_FRAMES = 256  # of the kernel, on either side
FFT_FRAMES = 16_384  # of one block of the convolution
KAISER_BETA = 12.0  # side lobes below -120 dB

_Floats = npt.NDArray[np.float64]


def trim(samples: Samples, start_frame: int, stop_frame: int) -> Samples:
    """Frames start..stop as if there were silence around the samples: always stop - start."""
    result = silence(samples.shape[0], stop_frame - start_frame)
    first, last = max(start_frame, 0), min(stop_frame, samples.shape[1])
    if first < last:
        result[:, first - start_frame : last - start_frame] = samples[:, first:last]
    return result


def shift(samples: Samples, shift_frames: int) -> Samples:
    """The same number of frames, later by `shift_frames` (earlier when negative)."""
    return trim(samples, -shift_frames, samples.shape[1] - shift_frames)


def fractional_shift(samples: Samples, shift_frames: float) -> Samples:
    """The same number of frames, later by `shift_frames` (earlier when negative), any real number.

    Whole numbers change no bit. A fraction is made by a Kaiser-windowed sinc of 513 taps, right
    to -120 dB up to 0.97 of the Nyquist frequency. Frames start..stop of the result need
    `SHIFT_REACH_FRAMES` more frames on either side: with them a long file can be done in blocks.

    Source
    ------
    Laakso, Välimäki, Karjalainen & Laine 1996, IEEE Signal Processing Magazine 13(1), 30-60.
    """
    whole = math.floor(shift_frames)
    fraction = shift_frames - whole
    if fraction == 0.0:
        return shift(samples, whole)
    # From the samples, not from what a shift by whole frames left of them.
    first = -whole - SHIFT_REACH_FRAMES
    last = first + samples.shape[1] + 2 * SHIFT_REACH_FRAMES
    return _filtered(trim(samples, first, last), _shift_kernel(fraction))


def _filtered(samples: Samples, kernel: _Floats) -> Samples:
    """Convolution of each channel with `kernel`, where it fits whole, by overlap-save."""
    step = FFT_FRAMES - len(kernel) + 1
    result = silence(samples.shape[0], samples.shape[1] - len(kernel) + 1)
    spectrum = np.fft.rfft(kernel, FFT_FRAMES)
    for start in range(0, result.shape[1], step):
        block = np.fft.rfft(samples[:, start : start + FFT_FRAMES].astype(np.float64), FFT_FRAMES)
        made = np.fft.irfft(block * spectrum, FFT_FRAMES)[:, len(kernel) - 1 :]
        n_frames = min(step, result.shape[1] - start)
        result[:, start : start + n_frames] = made[:, :n_frames]
    return result


def _shift_kernel(fraction: float) -> _Floats:
    """Impulse response of a delay of `fraction` frames, 0..1, centred on SHIFT_REACH_FRAMES."""
    reach = SHIFT_REACH_FRAMES
    offset = np.arange(-reach, reach + 1) - fraction
    window = np.i0(KAISER_BETA * np.sqrt(np.clip(1 - (offset / reach) ** 2, 0, None)))
    kernel = np.sinc(offset) * window
    return np.asarray(kernel / kernel.sum())
