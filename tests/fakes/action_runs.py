"""Actions run in the stand-in REAPER to their end, as a user runs them from the action list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from fakes.reaper import FakeReaper

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.buffer import AudioBuffer

MOST_TICKS = 40_000  # an action is a process of its own, on a machine that may be busy
RATE = 44_100


IDS = [f"{{00000000-0000-4000-8000-00000000000{n}}}" for n in (1, 2, 3)]


def band_spec(folder: Path, *, seconds: int = 6, **changes: Any) -> dict[str, Any]:
    """A project of one item on a track `Band`, from 1 s on, with 3 s to 5.5 s selected in time.

    Made again in the same folder it is the same project, ids included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    time = np.arange(seconds * RATE) / RATE
    notes = [0.2 * np.sin(2 * np.pi * hz * time) for hz in (220.0, 330.0)]
    noise = np.random.default_rng(3).normal(0, 0.05, (2, time.size))
    path = folder / "band.wav"
    files.write_audio(path, AudioBuffer((np.stack(notes) + noise).astype(np.float32), RATE))
    take = {"guid": IDS[2], "file": str(path), "name": "band"}
    item = {"guid": IDS[1], "position": 1.0, "length": float(seconds), "takes": [take]}
    return {
        "path": str(folder / "song.rpp"),
        "sample_rate": RATE,
        "tracks": [{"guid": IDS[0], "name": "Band", "items": [item]}],
        "time_selection": [3.0, 5.5],
        **changes,
    }


def reaper_with(
    environment: Mapping[str, str], home: Path, *projects: Mapping[str, Any], **options: Any
) -> FakeReaper:
    """A REAPER whose actions find the folders and the account of a command's environment."""
    ours = {k: v for k, v in environment.items() if k.startswith(("HANOLAB_", "PYTHON_KEYRING"))}
    return FakeReaper(home, projects=projects, environment=ours, **options)


def start_action(reaper: FakeReaper, script: str) -> None:
    """Run an action and wait until its process is there."""
    reaper.run_action(script)
    reaper.wait_until(lambda: reaper.children != [], MOST_TICKS)


def finish_actions(reaper: FakeReaper) -> None:
    """Wait until no process of an action is left."""
    reaper.wait_until(lambda: reaper.children == [], MOST_TICKS)


def run_to_end(reaper: FakeReaper, script: str) -> None:
    """Run an action and wait until its process has ended."""
    start_action(reaper, script)
    finish_actions(reaper)


def track_names(reaper: FakeReaper) -> list[str]:
    return [track["name"] for track in reaper.snapshot()["tracks"]]
