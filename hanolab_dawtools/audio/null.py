"""What is left when stems are taken away from what they were made of: the null test.

Levels are in dB against the reference's own RMS over all channels. Two stand-ins keep the value
fit for JSON: `PERFECT_NULL_DB` when nothing at all is left, `NO_REFERENCE_DB` when something is
left of a silent reference. A silent reference with silent targets nulls perfectly.

Channels are compared one by one. A mono file counts in every channel of the other side; other
counts that differ cannot be compared (`InputError`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioWriter, probe
from hanolab_dawtools.audio.moved import MovedReader
from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.units import PERFECT_NULL_DB

NO_REFERENCE_DB = 300.0

Left = npt.NDArray[np.float64]


def null_db(
    reference: Path,
    targets: Sequence[Path],
    *,
    lag_frames: int = 0,
    polarity: int = 1,
    overlap_only: bool = False,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> float:
    """Level of (reference - sum of targets) relative to the reference, in dB.

    Parameters
    ----------
    reference, targets
        Files of one rate.
    lag_frames
        How late the targets are; they are read that much further on. They count as silent where
        they have no frames, unless `overlap_only`.
    polarity
        -1 turns the targets upside down first.
    overlap_only
        Leave out the frames of the reference for which not every target has one.

    Raises
    ------
    InputError
        Rates or channel counts that cannot be compared; NaN or infinite samples (named).
    """
    with ExitStack() as stack:
        still, moving = _opened(stack, reference, targets, lag_frames, polarity)
        return null_of_readers(
            still, moving, overlap_only=overlap_only, stop=stop, progress=progress
        )


def null_of_readers(
    reference: MovedReader,
    targets: Sequence[MovedReader],
    *,
    overlap_only: bool = False,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> float:
    """As `null_db`, for files that are open at one rate."""
    start, end = reference.start_frame, reference.stop_frame
    if overlap_only:
        start = max(start, *(target.start_frame for target in targets))
        end = max(start, min(end, *(target.stop_frame for target in targets)))
    reference_energy = left_energy = 0.0
    for block, left in _residual_blocks(reference, targets, range(start, end), stop, progress):
        reference_energy += _energy(block)
        left_energy += _energy(left)
    return _level_db(left_energy, reference_energy)


def write_residual(
    reference: Path,
    targets: Sequence[Path],
    path: Path,
    *,
    lag_frames: int = 0,
    polarity: int = 1,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> None:
    """Write reference - sum of targets to `path`: float WAV, as long as the reference.

    Parameters and errors as for `null_db`. The file appears whole or not at all.
    """
    with ExitStack() as stack:
        still, moving = _opened(stack, reference, targets, lag_frames, polarity)
        n_channels = max(reader.n_channels for reader in (still, *moving))
        writer = stack.enter_context(
            AudioWriter(path, still.sample_rate, n_channels, n_frames=still.stop_frame)
        )
        for _, left in _residual_blocks(still, moving, range(still.stop_frame), stop, progress):
            writer.write(left.astype(np.float32))


def channels_agree(readers: Sequence[MovedReader]) -> bool:
    """Whether the channels of these files can be compared: equal counts, or mono."""
    return len({reader.n_channels for reader in readers} - {1}) <= 1


def _level_db(left_energy: float, reference_energy: float) -> float:
    """Ratio of two energies in dB, kept within the two stand-ins."""
    if left_energy == 0.0:
        return PERFECT_NULL_DB
    if reference_energy == 0.0:
        return NO_REFERENCE_DB
    ratio_db = 10.0 * (math.log10(left_energy) - math.log10(reference_energy))
    return min(max(ratio_db, PERFECT_NULL_DB), NO_REFERENCE_DB)


def _opened(
    stack: ExitStack,
    reference: Path,
    targets: Sequence[Path],
    lag_frames: int,
    polarity: int,
) -> tuple[MovedReader, list[MovedReader]]:
    if not targets:
        raise ValueError("a null test needs at least one target")
    rate = probe(reference).sample_rate
    for target in targets:
        theirs = probe(target).sample_rate
        if theirs != rate:
            raise InputError(
                f"cannot compare {target} ({theirs} Hz) with {reference} ({rate} Hz): "
                "the sample rates differ"
            )
    still = stack.enter_context(MovedReader(reference, rate))
    moving = [
        stack.enter_context(MovedReader(target, rate, lag_frames=lag_frames, polarity=polarity))
        for target in targets
    ]
    if not channels_agree([still, *moving]):
        counts = sorted({reader.n_channels for reader in moving})
        raise InputError(
            f"cannot compare {targets[0]} and its fellows ({counts} channels) with {reference} "
            f"({still.n_channels} channels): the channel counts differ"
        )
    return still, moving


def _residual_blocks(
    reference: MovedReader,
    targets: Sequence[MovedReader],
    frames: range,
    stop: Stop | None,
    progress: ProgressCallback,
) -> Iterator[tuple[Samples, Left]]:
    """Blocks of those frames of the reference, each with what is left of it."""
    n_channels = max(reader.n_channels for reader in (reference, *targets))
    for first in frames[::BLOCK_FRAMES]:
        raise_if_stopped(stop or NeverStop())
        last = min(first + BLOCK_FRAMES, frames.stop)
        block = reference.read(first, last)
        left = np.repeat(block, n_channels // block.shape[0], axis=0).astype(np.float64)
        for target in targets:
            left -= target.read(first, last)
        yield block, left
        done = last - frames.start
        progress(Progress("comparing", done / len(frames), done / reference.sample_rate))


def _energy(samples: npt.NDArray[np.floating]) -> float:
    """Sum of squares over frames, mean over channels."""
    wide = samples.astype(np.float64, copy=False)
    return float(np.einsum("ij,ij->", wide, wide) / samples.shape[0])
