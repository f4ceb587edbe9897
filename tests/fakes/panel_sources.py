"""Small projects and files for the panel, real ones on disk, and the services around them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, region_lines
from fakes.timelines import noise, write_media

from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings

RATE = 48_000
DIALECT = DIALECTS["7.18"]


def services_in(folder: Path) -> Services:
    where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
    return Services(Settings(), where)


def tone(path: Path, seconds: float = 4.0, n_channels: int = 2, seed: int = 1) -> Path:
    """A file of noise."""
    return write_media(path, 0.25 * noise(n_channels, int(seconds * RATE), seed), RATE)


def song(
    folder: Path, name: str = "song.rpp", *, selection: str = "1 3", **options: object
) -> Path:
    """A project with drums and bass of four seconds, and two regions; 48 kHz stereo."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(("drums.wav", "bass.wav")):
        if not (folder / file).exists():
            tone(folder / file, seed=number)
    tracks = (
        TrackText("Drums", 1, (ItemText(0.0, 4.0, 1, file="drums.wav", name="drums"),)),
        TrackText("Bass", 2, (ItemText(0.0, 4.0, 2, file="bass.wav", name="bass"),)),
    )
    markers = [
        *region_lines(DIALECT, 1, 0.0, 2.0, "Verse"),
        *region_lines(DIALECT, 2, 2.0, 4.0, "Chorus"),
    ]
    made = ProjectText(
        **{"tracks": tracks, "markers": tuple(markers), "selection": selection, **options}
    )
    path = folder / name
    path.write_bytes(made.content())
    return path


def touch_later(path: Path) -> None:
    """Make a file look as if it was written later."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000_000))


def samples_of(folder: Path, file: str) -> np.ndarray:
    from hanolab_dawtools.audio.files import read_audio

    return read_audio(folder / file).samples
