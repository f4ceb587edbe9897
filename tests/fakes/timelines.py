"""Projects for the renderer, built as plain values, and media files of known samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.project.timeline import Item, Region, Source, Take, Timeline, Track
from hanolab_dawtools.hosts.rpp.planning import plan_capture
from hanolab_dawtools.hosts.rpp.preparing import Preparation
from hanolab_dawtools.hosts.rpp.render import render_blocks
from hanolab_dawtools.model import HostName, Selection

_TAKE_FIELDS = set(Take.__dataclass_fields__) - {"name", "source"}


def noise(n_channels: int, n_frames: int, seed: int = 0) -> np.ndarray:
    """Uniform noise in -1..1, shape (n_channels, n_frames)."""
    return np.random.default_rng(seed).uniform(-1, 1, (n_channels, n_frames)).astype(np.float32)


def write_media(path: Path, samples: np.ndarray, rate: int, **options: Any) -> Path:
    """A media file of exactly these samples (32-bit float WAV unless told otherwise)."""
    write_audio(path, AudioBuffer(samples, rate), **options)
    return path


def item(file: str, position: float, length: float, *, kind: str = "WAVE", **fields: Any) -> Item:
    """An item with one take that plays `file`; take fields may be given too."""
    take_fields = {name: fields.pop(name) for name in list(fields) if name in _TAKE_FIELDS}
    item_gain = fields.pop("item_gain", 1.0)
    take = Take(name=fields.pop("name", file), guid="", source=Source(kind, file), **take_fields)
    return Item(
        id=fields.pop("id", f"{file}@{position}"),
        lines=range(0),
        position_seconds=position,
        length_seconds=length,
        takes=(take,),
        active_take=0,
        gain=item_gain,
        **fields,
    )


def track(*items: Item, name: str = "", **fields: Any) -> Track:
    """A track; its number and id are given by `project`."""
    defaults = {"depth": 0, "folder_change": 0}
    return Track(id="", number=0, name=name, lines=range(0), items=items, **{**defaults, **fields})


def project(folder: Path, *tracks: Track, **fields: Any) -> Timeline:
    """A project in `folder` with numbered tracks; its rate is 48 kHz unless told otherwise."""
    numbered = []
    depth = 0
    for number, one in enumerate(tracks, start=1):
        name = one.name or f"T{number}"
        numbered.append(replace(one, id=f"id {number}", number=number, name=name, depth=depth))
        depth = max(0, depth + one.folder_change)
    defaults: dict[str, Any] = {
        "version": "7.18/linux",
        "sample_rate": 48_000,
        "time_selection": None,
        "regions": (),
        "markers": (),
    }
    return Timeline(path=folder / "song.rpp", tracks=tuple(numbered), **{**defaults, **fields})


def region(number: int, name: str, start: float, end: float) -> Region:
    """A region."""
    return Region(number, name, start, end)


def selection(timeline: Timeline, start: float, end: float, **fields: Any) -> Selection:
    """A range of a project."""
    return Selection(HostName.RPP, timeline.path, "range", start, end, "range", **fields)


def render(
    timeline: Timeline,
    start: float,
    end: float,
    *,
    handle: float = 0.0,
    block_frames: int = 65_536,
    **fields: Any,
) -> np.ndarray:
    """What a capture of a range would hold, handles included."""
    plan = plan_capture(timeline, selection(timeline, start, end, **fields), handle)
    with Preparation(timeline.path.parent, NeverStop(), ignore_progress) as making:
        ready = making.prepared(plan)
        blocks: Sequence[np.ndarray] = list(render_blocks(ready, block_frames=block_frames))
    return np.concatenate(blocks, axis=1)
