"""Stems as new tracks of a project: what the file will be, worked out on bytes alone.

A folder track "STEMS: <selection>" (or "CONVERTED: …", "PROCESSED: …") with a track for each stem
goes behind the last track, so that the track numbers that sends are stored by stay true; an
`Arrangement` may do without the folder, or without what it takes over. Items lie exactly on the
capture's first frame. The source items are muted where the stems play, or, when the sources are
kept, the folder is. As takes, the stems go into their source item instead; see `takes`. Music that
was made of nothing in the project gets its track alone, and mutes nothing. Nothing else changes:
the new content is the old one with inserted lines and with the tokens that `Placed.changes` lists.
New tracks stand at the top level: a folder that the last track leaves open is closed there first.

Projects of REAPER 2 and 3 are served too: the new tracks are written as today's REAPER does,
which every version from 4 on reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.project.identity import (
    StemFile,
    folder_id,
    in_order,
    stable_guid,
    stem_ids,
)
from hanolab_dawtools.hosts.project.naming import folder_title
from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.rpp import chunks
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.inherit import Inheritance, inherit, insert_folder
from hanolab_dawtools.hosts.rpp.provenance import stem_block
from hanolab_dawtools.hosts.rpp.relocate import relocate
from hanolab_dawtools.hosts.rpp.sources import Span, mute_sources
from hanolab_dawtools.hosts.rpp.takes import add_takes
from hanolab_dawtools.model import Capture
from hanolab_dawtools.placement import Placed, PlacedTrack, Placement


def place_stems(
    document: Document,
    timeline: Timeline,
    placement: Placement,
    stem_files: Sequence[StemFile],
    *,
    target: Path,
) -> tuple[bytes, Placed]:
    """The project with the stems in it, and what was done; nothing is written.

    Parameters
    ----------
    document, timeline
        The project as it is; the timeline was read from the document.
    stem_files
        One or more stems where they will stay.
    target
        The project file that will be written. In another folder than the document's, relative
        media paths are rewritten.

    Raises
    ------
    UsageError
        A stem's path cannot be written into a project, the item cannot get takes, or fixed lanes
        are wanted.
    ProjectFileError
        A line would become longer than REAPER reads.
    """
    assert stem_files, "there is something to place"
    if placement.arrangement.lanes:
        raise UsageError(
            "fixed lanes need a running REAPER; a project file gets tracks or takes",
            hint="Open the project and use `reaper`, or --set import.results=tracks.",
        )
    edits = Edits(document)
    stems = in_order(stem_files)
    if target.parent.resolve() != document.path.parent.resolve():
        relocate(edits, target.parent, windows=chunks.is_windows(timeline.version))
    if placement.as_takes:
        tracks, warnings = add_takes(edits, timeline, placement, stems, target)
    else:
        tracks, warnings = _add_tracks(edits, timeline, placement, stems, target)
    content = edits.apply()
    placed = Placed(
        folder=stems[0].path.parent,
        tracks=tracks,
        project=target,
        lines_inserted=edits.lines_inserted,
        tokens_changed=edits.tokens_changed,
        changes=tuple(edits.changes),
        warnings=tuple(warnings),
        project_digest=hashlib.sha256(content).hexdigest(),
    )
    return content, placed


def _add_tracks(
    edits: Edits,
    timeline: Timeline,
    placement: Placement,
    stems: Sequence[StemFile],
    target: Path,
) -> tuple[tuple[PlacedTrack, ...], list[str]]:
    windows = chunks.is_windows(timeline.version)
    if placement.capture is None:
        return _add_one_track(edits, timeline, placement, stems, target)
    warnings = (
        []
        if placement.keep_source
        else _mute_sources(edits, timeline, placement.capture, placement.job_id)
    )
    arrangement = placement.arrangement
    if not arrangement.has_folder:
        _close_open_folder(edits, timeline)
        before = line_behind_tracks(edits.document, timeline)
        _insert_stems(edits, before, placement, stems, target, windows=windows)
        return placed_tracks(placement, stems), [*warnings, *warnings_of_solo(timeline)]
    inheritance = Inheritance()
    if arrangement.inherits:
        inheritance = inherit(
            edits,
            timeline,
            placement.capture.sources,
            folder_number=len(timeline.tracks),
            fresh=lambda number, _: stable_guid(placement.job_id, "inherited", str(number)),
        )
    warnings += inheritance.warnings
    warnings += warnings_of_solo(timeline) if inheritance.solo == "0" else []
    _close_open_folder(edits, timeline)
    before = line_behind_tracks(edits.document, timeline)
    _insert_folder(edits, before, placement, stems, inheritance)
    _insert_stems(edits, before, placement, stems, target, windows=windows)
    return placed_tracks(placement, stems), warnings


def _add_one_track(
    edits: Edits,
    timeline: Timeline,
    placement: Placement,
    stems: Sequence[StemFile],
    target: Path,
) -> tuple[tuple[PlacedTrack, ...], list[str]]:
    """Add music that was made of nothing in the project: tracks without a folder."""
    windows = chunks.is_windows(timeline.version)
    _close_open_folder(edits, timeline)
    before = line_behind_tracks(edits.document, timeline)
    _insert_stems(edits, before, placement, stems, target, windows=windows)
    return placed_tracks(placement, stems), warnings_of_solo(timeline)


def warnings_of_solo(timeline: Timeline) -> list[str]:
    """That what is added is silent as long as a track is soloed."""
    if not any(track.is_soloed for track in timeline.tracks):
        return []
    return ["a track of the project is soloed; what was added is silent until it is not"]


def placed_tracks(placement: Placement, stem_files: Sequence[StemFile]) -> tuple[PlacedTrack, ...]:
    """What a placing makes of each stem, in the order of the tracks."""
    stems = in_order(stem_files)
    return tuple(
        PlacedTrack(
            role=stem.role,
            name=stem.track_name,
            path=stem.path,
            track_id=ids.track,
            item_id=ids.item,
            is_draft=stem.is_draft,
        )
        for stem, ids in zip(stems, stem_ids(placement.job_id, stems), strict=True)
    )


def _mute_sources(edits: Edits, timeline: Timeline, capture: Capture, job_id: str) -> list[str]:
    return mute_sources(edits, timeline, Span.of_capture(capture), job_id, capture.sources)


def _close_open_folder(edits: Edits, timeline: Timeline) -> None:
    """Let the last track close all folders that are still open behind it."""
    if not timeline.tracks:
        return
    last = timeline.tracks[-1]
    if last.depth + last.folder_change <= 0:
        return
    tokens = {1: "2", 2: str(-last.depth)} if last.depth else {1: "0", 2: "0"}
    block = edits.document.blocks[last.lines.start]
    number = edits.document.find_line(block, "ISBUS")
    if number is None:
        edits.insert_text(last.lines.start + 1, [f"ISBUS {tokens[1]} {tokens[2]}"], level=2)
    else:
        name = last.name or f"track {last.number}"
        edits.set_tokens(number, tokens, f'"{name}", the last track, closes the open folder')


def _insert_folder(
    edits: Edits,
    before: int,
    placement: Placement,
    stems: Sequence[StemFile],
    inheritance: Inheritance,
) -> None:
    folder = chunks.folder_track(
        folder_id(placement.job_id),
        f"{folder_title(stems)}: {placement.selection.name}",
        n_channels=max(inheritance.n_channels, *(stem.n_channels for stem in stems)),
        is_muted=_is_muted(placement),
        solo=inheritance.solo,
    )
    insert_folder(edits, before, folder, inheritance)


def _is_muted(placement: Placement) -> bool:
    """Whether what is new is silent, because the source keeps playing."""
    return placement.keep_source and not placement.arrangement.plays_beside


def _insert_stems(
    edits: Edits,
    before: int,
    placement: Placement,
    stems: Sequence[StemFile],
    target: Path,
    *,
    windows: bool,
) -> None:
    has_folder = placement.capture is not None and placement.arrangement.has_folder
    for stem, ids in zip(stems, stem_ids(placement.job_id, stems), strict=True):
        media = chunks.media_token(stem.path, target.parent, windows=windows)
        track = chunks.stem_track(
            stem,
            ids,
            media,
            position_seconds=placement.position_seconds,
            windows=windows,
            closes_folder=has_folder and stem is stems[-1],
            is_muted=not has_folder and _is_muted(placement),
            colours=placement.arrangement.colours,
            extension=stem_block(placement, stem),
        )
        edits.insert_text(before, track, level=1)


def line_behind_tracks(document: Document, timeline: Timeline) -> int:
    """The line in front of which REAPER would write the next track."""
    if timeline.tracks:
        return timeline.tracks[-1].lines.stop
    bays = list(document.root.named("PROJBAY"))
    if bays:
        return bays[-1].stop
    for block in document.root.children:
        if block.name in {"EXTENSIONS", "EXTSTATE"}:
            return block.start
    return document.root.stop - 1
