"""Engines that give what the cloud gives, but free and at once: a voice, a song, a new piece."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
from fakes.engines import ShareEngine

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.engines.base import Capabilities
from hanolab_dawtools.model import Quote, Request, Stem, StemRole, Ticket

MODEL_RATE = 40_000
VOICE_GAIN = np.float32(0.5)


@dataclass
class VoiceEngine(ShareEngine):
    """Gives the mean of the channels at half the level, at 40 kHz, and `missing_seconds` short.

    With `full_song` in the parameters all channels come back, as a song.
    """

    handle_seconds: float = 0.0
    missing_seconds: float = 0.015

    def capabilities(self) -> Capabilities:
        return Capabilities("voice", "1", self.handle_seconds, is_paid=False)

    def start(self, request: Request, prepared, journal, stop, progress) -> Ticket:
        is_song = bool(request.parameters.get("full_song"))
        return Ticket("voice", json.dumps([str(request.input_path), is_song]))

    def finish(self, ticket: Ticket, folder: Path, stop, progress) -> list[Stem]:
        source, is_song = json.loads(ticket.text)
        voice = resample(read_audio(Path(source)), MODEL_RATE).samples
        if not is_song:
            voice = voice.mean(axis=0, dtype=np.float32, keepdims=True)
        end = voice.shape[1] - round(self.missing_seconds * MODEL_RATE)
        path = folder / "0-voice.wav"
        write_audio(path, AudioBuffer(voice[:, :end] * VOICE_GAIN, MODEL_RATE))
        self.n_finished += 1
        return [Stem(StemRole.MIX if is_song else StemRole.CONVERTED, path)]


@dataclass
class MusicEngine(ShareEngine):
    """Gives stereo noise of `seconds` at 44.1 kHz, as a file with the ending `suffix`."""

    seconds: float = 2.0
    suffix: str = "mp3"
    n_pieces: int = 1
    asked: list[Request] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        return Capabilities("music", "1", handle_seconds=0.0, is_paid=False)

    def quote(self, request: Request) -> Quote:
        self.asked.append(request)
        return Quote(0.0, float(request.parameters.get("duration", 30.0)))

    def start(self, request: Request, prepared, journal, stop, progress) -> Ticket:
        return Ticket("music", "")

    def finish(self, ticket: Ticket, folder: Path, stop, progress) -> list[Stem]:
        folder.mkdir(parents=True, exist_ok=True)
        stems = []
        for number in range(self.n_pieces):
            noise = np.random.default_rng(number).uniform(
                -0.5, 0.5, (round(self.seconds * 44_100), 2)
            )
            path = folder / f"{number}-mix.{self.suffix}"
            soundfile.write(path, noise, 44_100)  # a stand-in for the server's encoder
            stems.append(Stem(StemRole.MIX, path))
        self.n_finished += 1
        return stems
