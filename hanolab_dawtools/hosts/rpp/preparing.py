"""Audio that must be made before a capture can play it: sound of videos, stretched takes.

It is made into 32-bit float WAVs in a folder inside the capture's own, which goes when the
capture is written; one that a crash left is replaced.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Self

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.containers import decode_container
from hanolab_dawtools.audio.files import AudioInfo, AudioReader, AudioWriter
from hanolab_dawtools.audio.stretch import stretched_blocks
from hanolab_dawtools.durable import translated_os_errors
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.hosts.rpp.planning import Plan
from hanolab_dawtools.hosts.rpp.render import checked, naming
from hanolab_dawtools.hosts.rpp.source_frames import SourceFrames, Stretch
from hanolab_dawtools.hosts.rpp.voices import Voice

_FOLDER_NAME = "making"
_EDGE_FRAMES = 2_048  # made on either side of what plays, for the resampler behind


class Preparation(AbstractContextManager["Preparation"]):
    """Makes audio in a folder that lasts as long as the `with` block.

    Raises
    ------
    DiskFull, NotWritable, JobCancelled
        From any method.
    """

    def __init__(self, folder: Path, stop: Stop, progress: ProgressCallback) -> None:
        self._folder = folder / _FOLDER_NAME
        self._stop = stop
        self._progress = progress
        self._n_made = 0
        self._seconds = self._left_seconds = 0.0

    def __enter__(self) -> Self:
        with translated_os_errors(self._folder):
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def decoded(self, path: Path) -> AudioInfo:
        """The sound of a video as a WAV.

        Raises
        ------
        AudioFileError, ExtraMissing
        """
        return decode_container(path, self._new_path(), stop=self._stop, progress=self._progress)

    def prepared(self, plan: Plan) -> Plan:
        """The plan with every stretched voice replaced by one that plays what was made of it.

        Raises
        ------
        AudioFileError
            Media cannot be decoded, or holds NaN or an infinity; names the item.
        SetupError
            pedalboard cannot be loaded.
        """
        spans = {voice: _span(voice, plan) for voice in plan.voices if voice.time_stretch}
        self._left_seconds = self._seconds = sum(
            len(span) / voice.media_rate for voice, span in spans.items()
        )
        voices = [
            self._stretched(voice, spans[voice], plan.sample_rate) if voice in spans else voice
            for voice in plan.voices
        ]
        return replace(plan, voices=tuple(voices))

    def _stretched(self, voice: Voice, span: range, sample_rate: int) -> Voice:
        path = self._new_path()
        with (
            naming(voice),
            SourceFrames(AudioReader(voice.path), voice.stretch) as source,
            AudioWriter(path, voice.media_rate, source.n_channels, n_frames=len(span)) as writer,
        ):
            for block in self._blocks(voice, source, span):
                writer.write(block)
                self._left_seconds -= block.shape[1] / voice.media_rate
                done = self._seconds - self._left_seconds
                self._progress(Progress("stretching", min(done / self._seconds, 1.0), done))
        return replace(
            voice,
            path=path,
            stretch=Stretch(0, len(span)),
            is_plain_file=True,
            origin=float(-span.start),
            step=voice.media_rate / sample_rate,
            time_stretch=None,
        )

    def _blocks(self, voice: Voice, source: SourceFrames, span: range) -> Iterator[Samples]:
        def read(start: int, stop: int) -> Samples:
            return checked(voice, source.read_at(start, stop - start), start, 1.0)

        if voice.time_stretch is None:
            raise AssertionError("only stretched voices are stretched")
        return stretched_blocks(read, voice.time_stretch, voice.media_rate, span, self._stop)

    def _new_path(self) -> Path:
        self._n_made += 1
        return self._folder / f"{self._n_made}.wav"


def _span(voice: Voice, plan: Plan) -> range:
    """What of a voice the plan needs, in frames of its media's rate from its start on."""
    per_frame = voice.media_rate / plan.sample_rate
    first = max(plan.first_frame, voice.start_frame) - voice.start_frame
    last = min(plan.last_frame, voice.end_frame) - voice.start_frame
    return range(int(first * per_frame) - _EDGE_FRAMES, int(last * per_frame) + 1 + _EDGE_FRAMES)
