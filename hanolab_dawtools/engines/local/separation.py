"""Separates a file into vocals and accompaniment, streaming, at the file's own rate and channels.

::

    file -> level (first pass) -> one gain for each pair of channels
    file -> 44.1 kHz -> blocks of 11.9 s -> spectrum -> vocal mask -> sound -> file's rate = vocals
    file - vocals = accompaniment

The networks only ever see magnitudes, so the level is changed there and nowhere else. The
accompaniment is a difference at the file's own rate: the two stems add up to the file to
float32 rounding, and what 44.1 kHz cannot carry stays in the accompaniment.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.engines.local.channels import channel_groups
from hanolab_dawtools.engines.local.level import measure_gains
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.pipeline import BlockWork, stream
from hanolab_dawtools.engines.local.transform import NETWORK_GRID, apply_mask, magnitudes
from hanolab_dawtools.events import Progress, ProgressCallback, Stop


def separate_file(
    source: Path,
    vocals_path: Path,
    accompaniment_path: Path,
    network: MaskNetwork,
    *,
    n_workers: int,
    stop: Stop,
    progress: ProgressCallback,
) -> None:
    """Write the vocals and the accompaniment of `source` as 32-bit float WAV of its length.

    Raises
    ------
    AudioFileError
        `source` cannot be read, is cut off, or holds what is not a finite number.
    EngineCannot
        It has too many channels.
    DiskFull, NotWritable
    JobCancelled
        Noticed between blocks, several times a second.
    """
    with AudioReader(source) as reader:
        info = reader.info
    gains = measure_gains(source, channel_groups(info.n_channels), stop, progress)
    work = BlockWork(NETWORK_GRID, 1, lambda group, block: _vocals(block, gains[group], network))
    done_frames = 0
    with ExitStack() as stack:
        reader, mix_reader = (stack.enter_context(AudioReader(source)) for _ in range(2))
        vocals, accompaniment = (
            stack.enter_context(
                AudioWriter(path, info.sample_rate, info.n_channels, n_frames=info.n_frames)
            )
            for path in (vocals_path, accompaniment_path)
        )
        stems = stream(reader, work, n_workers=n_workers, stop=stop)
        for (stem,) in stack.enter_context(closing(stems)):
            vocals.write(stem)
            accompaniment.write(mix_reader.read(stem.shape[1]) - stem)
            done_frames += stem.shape[1]
            seconds = done_frames / info.sample_rate
            progress(Progress("separating", done_frames / info.n_frames, seconds))


def _vocals(block: Samples, gain: float, network: MaskNetwork) -> Samples:
    """Vocals of one block, shape as `block`. Runs on a worker."""
    if not block.any():
        return np.zeros_like(block)
    spectra = NETWORK_GRID.analyse(block)
    apply_mask(spectra, network.vocal_mask(magnitudes(spectra, gain)))
    return NETWORK_GRID.synthesise(spectra)
