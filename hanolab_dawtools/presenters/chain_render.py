"""Sending a stretch of a lane through a chain, for listening."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools import durable
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.presenters.lanes import LaneSource
from hanolab_dawtools.units import seconds_to_frames

if TYPE_CHECKING:
    from hanolab_dawtools.audio.files import AudioReader
    from hanolab_dawtools.audio.processors import LoadPlugin

LEAD_SECONDS = 2.0  # rendered in front of it, for the effects to settle
LEFT_SECONDS = 86_400.0  # so old is what another process left when it ended badly


@dataclass(frozen=True)
class Stretch:
    """Seconds of the axis of one lane, and the effects they are to go through."""

    lane: LaneSource
    start_seconds: float
    end_seconds: float
    effects: tuple[EffectSpec, ...]


@dataclass(frozen=True)
class Rendered:
    """A stretch in a folder of its own: without the effects (`dry`), and with them (`wet`)."""

    stretch: Stretch
    folder: Path

    @property
    def dry(self) -> Path:
        """The sound as it is."""
        return self.folder / "dry.wav"

    @property
    def wet(self) -> Path:
        """The sound behind the chain."""
        return self.folder / "wet.wav"


def render_stretch(stretch: Stretch, folder: Path, load_plugin: LoadPlugin, stop: Stop) -> Rendered:
    """Render a stretch into a new folder inside of `folder`; both files are equally long.

    Raises
    ------
    AudioFileError, UsageError, SetupError, DiskFull, NotWritable, JobCancelled
    """
    from hanolab_dawtools.audio.chain import render_chain
    from hanolab_dawtools.audio.files import AudioReader

    with durable.translated_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        made = Rendered(stretch, Path(tempfile.mkdtemp(dir=folder)))
    led, behind = made.folder / "led.wav", made.folder / "behind.wav"
    try:
        with AudioReader(stretch.lane.path) as reader:
            offset, rate = stretch.lane.start_seconds, reader.info.sample_rate
            start = max(seconds_to_frames(stretch.start_seconds - offset, rate), 0)
            end = min(seconds_to_frames(stretch.end_seconds - offset, rate), reader.info.n_frames)
            lead = min(seconds_to_frames(LEAD_SECONDS, rate), start)
            _copy(reader, start, end, made.dry, stop)
            _copy(reader, start - lead, end, led, stop)
        render_chain(led, behind, stretch.effects, load_plugin=load_plugin, stop=stop)
        with AudioReader(behind) as reader:
            _copy(reader, lead, lead + end - start, made.wet, stop)
    except BaseException:
        shutil.rmtree(made.folder, ignore_errors=True)
        raise
    for path in (led, behind):
        path.unlink()
    return made


def remove_others(folder: Path, kept: Path | None) -> None:
    """Remove all that was rendered into a folder, but one."""
    if folder.is_dir():
        for each in folder.iterdir():
            if each != kept:
                shutil.rmtree(each, ignore_errors=True)  # what is open on Windows goes later


def remove_left(parent: Path) -> None:
    """Remove folders of processes that ended without doing so."""
    if parent.is_dir():
        for each in parent.iterdir():
            with suppress(OSError):  # another process may remove it at the same time
                if time.time() - each.stat().st_mtime > LEFT_SECONDS:
                    shutil.rmtree(each)


def _copy(reader: AudioReader, start: int, end: int, path: Path, stop: Stop) -> None:
    from hanolab_dawtools.audio.files import AudioWriter

    info = reader.info
    with AudioWriter(path, info.sample_rate, info.n_channels, n_frames=end - start) as writer:
        for block in reader.blocks(start, end):
            raise_if_stopped(stop)
            writer.write(block)
