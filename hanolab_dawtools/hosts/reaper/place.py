"""Stems put into the project that is open in REAPER: in one step of its undo, or not at all.

The project is not saved by us. Which items are muted, cut or given takes is what a project file
would get (`hosts.rpp.place`); REAPER itself does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.hosts.project.identity import StemFile, in_order
from hanolab_dawtools.hosts.project.overlaps import warnings_of_cuts
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.connections import is_saved
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.place_plan import make_plan
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
    stems = in_order(
        StemFile.probe(replace(stem, path=file.path))
        for stem, file in zip(placement.stems, files, strict=True)
    )
    where = {"tab": placement.selection.tab, "path": _path(placement)}
    live = _unchanged(channel, placement, where)
    plan = make_plan(placement, stems, live)
    result = channel.call("place", {**where, "plan": plan}, timeout_seconds=PLACING_SECONDS)
    placed = placed_of(placement, stems, result)
    if live is None or result["already"]:
        return placed
    return replace(placed, warnings=(*placed.warnings, *_warnings_of_cuts(placement, live)))


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


def _warnings_of_cuts(placement: Placement, live: LiveTimeline) -> list[str]:
    """What may sound different beside the stems, where the items were cut."""
    capture = placement.capture
    if capture is None or (placement.keep_source and not placement.as_takes):
        return []
    tolerance = 0.5 / capture.sample_rate
    start = capture.position_seconds
    end = (capture.start_frame + capture.selection_frames) / capture.sample_rate
    parts: dict[str, list[tuple[float, float]]] = {}
    for _, item in live.timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id not in capture.sources:
            continue
        first, last = item.position_seconds, item.end_seconds
        own = [(first, start)] if first < start - tolerance else []
        own += [(max(first, start), min(last, end))] if placement.as_takes else []
        own += [(end, last)] if last > end + tolerance else []
        parts[item.id] = own
    return warnings_of_cuts(live.timeline, parts)


def _path(placement: Placement) -> str:
    return str(placement.selection.source) if is_saved(placement.selection) else ""


def _unchanged(
    channel: Channel, placement: Placement, where: Mapping[str, str]
) -> LiveTimeline | None:
    """The project, when its captured items are what they were; None when that is not known."""
    capture = placement.capture
    if capture is None or not capture.fingerprint:
        return None
    asked = {"tab": where["tab"]}
    live = timeline_of(channel.call("timeline", asked, timeout_seconds=READING_SECONDS))
    if fingerprint_of(live.timeline, capture.sources) == capture.fingerprint:
        return live
    done = channel.call("placed", {**where, "job_id": placement.job_id})
    if done["tracks"]:  # by this very job, which has cut the items itself
        return None
    raise HostCallFailed(
        f"the items of {placement.selection.name} were changed in REAPER since they were captured",
        command="place",
        code="changed",
        hint="Undo that change and resume the job, or run it again.",
    )
