"""Audio files in and out, in blocks. The only place that knows soundfile.

soundfile speaks (n_frames, n_channels); everything here speaks (n_channels, n_frames), float32.
Reading never changes a value: integer formats are scaled to -1..1 by their full scale, float
formats come as they are. Writing is durable: the file is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import AudioBuffer, Samples, silence
from hanolab_dawtools.errors import AudioFileError, DiskFull

BLOCK_FRAMES = 65_536  # libsndfile's Ogg encoder overflows the stack with much larger blocks
WAV_LIMIT_BYTES = 4_000_000_000  # RIFF sizes are 32 bit; leaves room for headers
MAX_CHANNELS = 64

_BYTES_PER_SAMPLE = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}


@dataclass(frozen=True)
class AudioInfo:
    """What a file's header says. `format` and `subtype` are libsndfile's names."""

    path: Path
    sample_rate: int
    n_channels: int
    n_frames: int
    format: str
    subtype: str

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.n_frames / self.sample_rate


class AudioReader(AbstractContextManager["AudioReader"]):
    """An open audio file. One thread at a time.

    Raises
    ------
    AudioFileError
        Missing, unreadable, not audio, or over 64 channels; later, when a block cannot be decoded.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise AudioFileError(path, "there is no such file")
        if path.is_dir():
            raise AudioFileError(path, "it is a folder, not a file")
        try:
            self._file = soundfile.SoundFile(os.fspath(path))
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioFileError(path, _reason(error)) from error
        self.info = AudioInfo(
            path,
            self._file.samplerate,
            self._file.channels,
            self._file.frames,
            self._file.format,
            self._file.subtype,
        )
        if self.info.n_channels > MAX_CHANNELS:
            self.close()
            raise AudioFileError(path, f"{self.info.n_channels} channels; {MAX_CHANNELS} at most")

    def read(self, n_frames: int) -> Samples:
        """Next frames, shape (n_channels, up to n_frames); fewer only at the end of the file."""
        try:
            frames = self._file.read(n_frames, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioFileError(self.path, _reason(error)) from error
        return np.ascontiguousarray(frames.T)

    def seek(self, frame: int) -> None:
        """Go to a frame, 0..n_frames."""
        try:
            self._file.seek(frame)
        except (soundfile.SoundFileError, OSError) as error:
            raise AudioFileError(self.path, _reason(error)) from error

    def read_at(self, start: int, n_frames: int) -> Samples:
        """Frames start..start + n_frames, shape (n_channels, n_frames); 0 outside the file.

        Raises
        ------
        AudioFileError
            The file ends before the length its header promises.
        """
        samples = silence(self.info.n_channels, n_frames)
        first, last = max(start, 0), min(start + n_frames, self.info.n_frames)
        if first < last:
            at = first - start
            for block in self.blocks(first, last):
                samples[:, at : at + block.shape[1]] = block
                at += block.shape[1]
        return samples

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Samples]:
        """Blocks of at most `BLOCK_FRAMES` that hold exactly frames start..stop.

        Raises
        ------
        AudioFileError
            The file ends before `stop` (default: the length its header promises).
        """
        wanted = (self.info.n_frames if stop is None else stop) - start
        self.seek(start)
        done = 0
        while done < wanted:
            block = self.read(min(BLOCK_FRAMES, wanted - done))
            if block.shape[1] == 0:
                raise AudioFileError(
                    self.path,
                    f"it ends after {start + done} of {start + wanted} frames",
                    hint="The file is cut off; export or download it again.",
                )
            done += block.shape[1]
            yield block

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __exit__(self, *_: object) -> None:
        self.close()


class AudioWriter(AbstractContextManager["AudioWriter"]):
    """A new audio file; it appears under its name, synced, when the block ends without error.

    Parameters
    ----------
    format, subtype
        libsndfile's names; default 32-bit float WAV.
    n_frames
        Frames that will come, if known: from 4 GB on a WAV is written as RF64. Writing more than
        4 GB without having said so is a `ValueError`.

    Raises
    ------
    DiskFull, NotWritable
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        n_channels: int,
        *,
        format: str = "WAV",  # noqa: A002 - libsndfile's own word
        subtype: str = "FLOAT",
        n_frames: int | None = None,
    ) -> None:
        self.path = path
        self._bytes_per_frame = n_channels * _BYTES_PER_SAMPLE.get(subtype, 0)
        if format == "WAV" and (n_frames or 0) * self._bytes_per_frame > WAV_LIMIT_BYTES:
            format = "RF64"  # noqa: A001
        self._limit_bytes = WAV_LIMIT_BYTES if format == "WAV" else None
        self._written_frames = 0
        with ExitStack() as stack:
            self._part = stack.enter_context(durable.replacing(path))
            try:
                self._file = soundfile.SoundFile(
                    os.fspath(self._part), "w", sample_rate, n_channels, subtype, format=format
                )
            except soundfile.SoundFileError as error:
                _raise_as_os_error(self._part, error)
                raise
            self._stack = stack.pop_all()

    def write(self, samples: Samples) -> None:
        """Append frames, shape (n_channels, any)."""
        for start in range(0, samples.shape[1], BLOCK_FRAMES):
            block = samples[:, start : start + BLOCK_FRAMES]
            self._written_frames += block.shape[1]
            if (
                self._limit_bytes
                and self._written_frames * self._bytes_per_frame > self._limit_bytes
            ):
                raise ValueError(f"{self.path}: over 4 GB, but n_frames was not given")
            try:
                self._file.write(np.ascontiguousarray(block.T))
            except soundfile.SoundFileError as error:  # libsndfile hides errno: a short write
                raise DiskFull(self.path) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        if kind is not None:
            self._file.close()
            return self._stack.__exit__(kind, error, trace)
        try:
            self._file.close()
            _clear_peak_time(self._part)
        except BaseException as late:
            self._stack.__exit__(type(late), late, late.__traceback__)
            raise
        return self._stack.__exit__(None, None, None)


def probe(path: Path) -> AudioInfo:
    """What a file holds, without decoding it."""
    with AudioReader(path) as reader:
        return reader.info


def read_audio(path: Path) -> AudioBuffer:
    """A whole file in memory. For files known to be short."""
    with AudioReader(path) as reader:
        blocks = list(reader.blocks())
        empty = np.zeros((reader.info.n_channels, 0), dtype=np.float32)
        return AudioBuffer(np.concatenate([empty, *blocks], axis=1), reader.info.sample_rate)


def write_audio(path: Path, buffer: AudioBuffer, **options: Any) -> None:
    """Write a whole buffer; `options` as for `AudioWriter`."""
    options.setdefault("n_frames", buffer.n_frames)
    with AudioWriter(path, buffer.sample_rate, buffer.n_channels, **options) as writer:
        writer.write(buffer.samples)


def content_digest(path: Path) -> str:
    """SHA-256, in hex, over a file's rate, channel count and decoded samples.

    The same audio has the same digest whatever container holds it.
    """
    with AudioReader(path) as reader:
        digest = hashlib.sha256(f"{reader.info.sample_rate} {reader.info.n_channels}\n".encode())
        for block in reader.blocks():
            digest.update(np.ascontiguousarray(block.T, dtype="<f4").tobytes())
    return digest.hexdigest()


def _clear_peak_time(path: Path) -> None:
    """Zero the time stamp in the PEAK chunk that libsndfile adds to float files.

    Without it the same samples give the same bytes. Chunk layout: id, size, version, time stamp.
    """
    with path.open("r+b") as stream:
        head = stream.read(512)
        at = head.find(b"PEAK")
        if head[:4] in (b"RIFF", b"RF64") and at >= 0:
            stream.seek(at + 12)
            stream.write(b"\0\0\0\0")


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", "") or str(error)
    return text.rstrip(".").removeprefix("Error : ") or type(error).__name__


def _raise_as_os_error(path: Path, error: soundfile.SoundFileError) -> None:
    """Raise the `OSError` behind a failed open, which libsndfile reports as "System error"."""
    try:
        with path.open("ab"):
            return
    except OSError as cause:
        raise cause from error
