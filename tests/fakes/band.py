"""A band made of mathematics: drums, bass and chords, each known exactly. 44.1 kHz stereo."""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.audio.buffer import Samples

RATE = 44_100


def band(seconds: int) -> tuple[Samples, Samples, Samples]:
    """Drums, bass and chords that play together, each of shape (2, n_frames)."""
    times = np.arange(seconds * RATE) / RATE
    drums = _bursts(times, seconds)
    bass = 0.35 * np.sin(2 * np.pi * 82.4 * times) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.25 * times))
    chord = _vibrato(times, 440.0) + _vibrato(times, 554.4)
    left, right = chord + _vibrato(times, 659.3), chord - _vibrato(times, 659.3)
    chords = np.stack([left * 1.2, right * 0.6])
    both = np.ones((2, 1))
    return tuple(np.float32(sound) for sound in (drums * both, bass * both, chords))  # type: ignore[return-value]


def _bursts(times: np.ndarray, seconds: int) -> np.ndarray:
    """Two noise bursts a second, each gone after a fifth of one; in the middle."""
    noise = np.random.default_rng(8).standard_normal(len(times))
    since = np.mod(times, 0.5)
    return 0.3 * noise * np.exp(-since / 0.03) * (since < 0.2) * (times < seconds)


def _vibrato(times: np.ndarray, frequency_hz: float) -> np.ndarray:
    """A tone that wavers by 20 cents five times a second."""
    depth = frequency_hz * (2 ** (20 / 1200) - 1) / 5.0
    return 0.1 * np.sin(2 * np.pi * frequency_hz * times + depth * np.sin(2 * np.pi * 5 * times))
