"""Placements into a running REAPER: stems on disk, projects with items, what a place must leave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from fakes.live_captures import DirectChannel, impulses, item, media, project, track

from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.reaper.facts import timeline_of
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.place import place_live
from hanolab_dawtools.hosts.reaper.place_plan import make_plan
from hanolab_dawtools.model import (
    Alignment,
    Capture,
    CapturePoint,
    HostName,
    Selection,
    Stem,
    StemRole,
)
from hanolab_dawtools.placement import Arrangement, Placed, PlacedTrack, Placement

SONG = "{00000001-0000-4000-8000-000000000000}"  # the item of `song`
TRACK = "{00000011-0000-4000-8000-000000000000}"
FIXED_LANES = 2  # I_FREEMODE
ROLES = (StemRole.ACCOMPANIMENT, StemRole.VOCALS)


def song(folder: Path, *more: Any, rate: int = 48_000, **fields: Any) -> dict[str, Any]:
    """A project with a track "Mix" whose item of 4 s begins at 0.5 s; `item` fields go into it."""
    source = media(folder / "mix.wav", impulses(5 * rate, 100, n_channels=2), rate)
    own = {"guid": SONG, **fields.pop("item", {})}
    mix = track("Mix", item(source, 0.5, 4.0, **own), guid=TRACK, **fields.pop("track", {}))
    return project(folder, mix, *more, sample_rate=rate, **fields)


def placement(
    folder: Path,
    start: float = 1.0,
    end: float = 3.0,
    *,
    rate: int = 48_000,
    roles: Sequence[StemRole] = ROLES,
    sources: tuple[str, ...] = (SONG,),
    n_channels: int = 2,
    job_id: str = "job-1",
    name: str = "Chorus",
    fingerprint: str = "",
    point: CapturePoint = CapturePoint.ITEM,
    stem_names: Sequence[str] = (),
    **fields: Any,
) -> Placement:
    """Stems of `start` to `end`, each with its own noise, where they will stay."""
    start_frame, stop_frame = round(start * rate), round(end * rate)
    n_frames = stop_frame - start_frame
    stems = []
    for number, role in enumerate(roles):
        noise = np.random.default_rng(number).uniform(-0.5, 0.5, (n_channels, n_frames))
        path = folder / f"{job_id} {number} {role}.wav"
        media(path, noise.astype(np.float32), rate)
        own = stem_names[number] if stem_names else ""
        stems.append(Stem(role, path, name=own))
    selection = Selection(HostName.REAPER, folder / "song.rpp", name, start, end, "region 1")
    taken = Capture(
        folder / "capture.wav",
        sample_rate=rate,
        n_channels=n_channels,
        n_frames=n_frames,
        lead_frames=0,
        tail_frames=0,
        start_frame=start_frame,
        digest="",
        sources=sources,
        fingerprint=fingerprint,
        point=point,
    )
    made = Arrangement(**fields.pop("arrangement", {}))
    return Placement(
        job_id,
        selection,
        taken,
        tuple(stems),
        Alignment(0.0, 1.0, 1, 1.0),
        arrangement=made,
        **fields,
    )


def captured(channel: DirectChannel, sources: tuple[str, ...] = (SONG,)) -> str:
    """The fingerprint that a capture of these items has now."""
    return fingerprint_of(timeline_of(channel.call("timeline", {})).timeline, sources)


def files_of(wanted: Placement) -> list[PlacedTrack]:
    return [PlacedTrack(stem.role, stem.path.stem, stem.path) for stem in wanted.stems]


def put(channel: DirectChannel, wanted: Placement) -> Placed:
    """What the road does with a placement."""
    return place_live(channel, wanted, files_of(wanted))


def plan_of(wanted: Placement) -> dict[str, Any]:
    """The plan alone, for requests by hand."""
    return make_plan(wanted, [StemFile.probe(stem) for stem in wanted.stems])


def told(channel: DirectChannel, number: int = 0) -> dict[str, Any]:
    """A tab as it is, without what nobody sees or hears: which lanes play that are not there."""
    snapshot = channel.snapshot(number)
    for one in snapshot["tracks"]:
        values = one["values"]
        n_lanes = values["I_NUMFIXEDLANES"] if values["I_FREEMODE"] == FIXED_LANES else 0
        one["lane_plays"] = [pair for pair in one["lane_plays"] if pair[0] < n_lanes]
    return snapshot


def without_history(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A project without its list of undo steps."""
    return {key: value for key, value in snapshot.items() if key != "undo"}


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two JSON values first differ, as a path and both values; "" when they are equal."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            if found := difference(one.get(key), other.get(key), f"{path}.{key}"):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        found = (difference(a, b, f"{path}[{n}]") for n, (a, b) in pairs)
        return next((text for text in found if text), "")
    return "" if one == other else f"{path}: {one!r} is not {other!r}"
