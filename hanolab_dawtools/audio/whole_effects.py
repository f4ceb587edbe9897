"""Effects that cannot work on a stream of blocks, from file to file in bounded memory.

`pitch_shift` is the program's own stretcher (`audio.stretch`): pedalboard's gives silence when it
is streamed. `gsm` comes short and depends on the block size when it is streamed, so it works on
pieces, each with some of what lies before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.effect_table import GSM, PITCH_SHIFT
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import AudioReader, AudioWriter
from hanolab_dawtools.audio.pedalboards import load_pedalboard
from hanolab_dawtools.audio.stretch import TimeStretch, stretched_blocks
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

WHOLE_EFFECTS = frozenset({PITCH_SHIFT, GSM})
_PIECE_SECONDS = 60
_CONTEXT_SECONDS = 1  # whole GSM frames of 20 ms at every rate, and enough for its predictors


def render_whole(
    spec: EffectSpec, source: Path, target: Path, stop: Stop, progress: ProgressCallback
) -> None:
    """Apply one of `WHOLE_EFFECTS` to a file; same length, 32-bit float WAV.

    Raises
    ------
    AudioFileError, SetupError, DiskFull, NotWritable, JobCancelled
    """
    with AudioReader(source) as reader:
        info = reader.info
        blocks = _shifted if spec.name == PITCH_SHIFT else _as_by_phone
        with AudioWriter(
            target, info.sample_rate, info.n_channels, n_frames=info.n_frames
        ) as writer:
            done = 0
            for block in blocks(spec, reader, stop):
                raise_if_stopped(stop)
                writer.write(block)
                done += block.shape[1]
                seconds = done / info.sample_rate
                progress(Progress(f"applying {spec.name}", done / info.n_frames, seconds))


def _shifted(spec: EffectSpec, reader: AudioReader, stop: Stop) -> Iterator[Samples]:
    semitones = spec.number("semitones")
    if semitones == 0.0 or reader.info.n_frames == 0:
        yield from reader.blocks()
        return
    yield from stretched_blocks(
        lambda start, end: reader.read_at(start, end - start),
        TimeStretch(TimeMap.at_rate(1.0), semitones),
        reader.info.sample_rate,
        range(reader.info.n_frames),
        stop,
    )


def _as_by_phone(_: EffectSpec, reader: AudioReader, stop: Stop) -> Iterator[Samples]:
    pedalboard = load_pedalboard()
    info = reader.info
    context = _CONTEXT_SECONDS * info.sample_rate
    for start in range(0, info.n_frames, _PIECE_SECONDS * info.sample_rate):
        raise_if_stopped(stop)
        n_frames = min(_PIECE_SECONDS * info.sample_rate, info.n_frames - start)
        piece = reader.read_at(start - context, n_frames + 2 * context)
        made: Samples = pedalboard.GSMFullRateCompressor().process(piece, info.sample_rate)
        yield np.ascontiguousarray(made[:, context : context + n_frames], dtype=np.float32)
