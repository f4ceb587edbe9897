"""Taking the lag and the steps out of a converted voice.

Where time was lost, as much is put in: in the quietest spot near the place, by playing on from a
little earlier, with a short crossfade. What follows lies where it should.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

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
from hanolab_dawtools.units import seconds_to_frames

CROSSFADE_SECONDS = 0.008


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
    repairs = _sentences(drift)
    watched = stop or NeverStop()
    with (
        MovedReader(converted, drift.sample_rate) as reader,
        AudioWriter(target, drift.sample_rate, reader.n_channels, n_frames=n_frames) as writer,
    ):
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
    if not drift.is_confident:
        return [_Piece(0, n_frames, 0)]
    lag, start, pieces = round(drift.lag_frames), 0, []
    for step in drift.steps:
        if step.repaired and start < step.at_frame < n_frames:
            pieces.append(_Piece(start, step.at_frame, lag))
            start, lag = step.at_frame, lag + step.shift_frames
    return [*pieces, _Piece(start, n_frames, lag)]


def _mended_blocks(
    reader: MovedReader, pieces: list[_Piece], sample_rate: int
) -> Iterator[Samples]:
    fade_frames = seconds_to_frames(CROSSFADE_SECONDS, sample_rate)
    start = 0
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        stop = piece.stop if following is None else piece.stop - fade_frames // 2
        for first in range(start, stop, BLOCK_FRAMES):
            last = min(first + BLOCK_FRAMES, stop)
            yield reader.read(first + piece.lag_frames, last + piece.lag_frames)
        if following is not None:
            start = stop + fade_frames
            earlier = reader.read(stop + piece.lag_frames, start + piece.lag_frames)
            later = reader.read(stop + following.lag_frames, start + following.lag_frames)
            yield _crossfaded(earlier, later)


def _crossfaded(earlier: Samples, later: Samples) -> Samples:
    energies = float(np.sum(earlier**2)) * float(np.sum(later**2))
    agreement = float(np.sum(earlier * later)) / np.sqrt(energies) if energies > 0.0 else 0.0
    return Splice(0, earlier.shape[1], 0, agreement).joined(earlier, later)


def _sentences(drift: Drift) -> tuple[str, ...]:
    if not drift.is_confident:
        return ()
    said, rate = [], drift.sample_rate
    if lag := round(drift.lag_frames):
        way = "earlier" if lag > 0 else "later"
        said.append(f"moved {way} by {abs(lag)} frames ({abs(lag) / rate * 1e3:.2f} ms)")
    said += [
        f"{abs(step.shift_frames) / rate * 1e3:.0f} ms put in at {step.at_frame / rate:.2f} s"
        for step in drift.steps
        if step.repaired
    ]
    return tuple(said)
