"""Short-time Fourier transform on a fixed grid of blocks, there and back.

Conventions, as Spleeter was trained: 44.1 kHz, periodic Hann windows of 4096 frames, 1024 apart,
4096 zeros before the first frame of sound. A block is 512 windows; block `b` holds the windows
that start at frames `b * BLOCK_HOP_FRAMES` and on of the padded sound. Where blocks lie depends
on the sound's first frame alone, never on how the sound arrives. Spectra are complex64, shape
(n_channels, 512, 2049).

The window is used twice, so that the sum of its squares over all overlaps is 1.5, which the way
back divides out: transform and inverse together are the identity.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy.fft

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.engines.local.networks import BLOCK_WINDOWS, NETWORK_BINS
from hanolab_dawtools.engines.local.tensors import Array

NETWORK_RATE = 44_100  # Hz; as trained
WINDOW_FRAMES = 4096
HOP_FRAMES = 1024
LEAD_FRAMES = 4096  # zeros in front; as trained
BLOCK_HOP_FRAMES = BLOCK_WINDOWS * HOP_FRAMES
BLOCK_FRAMES = BLOCK_HOP_FRAMES - HOP_FRAMES + WINDOW_FRAMES

_OVERLAP_FRAMES = BLOCK_FRAMES - BLOCK_HOP_FRAMES
_OVERLAPS = WINDOW_FRAMES // HOP_FRAMES
_HANN: Array = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_FRAMES) / WINDOW_FRAMES)).astype(
    np.float32
)
_SYNTHESIS: Array = _HANN * np.float32(2 / 3)

Spectrum = npt.NDArray[np.complex64]


def analyse(block: Samples) -> Spectrum:
    """Spectra of a block, shape (n_channels, BLOCK_FRAMES)."""
    windows = np.lib.stride_tricks.sliding_window_view(block, WINDOW_FRAMES, axis=1)
    spectra: Spectrum = scipy.fft.rfft(windows[:, ::HOP_FRAMES] * _HANN, axis=-1)
    return spectra


def synthesise(spectra: Spectrum) -> Samples:
    """Sound of a block, shape (n_channels, BLOCK_FRAMES); its edges lack what neighbours add."""
    windows = scipy.fft.irfft(spectra, WINDOW_FRAMES, axis=-1, overwrite_x=True)
    windows *= _SYNTHESIS
    parts = windows.reshape(-1, BLOCK_WINDOWS, _OVERLAPS, HOP_FRAMES)
    sound = np.zeros((len(parts), BLOCK_WINDOWS + _OVERLAPS - 1, HOP_FRAMES), dtype=np.float32)
    for overlap in range(_OVERLAPS):
        sound[:, overlap : overlap + BLOCK_WINDOWS] += parts[:, :, overlap]
    return sound.reshape(-1, BLOCK_FRAMES)


def magnitudes(spectra: Spectrum, gain: float) -> Array:
    """What the networks see: magnitudes of the lower bins, times `gain`, of two channels.

    A single channel is shown as two alike.
    """
    seen = spectra[..., :NETWORK_BINS] * np.float32(gain)
    lengths = np.square(seen.real)
    lengths += np.square(seen.imag)
    np.sqrt(lengths, out=lengths)
    return np.repeat(lengths, 2, axis=0) if len(lengths) == 1 else lengths


def apply_mask(spectra: Spectrum, mask: Array) -> None:
    """Multiply spectra, in place, by a mask of the lower bins; shape (2, 512, 1024).

    Above 11 kHz, where the networks hear nothing, each window's average mask is used; for a
    single channel the average of the two masks.

    Source: `mask_extension: average` of Spleeter (the 2-stem model ships with "zeros", by which
    both stems lose everything above 11 kHz).
    """
    if len(spectra) == 1:
        mask = mask.mean(axis=0, keepdims=True)
    spectra[..., :NETWORK_BINS] *= mask
    spectra[..., NETWORK_BINS:] *= mask.mean(axis=-1, keepdims=True)


class BlockCutter:
    """Cuts a stream into overlapping blocks on the grid."""

    def __init__(self, n_channels: int) -> None:
        self._waiting = [silence(n_channels, LEAD_FRAMES)]
        self._waiting_frames = LEAD_FRAMES

    def push(self, samples: Samples) -> list[Samples]:
        """Take frames, shape (n_channels, any); return the blocks that are full."""
        self._waiting.append(samples)
        self._waiting_frames += samples.shape[1]
        if self._waiting_frames < BLOCK_FRAMES:
            return []
        sound = np.concatenate(self._waiting, axis=1)
        blocks = []
        while sound.shape[1] >= BLOCK_FRAMES:
            blocks.append(sound[:, :BLOCK_FRAMES])
            sound = sound[:, BLOCK_HOP_FRAMES:]
        self._waiting = [sound.copy()]
        self._waiting_frames = sound.shape[1]
        return blocks

    def finish(self) -> list[Samples]:
        """The last blocks, filled up with zeros, so that each frame is in all its windows."""
        n_blocks = math.ceil(self._waiting_frames / BLOCK_HOP_FRAMES)
        end = (n_blocks - 1) * BLOCK_HOP_FRAMES + BLOCK_FRAMES
        return self.push(silence(len(self._waiting[0]), end - self._waiting_frames))


class OverlapAdder:
    """Joins the blocks' sounds again, in order, without the zeros in front."""

    def __init__(self, n_channels: int) -> None:
        self._tail = silence(n_channels, _OVERLAP_FRAMES)
        self._skip_frames = LEAD_FRAMES

    def push(self, block: Samples) -> Samples:
        """Take a block's sound; return the frames that no later block adds to."""
        block[:, :_OVERLAP_FRAMES] += self._tail
        self._tail = block[:, BLOCK_HOP_FRAMES:].copy()
        done = block[:, self._skip_frames : BLOCK_HOP_FRAMES]
        self._skip_frames = 0
        return done
