"""Signals whose properties are known: every truth about audio in the tests starts here."""

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples


def sine(
    frequency_hz: float,
    sample_rate: int,
    n_frames: int,
    *,
    n_channels: int = 1,
    amplitude: float = 0.5,
    phase: float = 0.0,
) -> AudioBuffer:
    """The same sine in every channel; frame k holds amplitude * sin(2 pi f k / rate + phase)."""
    turns = np.arange(n_frames) * (frequency_hz / sample_rate)
    wave = amplitude * np.sin(2 * np.pi * (turns % 1.0) + phase)
    return AudioBuffer(np.tile(wave.astype(np.float32), (n_channels, 1)), sample_rate)


def noise(
    sample_rate: int, n_frames: int, *, n_channels: int = 1, amplitude: float = 0.3, seed: int = 0
) -> AudioBuffer:
    """White noise, uniform in +-amplitude, different in every channel."""
    values = np.random.default_rng(seed).uniform(-amplitude, amplitude, (n_channels, n_frames))
    return AudioBuffer(values.astype(np.float32), sample_rate)


def click(sample_rate: int, n_frames: int, at_frame: int, *, n_channels: int = 1) -> AudioBuffer:
    """Silence but for one frame of full scale."""
    samples = np.zeros((n_channels, n_frames), dtype=np.float32)
    samples[:, at_frame] = 1.0
    return AudioBuffer(samples, sample_rate)


def loudest_at(samples: Samples) -> int:
    """Frame of the largest magnitude in the first channel."""
    return int(np.argmax(np.abs(samples[0])))


def error_db(samples: Samples, expected: Samples) -> float:
    """Largest difference, in dB below full scale; the shapes must be equal."""
    assert samples.shape == expected.shape
    difference = np.abs(samples.astype(np.float64) - expected.astype(np.float64))
    return float(20 * np.log10(max(difference.max(initial=0.0), 1e-30)))
