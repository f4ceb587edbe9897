"""Splits an accompaniment file into draft stems, streaming, at the file's own rate and channels.

Drums and bass are computed at 44.1 kHz and brought back; "other" is the accompaniment minus
both, at the file's own rate: the stems add up to the file to float32 rounding, and what 44.1 kHz
cannot carry stays in "other".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioInfo, AudioReader, AudioWriter
from hanolab_dawtools.engines.local.draft_masks import DRAFT_GRID, N_OUTPUTS, draft_block
from hanolab_dawtools.engines.local.pipeline import BlockWork, stream
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.model import StemRole

DRAFT_ROLES = (StemRole.DRUMS, StemRole.BASS, StemRole.OTHER)


@dataclass(frozen=True)
class Rest:
    """One file for all that is in `whole`, a file as long as the accompaniment, and in no stem."""

    path: Path
    whole: Path


def split_accompaniment(
    accompaniment: Path,
    stem_paths: Mapping[StemRole, Path],
    rest: Rest | None = None,
    *,
    n_workers: int,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    """Write those of `DRAFT_ROLES` that `stem_paths` names, as 32-bit float WAV.

    Raises
    ------
    AudioFileError
        A file cannot be read.
    EngineCannot
        It has too many channels.
    DiskFull, NotWritable
    JobCancelled
        Noticed several times a second.
    """
    work = BlockWork(DRAFT_GRID, N_OUTPUTS, lambda _, block: draft_block(block, stop))
    done_frames = 0
    with ExitStack() as stack:
        reader, again = (stack.enter_context(AudioReader(accompaniment)) for _ in range(2))
        info = reader.info
        stem_writers = {role: _writer(stack, path, info) for role, path in stem_paths.items()}
        rest_writer = _RestWriter(stack, rest, info) if rest else None
        pieces = stream(reader, work, n_workers=n_workers, stop=stop)
        for drums, bass in stack.enter_context(closing(pieces)):
            n_frames = drums.shape[1]
            other = again.read(n_frames) - drums - bass
            sounds = dict(zip(DRAFT_ROLES, (drums, bass, other), strict=True))
            for role, writer in stem_writers.items():
                writer.write(sounds[role])
            if rest_writer is not None:
                rest_writer.write([sounds[role] for role in stem_paths])
            done_frames += n_frames
            seconds = done_frames / info.sample_rate
            progress(Progress("splitting the accompaniment", done_frames / info.n_frames, seconds))


class _RestWriter:
    """Writes what no stem holds."""

    def __init__(self, stack: ExitStack, rest: Rest, info: AudioInfo) -> None:
        self._whole = stack.enter_context(AudioReader(rest.whole))
        self._writer = _writer(stack, rest.path, info)

    def write(self, stems: Sequence[Samples]) -> None:
        """Take the next frames of all stems."""
        samples = self._whole.read(stems[0].shape[1])
        for stem in stems:
            samples -= stem
        self._writer.write(samples)


def _writer(stack: ExitStack, path: Path, info: AudioInfo) -> AudioWriter:
    return stack.enter_context(
        AudioWriter(path, info.sample_rate, info.n_channels, n_frames=info.n_frames)
    )
