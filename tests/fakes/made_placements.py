"""Finished jobs to be placed: short stems, a capture, an alignment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.model import Alignment, Capture, HostName, Selection, Stem, StemRole
from hanolab_dawtools.placement import Placement

ROLES = (StemRole.VOCALS, StemRole.ACCOMPANIMENT)


def make_placement(
    folder: Path,
    *,
    job_id: str = "j1",
    roles: tuple[StemRole, ...] = ROLES,
    folder_wanted: Path | None = None,
    selection_name: str = "song",
    n_frames: int = 4_800,
) -> Placement:
    """A placement whose stems and capture are files in `folder`; each stem has its own noise."""
    folder.mkdir(parents=True, exist_ok=True)
    stems = []
    for number, role in enumerate(roles):
        noise = np.random.default_rng(number).uniform(-1, 1, (2, n_frames)).astype(np.float32)
        path = folder / f"{job_id}-{number}.wav"
        write_audio(path, AudioBuffer(noise, 48_000))
        stems.append(Stem(role, path))
    selection = Selection(
        HostName.AUDIO_FILE, folder / "song.wav", selection_name, 0.0, n_frames / 48_000, "whole"
    )
    capture = Capture(folder / "capture.wav", 48_000, 2, n_frames, 0, 0, 0, "digest")
    alignment = Alignment(0.0, 1.0, 1, 1.0, null_db=float("-inf"))
    return Placement(job_id, selection, capture, tuple(stems), alignment, folder=folder_wanted)
