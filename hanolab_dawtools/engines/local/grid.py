"""Short-time Fourier transform on a fixed grid of blocks, there and back, in any resolution.

Where blocks lie depends on the sound's first frame alone, never on how the sound arrives. In
front of the sound lies one window of zeros. Spectra are complex64, shape (n_channels, n_windows,
n_bins). The window is a periodic Hann window, used twice; what its squares add up to over all
overlaps is divided out on the way back: there and back together are the identity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.fft

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.engines.local.tensors import Array

Spectrum = npt.NDArray[np.complex64]


@dataclass(frozen=True)
class Grid:
    """Where windows and blocks lie.

    Attributes
    ----------
    window_frames, hop_frames
        Length of a window, and from one to the next; at least four windows overlap, and the
        hop divides the window.
    block_windows
        Windows of a block that belong to no other.
    context_windows
        Windows of its neighbours that a block has on either side besides.
    """

    window_frames: int
    hop_frames: int
    block_windows: int
    context_windows: int = 0

    @property
    def n_bins(self) -> int:
        """Frequencies of a spectrum, from 0 to half the sample rate."""
        return self.window_frames // 2 + 1

    @property
    def block_hop_frames(self) -> int:
        """From one block to the next."""
        return self.block_windows * self.hop_frames

    @property
    def block_frames(self) -> int:
        """Length of a block with its context."""
        return self._length(self.block_windows + 2 * self.context_windows)

    @property
    def sound_frames(self) -> int:
        """Length of a block's sound, without its context."""
        return self._length(self.block_windows)

    @property
    def context_frames(self) -> int:
        """What a block's first frame lies before its own first window."""
        return self.context_windows * self.hop_frames

    @cached_property
    def window(self) -> Array:
        """Periodic Hann window."""
        phases = 2 * np.pi * np.arange(self.window_frames) / self.window_frames
        return (0.5 - 0.5 * np.cos(phases)).astype(np.float32)

    def analyse(self, block: Samples) -> Spectrum:
        """Spectra of a block with its context, shape (n_channels, block_frames)."""
        windows = np.lib.stride_tricks.sliding_window_view(block, self.window_frames, axis=1)
        spectra: Spectrum = scipy.fft.rfft(windows[:, :: self.hop_frames] * self.window, axis=-1)
        return spectra

    def synthesise(self, spectra: Spectrum) -> Samples:
        """Sound of a block's own spectra, overwritten; shape (n_channels, sound_frames).

        Its edges lack what its neighbours add.
        """
        overlaps = self.window_frames // self.hop_frames
        windows = scipy.fft.irfft(spectra, self.window_frames, axis=-1, overwrite_x=True)
        windows *= self.window * np.float32(8 / (3 * overlaps))  # squares have the mean 3/8
        parts = windows.reshape(-1, self.block_windows, overlaps, self.hop_frames)
        n_hops = self.block_windows + overlaps - 1
        sound = np.zeros((len(parts), n_hops, self.hop_frames), dtype=np.float32)
        for overlap in range(overlaps):
            sound[:, overlap : overlap + self.block_windows] += parts[:, :, overlap]
        return sound.reshape(-1, self.sound_frames)

    def _length(self, n_windows: int) -> int:
        return (n_windows - 1) * self.hop_frames + self.window_frames


class BlockCutter:
    """Cuts a stream into blocks on the grid, each with its context."""

    def __init__(self, grid: Grid, n_channels: int) -> None:
        self._grid = grid
        self._waiting_frames = grid.context_frames + grid.window_frames
        self._waiting = [silence(n_channels, self._waiting_frames)]

    def push(self, samples: Samples) -> list[Samples]:
        """Take frames, shape (n_channels, any); return the blocks that are full."""
        length, hop = self._grid.block_frames, self._grid.block_hop_frames
        self._waiting.append(samples)
        self._waiting_frames += samples.shape[1]
        if self._waiting_frames < length:
            return []
        sound = np.concatenate(self._waiting, axis=1)
        blocks = []
        while sound.shape[1] >= length:
            blocks.append(sound[:, :length])
            sound = sound[:, hop:]
        self._waiting = [sound.copy()]
        self._waiting_frames = sound.shape[1]
        return blocks

    def finish(self) -> list[Samples]:
        """The last blocks, filled up with zeros, so that each frame is in all its windows."""
        hop = self._grid.block_hop_frames
        n_blocks = math.ceil((self._waiting_frames - self._grid.context_frames) / hop)
        end = (n_blocks - 1) * hop + self._grid.block_frames
        return self.push(silence(len(self._waiting[0]), end - self._waiting_frames))


class OverlapAdder:
    """Joins the blocks' sounds again, in order, without the zeros in front."""

    def __init__(self, grid: Grid, n_channels: int) -> None:
        self._hop_frames = grid.block_hop_frames
        self._tail = silence(n_channels, grid.sound_frames - grid.block_hop_frames)
        self._skip_frames = grid.window_frames

    def push(self, sound: Samples) -> Samples:
        """Take a block's sound, changed; return the frames that no later block adds to."""
        sound[:, : self._tail.shape[1]] += self._tail
        self._tail = sound[:, self._hop_frames :].copy()
        done = sound[:, self._skip_frames : self._hop_frames]
        self._skip_frames = 0
        return done
