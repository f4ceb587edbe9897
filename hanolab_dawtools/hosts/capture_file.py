"""Writing the audio of a selection: what every host's `capture` ends in.

Samples are float32, shape (n_channels, n_frames); the file is a 32-bit float WAV.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.digest import ContentDigest
from hanolab_dawtools.audio.files import AudioWriter
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

CAPTURE_NAME = "capture.wav"


def first_bad_frame(samples: Samples) -> int | None:
    """Index of the first frame that holds NaN or an infinity; None when all is well."""
    if np.isfinite(np.sum(samples, dtype=np.float64)):  # one bad value makes the sum bad
        return None
    return int(np.argmin(np.isfinite(samples).all(axis=0)))


def write_capture(
    path: Path,
    blocks: Iterable[Samples],
    *,
    sample_rate: int,
    n_channels: int,
    n_frames: int,
    stop: Stop,
    progress: ProgressCallback,
) -> str:
    """Write blocks that hold `n_frames` in all and give their content digest.

    The digest is `audio.digest.content_digest` of the file, taken on the way. `stop` is looked
    at before each block; then, and after any error, no file is left.

    Raises
    ------
    DiskFull, NotWritable, JobCancelled
    """
    digest = ContentDigest(sample_rate, n_channels)
    done = 0
    with AudioWriter(path, sample_rate, n_channels, n_frames=n_frames) as writer:
        raise_if_stopped(stop)
        for block in blocks:
            writer.write(block)
            digest.add(block)
            done += block.shape[1]
            progress(Progress("capturing", done / n_frames, done / sample_rate))
            raise_if_stopped(stop)
    if done != n_frames:
        raise AssertionError(f"{done} frames were captured instead of {n_frames}")
    return digest.hexdigest()


def is_older(path: Path, since_seconds: float) -> bool:
    """Whether a file is there and was neither written nor put there since then (since 1970).

    What another file was moved or copied over counts as changed, whatever time that one bears.
    """
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return False
    return max(facts.st_mtime, facts.st_ctime) <= since_seconds
