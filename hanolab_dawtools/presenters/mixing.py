"""Lanes of audio mixed for listening: gains that glide instead of jumping, so nothing clicks.

Samples are float32, shape (n_channels, n_frames), at the device's rate. Gains are linear factors.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence

GLIDE_SECONDS = 0.010  # of a gain from 0 to 1: shorter than a note, longer than a click


class Glide:
    """A gain that moves to where it is set at a steady pace: 0 to 1 in `GLIDE_SECONDS`."""

    def __init__(self, sample_rate: int, gain: float = 0.0) -> None:
        self.gain = gain
        self.target = gain
        self._step = 1.0 / max(1.0, GLIDE_SECONDS * sample_rate)

    @property
    def is_still(self) -> bool:
        """Whether it is where it shall be."""
        return self.gain == self.target

    def jump(self, gain: float) -> None:
        """Be there at once."""
        self.gain = self.target = gain

    def next(self, n_frames: int) -> Samples:
        """The gain of each of the next frames, shape (1, n_frames)."""
        if self.is_still:
            return np.full((1, n_frames), self.gain, np.float32)
        step = self._step * max(1.0, abs(self.target - self.gain))  # large moves are no slower
        reach = np.arange(1, n_frames + 1) * step
        if self.target > self.gain:
            gains = np.minimum(self.gain + reach, self.target)
        else:
            gains = np.maximum(self.gain - reach, self.target)
        self.gain = float(gains[-1]) if n_frames else self.gain
        return np.asarray(gains[None], np.float32)


class LaneMixer:
    """The sum of lanes, each at its own gliding gain; a new lane begins at its gain."""

    def __init__(self, sample_rate: int, n_channels: int) -> None:
        self.sample_rate = sample_rate
        self.n_channels = n_channels
        self._glides: dict[str, Glide] = {}

    def set_gains(self, gains: Mapping[str, float]) -> None:
        """Let lanes glide to these gains; lanes that are not named fade out."""
        for key, gain in gains.items():
            if key in self._glides:
                self._glides[key].target = gain
            else:
                self._glides[key] = Glide(self.sample_rate, gain)
        for key in self._glides.keys() - gains.keys():
            self._glides[key].target = 0.0

    def mix(self, lanes: Mapping[str, Samples], n_frames: int) -> Samples:
        """The next frames; lanes must have `n_frames` of them."""
        mixed = silence(self.n_channels, n_frames)
        for key, glide in self._glides.items():
            gains = glide.next(n_frames)
            if key in lanes and (gains[0, 0] != 0.0 or gains[0, -1] != 0.0):
                mixed += gains * lanes[key]
        return mixed


def fitted(samples: Samples, n_channels: int) -> Samples:
    """Samples for so many channels: mono everywhere, else what is too much is folded in.

    A channel that has no place is added to the one it lies on when they are counted round, as 5.1
    on headphones is heard; the sum is scaled so that equal channels keep their level.
    """
    if samples.shape[0] == n_channels:
        return samples
    if samples.shape[0] == 1:
        return np.repeat(samples, n_channels, axis=0)
    folded = silence(n_channels, samples.shape[1])
    counts = np.zeros((n_channels, 1), np.float32)
    for channel, one in enumerate(samples):
        folded[channel % n_channels] += one
        counts[channel % n_channels] += 1
    return np.asarray(folded / np.maximum(counts, 1), np.float32)
