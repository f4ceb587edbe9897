"""Files that REAPER rendered: whole, of the asked length, rate and channels, and what is in them.

Frames are those of the project's timeline at the capture's rate, unless said otherwise.
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioInfo, AudioReader
from hanolab_dawtools.errors import AudioFileError, DiskFull, HostCallFailed
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.hosts.capture_file import first_bad_frame
from hanolab_dawtools.units import format_clock

COMMAND = "render"
SILENT_PEAK = 1e-6  # -120 dBFS: below it nothing is heard, and nothing can be separated
TOLERATED_FRAMES = 1  # how REAPER rounds the ends of a render is not known
_AGAIN_HINT = "If the render was cancelled in REAPER, run the action again."
_RIFF_HEAD = struct.Struct("<4sI4s")
_CHUNK_HEAD = struct.Struct("<4sI")
_HEAD_BYTES = 1 << 16  # more than stands before the data
_DATA_SIZE_ELSEWHERE = 0xFFFF_FFFF  # RF64: it stands in the chunk "ds64"


@dataclass(frozen=True)
class Piece:
    """What one file is to hold: frames start..end of the timeline.

    Attributes
    ----------
    id, label
        REAPER's id of the item or track ("master"), and what to call it in messages.
    whole
        Frames of the whole item, for a REAPER that renders it whole; None for other things.
    gaps
        Spans (start, end) of the timeline where another item plays instead.
    """

    id: str
    label: str
    start_frame: int
    end_frame: int
    whole: tuple[int, int] | None = None
    gaps: tuple[tuple[int, int], ...] = ()

    @property
    def n_frames(self) -> int:
        """Frames asked for."""
        return self.end_frame - self.start_frame


@dataclass(frozen=True)
class RenderedPiece:
    """A piece on disk: its frame 0 is frame `offset_frames` of the file.

    `missing_frames`: how much shorter than asked the file is, negative when it is longer.
    `is_mono`: all channels are the same. `peak` is linear.
    """

    piece: Piece
    path: Path
    n_channels: int
    offset_frames: int
    missing_frames: int
    peak: float
    is_mono: bool

    @property
    def is_silent(self) -> bool:
        """Whether nothing can be heard in it."""
        return self.peak < SILENT_PEAK


def inspect_render(
    path: Path, piece: Piece, *, sample_rate: int, n_channels: int, stop: Stop
) -> RenderedPiece:
    """Look at a rendered file: the whole of it is read.

    Raises
    ------
    DiskFull
        It is cut off, and there is no room for the rest.
    HostCallFailed
        It is not there, cut off, or not what was asked for.
    AudioFileError
        It holds NaN or an infinity.
    JobCancelled
    """
    _check_complete(path, piece, n_channels)
    with AudioReader(path) as reader:
        info = reader.info
        if (info.sample_rate, info.n_channels) != (sample_rate, n_channels):
            raise _wrong(
                piece,
                f"at {info.sample_rate} Hz with {info.n_channels} channels instead of "
                f"{sample_rate} Hz with {n_channels}",
                "Look whether another program or script changes REAPER's render settings.",
            )
        offset, missing = _place(info, piece)
        peak, is_mono, at = 0.0, True, 0
        for block in reader.blocks():
            raise_if_stopped(stop)
            _refuse_bad_values(path, piece, block, at / sample_rate, sample_rate)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            is_mono = is_mono and bool((block == block[0]).all())
            at += block.shape[1]
    return RenderedPiece(piece, path, info.n_channels, offset, missing, peak, is_mono)


def check_room(folder: Path, n_bytes: int) -> None:
    """Raise `DiskFull` when a folder cannot hold that much more."""
    if shutil.disk_usage(folder).free < n_bytes:
        raise DiskFull(folder)


def _place(info: AudioInfo, piece: Piece) -> tuple[int, int]:
    """Frame of the file where the piece begins, and frames that are missing at its end."""
    missing = piece.n_frames - info.n_frames
    if abs(missing) <= TOLERATED_FRAMES:
        return 0, missing
    if piece.whole is not None:
        start, end = piece.whole
        if abs(end - start - info.n_frames) <= TOLERATED_FRAMES:
            offset = piece.start_frame - start
            return offset, max(0, offset + piece.n_frames - info.n_frames)
    what = "ended early" if missing > 0 else "went on too long"
    raise _wrong(
        piece,
        f"with {info.n_frames} frames instead of {piece.n_frames}: the render {what}",
        _AGAIN_HINT,
    )


def _refuse_bad_values(
    path: Path, piece: Piece, block: Samples, at_seconds: float, sample_rate: int
) -> None:
    bad = first_bad_frame(block)
    if bad is not None:
        clock = format_clock(piece.start_frame / sample_rate + at_seconds + bad / sample_rate)
        raise AudioFileError(
            path,
            f"REAPER rendered a value that is no number (NaN or infinity) of {piece.label} "
            f"at {clock}",
            hint="Bypass the effects of it one by one to find the one that does it.",
        )


def _check_complete(path: Path, piece: Piece, n_channels: int) -> None:
    """Whether a file holds all that its header promises; only RIFF says it plainly."""
    try:
        n_bytes = path.stat().st_size
        with path.open("rb") as stream:
            promised = _promised_bytes(stream.read(_HEAD_BYTES))
    except OSError as error:
        raise _wrong(piece, f"into a file that cannot be read ({error})", _AGAIN_HINT) from error
    if promised is None or promised <= n_bytes:
        return
    if shutil.disk_usage(path.parent).free < 4 * n_channels * piece.n_frames:
        raise DiskFull(path)
    raise _wrong(piece, f"{n_bytes} of {promised} bytes only: the file is cut off", _AGAIN_HINT)


def _promised_bytes(head: bytes) -> int | None:
    """Where the data of a WAV end by its header; None for other and for very large files."""
    if len(head) < _RIFF_HEAD.size or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None if head[:4] in {b"RF64", b"riff"} else _RIFF_HEAD.size + len(head)
    at = _RIFF_HEAD.size
    while at + _CHUNK_HEAD.size <= len(head):
        name, size = _CHUNK_HEAD.unpack_from(head, at)
        at += _CHUNK_HEAD.size
        if name == b"data":
            return None if size == _DATA_SIZE_ELSEWHERE else at + int(size)
        at += size + size % 2
    return at + _CHUNK_HEAD.size if len(head) < _HEAD_BYTES else None


def _wrong(piece: Piece, what: str, hint: str) -> HostCallFailed:
    return HostCallFailed(
        f"REAPER rendered {piece.label} {what}", command=COMMAND, code=COMMAND, hint=hint
    )
