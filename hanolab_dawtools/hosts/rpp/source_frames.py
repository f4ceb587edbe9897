"""What the source of a take holds, frame by frame at the media's own rate.

A source is a stretch of a media file (all of it, or a section), perhaps backwards, perhaps
looped. Frame 0 is where it begins; before it and behind its end is silence, or, looped, the same
again. So every later stage, whatever its rate and speed, sees one plain row of frames.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioInfo, AudioReader
from hanolab_dawtools.hosts.project.timeline import Source
from hanolab_dawtools.units import seconds_to_frames

_WHOLE_FILE = 1  # bits of a section's MODE: 1 the section is switched off, 2 reversed
_REVERSED = 2


@dataclass(frozen=True)
class Stretch:
    """The part of a media file that a source is; frames of the file."""

    first_frame: int
    n_frames: int
    is_reversed: bool = False
    is_looped: bool = False

    def file_frame(self, frame: int) -> int:
        """Frame of the file that frame `frame` of the source is."""
        if self.is_looped and self.n_frames:
            frame %= self.n_frames
        if self.is_reversed:
            return self.first_frame + self.n_frames - 1 - frame
        return self.first_frame + frame


def stretch_of(source: Source, media: AudioInfo, *, is_looped: bool) -> Stretch:
    """The stretch of `media` that a source plays.

    A section without a length reaches to the end of the file; one that reaches over the end, or
    begins before the start, has silence there.
    """
    first, n_frames = 0, media.n_frames
    is_section = source.kind == "SECTION"
    if is_section and not source.section_mode & _WHOLE_FILE:
        first = seconds_to_frames(source.section_start_seconds, media.sample_rate)
        n_frames = seconds_to_frames(source.section_length_seconds, media.sample_rate)
        if n_frames <= 0:
            n_frames = max(0, media.n_frames - first)
    is_reversed = is_section and bool(source.section_mode & _REVERSED)
    return Stretch(first, n_frames, is_reversed, is_looped)


class SourceFrames(AbstractContextManager["SourceFrames"]):
    """An open source; implements `audio.varispeed.FrameSource`. One thread at a time.

    Raises
    ------
    AudioFileError
        As `audio.files.AudioReader`.
    """

    def __init__(self, reader: AudioReader, stretch: Stretch) -> None:
        self._reader = reader
        self._stretch = stretch
        self._short_loop: Samples | None = None

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return self._reader.info.n_channels

    def read_at(self, start: int, n_frames: int) -> Samples:
        """Frames start..start + n_frames of the source, shape (n_channels, n_frames)."""
        length = self._stretch.n_frames
        if not self._stretch.is_looped or (start >= 0 and start + n_frames <= length):
            return self._inside(start, n_frames)
        if length == 0:
            return silence(self.n_channels, n_frames)
        if length <= BLOCK_FRAMES:
            if self._short_loop is None:
                self._short_loop = self._inside(0, length)
            return self._short_loop[:, np.arange(start, start + n_frames) % length]
        samples = silence(self.n_channels, n_frames)
        done = 0
        while done < n_frames:
            place = (start + done) % length
            count = min(n_frames - done, length - place)
            samples[:, done : done + count] = self._inside(place, count)
            done += count
        return samples

    def _inside(self, start: int, n_frames: int) -> Samples:
        """Frames of one pass; silence outside of it."""
        stretch = self._stretch
        first, last = max(start, 0), min(start + n_frames, stretch.n_frames)
        if first >= last:
            return silence(self.n_channels, n_frames)
        if stretch.is_reversed:
            file_start = stretch.first_frame + stretch.n_frames - last
            samples = self._reader.read_at(file_start, last - first)[:, ::-1]
        else:
            samples = self._reader.read_at(stretch.first_frame + first, last - first)
        if last - first == n_frames:
            return samples
        result = silence(self.n_channels, n_frames)
        result[:, first - start : last - start] = samples
        return result

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __exit__(self, *_: object) -> None:
        self.close()
