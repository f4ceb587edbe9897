"""Voices made by mathematics alone: pulses of a known pitch through resonances that are known.

Sound is float64, shape (n_frames,).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs
from hanolab_dawtools.engines.local.voice.preview import preview_voice
from hanolab_dawtools.events import NeverStop, ignore_progress

RATE = 16_000
AH = ((700.0, 90.0), (1200.0, 100.0), (2600.0, 140.0), (3500.0, 200.0))  # formant, width; Hz
EE = ((300.0, 80.0), (2200.0, 120.0), (3000.0, 150.0), (3700.0, 200.0))


def sung(
    pitch_hz: float | np.ndarray,
    seconds: float,
    rate: int = RATE,
    formants: tuple[tuple[float, float], ...] = AH,
) -> np.ndarray:
    """A vowel held at a pitch, or along one given for every frame."""
    pitch = np.broadcast_to(np.asarray(pitch_hz, dtype=float), round(seconds * rate))
    phase = np.concatenate([[0.0], np.cumsum(pitch / rate)]) + 0.3
    at = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    behind = (phase[at + 1] - np.floor(phase[at + 1])) / (phase[at + 1] - phase[at])
    sound = np.zeros(pitch.size + 1)
    sound[at] = behind  # a pulse between two frames is shared by them
    sound[at + 1] += 1.0 - behind
    sound = lfilter([1.0], np.convolve([1.0, -0.97], [1.0, -0.9]), sound[:-1])
    sound = lfilter([1.0, -1.0], [1.0, -0.995], sound)
    for centre, width in formants:
        radius = np.exp(-np.pi * width / rate)
        turn = 2.0 * np.cos(2.0 * np.pi * centre / rate)
        sound = lfilter([1.0], [1.0, -radius * turn, radius**2], sound)
    return np.asarray(0.5 * sound / np.abs(sound).max())


def vibrato(pitch_hz: float, seconds: float, rate: int = RATE) -> np.ndarray:
    """A pitch for every frame, half a semitone up and down five times a second."""
    times = np.arange(round(seconds * rate)) / rate
    return np.asarray(pitch_hz * 2.0 ** (0.5 / 12.0 * np.sin(2.0 * np.pi * 5.0 * times)))


def gated(sound: np.ndarray, rate: int = RATE, *, on: float = 0.25, every: float = 0.5):
    """A sound that is heard for `on` seconds at the end of every `every` seconds."""
    times = np.arange(sound.size) / rate
    gate = ((times % every) > every - on).astype(float)
    return sound * np.convolve(gate, np.full(rate // 200, 200 / rate), mode="same")


def hiss(seconds: float, rate: int = RATE, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(5).normal(0.0, level, round(seconds * rate))


def written(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    """A file of shape (n_frames,) or (n_channels, n_frames)."""
    samples = np.ascontiguousarray(np.atleast_2d(sound), dtype=np.float32)
    write_audio(path, AudioBuffer(samples, rate))
    return path


def previewed(folder: Path, sound: np.ndarray, rate: int = RATE, *, n_workers: int = 1, **knobs):
    """What the preview makes of a sound: shape (n_frames,), and its rate."""
    source, target = written(folder / "voice.wav", sound, rate), folder / "preview.wav"
    preview_voice(
        source,
        target,
        VoiceKnobs.of(knobs),
        n_workers=n_workers,
        stop=NeverStop(),
        progress=ignore_progress,
    )
    made = read_audio(target)
    assert made.n_channels == 1
    return made.samples[0].astype(float), made.sample_rate
