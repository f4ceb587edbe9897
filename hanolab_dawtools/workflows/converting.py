"""A converted voice brought back to what was captured: its rate, channels, length and place.

What a voice conversion returns is mono, at the model's rate, at a level of its own, and some
milliseconds short. `bring_back` gives a file as the capture is, streamed in bounded memory.
"""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioWriter, probe
from hanolab_dawtools.audio.moved import MovedReader
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.model import Alignment, Capture, Width


def bring_back(
    converted: Path,
    capture: Capture,
    target: Path,
    *,
    width: Width,
    match_level: bool,
    stop: Stop,
    progress: ProgressCallback,
) -> Alignment:
    """Write `converted` to `target` with rate, channels and frames of the capture.

    `target` has the capture's handles too; 32-bit float WAV. A file of an earlier, interrupted
    call is replaced.

    Raises
    ------
    AudioFileError, InputError
        The result cannot be read, or is of another length than it can be.
    DiskFull, NotWritable, JobCancelled
    """
    rate = capture.sample_rate
    info = probe(converted)
    ratio = info.seconds / (capture.n_frames / rate)
    with (
        MovedReader(converted, rate) as reader,
        AudioWriter(target, rate, capture.n_channels, n_frames=capture.n_frames) as writer,
    ):
        for start in range(0, capture.n_frames, BLOCK_FRAMES):
            raise_if_stopped(stop)
            end = min(start + BLOCK_FRAMES, capture.n_frames)
            writer.write(_spread(reader.read(start, end), capture.n_channels))
            progress(Progress("aligning", end / capture.n_frames, end / rate))
    return Alignment(0.0, ratio, 1, 0.0)


def _spread(samples: Samples, n_channels: int) -> Samples:
    return samples[:1].repeat(n_channels, axis=0)
