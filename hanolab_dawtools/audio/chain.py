"""Effects applied to audio, in blocks, by pedalboard, which is loaded on first use.

Samples are float32, shape (n_channels, n_frames); length, rate and channel count stay as they
are. The result does not depend on how the audio is cut into blocks, not by a bit.

pedalboard guesses from an array's shape which axis is time, and silently guesses wrong when there
are no more frames than channels (measured with 0.9.26, also after it has seen other blocks). So
it never gets fewer than n_channels + 1 frames, and always the same blocks: the last bits of some
filters depend on where a block ends.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.effects import EFFECTS, EffectSpec, checked
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.errors import AudioFileError, SetupError, UsageError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)

# pedalboard keeps a buffer of this size on the stack: over 2 million frames it crashes (0.9.26).
PLUGIN_BLOCK_FRAMES = 8_192
HIGHEST_CUTOFF_RATIO = 0.49  # of the sample rate; from half of it on filters give infinity


class EffectChain:
    """Effects in a row, for one stream of blocks. Belongs to one thread at a time.

    `process` each block, then `flush` once; all that they return, joined, has as many frames as
    came in.

    Raises
    ------
    UsageError
        An effect or a parameter is wrong, or a frequency too high for the sample rate.
    SetupError
        pedalboard cannot be loaded.
    """

    def __init__(self, effects: Sequence[EffectSpec], sample_rate: int, n_channels: int) -> None:
        self._sample_rate = sample_rate
        self._held = silence(n_channels, 0)
        specs = [checked(spec) for spec in effects]
        for spec in specs:
            _check_frequency(spec, sample_rate)
        self._board = _board(specs) if specs else None

    def process(self, samples: Samples) -> Samples:
        """Take a block, shape (n_channels, any); return the frames that are ready."""
        self._held = np.concatenate([self._held, samples], axis=1)
        whole = self._held.shape[1] // PLUGIN_BLOCK_FRAMES * PLUGIN_BLOCK_FRAMES
        ready, self._held = self._held[:, :whole], self._held[:, whole:]
        return self._applied(ready)

    def flush(self) -> Samples:
        """The frames that were still held; nothing may be processed afterwards."""
        n_channels, n_frames = self._held.shape
        n_missing = max(0, n_channels + 1 - n_frames)
        padded = np.pad(self._held, ((0, 0), (0, n_missing)))
        self._held = silence(n_channels, 0)
        return np.ascontiguousarray(self._applied(padded)[:, :n_frames])

    def _applied(self, samples: Samples) -> Samples:
        if self._board is None or samples.shape[1] == 0:
            return np.ascontiguousarray(samples)
        result = self._board.process(
            samples, self._sample_rate, buffer_size=PLUGIN_BLOCK_FRAMES, reset=False
        )
        return np.ascontiguousarray(result, dtype=np.float32)


def render_chain(
    source_path: Path,
    target_path: Path,
    effects: Sequence[EffectSpec],
    *,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> None:
    """Apply effects to a file and write the result as a 32-bit float WAV of the same length.

    Raises
    ------
    AudioFileError
        The source cannot be read, or holds a sample that is no finite number: a filter would
        carry it on to the end.
    UsageError, SetupError
        As `EffectChain`.
    DiskFull, NotWritable, JobCancelled
    """
    flag = stop or NeverStop()
    with AudioReader(source_path) as reader:
        info = reader.info
        chain = EffectChain(effects, info.sample_rate, info.n_channels)
        with AudioWriter(
            target_path, info.sample_rate, info.n_channels, n_frames=info.n_frames
        ) as writer:
            done = 0
            for block in reader.blocks():
                raise_if_stopped(flag)
                if not np.isfinite(block).all():
                    raise AudioFileError(
                        source_path,
                        f"a sample near {done / info.sample_rate:.3f} s is no finite number",
                        hint="Render the file again, or repair it in an audio editor.",
                    )
                writer.write(chain.process(block))
                done += block.shape[1]
                seconds = done / info.sample_rate
                progress(Progress("applying effects", done / info.n_frames, seconds))
            writer.write(chain.flush())


def _check_frequency(spec: EffectSpec, sample_rate: int) -> None:
    highest = HIGHEST_CUTOFF_RATIO * sample_rate
    value = spec.parameters.get("cutoff_frequency_hz", 0.0)
    if value > highest:
        raise UsageError(
            f"cutoff_frequency_hz of the effect {spec.name} must be at most {highest:g} Hz "
            f"in audio of {sample_rate} Hz, not {value:g}",
            hint="Choose a lower frequency, or leave the effect out.",
        )


def _board(specs: Sequence[EffectSpec]) -> Any:
    try:
        pedalboard: Any = importlib.import_module("pedalboard")  # heavy; many runs use no effect
    except ImportError as error:
        raise SetupError(
            f"effects cannot be used: pedalboard cannot be loaded: {error}",
            hint="On Debian, install the system library libatomic1.",
        ) from error
    plugins = [getattr(pedalboard, EFFECTS[spec.name].plugin)(**spec.parameters) for spec in specs]
    return pedalboard.Pedalboard(plugins)
