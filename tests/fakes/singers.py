"""Voices whose every sound is known: sung from a score, or spoken by espeak-ng, through WORLD.

A `Take` is what the WORLD vocoder plays. The same take, played with another pitch, other
formants and another breath, is another voice that sings the same at the same time.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyworld

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.audio.resample import resample

RATE = 16_000
FRAMES_PER_SECOND = 200
N_FFT = 512
FEATURE_FRAMES = 4  # 20 ms, as HuBERT's features, which RVC repeats for its frames of 10 ms
Features = Literal["all", "held", "gliding"]
VOWELS = {  # frequencies of three formants, Hz
    "a": (800, 1200, 2500),
    "e": (450, 1900, 2550),
    "i": (280, 2300, 3000),
    "o": (450, 850, 2450),
    "u": (310, 800, 2300),
}


@dataclass
class Take:
    """What WORLD plays, 200 times a second: pitch in Hz (0: none), spectrum, share of noise."""

    f0: np.ndarray
    spectrum: np.ndarray
    noise: np.ndarray

    def played(
        self,
        *,
        semitones: float = 0.0,
        formants: float = 1.0,
        breath: float = 0.0,
        features: Features = "all",
    ) -> np.ndarray:
        """The voice, shape (n_frames,) at 16 kHz.

        `formants`: their frequencies times this. `breath`: share of noise that is added.
        `features`: what the voice knows of the spectrum. A network that hears 25 ms every 20 ms
        knows their mean, and plays it until the next ("held") or glides to the next ("gliding").
        """
        f0 = self.f0 * 2.0 ** (semitones / 12.0)
        spectrum = {"all": np.asarray, "held": _held, "gliding": _gliding}[features](self.spectrum)
        bins = np.arange(spectrum.shape[1])
        from_bins = np.minimum(bins / formants, bins[-1])
        low = from_bins.astype(int)
        share = from_bins - low
        above = np.minimum(low + 1, bins[-1])
        spectrum = spectrum[:, low] ** (1 - share) * spectrum[:, above] ** share
        noise = np.minimum(1.0 - (1.0 - self.noise) * (1.0 - breath), 1.0)
        played = pyworld.synthesize(
            np.ascontiguousarray(f0), np.ascontiguousarray(spectrum), noise, RATE, 5.0
        )
        return np.asarray(played)


def _held(spectrum: np.ndarray) -> np.ndarray:
    """For every 20 ms the mean of the 25 ms around their middle, of what is nearly loudness."""
    before = np.pad(spectrum**0.25, ((1, FEATURE_FRAMES + 1), (0, 0)), mode="edge")
    first = np.arange(spectrum.shape[0]) // FEATURE_FRAMES * FEATURE_FRAMES
    heard = sum(before[first + k] for k in range(1, FEATURE_FRAMES + 1))
    heard = heard + 0.5 * (before[first] + before[first + FEATURE_FRAMES + 1])
    return np.asarray((heard / (FEATURE_FRAMES + 1)) ** 4)


def _gliding(spectrum: np.ndarray) -> np.ndarray:
    """Only every 20 ms is known; what is between is interpolated."""
    at = np.arange(spectrum.shape[0])
    before = at // FEATURE_FRAMES * FEATURE_FRAMES
    after = np.minimum(before + FEATURE_FRAMES, at[-1])
    share = ((at - before) / FEATURE_FRAMES)[:, np.newaxis]
    return np.asarray((spectrum[before] ** 0.5 * (1 - share) + spectrum[after] ** 0.5 * share) ** 2)


def sung(seconds: float, seed: int, *, legato: bool = False) -> Take:
    """Someone who sings syllables in phrases; `legato`: without rests and consonants."""
    random = np.random.default_rng(seed)
    n_frames = round(seconds * FRAMES_PER_SECOND)
    f0 = np.zeros(n_frames)
    spectrum = np.full((n_frames, N_FFT // 2 + 1), 1e-12)
    noise = np.ones_like(spectrum)
    at, phrase_end, pitch = random.integers(10, 60), 0, 60
    while at < n_frames:
        if at > phrase_end and not legato:
            at = _rest(spectrum, at, random)
            phrase_end = at + random.integers(400, 1200)
        if not legato or random.random() < 0.2:
            at = _consonant(spectrum, at, random)
        pitch = int(np.clip(pitch + random.integers(-4, 5), 48, 72))
        at = _vowel(f0, spectrum, noise, at, pitch, random)
    return Take(f0, spectrum, noise)


def _rest(spectrum: np.ndarray, at: int, random: np.random.Generator) -> int:
    """Silence of 0.2 to 1.2 s, with a breath before the next phrase."""
    length = int(random.integers(40, 240))
    breath = spectrum[at + length // 2 : at + length]
    breath += 2e-7 * np.hanning(len(breath) + 2)[1:-1, np.newaxis]
    return at + length


def _consonant(spectrum: np.ndarray, at: int, random: np.random.Generator) -> int:
    """A stop, a hiss or nothing."""
    kind, length = random.integers(3), int(random.integers(8, 26))
    hz = np.arange(spectrum.shape[1]) * RATE / N_FFT
    shape = np.exp(-(((hz - random.uniform(2500, 6500)) / 1500) ** 2))
    if kind == 0:
        at += length
        burst = spectrum[at : at + 5]
        burst += 1e-4 * shape * np.exp(-np.arange(len(burst)) / 2)[:, np.newaxis]
        return at + 5
    if kind == 1:
        hiss = spectrum[at : at + length]
        hiss += 3e-5 * shape * np.hanning(length + 2)[1 : len(hiss) + 1, np.newaxis]
        return at + length
    return at


def _vowel(  # noqa: PLR0917 - what a take is made of, a place and a pitch
    f0: np.ndarray,
    spectrum: np.ndarray,
    noise: np.ndarray,
    at: int,
    pitch: int,
    random: np.random.Generator,
) -> int:
    length = int(random.integers(24, 160))
    length = min(length, f0.size - at)
    if length <= 0:
        return at
    times = np.arange(length) / FRAMES_PER_SECOND
    vibrato = 0.4 * np.sin(2 * np.pi * 5.5 * times) * np.clip(times / 0.4 - 0.5, 0, 1)
    f0[at : at + length] = 440.0 * 2 ** ((pitch - 69 + vibrato) / 12)
    hz = np.arange(spectrum.shape[1]) * RATE / N_FFT
    formants = VOWELS[str(random.choice(list(VOWELS)))]
    shape = sum(
        10 ** (-n * 0.9) / (1 + ((hz - formant) / (60 + 30 * n)) ** 2)
        for n, formant in enumerate(formants)
    )
    rise = np.clip(np.arange(length) / 6, 0.02, 1) * np.clip(np.arange(length)[::-1] / 10, 0.02, 1)
    level = 1e-3 * rise**2 * 10 ** random.uniform(-0.6, 0.0)
    spectrum[at : at + length] += level[:, np.newaxis] * (shape + 1e-3)
    noise[at : at + length] = np.clip(hz / 12_000, 0.01, 1)
    return at + length


def espeak() -> str | None:
    """Where espeak-ng is, if it is."""
    return shutil.which("espeak-ng")


def spoken(text: str, folder: Path, voice: str = "en") -> tuple[np.ndarray, Take]:
    """A text read by a voice of espeak-ng, shape (n_frames,) at 16 kHz, and its take."""
    program = espeak()
    assert program, "espeak-ng is not installed"
    path = folder / "spoken.wav"
    subprocess.run([program, "-v", voice, "-s", "140", "-w", str(path), text], check=True)
    buffer: AudioBuffer = resample(read_audio(path), RATE)
    voice = buffer.samples[0].astype(np.float64)
    f0, times = pyworld.dio(voice, RATE, frame_period=5.0)
    f0 = pyworld.stonemask(voice, f0, times, RATE)
    spectrum = pyworld.cheaptrick(voice, f0, times, RATE)
    return voice, Take(f0, spectrum, pyworld.d4c(voice, f0, times, RATE))
