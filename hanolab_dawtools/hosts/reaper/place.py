"""Stems put into the project that is open in REAPER: in one step of its undo, or not at all.

The project is not saved by us. Which items are muted, cut or given takes is what a project file
would get (`hosts.rpp.place`); REAPER itself does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hanolab_dawtools.hosts.project.identity import StemFile, in_order
from hanolab_dawtools.hosts.project.overlaps import warnings_of_cuts
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.connections import is_saved
from hanolab_dawtools.hosts.reaper.cut_parts import CutParts, Parts
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.place_plan import Ground, make_plan
from hanolab_dawtools.model import CapturePoint
from hanolab_dawtools.placement import Placed, PlacedTrack, Placement

READING_SECONDS = 60.0  # a large project is read over many ticks
PLACING_SECONDS = 600.0  # opening many files and building their peaks takes REAPER its time
NOT_SAVED = "the project in REAPER is changed and not saved yet"
_MASTER_TWICE = (
    "the stems were taken behind the effects of the master track, and pass them a second time"
)


def place_live(channel: Channel, placement: Placement, files: Sequence[PlacedTrack]) -> Placed:
    """Put stems into the tab that `placement.selection` names; a second call changes nothing.

    Parameters
    ----------
    files
        Where each of `placement.stems` is and will stay, in their order.

    Raises
    ------
    AudioFileError
        A stem cannot be read.
    UsageError
        Takes or lanes are wanted and there is not one item to add them to.
    HostError
        Nothing was changed. Code "changed": a captured item is not what it was; "gone": the
        project or an item is not there.
    """
    stems = stem_files(placement, files)
    where = place_of(placement)
    ground = _ground(channel, placement, where)
    plan = make_plan(placement, stems, ground)
    result = channel.call("place", {**where, "plan": plan}, timeout_seconds=PLACING_SECONDS)
    placed = placed_of(placement, stems, result)
    if ground.live is None or result["already"]:
        return placed
    warnings = cut_warnings(placement, ground.live, ground.parts)
    return replace(placed, warnings=(*placed.warnings, *warnings))


def stem_files(placement: Placement, files: Sequence[PlacedTrack]) -> list[StemFile]:
    """The stems of a placement in order, looked into where they are and will stay."""
    return in_order(
        StemFile.probe(replace(stem, path=file.path))
        for stem, file in zip(placement.stems, files, strict=True)
    )


def place_of(placement: Placement) -> dict[str, str]:
    """How requests name the project of a placement."""
    return {"tab": placement.selection.tab, "path": _path(placement)}


def placed_of(placement: Placement, stems: Sequence[StemFile], result: Mapping[str, Any]) -> Placed:
    """What the scripts tell of a plan for `stems`, which are in order."""
    tracks = tuple(
        PlacedTrack(
            role=stem.role,
            name=stem.track_name,
            path=stem.path,
            track_id=made["track_id"],
            item_id=made["item_id"],
            is_draft=stem.is_draft,
        )
        for stem, made in zip(stems, result["tracks"], strict=True)
        if made is not None
    )
    warnings = list(result["warnings"])
    capture = placement.capture
    if capture is not None and capture.point is CapturePoint.MASTER and not result["already"]:
        warnings.append(_MASTER_TWICE)
    changes = result["changes"]
    return Placed(
        folder=stems[0].path.parent,
        tracks=tracks,
        changes=(*changes, NOT_SAVED) if changes else (),
        warnings=tuple(warnings),
        undo_label=result["undo_label"],
    )


def cut_warnings(placement: Placement, live: LiveTimeline, parts: Parts) -> list[str]:
    """What may sound different beside the stems, where the items or their `parts` were cut."""
    capture = placement.capture
    if capture is None or (placement.keep_source and not placement.as_takes):
        return []
    tolerance = 0.5 / capture.sample_rate
    start = capture.position_seconds
    end = (capture.start_frame + capture.selection_frames) / capture.sample_rate
    cut = {*capture.sources, *(item_id for ids in parts.values() for item_id in ids)}
    played: dict[str, list[tuple[float, float]]] = {}
    for _, item in live.timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id not in cut:
            continue
        first, last = item.position_seconds, item.end_seconds
        if first >= end - tolerance or last <= start + tolerance:
            continue
        own = [(first, start)] if first < start - tolerance else []
        own += [(max(first, start), min(last, end))] if placement.as_takes else []
        own += [(end, last)] if last > end + tolerance else []
        played[item.id] = own
    return warnings_of_cuts(live.timeline, played)


def _path(placement: Placement) -> str:
    return str(placement.selection.source) if is_saved(placement.selection) else ""


def _ground(channel: Channel, placement: Placement, where: Mapping[str, str]) -> Ground:
    """The project as it is now, as far as that has to be known."""
    capture = placement.capture
    if capture is None or not capture.fingerprint:
        return Ground()
    asked = {"tab": where["tab"]}
    live = timeline_of(channel.call("timeline", asked, timeout_seconds=READING_SECONDS))
    parts = CutParts(live).of_capture(capture)
    if parts is None:
        return Ground(stale=changed_since(placement))
    return Ground(live, parts)


def changed_since(placement: Placement) -> str:
    """Why stems are not put beside music that they were not made of."""
    return (
        f"the items of {placement.selection.name} were changed in REAPER since they were captured"
    )
