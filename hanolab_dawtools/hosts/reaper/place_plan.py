"""What is to be put into a running REAPER, as a plan that its scripts carry out as it stands.

Everything is decided here: ids, names, colours, places to the frame, what is muted and what the
folder takes over. The scripts only look whether it is possible, and say what they have done. The
result is what `hosts.rpp.place` makes of a project file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.model import Capture, CapturePoint, StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.stem_roles import STEM_COLOURS

Plan = dict[str, Any]

_EXACT_KINDS = {"WAVE", "FLAC"}  # their headers tell the length to the frame
_UNDO_WORDS = {"STEMS": "stems of", "CONVERTED": "conversion of", "PROCESSED": "effects on"}


def make_plan(
    placement: Placement, stem_files: Sequence[StemFile], live: LiveTimeline | None = None
) -> Plan:
    """The plan of a placement.

    Parameters
    ----------
    stem_files
        One or more stems where they will stay.
    live
        The project as it is now: its source items must be so still when the plan is carried out.

    Raises
    ------
    UsageError
        Takes or lanes are wanted and there is not one item to add them to.
    """
    assert stem_files, "there is something to place"
    stems = in_order(stem_files)
    capture = placement.capture
    sources = list(capture.sources) if capture is not None else []
    is_inside = placement.as_takes or (placement.arrangement.lanes and capture is not None)
    plan: Plan = {
        "job_id": placement.job_id,
        "owner": f"shelf {folder_id(placement.shelf)}" if placement.shelf else placement.job_id,
        "label": undo_label(placement, stems),
        "guard": _guard(live, sources),
        "sources": sources,
        "tolerance_seconds": 0.5 / capture.sample_rate if capture is not None else 0.0,
        "mute": [] if placement.as_takes else _mutes(placement),
        "folder": None,
        "tracks": [],
        "takes": None,
        "lanes": None,
    }
    if is_inside:
        kind = "takes" if placement.as_takes else "lanes"
        plan[kind] = _inside(placement, stems, live, kind)
        return plan
    has_folder = capture is not None and placement.arrangement.has_folder
    if has_folder:
        plan["folder"] = _folder(placement, stems)
    ids_of_stems = stem_ids(placement.job_id, stems, placement.shelf)
    for stem, ids in zip(stems, ids_of_stems, strict=True):
        plan["tracks"].append(
            {
                "id": ids.track,
                "name": stem.track_name,
                "colour": _colour(stem.role, placement.arrangement.colours),
                "is_muted": not has_folder and _is_muted(placement),
                "n_channels": stem.n_channels,
                "item": _item(placement, stem, ids, stem.path.name, live),
            }
        )
    return plan


def undo_label(placement: Placement, stems: Sequence[StemFile]) -> str:
    """What REAPER calls the step that takes a job's stems back."""
    what = _UNDO_WORDS[folder_title(stems)]
    return f"HanoLab: {what} {placement.selection.name} (job {placement.job_id})"


def _guard(live: LiveTimeline | None, sources: Sequence[str]) -> list[Plan]:
    if live is None:
        return []
    guard = []
    for _, item in live.timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id not in sources:
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


def _mutes(placement: Placement) -> list[Plan]:
    capture = placement.capture
    if capture is None or placement.keep_source:
        return []
    return [{"item_id": item_id, **_span(capture)} for item_id in capture.sources]


def _span(capture: Capture) -> Plan:
    stop_frame = capture.start_frame + capture.selection_frames
    return {
        "start_seconds": capture.position_seconds,
        "end_seconds": stop_frame / capture.sample_rate,
    }


def _is_muted(placement: Placement) -> bool:
    """Whether what is new is silent, because the source keeps playing."""
    return placement.keep_source and not placement.arrangement.plays_beside


def _folder(placement: Placement, stems: Sequence[StemFile]) -> Plan:
    point = placement.capture.point if placement.capture is not None else CapturePoint.MASTER
    inherits = placement.arrangement.inherits and point is not CapturePoint.MASTER
    return {
        "id": folder_id(placement.shelf or placement.job_id),
        "name": folder_name(placement, stems),
        "colour": "none",
        "is_muted": _is_muted(placement),
        "n_channels": max(stem.n_channels for stem in stems),
        "inherit": {"effects": point is CapturePoint.ITEM, "fader": True, "sends": True}
        if inherits
        else None,
    }


def _colour(role: StemRole, colours: Mapping[StemRole, str]) -> str:
    return colours.get(role) or STEM_COLOURS.get(role, "none")


def _item(
    placement: Placement, stem: StemFile, ids: StemIds, name: str, live: LiveTimeline | None
) -> Plan:
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
        "timebase_of": _timebase_of(placement, live),
        "provenance": provenance_text(placement, {"role": stem.role.value}),
    }


def _timebase_of(placement: Placement, live: LiveTimeline | None) -> str | None:
    """The item that new items follow when the tempo is edited; none when they are not agreed."""
    sources = placement.capture.sources if placement.capture is not None else ()
    states = live.item_states if live is not None else {}
    modes = {states[item_id].timebase for item_id in sources if item_id in states}
    return sources[0] if sources and len(modes) <= 1 else None


def _inside(
    placement: Placement, stems: Sequence[StemFile], live: LiveTimeline | None, kind: str
) -> Plan:
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
        item = _item(placement, stem, ids, stem.track_name, live)
        is_first = stem is stems[0] if kind == "takes" else stem.role not in seen
        is_silent = kind == "lanes" and _is_muted(placement)
        seen.add(stem.role)
        files.append({**item, "is_active": is_first and not is_silent})
    names = [stem.path.name for stem in stems]
    return {
        "item_id": capture.sources[0],
        **_span(capture),
        "files": files,
        "provenance": provenance_text(placement, {"takes": names}),
    }
