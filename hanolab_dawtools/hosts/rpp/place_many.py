"""Stems of many jobs into a project at once: what the file will be, worked out on bytes alone.

Results share the tracks of their shelves (`hosts.project.shelves`), and each source item is cut
once for all of them (`cutting`). All that is not new stays byte for byte, as for one job (`place`).

The bytes do not depend on the order in which results are given. When they come in several calls
they are the same too, but for these: shelves stand in the order they came; where regions overlap,
what came first plays; and lengths and source offsets of items that are cut again may differ in
their last digit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.hosts.project.shelves import Result, Shelf, job_order, lay_out
from hanolab_dawtools.hosts.rpp import chunks
from hanolab_dawtools.hosts.rpp.cutting import Cutter
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.relocate import relocate
from hanolab_dawtools.hosts.rpp.shelving import ShelfWriter
from hanolab_dawtools.hosts.rpp.sources import Span
from hanolab_dawtools.hosts.rpp.standing import ProjectStanding, sources_of
from hanolab_dawtools.hosts.rpp.takes_of_many import TakesOfMany
from hanolab_dawtools.placement import Placed, PlacedTrack

Made = Mapping[str, Placed | HanolabError]


def place_results(
    standing: ProjectStanding, results: Sequence[Result], *, target: Path
) -> tuple[bytes, Made]:
    """The project with the results in it, and by job what was made of each; nothing is written.

    Results that cannot be placed are left out, with the reason in place of what was made. What is
    told of the writing as a whole is told with the first job that was placed.

    Raises
    ------
    UsageError
        The project cannot be written to another folder.
    ProjectFileError
        A line would become longer than REAPER reads.
    """
    document, timeline = standing.document, standing.timeline
    edits = Edits(document)
    if target.parent.resolve() != document.path.parent.resolve():
        relocate(edits, target.parent, windows=chunks.is_windows(timeline.version))
    able, refused = _able(results, target, windows=chunks.is_windows(timeline.version))
    shelves = lay_out([one for one in able if not one.placement.as_takes], standing)
    cutter = Cutter(edits, timeline)
    told: dict[str, list[str]] = {result.placement.job_id: [] for result in able}
    for shelf in shelves:
        for result in shelf.mutes:
            told[result.placement.job_id] += _mute(cutter, standing, result)
        for result in shelf.layered:
            told[result.placement.job_id].append(_layered(shelf, result))
    takes = TakesOfMany(cutter, standing, target)
    takes.collect([one for one in able if one.placement.as_takes])
    general = cutter.finish()
    writer = ShelfWriter(edits, standing, target)
    writer.write(shelves)
    for item_id, sentences in cutter.told.items():
        _teller(able, standing, item_id, told).extend(sentences)
    for job_id, warnings in takes.warnings.items():
        told[job_id] += warnings
    able = [one for one in able if one.placement.job_id not in takes.refused]
    if able:
        told[able[0].placement.job_id] += [*writer.warnings, *general]
    tracks = {**_tracks_of(shelves), **takes.tracks()}
    content = edits.apply()
    digest = hashlib.sha256(content).hexdigest()
    blank = Placed(target.parent, (), project=target, project_digest=digest)
    placed = _placed(able, tracks, told, edits, blank)
    return content, {**refused, **takes.refused, **placed}


def _able(
    results: Sequence[Result], target: Path, *, windows: bool
) -> tuple[list[Result], dict[str, HanolabError]]:
    """The results that can be placed, in the order of their jobs, and why others cannot."""
    able: list[Result] = []
    refused: dict[str, HanolabError] = {}
    for result in sorted(results, key=lambda one: job_order(one.placement.job_id)):
        try:
            _refuse_unable(result, target, windows=windows)
            able.append(result)
        except HanolabError as error:
            refused[result.placement.job_id] = error
    return able, refused


def _placed(
    able: Sequence[Result],
    tracks: Mapping[str, Sequence[PlacedTrack]],
    told: Mapping[str, Sequence[str]],
    edits: Edits,
    blank: Placed,
) -> dict[str, Placed]:
    """What was made of each; the changes are told with the first."""
    placed = {
        result.placement.job_id: replace(
            blank,
            folder=result.stems[0].path.parent,
            tracks=tuple(tracks[result.placement.job_id]),
            warnings=tuple(told[result.placement.job_id]),
        )
        for result in able
    }
    for job_id in list(placed)[:1]:
        placed[job_id] = replace(
            placed[job_id],
            lines_inserted=edits.lines_inserted,
            tokens_changed=edits.tokens_changed,
            changes=tuple(edits.changes),
        )
    return placed


def _refuse_unable(result: Result, target: Path, *, windows: bool) -> None:
    if result.placement.arrangement.lanes:
        raise UsageError(
            "fixed lanes need a running REAPER; a project file gets tracks or takes",
            hint="Open the project and use `reaper`, or --set import.results=tracks.",
        )
    for stem in result.stems:
        chunks.media_token(stem.path, target.parent, windows=windows)


def _mute(cutter: Cutter, standing: ProjectStanding, result: Result) -> list[str]:
    """Silence what a result stands for; what could not be found."""
    capture = result.placement.capture
    if capture is None:
        return []
    span = Span.of_capture(capture)
    for track, item in standing.items_of(result):
        if span.overlaps(item):
            cutter.mute(track, item, standing.pieces.root_of(item), span)
    here = {root for root in sources_of(result) if standing.pieces.of(root)}
    moved = sum(
        not any(span.overlaps(item) for _, item in standing.pieces.of(root)) for root in here
    )
    gone = len(set(sources_of(result))) - len(here)
    warnings = []
    if moved:
        warnings.append(f"{moved} source item(s) were moved since the capture and not muted")
    if gone:
        warnings.append(f"{gone} source item(s) are no longer in the project and were not muted")
    return warnings


def _layered(shelf: Shelf, result: Result) -> str:
    name = result.placement.selection.name
    return (
        f'{name} overlaps with other music on "{shelf.title}": it lies on muted tracks of its own'
    )


def _teller(
    able: Sequence[Result],
    standing: ProjectStanding,
    item_id: str,
    told: Mapping[str, list[str]],
) -> list[str]:
    """Where to tell what concerns an item: with the first job that it was captured for."""
    for result in able:
        if item_id in sources_of(result) or standing.pieces.roots.get(item_id) in sources_of(
            result
        ):
            return told[result.placement.job_id]
    raise AssertionError("only sources of results are cut")


def _tracks_of(shelves: Sequence[Shelf]) -> dict[str, list[PlacedTrack]]:
    """What became of each stem, by job and in the order of the tracks."""
    found: dict[str, list[PlacedTrack]] = {}
    for shelf in shelves:
        for track in shelf.tracks:
            for item in track.items:
                stem = item.stem
                found.setdefault(item.result.placement.job_id, []).append(
                    PlacedTrack(
                        role=stem.role,
                        name=stem.track_name,
                        path=stem.path,
                        track_id=track.id,
                        item_id=item.ids.item,
                        is_draft=stem.is_draft,
                    )
                )
    return found
