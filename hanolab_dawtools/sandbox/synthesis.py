"""A small synthesiser that stands for the music model, and says so.

The prompt seeds the key, the chords and the rhythm; a tempo in it ("120 bpm") is kept. The tiers
add parts: draft has chords and bass, studio drums, signature an arpeggio, maestro a melody.
Samples are float32, shape (2, n_frames), at 44.1 kHz; the length is what was asked, to the frame.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.sandbox.options import TIERS
from hanolab_dawtools.sandbox.results import Results

SAMPLE_RATE = 44_100
LOWEST_BPM, HIGHEST_BPM, DEFAULT_BPM = 40.0, 240.0, 100.0
NOTE = "made by the sandbox's synthesiser, not by a music model; lyrics are not sung"

_TEMPO = re.compile(r"(\d{2,3}(?:\.\d+)?)\s*bpm", re.IGNORECASE)
_PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 4, 3), (5, 3, 0, 4), (0, 4, 5, 3))  # degrees of the scale
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_DARK = ("minor", "melanchol", "sad", "dark", "moody")
_BEATS_PER_BAR = 4

Wave = npt.NDArray[np.float32]


def generate(request: Mapping[str, Any], results: Results, stop: Stop) -> str:
    """Write `song.wav`; the text says what it is.

    Raises
    ------
    DiskFull, NotWritable, JobCancelled
    """
    song = _Song(request)
    samples = song.play(stop)
    results.write("song.wav", AudioBuffer(samples, SAMPLE_RATE))
    return f"{NOTE}; {song.bpm:g} bpm"


def tempo_of(prompt: str) -> float:
    """Beats per minute that a prompt asks for."""
    match = _TEMPO.search(prompt)
    bpm = float(match[1]) if match else DEFAULT_BPM
    return min(max(bpm, LOWEST_BPM), HIGHEST_BPM)


class _Song:
    def __init__(self, request: Mapping[str, Any]) -> None:
        prompt = str(request["prompt"])
        seed = hashlib.sha256(f"{prompt}\n{request['tier']}".encode("utf-8", "surrogatepass"))
        self._random = np.random.default_rng(int.from_bytes(seed.digest()[:8], "big"))
        self.bpm = tempo_of(prompt)
        self._beat_seconds = 60.0 / self.bpm
        self._n_frames = max(1, round(float(request["duration"]) * SAMPLE_RATE))
        self._layers = TIERS.index(request["tier"]) + 1
        is_dark = any(word in prompt.lower() for word in _DARK)
        self._scale = _SCALES["minor" if is_dark else "major"]
        self._root = int(self._random.integers(45, 57))  # MIDI notes, A2 to G#3
        self._progression = _PROGRESSIONS[int(self._random.integers(len(_PROGRESSIONS)))]
        self._mix = np.zeros((2, self._n_frames), np.float32)

    def play(self, stop: Stop) -> Wave:
        """The whole piece, at most -1 dBFS, its last half second faded out."""
        n_bars = int(self._n_frames / SAMPLE_RATE / self._beat_seconds / _BEATS_PER_BAR) + 1
        for bar in range(n_bars):
            raise_if_stopped(stop)
            self._play_bar(bar * _BEATS_PER_BAR, self._progression[bar % 4])
        fade = min(self._n_frames, SAMPLE_RATE // 2)
        self._mix[:, -fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        peak = float(np.abs(self._mix).max())
        return self._mix * np.float32(0.89 / peak if peak else 1.0)

    def _play_bar(self, beat: float, degree: int) -> None:
        for step, pan in ((0, -0.3), (2, 0.3), (4, 0.0)):
            self._add(_tone(self._hz(degree + step), 3.9 * self._beat_seconds, 4), beat, 0.12, pan)
        for at in (0.0, 1.5, 2.0, 3.0):
            bass = _tone(self._hz(degree) / 2, 0.8 * self._beat_seconds, 2)
            self._add(bass, beat + at, 0.3, 0.0)
        if self._layers > 1:
            self._play_drums(beat)
        if self._layers > 2:
            for eighth in range(8):
                note = _tone(self._hz(degree + (0, 2, 4, 7)[eighth % 4]) * 2, 0.2, 3)
                self._add(note, beat + eighth / 2, 0.08, 0.6 if eighth % 2 else -0.6)
        if self._layers > 3:
            for at in range(_BEATS_PER_BAR):
                step = int(self._random.integers(0, 8))
                note = _tone(self._hz(step) * 2, 0.9 * self._beat_seconds, 5)
                self._add(note, beat + at, 0.12, 0.1)

    def _play_drums(self, beat: float) -> None:
        for at in range(_BEATS_PER_BAR):
            self._add(_kick() if at % 2 == 0 else self._noise(0.15), beat + at, 0.4, 0.0)
            self._add(self._noise(0.03), beat + at + 0.5, 0.1, 0.4)

    def _hz(self, degree: int) -> float:
        octave, step = divmod(degree, len(self._scale))
        note = self._root + 12 * octave + self._scale[step]
        return float(440.0 * 2.0 ** ((note - 69) / 12.0))

    def _noise(self, seconds: float) -> Wave:
        n_frames = int(seconds * SAMPLE_RATE)
        noise = self._random.uniform(-1.0, 1.0, n_frames)
        return (noise * np.exp(-5.0 * np.arange(n_frames) / n_frames)).astype(np.float32)

    def _add(self, wave: Wave, beat: float, gain: float, pan: float) -> None:
        start = round(beat * self._beat_seconds * SAMPLE_RATE)
        part = wave[: max(0, self._n_frames - start)]
        for channel, side in enumerate((1.0 - pan, 1.0 + pan)):
            self._mix[channel, start : start + len(part)] += np.float32(gain * side) * part


def _tone(hz: float, seconds: float, n_partials: int) -> Wave:
    """Partials that fall with their number, with a soft start and a decay."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    partials = range(1, n_partials + 1)
    wave = np.sum([np.sin(2 * np.pi * hz * n * time) / n**1.5 for n in partials], axis=0)
    envelope = np.minimum(time / 0.01, 1.0) * np.exp(-1.5 * time / seconds)
    release = np.minimum((seconds - time) / 0.02, 1.0)
    return np.asarray(wave * envelope * release, np.float32)


def _kick() -> Wave:
    time = np.arange(int(0.25 * SAMPLE_RATE)) / SAMPLE_RATE
    sweep = 2 * np.pi * (45.0 * time + 4.0 * (1.0 - np.exp(-30.0 * time)))
    return (np.sin(sweep) * np.exp(-12.0 * time)).astype(np.float32)
