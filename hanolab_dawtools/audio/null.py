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
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader, AudioWriter
from hanolab_dawtools.errors import AudioFileError, InputError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)

PERFECT_NULL_DB = -300.0
NO_REFERENCE_DB = 300.0


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
    with _Residual(reference, targets, lag_frames, polarity) as residual:
        start, end = residual.overlap() if overlap_only else (0, residual.n_frames)
        reference_energy = left_energy = 0.0
        for block, left in residual.blocks(start, end, stop or NeverStop(), progress):
            reference_energy += _energy(block)
            left_energy += _energy(left)
    return level_db(left_energy, reference_energy)


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
    with (
        _Residual(reference, targets, lag_frames, polarity) as residual,
        AudioWriter(
            path, residual.sample_rate, residual.n_channels, n_frames=residual.n_frames
        ) as writer,
    ):
        for _, left in residual.blocks(0, residual.n_frames, stop or NeverStop(), progress):
            writer.write(left.astype(np.float32))


def level_db(left_energy: float, reference_energy: float) -> float:
    """Ratio of two energies in dB, kept within the two stand-ins."""
    if left_energy == 0.0:
        return PERFECT_NULL_DB
    if reference_energy == 0.0:
        return NO_REFERENCE_DB
    ratio_db = 10.0 * (math.log10(left_energy) - math.log10(reference_energy))
    return min(max(ratio_db, PERFECT_NULL_DB), NO_REFERENCE_DB)


class _Residual(AbstractContextManager["_Residual"]):
    """The open files of one null test."""

    def __init__(
        self, reference: Path, targets: Sequence[Path], lag_frames: int, polarity: int
    ) -> None:
        if not targets:
            raise ValueError("a null test needs at least one target")
        with ExitStack() as stack:
            self._reference = stack.enter_context(AudioReader(reference))
            self._targets = [stack.enter_context(AudioReader(path)) for path in targets]
            for target in self._targets:
                _check_comparable(self._reference, target)
            self._stack = stack.pop_all()
        self._lag_frames = lag_frames
        self._polarity = polarity
        self.sample_rate = self._reference.info.sample_rate
        self.n_frames = self._reference.info.n_frames
        self.n_channels = max(
            reader.info.n_channels for reader in (self._reference, *self._targets)
        )

    def overlap(self) -> tuple[int, int]:
        """Frames of the reference, start..stop, at which every target has a frame."""
        shortest = min(target.info.n_frames for target in self._targets)
        start = max(0, -self._lag_frames)
        return start, max(start, min(self.n_frames, shortest - self._lag_frames))

    def blocks(
        self, start: int, end: int, stop: Stop, progress: ProgressCallback
    ) -> Iterator[tuple[Samples, npt.NDArray[np.float64]]]:
        """Blocks of the reference with what is left of them, (n_channels, n_frames) float64."""
        for first in range(start, end, BLOCK_FRAMES):
            raise_if_stopped(stop)
            n_frames = min(BLOCK_FRAMES, end - first)
            block = _finite(self._reference, first, n_frames)
            left = np.repeat(block, self.n_channels // block.shape[0], axis=0).astype(np.float64)
            for target in self._targets:
                left -= self._polarity * _finite(target, first + self._lag_frames, n_frames)
            yield block, left
            done = first + n_frames - start
            progress(Progress("comparing", done / (end - start), done / self.sample_rate))

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _check_comparable(reference: AudioReader, target: AudioReader) -> None:
    ours, theirs = reference.info, target.info
    if ours.sample_rate != theirs.sample_rate:
        raise InputError(
            f"cannot compare {theirs.path} ({theirs.sample_rate} Hz) "
            f"with {ours.path} ({ours.sample_rate} Hz): the sample rates differ"
        )
    if ours.n_channels != theirs.n_channels and 1 not in (ours.n_channels, theirs.n_channels):
        raise InputError(
            f"cannot compare {theirs.path} ({theirs.n_channels} channels) "
            f"with {ours.path} ({ours.n_channels} channels): the channel counts differ"
        )


def _finite(reader: AudioReader, start: int, n_frames: int) -> Samples:
    samples = reader.read_at(start, n_frames)
    if not np.isfinite(samples).all():
        raise AudioFileError(
            reader.path,
            "it holds samples that are no numbers (NaN or infinite)",
            hint="Render or export the file again.",
        )
    return samples


def _energy(samples: npt.NDArray[np.floating]) -> float:
    """Sum of squares over frames, mean over channels."""
    wide = samples.astype(np.float64, copy=False)
    return float(np.vdot(wide, wide)) / samples.shape[0]
