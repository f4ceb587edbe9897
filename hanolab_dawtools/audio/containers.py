"""The sound of video files and of audio that only FFmpeg reads (AAC). The only user of PyAV.

PyAV is the extra `video`, loaded on first use. A file's default audio stream is decoded to a
32-bit float WAV whose frame 0 is the container's start. A stream that begins later gets silence
in front (to a millisecond, the clock of most containers). The encoder's run-in is left out as
the container tells it (edit lists, the delays of Matroska and Opus); AVI and MPEG-TS tell
nothing, and AAC or MP3 in them comes 20 to 60 ms late. No other file is opened than the named.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import (
    MAX_CHANNELS,
    MAX_SAMPLE_RATE,
    MIN_SAMPLE_RATE,
    AudioInfo,
    AudioWriter,
    probe,
)
from hanolab_dawtools.errors import AudioFileError, ExtraMissing
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.units import format_clock, seconds_to_frames

# FFmpeg's names of the formats that may be opened: none of them refers to other files.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpeg,mpegts,mpegvideo,"
    "aac,ac3,mp3,ogg,wav,w64,aiff,caf,flac,wv"
)
_GAP_SECONDS = 0.05  # coarse clocks (1 ms in Matroska) err by less; real gaps are longer
_MAX_SILENCE_SECONDS = 2 * 3600.0  # gaps in all; a clock that jumps farther is broken
_CUT_OFF_SECONDS = 0.5  # less than the header promises by more than this: the file is cut off
_BLOCK_FRAMES = 65_536
_SOUNDLESS = {"video", "subtitle", "data", "attachment"}
_PROTECTED = {"drms", "enca"}  # how MP4 marks sound that only a licence opens
_ENCRYPTED = "it holds no sound that can be decoded; it may be encrypted"


def probe_container(path: Path) -> AudioInfo:
    """What a file's audio stream is; `n_frames` may be off where only decoding can tell.

    Raises
    ------
    AudioFileError
        Missing, no container that is known, damaged, encrypted, or without an audio stream.
    ExtraMissing
        PyAV is not installed.
    """
    with _opened(path) as (container, stream):
        return _info(path, container, stream)


def decode_container(
    path: Path, target: Path, *, stop: Stop, progress: ProgressCallback
) -> AudioInfo:
    """Decode a file's audio stream into the 32-bit float WAV `target`, in bounded memory.

    Returns
    -------
    AudioInfo
        Of the WAV; frame 0 is the container's start.

    Raises
    ------
    AudioFileError, ExtraMissing
        As `probe_container`; also when the stream is damaged, cut off or changes on the way.
    DiskFull, NotWritable, JobCancelled
    """
    with _opened(path) as (container, stream):
        info = _info(path, container, stream)
        seconds = max(info.seconds, 1e-9)
        # The length is known for sure at the end only; a WAV for any length is an RF64.
        rate, n_channels = info.sample_rate, info.n_channels
        with AudioWriter(target, rate, n_channels, format="RF64") as out:
            done = 0
            for samples in _blocks(path, info, container, stream):
                raise_if_stopped(stop)
                out.write(samples)
                done += samples.shape[1]
                at = done / rate
                progress(Progress("reading the sound of a video", min(at / seconds, 1.0), at))
    return probe(target)


def _blocks(path: Path, info: AudioInfo, container: Any, stream: Any) -> Iterator[Samples]:
    """Frames from the container's start on, gaps filled, cut where the stream says it ends."""
    length, end = _told_frames(stream), None
    held: list[Samples] = []
    done = n_held = n_silent = 0
    for place, samples in _decoded(path, info, container, stream):
        gap = 0 if place is None else place - done
        if length is not None and end is None:
            end = max(place or 0, 0) + length
        limit = round(_GAP_SECONDS * info.sample_rate) if done else 0
        if gap > limit:
            n_silent += gap
            if n_silent > _MAX_SILENCE_SECONDS * info.sample_rate:
                raise AudioFileError(path, "its clock jumps by hours; the file is damaged")
            yield from (*held, *_silences(info.n_channels, gap))
            held, n_held, done = [], 0, done + gap
        elif gap < -limit:
            samples = samples[:, -gap:]  # noqa: PLW2901 - what is heard already is dropped
        if end is not None:
            samples = samples[:, : max(end - done, 0)]  # noqa: PLW2901 - the encoder's filling
        held.append(samples)
        done, n_held = done + samples.shape[1], n_held + samples.shape[1]
        if n_held >= _BLOCK_FRAMES:
            yield np.concatenate(held, axis=1)
            held, n_held = [], 0
    yield from held
    if end is not None and done < end - _CUT_OFF_SECONDS * info.sample_rate:
        raise AudioFileError(
            path,
            f"its sound ends after {done} of {end} frames",
            hint="The file is cut off; export or download it again.",
        )
    if done == 0:
        raise AudioFileError(path, _ENCRYPTED)


def _silences(n_channels: int, n_frames: int) -> Iterator[Samples]:
    for start in range(0, n_frames, _BLOCK_FRAMES):
        yield silence(n_channels, min(_BLOCK_FRAMES, n_frames - start))


def _decoded(
    path: Path, info: AudioInfo, container: Any, stream: Any
) -> Iterator[tuple[int | None, Samples]]:
    """Decoded pieces and the frame where each belongs, if the container says it."""
    av = _library()
    converter = av.AudioResampler(format="fltp")
    begin = (container.start_time or 0) / av.time_base
    for frame in _frames(path, container, stream):
        if frame.sample_rate != info.sample_rate or frame.layout.nb_channels != info.n_channels:
            at = format_clock(frame.time or 0.0)
            raise AudioFileError(path, f"its sample rate or channels change at {at}")
        place = frame.time
        for piece in converter.resample(frame):
            samples = np.asarray(piece.to_ndarray(), dtype=np.float32)
            where = None if place is None else seconds_to_frames(place - begin, info.sample_rate)
            yield where, samples
            place = None


def _frames(path: Path, container: Any, stream: Any) -> Iterator[Any]:
    """The stream's frames. Errors are translated here: some are `OSError`s, as a full disk is."""
    frames = container.decode(stream)
    while True:
        try:
            frame = next(frames, None)
        except (_library().error.FFmpegError, IndexError) as error:  # a new stream on the way
            raise _undecodable(path, error) from error
        if frame is None:
            return
        yield frame


def _info(path: Path, container: Any, stream: Any) -> AudioInfo:
    context = stream.codec_context
    rate, n_channels = context.sample_rate, context.layout.nb_channels
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise AudioFileError(
            path,
            f"its sample rate is {rate} Hz; {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz can be used",
        )
    if not 1 <= n_channels <= MAX_CHANNELS:
        raise AudioFileError(path, f"it has {n_channels} channels; 1 to {MAX_CHANNELS} can be used")
    n_frames = _told_frames(stream)
    if n_frames is None:
        seconds = (container.duration or 0) / _library().time_base
        n_frames = seconds_to_frames(seconds, rate)
    return AudioInfo(path, rate, n_channels, n_frames, container.format.name, context.name)


def _told_frames(stream: Any) -> int | None:
    """The stream's length where the container counts it in frames; else None."""
    rate = stream.codec_context.sample_rate
    if stream.duration is None or stream.time_base is None or stream.time_base * rate != 1:
        return None
    return int(stream.duration)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """The container and its audio stream.

    The file is opened here and FFmpeg gets the open file: a name could mean a network protocol.
    """
    av = _library()
    try:
        source = path.open("rb")
    except (OSError, ValueError) as error:
        raise AudioFileError(path, getattr(error, "strerror", None) or str(error)) from error
    with source:
        try:
            # The inner errors are PyAV's ways to say that it cannot make sense of a file.
            container = av.open(
                source, "r", options={"format_whitelist": _FORMATS}, metadata_errors="replace"
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise _undecodable(path, error) from error
        with container:
            yield container, _audio_stream(path, container)


def _audio_stream(path: Path, container: Any) -> Any:
    stream = container.streams.best("audio")
    if stream is None and all(s.type in _SOUNDLESS for s in container.streams):
        raise AudioFileError(path, "it has no audio stream")
    context = stream and stream.codec_context
    if context is None or context.codec_tag in _PROTECTED:
        raise AudioFileError(path, _ENCRYPTED)
    return stream


def _undecodable(path: Path, error: Exception) -> AudioFileError:
    reason = (getattr(error, "strerror", None) or str(error)).rstrip(".")
    return AudioFileError(
        path,
        f"its sound cannot be decoded: {reason}",
        hint="Glue or render the item in REAPER, or export the file again.",
    )


def _library() -> Any:
    try:
        return importlib.import_module("av")
    except ImportError as error:
        raise ExtraMissing(
            "the sound of videos is not read without PyAV",
            hint="Install with pip install 'hanolab_dawtools[video]'",
        ) from error
