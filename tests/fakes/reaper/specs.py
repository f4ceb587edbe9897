"""Small audio files with known contents, and project specs over them (the spec: `model`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

RATE = 48_000


def impulses(
    path: Path,
    at_frames: Iterable[int],
    *,
    seconds: float = 1.0,
    rate: int = RATE,
    n_channels: int = 1,
    value: float = 0.5,
) -> Path:
    """A float file that is 0 but for `value` at some frames, in every channel."""
    samples = np.zeros((round(seconds * rate), n_channels))
    samples[list(at_frames)] = value
    return written(path, samples, rate)


def sine(
    path: Path,
    hz: float = 440.0,
    *,
    seconds: float = 1.0,
    rate: int = RATE,
    n_channels: int = 1,
    peak: float = 0.5,
) -> Path:
    """A float file with a sine that starts at 0, the same in every channel."""
    wave = peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return written(path, np.repeat(wave[:, None], n_channels, axis=1), rate)


def ramp(path: Path, *, seconds: float = 1.0, rate: int = RATE) -> Path:
    """A mono float file that grows from 0 to 1: every frame is one of a kind."""
    n_frames = round(seconds * rate)
    return written(path, (np.arange(n_frames) / n_frames)[:, None], rate)


def written(path: Path, samples: np.ndarray, rate: int) -> Path:
    """Frames by channels into a 32-bit float file; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def item(
    file: Path | str, position: float = 0.0, *, take: Mapping[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    """An item with one take of a file; `rest` are keys of the item, `take` of its take."""
    return {"position": position, "takes": [{"file": str(file), **(take or {})}], **rest}


def track(name: str, *items: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A track with items."""
    return {"name": name, "items": list(items), **rest}


def song(path: Path | str, *tracks: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A project at 48 kHz with tracks; `rest` are keys of the project."""
    return {"path": str(path), "sample_rate": RATE, "tracks": list(tracks), **rest}
