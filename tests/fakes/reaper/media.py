"""Media files as REAPER sees them: what a header says, and which files it takes at all."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import soundfile
from fakes.reaper.things import Source

KINDS = {"WAV": "WAVE", "WAVEX": "WAVE", "RF64": "WAVE", "W64": "WAVE", "FLAC": "FLAC"}
KINDS |= {"OGG": "VORBIS", "MP3": "MP3", "AIFF": "AIFF"}
BY_SUFFIX = {".mid": "MIDI", ".midi": "MIDI", ".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS"}


def open_source(file: str, *, kind: str = "", section: Sequence[float] = ()) -> Source:
    """The source of a file as a project has it; one that cannot be read is there, but empty.

    `section`: offset and length in seconds, and 1 when it is reversed; the file is its parent.
    """
    if section:
        inner = open_source(file)
        offset, length, is_reversed = (*section, 0)[:3]
        rate, n_channels = inner.sample_rate, inner.n_channels
        return Source("", "SECTION", rate, n_channels, length, offset, bool(is_reversed), inner)
    source = create_source(file)
    if source is None:
        suffix = Path(file).suffix.lower()
        source = Source(file, kind or BY_SUFFIX.get(suffix, "WAVE"))
    source.kind = kind or source.kind
    return source


def create_source(file: str) -> Source | None:
    """What PCM_Source_CreateFromFile gives: None when it is no media file."""
    try:
        stat = Path(file).stat()
    except OSError:
        return None
    header = _header(file, stat.st_mtime_ns, stat.st_size)
    if header is None:
        return None
    kind, sample_rate, n_channels, n_frames = header
    return Source(file, kind, sample_rate, n_channels, n_frames / sample_rate)


@lru_cache(maxsize=4096)
def _header(file: str, _time: int, _size: int) -> tuple[str, int, int, int] | None:
    try:
        info = soundfile.info(file)
    except (soundfile.LibsndfileError, RuntimeError):
        return None
    return KINDS.get(info.format, info.format), info.samplerate, info.channels, info.frames
