"""What is to be put into a running REAPER, as a plan that its scripts carry out as it stands.

Everything is decided here: ids, names, colours, places to the frame, what is muted and what the
folder takes over. The scripts only look whether it is possible, and say what they have done. The
result is what `hosts.rpp.place` makes of a project file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.project.identity import (
    StemFile,
    StemIds,
    folder_id,
    in_order,
    stem_ids,
)
from hanolab_dawtools.hosts.project.naming import folder_name, folder_title, provenance_text
from hanolab_dawtools.hosts.project.shelves import Result, Shelf
from hanolab_dawtools.hosts.reaper.cut_parts import Parts
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.model import Capture, CapturePoint, StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.stem_roles import STEM_COLOURS

Plan = dict[str, Any]

_EXACT_KINDS = {"WAVE", "FLAC"}  # their headers tell the length to the frame
_UNDO_WORDS = {"STEMS": "stems of", "CONVERTED": "conversion of", "PROCESSED": "effects on"}


@dataclass(frozen=True)
class Ground:
    """What a plan stands on.

    Attributes
    ----------
    live
        The project as it is now: its source items must be so still when the plan is carried out;
        None when that is not known.
    parts
        What there is now of each captured item, where earlier results cut it.
    shelf
        Where the layout puts the stems; None: onto tracks of their own.
    step
        What the undo step is called when it is that of several results; written on their items,
        so that it is known again.
    stale
        Why the plan is not to be carried out unless it was before; "" when nothing is against it.
    """

    live: LiveTimeline | None = None
    parts: Parts = field(default_factory=dict)
    shelf: Shelf | None = None
    step: str = ""
    stale: str = ""


def make_plan(
    placement: Placement, stem_files: Sequence[StemFile], ground: Ground | None = None
) -> Plan:
    """The plan of a placement whose one or more stems are where they will stay.

    Raises
    ------
    UsageError
        Takes or lanes are wanted and there is not one item to add them to.
    """
    assert stem_files, "there is something to place"
    stems, ground = in_order(stem_files), ground or Ground()
    capture = placement.capture
    plan: Plan = {
        "job_id": placement.job_id,
        "owner": _owner(placement, stems),
        "label": undo_label(placement, stems),
        "stale": ground.stale,
        "guard": _guard(placement, ground),
        "sources": list(capture.sources) if capture is not None else [],
        "tolerance_seconds": 0.5 / capture.sample_rate if capture is not None else 0.0,
        "mute": _mutes(placement, ground),
        "folder": None,
        "tracks": [],
        "takes": None,
        "lanes": None,
    }
    if is_inside(placement):
        kind = "takes" if placement.as_takes else "lanes"
        plan[kind] = _inside(placement, stems, ground, kind)
    elif ground.shelf is not None:
        plan.update(_on_shelf(placement, stems, ground, ground.shelf))
    else:
        plan.update(_on_own_tracks(placement, stems, ground))
    return plan


def is_inside(placement: Placement) -> bool:
    """Whether the stems go into the track that they were made of, as takes or lanes."""
    return placement.as_takes or (placement.arrangement.lanes and placement.capture is not None)


def _owner(placement: Placement, stems: Sequence[StemFile]) -> str:
    """What the new tracks are marked with."""
    if not placement.shelf:
        return placement.job_id
    return f"shelf {folder_id(Result(placement, tuple(stems)).shelf_key)}"


def _on_own_tracks(placement: Placement, stems: Sequence[StemFile], ground: Ground) -> Plan:
    has_folder = placement.capture is not None and placement.arrangement.has_folder
    folder = None
    if has_folder:
        name = folder_name(placement, stems)
        folder = _folder(placement, stems, folder_id(placement.job_id), name)
    is_muted = not has_folder and _is_muted(placement)
    return {
        "folder": folder,
        "tracks": [
            {
                "id": ids.track,
                "name": stem.track_name,
                "colour": _colour(stem.role, placement.arrangement.colours),
                "is_muted": is_muted,
                "n_channels": stem.n_channels,
                "item": _item(placement, stem, ids, stem.path.name, ground),
            }
            for stem, ids in zip(stems, stem_ids(placement.job_id, stems), strict=True)
        ],
    }


def _on_shelf(
    placement: Placement, stems: Sequence[StemFile], ground: Ground, shelf: Shelf
) -> Plan:
    folder = None
    if shelf.has_folder:
        everything = [stem for result in shelf.results for stem in result.stems]
        folder = _folder(shelf.first, everything, shelf.folder, shelf.title)
        folder["is_muted"] = shelf.is_muted
    found = [
        (item.stem, item.ids, track)
        for track in shelf.tracks
        for item in track.items
        if item.result.placement is placement
    ]
    found.sort(key=lambda one: stems.index(one[0]))
    return {
        "folder": folder,
        "tracks": [
            {
                "id": track.id,
                "name": track.name,
                "colour": _colour(track.role, placement.arrangement.colours),
                "is_muted": track.is_muted,
                "n_channels": track.n_channels,
                "item": _item(placement, stem, ids, stem.path.name, ground),
            }
            for stem, ids, track in found
        ],
    }


def undo_label(placement: Placement, stems: Sequence[StemFile]) -> str:
    """What REAPER calls the step that takes a job's stems back."""
    what = _UNDO_WORDS[folder_title(stems)]
    return f"HanoLab: {what} {placement.selection.name} (job {placement.job_id})"


def _guard(placement: Placement, ground: Ground) -> list[Plan]:
    if ground.live is None or placement.capture is None:
        return []
    wanted = {*placement.capture.sources, *(id_ for ids in ground.parts.values() for id_ in ids)}
    guard = []
    for _, item in ground.live.timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id not in wanted:
            continue
        fact = {
            "item_id": item.id,
            "position_seconds": item.position_seconds,
            "length_seconds": item.length_seconds,
        }
        if item.take is not None:
            fact["take_id"] = item.take.guid
            fact["source_offset_seconds"] = item.take.source_offset_seconds
            fact["play_rate"] = item.take.play_rate
            if item.take.source is not None and item.take.source.file:
                fact["file"] = item.take.source.file
        guard.append(fact)
    return guard


def _mutes(placement: Placement, ground: Ground) -> list[Plan]:
    capture, shelf = placement.capture, ground.shelf
    if capture is None or placement.keep_source or placement.as_takes:
        return []
    if shelf is not None and all(one.placement is not placement for one in shelf.mutes):
        return []
    return [
        {"item_id": item_id, "parts": _parts(item_id, ground), **_span(capture)}
        for item_id in capture.sources
    ]


def _parts(item_id: str, ground: Ground) -> list[str]:
    """What earlier results cut off an item."""
    return [part for part in ground.parts.get(item_id, ()) if part != item_id]


def _span(capture: Capture) -> Plan:
    stop_frame = capture.start_frame + capture.selection_frames
    return {
        "start_seconds": capture.position_seconds,
        "end_seconds": stop_frame / capture.sample_rate,
    }


def _is_muted(placement: Placement) -> bool:
    """Whether what is new is silent, because the source keeps playing."""
    return placement.keep_source and not placement.arrangement.plays_beside


def _folder(placement: Placement, stems: Sequence[StemFile], id_: str, name: str) -> Plan:
    point = placement.capture.point if placement.capture is not None else CapturePoint.MASTER
    inherits = placement.arrangement.inherits and point is not CapturePoint.MASTER
    return {
        "id": id_,
        "name": name,
        "colour": "none",
        "is_muted": _is_muted(placement),
        "n_channels": max(stem.n_channels for stem in stems),
        "inherit": {"effects": point is CapturePoint.ITEM, "fader": True, "sends": True}
        if inherits
        else None,
    }


def _colour(role: StemRole, colours: Mapping[StemRole, str]) -> str:
    return colours.get(role) or STEM_COLOURS.get(role, "none")


def _item(placement: Placement, stem: StemFile, ids: StemIds, name: str, ground: Ground) -> Plan:
    return {
        "id": ids.item,
        "take_id": ids.take,
        "file": str(stem.path.absolute()),
        "take_name": name,
        "position_seconds": placement.position_seconds,
        "length_seconds": stem.seconds,
        "source_offset_seconds": 0.0,
        "sample_rate": stem.sample_rate,
        "n_channels": stem.n_channels,
        "n_frames": stem.n_frames,
        "is_exact": stem.source_kind in _EXACT_KINDS,
        "timebase_of": _timebase_of(placement, ground.live),
        "provenance": provenance_text(placement, {"role": stem.role.value, **_step(ground)}),
    }


def _step(ground: Ground) -> dict[str, str]:
    return {"step": ground.step} if ground.step else {}


def _timebase_of(placement: Placement, live: LiveTimeline | None) -> str | None:
    """The item that new items follow when the tempo is edited; none when they are not agreed."""
    sources = placement.capture.sources if placement.capture is not None else ()
    states = live.item_states if live is not None else {}
    modes = {states[item_id].timebase for item_id in sources if item_id in states}
    return sources[0] if sources and len(modes) <= 1 else None


def _inside(placement: Placement, stems: Sequence[StemFile], ground: Ground, kind: str) -> Plan:
    """Takes of the source item, or lanes of its track."""
    capture = placement.capture
    if capture is None or not capture.sources:
        raise UsageError(f"{kind} are added to an item, and there is none here")
    if kind == "takes" and len(capture.sources) != 1:
        raise UsageError(
            f"takes are added to one item, and this selection holds {len(capture.sources)}",
            hint="Use --each item, or leave --takes out.",
        )
    files, seen = [], set()
    for stem, ids in zip(stems, stem_ids(placement.job_id, stems), strict=True):
        item = _item(placement, stem, ids, stem.track_name, ground)
        is_first = stem is stems[0] if kind == "takes" else stem.role not in seen
        is_silent = kind == "lanes" and _is_muted(placement)
        seen.add(stem.role)
        files.append({**item, "is_active": is_first and not is_silent})
    names = [stem.path.name for stem in stems]
    return {
        "item_id": capture.sources[0],
        "parts": _parts(capture.sources[0], ground),
        **_span(capture),
        "files": files,
        "provenance": provenance_text(placement, {"takes": names, **_step(ground)}),
    }
