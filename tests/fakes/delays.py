"""Audio that is late by a known number of frames."""

from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer, Samples
from hanolab_dawtools.audio.files import write_audio


def pink_noise(n_frames: int, *, n_channels: int = 1, seed: int = 0) -> Samples:
    """Noise of 1/f power, as music has it, RMS 0.1, with nothing in the top 5 % of the band.

    It begins and ends softly, so that a delay by FFT does not ring at a cut.
    """
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal((n_channels, n_frames)))
    bins = np.arange(spectrum.shape[1])
    spectrum *= np.where(bins < 0.95 * bins[-1], 1 / np.sqrt(np.maximum(bins, 20)), 0)
    wave = np.fft.irfft(spectrum, n_frames)
    edge = min(1000, n_frames // 4)
    rise = np.sin(np.linspace(0, np.pi / 2, edge)) ** 2
    wave[:, :edge] *= rise
    wave[:, n_frames - edge :] *= rise[::-1]
    return np.asarray(wave * (0.1 / np.sqrt(np.mean(wave**2))), dtype=np.float32)


def late(samples: Samples, lag_frames: float) -> Samples:
    """The same number of frames, late by any number: zeros come in, what leaves is lost.

    A fraction is made by turning the phase of the whole, with room for what wraps around.
    """
    n_frames = samples.shape[1]
    whole = int(np.floor(lag_frames))
    moved = np.zeros_like(samples)
    if whole >= 0:
        moved[:, whole:] = samples[:, : max(n_frames - whole, 0)]
    else:
        moved[:, :whole] = samples[:, -whole:]
    fraction = lag_frames - whole
    if fraction == 0.0:
        return moved
    n_fft = 2 * n_frames
    turn = np.exp(-2j * np.pi * fraction * np.arange(n_fft // 2 + 1) / n_fft)
    return np.asarray(
        np.fft.irfft(np.fft.rfft(moved, n_fft) * turn, n_fft)[:, :n_frames], dtype=np.float32
    )


def write(path: Path, samples: Samples, sample_rate: int) -> Path:
    """Write samples as 32-bit float WAV; the path, for use in place."""
    write_audio(path, AudioBuffer(np.ascontiguousarray(samples, dtype=np.float32), sample_rate))
    return path
