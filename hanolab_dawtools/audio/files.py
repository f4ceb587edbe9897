"""Audio files in and out, in blocks. The only place that knows soundfile.

soundfile speaks (n_frames, n_channels); everything here speaks (n_channels, n_frames), float32.
Reading never changes a value: integer formats are scaled to -1..1 by their full scale, float
formats come as they are. Writing is durable: the file is there whole or not at all.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import AudioBuffer, Samples, interleaved, silence
from hanolab_dawtools.audio.guarded import GuardedFile
from hanolab_dawtools.audio.ogg import Entry, FileWithGap, VorbisEntries
from hanolab_dawtools.errors import AudioFileError, OutputError

BLOCK_FRAMES = 65_536  # libsndfile's Ogg encoder overflows the stack with much larger blocks
WAV_LIMIT_BYTES = 4_000_000_000  # RIFF sizes are 32 bit; leaves room for headers
MAX_CHANNELS = 64
MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 768_000  # Hz; beyond, a header is more likely wrong
UNKNOWN_FRAMES = 2**63 - 1  # libsndfile's SF_COUNT_MAX
SETTLE_FRAMES = 65_536  # MP3 frames of silence share bits with up to 30 before them (measured)
VORBIS_BLOCK_FRAMES = 8192  # the longest there is

_OPEN_HINT = "WAV, AIFF, FLAC, OGG and MP3 can be read, among others."
_CODECS_WITH_MEMORY = {"MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III", "VORBIS", "OPUS"}
_SUBTYPES_WITH_PEAK = {"FLOAT", "DOUBLE"}
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

    The frames are the same however they are reached: reading on, or seeking, gives what decoding
    from the start gives (bit for bit; MP3 and Opus after a seek within -130 dB of full scale).

    Raises
    ------
    AudioFileError
        Missing, unreadable, not audio, over 64 channels or of an absurd rate; later, when a block
        cannot be decoded. Of a WAV, AIFF or Ogg file that was cut off, what is left counts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_is_file(path)
        with ExitStack() as stack:
            try:
                self._source = stack.enter_context(GuardedFile(path, "rb"))
            except OSError as error:
                raise AudioFileError(path, error.strerror or str(error)) from error
            with self._decoding(_OPEN_HINT):
                self._file = _SteadyFile(self._source)
            stack.callback(lambda: _close_quietly(self._file))
            self._position = 0
            self.info = self._checked_info()
            self._entries: VorbisEntries | None = None
            self._first_granule = 0
            self._stack = stack.pop_all()

    def read(self, n_frames: int) -> Samples:
        """Next frames, shape (n_channels, up to n_frames); fewer only at the end of the file."""
        wanted = min(n_frames, self.info.n_frames - self._position)
        with self._decoding():
            frames = self._file.read(wanted, dtype="float32", always_2d=True)
        self._position += frames.shape[0]
        return np.ascontiguousarray(frames.T)

    def seek(self, frame: int) -> None:
        """Go to a frame, 0..n_frames."""
        settle_frames = SETTLE_FRAMES if self.info.subtype in _CODECS_WITH_MEMORY else 0
        if not frame - settle_frames <= self._position <= frame:  # else reading on gets there
            if self.info.subtype == "VORBIS":
                self._enter_vorbis(frame)
            else:
                start = max(0, frame - settle_frames)
                with self._decoding():
                    self._file.seek(start)
                self._position = start
        self._read_on_to(frame)

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
        end = self.info.n_frames if stop is None else stop
        if start < end:
            self.seek(start)
        while start < end:
            block = self.read(min(BLOCK_FRAMES, end - start))
            if block.shape[1] == 0:
                raise AudioFileError(
                    self.path,
                    f"it ends after {start} of {end} frames",
                    hint="The file is cut off; export or download it again.",
                )
            start += block.shape[1]
            yield block

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_on_to(self, frame: int) -> None:
        while self._position < frame and self.read(min(BLOCK_FRAMES, frame - self._position)).size:
            pass

    def _enter_vorbis(self, frame: int) -> None:
        """Be at a frame or not long before it."""
        if self._entries is None:
            self._entries = self._checked_entries()
        granule = frame + self._first_granule - VORBIS_BLOCK_FRAMES
        self._decode_from(self._entries.last_before(granule))
        if self._position > frame:
            self._decode_from(None)

    def _checked_entries(self) -> VorbisEntries:
        """The file's entries, unless the first one does not give what decoding from 0 gives.

        That is so where an editor cut a stream: its first page then tells a shorter length.
        """
        entries = VorbisEntries(self._source)
        # A chain of streams has no length; without it, nobody knows where an entry leads.
        first = entries.first() if self._file.frames == self.info.n_frames else None
        self._decode_from(first)
        start = self._position
        entered = self.read(VORBIS_BLOCK_FRAMES)
        self._decode_from(None)
        self._read_on_to(start)
        if first is None or not np.array_equal(entered, self.read(VORBIS_BLOCK_FRAMES)):
            entries.forget()
        else:
            self._first_granule = first.granule - start
        return entries

    def _decode_from(self, entry: Entry | None) -> None:
        """Begin decoding anew, at an entry or at frame 0."""
        source = FileWithGap(self._source, entry.gap if entry else range(0))
        with self._decoding():
            self._file.close()
            self._file = _SteadyFile(source)
        self._position = self.info.n_frames - self._file.frames if entry else 0

    def _checked_info(self) -> AudioInfo:
        file = self._file
        info = AudioInfo(
            self.path, file.samplerate, file.channels, file.frames, file.format, file.subtype
        )
        if info.n_channels > MAX_CHANNELS:
            raise AudioFileError(
                self.path, f"it has {info.n_channels} channels; {MAX_CHANNELS} at most"
            )
        if not MIN_SAMPLE_RATE <= info.sample_rate <= MAX_SAMPLE_RATE:
            raise AudioFileError(
                self.path,
                f"its sample rate is {info.sample_rate} Hz; "
                f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz can be used",
            )
        if info.n_frames == UNKNOWN_FRAMES:
            return replace(info, n_frames=self._counted_frames())
        return info

    def _counted_frames(self) -> int:
        """Length of a file whose header does not say it, as of FLAC written into a pipe."""
        n_frames = 0
        with self._decoding():
            while block := len(self._file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
                n_frames += block
            self._file.seek(0)
        return n_frames

    @contextmanager
    def _decoding(self, hint: str = "") -> Iterator[None]:
        """Tell what goes wrong as an error about this file."""
        try:
            yield
        except soundfile.SoundFileError as error:
            cause = self._source.error or error
            raise AudioFileError(self.path, _reason(cause), hint=hint) from cause
        if self._source.error:
            raise AudioFileError(self.path, _reason(self._source.error)) from self._source.error


class AudioWriter(AbstractContextManager["AudioWriter"]):
    """A new audio file; it appears under its name, synced, when the block ends without error.

    Parameters
    ----------
    format, subtype
        libsndfile's names; default 32-bit float WAV.
    n_frames
        Frames that will come, if known: from 4 GB on a WAV is written as RF64. Writing more than
        4 GB of WAV or AIFF without that is a `ValueError`.

    Raises
    ------
    DiskFull, NotWritable
        From any method, also when the encoder's last bytes do not fit.
    OutputError
        The format cannot hold this rate or number of channels.
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
        self._limit_bytes = WAV_LIMIT_BYTES if format in ("WAV", "AIFF") else None
        self._written_frames = 0
        with ExitStack() as stack:
            self._part = stack.enter_context(durable.replacing(path))
            self._sink = stack.enter_context(GuardedFile(self._part, "w+b"))
            with self._encoding(f"{format} of {n_channels} channels at {sample_rate} Hz"):
                self._file = soundfile.SoundFile(
                    self._sink, "w", sample_rate, n_channels, subtype, format=format
                )
                stack.callback(_close_quietly, self._file)
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
            with self._encoding("the encoder failed"):
                self._file.write(interleaved(block))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        if kind is not None:
            return self._stack.__exit__(kind, error, trace)
        with self._stack:
            with self._encoding("the encoder failed"):
                self._file.close()
            if self._file.subtype in _SUBTYPES_WITH_PEAK:
                _clear_peak_time(self._part)
        return None

    @contextmanager
    def _encoding(self, reason: str) -> Iterator[None]:
        """Raise the system's own error if writing met one, whatever libsndfile made of it."""
        try:
            yield
        except (soundfile.SoundFileError, AssertionError) as error:  # soundfile asserts lengths
            self._raise_system_error()
            raise OutputError(f"cannot write {self.path}: {reason}: {_reason(error)}") from error
        self._raise_system_error()

    def _raise_system_error(self) -> None:
        if self._sink.error:
            with durable.translated_os_errors(self.path):
                raise self._sink.error


class _SteadyFile(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
    """A file whose decoder is left alone between reads.

    soundfile seeks to where it already is after each read of a seekable file; that restarts the
    decoders of MP3 and Ogg, and what follows can differ audibly (up to half of full scale,
    measured with 0.14 and libsndfile 1.2.2). `seek` itself works all the same.
    """

    def seekable(self) -> bool:
        return False


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


def _clear_peak_time(path: Path) -> None:
    """Zero the time stamp in the PEAK chunk that libsndfile adds to float files.

    Without it the same samples give the same bytes. Chunk layout: id, size, version, time stamp.
    """
    with path.open("r+b") as stream:
        head = stream.read(512)
        at = head.find(b"PEAK")
        if head[:4] in (b"RIFF", b"RF64", b"FORM") and at >= 0:
            stream.seek(at + 12)
            stream.write(b"\0\0\0\0")


def _reason(error: Exception) -> str:
    text = getattr(error, "error_string", "") or getattr(error, "strerror", "") or str(error)
    return text.rstrip(".").removeprefix("Error : ") or type(error).__name__


def _close_quietly(file: soundfile.SoundFile) -> None:
    """Close a file that an error has made useless; closed files stay closed."""
    with suppress(soundfile.SoundFileError):
        file.close()


def _check_is_file(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise AudioFileError(path, "there is no such file") from error
    except OSError as error:
        raise AudioFileError(path, error.strerror or str(error)) from error
    except ValueError as error:  # a NUL in the name, which a project file may hold
        raise AudioFileError(path, "it is no possible file name") from error
    if stat.S_ISDIR(mode):
        raise AudioFileError(path, "it is a folder, not a file")
    if not stat.S_ISREG(mode):  # a pipe would block for ever
        raise AudioFileError(path, "it is not a regular file")
