"""Taking the lag and the steps out of a converted voice.

Where time was lost, as much is put in: in the quietest spot near the place, by playing on from a
little earlier, with a short crossfade. What follows lies where it should.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.drift import Drift
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioWriter
from hanolab_dawtools.audio.moved import MovedReader
from hanolab_dawtools.audio.splice import Splice
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.model import Alignment
from hanolab_dawtools.units import format_clock, seconds_to_frames

CROSSFADE_SECONDS = 0.008
UNCLEAR_SECONDS = 0.003  # an error of the lag from which on it is told
JOIN_REACH_SECONDS = 0.02  # either way: nothing begins so near to a step (it was quiet there)


class Mended(NamedTuple):
    """A conversion after repair: what was done in sentences, and the alignment that is kept."""

    repairs: tuple[str, ...]
    alignment: Alignment


@dataclass(frozen=True)
class _Piece:
    """Frames start..stop of the output, read `lag_frames` further on."""

    start: int
    stop: int
    lag_frames: int


def repair_drift(
    converted: Path,
    drift: Drift,
    target: Path,
    *,
    n_frames: int,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Mended:
    """Write `converted` to `target` as it should lie against its source.

    Parameters
    ----------
    converted, drift
        As given to and by `measure_drift`.
    target
        32-bit float WAV at `drift.sample_rate`, with the conversion's channels.
    n_frames
        Length of the target; silence is added, or the end is cut.

    Raises
    ------
    AudioFileError, DiskFull, NotWritable
    """
    pieces = _pieces(drift, n_frames)
    watched = stop or NeverStop()
    with (
        MovedReader(converted, drift.sample_rate) as reader,
        AudioWriter(target, drift.sample_rate, reader.n_channels, n_frames=n_frames) as writer,
    ):
        missing_frames = n_frames + pieces[-1].lag_frames - reader.stop_frame
        repairs = _sentences(drift, missing_frames)
        done = 0
        for block in _mended_blocks(reader, pieces, drift.sample_rate):
            raise_if_stopped(watched)
            writer.write(block)
            done += block.shape[1]
            progress(Progress("aligning", done / n_frames, done / drift.sample_rate))
    return Mended(
        repairs,
        Alignment(
            lag_frames=drift.lag_frames,
            length_ratio=drift.length_ratio,
            polarity=1,
            confidence=drift.confidence,
            steps=drift.steps,
            repairs=repairs,
        ),
    )


def _pieces(drift: Drift, n_frames: int) -> list[_Piece]:
    lag, start, pieces = drift.moved_frames, 0, []
    for step in drift.steps:
        if step.repaired and start < step.at_frame < n_frames:
            pieces.append(_Piece(start, step.at_frame, lag))
            start, lag = step.at_frame, lag + step.shift_frames
    return [*pieces, _Piece(start, n_frames, lag)]


def _mended_blocks(
    reader: MovedReader, pieces: list[_Piece], sample_rate: int
) -> Iterator[Samples]:
    start = 0
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        join = None if following is None else _find_join(reader, piece, following, sample_rate)
        stop = piece.stop if join is None else join.start
        for first in range(start, stop, BLOCK_FRAMES):
            last = min(first + BLOCK_FRAMES, stop)
            yield reader.read(first + piece.lag_frames, last + piece.lag_frames)
        if join is not None and following is not None:
            start = join.start + join.n_frames
            earlier = reader.read(join.start + piece.lag_frames, start + piece.lag_frames)
            later = reader.read(join.start + following.lag_frames, start + following.lag_frames)
            yield join.joined(earlier, later)


def _find_join(reader: MovedReader, piece: _Piece, following: _Piece, sample_rate: int) -> Splice:
    """Where near the border of two pieces a crossfade disturbs least, in frames of the output.

    That is where least is left when the two are subtracted: where it is quiet, or where a sound
    repeats itself after just that time.
    """
    n_frames = min(
        seconds_to_frames(CROSSFADE_SECONDS, sample_rate),
        piece.stop - piece.start,
        following.stop - following.start,
    )
    reach = seconds_to_frames(JOIN_REACH_SECONDS, sample_rate)
    first = max(piece.start + n_frames, piece.stop - reach)
    last = min(following.stop - n_frames, following.start + reach)
    if last - first <= n_frames:
        first, last = piece.stop - n_frames // 2, piece.stop - n_frames // 2 + n_frames
    earlier = reader.read(first + piece.lag_frames, last + piece.lag_frames).astype(np.float64)
    later = reader.read(first + following.lag_frames, last + following.lag_frames)
    left = np.cumsum(np.pad(np.sum((earlier - later) ** 2, axis=0), (1, 0)))
    at = int(np.argmin(left[n_frames:] - left[:-n_frames]))
    part = slice(at, at + n_frames)
    agreement = _agreement(earlier[:, part], later[:, part])
    return Splice(first + at, n_frames, 0, agreement)


def _agreement(earlier: npt.NDArray[np.float64], later: Samples) -> float:
    """Correlation, -1..1; 0 for silence."""
    energies = float(np.sum(earlier**2)) * float(np.sum(later.astype(np.float64) ** 2))
    return float(np.sum(earlier * later)) / math.sqrt(energies) if energies > 0.0 else 0.0


def _sentences(drift: Drift, missing_frames: int) -> tuple[str, ...]:
    rate, said = drift.sample_rate, []
    if moved := drift.moved_frames:
        way = "earlier" if moved > 0 else "later"
        said.append(f"moved {way} by {abs(moved)} frames ({abs(moved) / rate * 1e3:.2f} ms)")
    if drift.is_confident and drift.lag_error_frames > UNCLEAR_SECONDS * rate:
        error = f"{drift.lag_error_frames / rate * 1e3:.0f} ms"
        said.append(f"where the whole lies is only known to {error}: too few clear sounds")
    for step in drift.steps:
        milliseconds = f"{abs(step.shift_frames) / rate * 1e3:.0f} ms"
        at = format_clock(step.at_frame / rate)
        kind = "missing" if step.shift_frames < 0 else "too much"
        done = ("put in" if step.shift_frames < 0 else "taken out") if step.repaired else "left so"
        said.append(f"{milliseconds} {kind} from {at} on: {done}")
    if missing_frames > 0:
        missing = f"{missing_frames / rate * 1e3:.0f} ms"
        said.append(f"the last {missing} are silence, the conversion has none there")
    return tuple(said)
