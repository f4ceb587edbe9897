"""A singer as a capture, and what a voice conversion makes of it, with known faults in time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from fakes.singers import RATE as SUNG_RATE
from fakes.singers import sung

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.digest import content_digest
from hanolab_dawtools.audio.files import probe, write_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.model import Capture

SECONDS = 5.0
LEVEL = np.float32(20.0)  # the singers of `fakes.singers` are quiet: this brings them to -25 LUFS


@cache
def _played(*, is_converted: bool, seconds: float) -> np.ndarray:
    take = sung(seconds, 3)
    voice = take.played(semitones=5, formants=1.12, breath=0.1) if is_converted else take.played()
    return voice[: round(seconds * SUNG_RATE)].astype(np.float32)[np.newaxis] * LEVEL


@dataclass(frozen=True)
class Conversion:
    """What came back: `late_seconds` of silence first, `missing_seconds` cut off at the end."""

    rate: int = 40_000
    declared_rate: int | None = None
    late_seconds: float = 0.0
    missing_seconds: float = 0.02
    gain: float = 1.0
    n_channels: int = 1

    def write(self, path: Path, *, seconds: float = SECONDS) -> Path:
        """Write it as 32-bit float WAV."""
        voice = AudioBuffer(_played(is_converted=True, seconds=seconds), SUNG_RATE)
        samples = resample(voice, self.rate).samples * np.float32(self.gain)
        late = np.zeros((1, round(self.late_seconds * self.rate)), np.float32)
        end = samples.shape[1] - round(self.missing_seconds * self.rate)
        whole = np.repeat(np.concatenate([late, samples[:, :end]], axis=1), self.n_channels, axis=0)
        write_audio(path, AudioBuffer(whole, self.declared_rate or self.rate))
        return path


def write_source(
    path: Path, rate: int, pan: tuple[float, ...] = (1.0,), *, seconds: float = SECONDS
) -> Path:
    """The singer, with a gain for each channel."""
    voice = resample(AudioBuffer(_played(is_converted=False, seconds=seconds), SUNG_RATE), rate)
    gains = np.array(pan, dtype=np.float32)[:, np.newaxis]
    write_audio(path, AudioBuffer(voice.samples * gains, rate))
    return path


def captured(path: Path) -> Capture:
    """A capture that is a whole file."""
    info = probe(path)
    rate, digest = info.sample_rate, content_digest(path)
    return Capture(path, rate, info.n_channels, info.n_frames, 0, 0, 0, digest)
