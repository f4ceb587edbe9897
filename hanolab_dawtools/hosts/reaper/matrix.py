"""Regions x tracks of an open project: named, or selected in REAPER, or by its own render matrix.

Without patterns the selected regions are the rows, else the time selection, else the region at the
edit cursor, else the whole project; the selected tracks are the columns, else the mix of all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.base import HostCell, HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.project.matrix import Row, choose_like, crossed, find_rows
from hanolab_dawtools.hosts.project.selecting import Tap
from hanolab_dawtools.hosts.project.timeline import Region, Track
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.hosts.reaper.selecting import SILENCE_HINT, check_point, region_at_cursor
from hanolab_dawtools.hosts.reaper.witness import LiveWitness
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Wanted

_MASTER = "master"  # what the render matrix calls the mix
_MATRIX_HINT = "Tick regions and tracks in REAPER's Region/Marker Manager (Render Matrix)."


def find_live_matrix(live: LiveTimeline, wanted: MatrixWanted) -> HostMatrix:
    """What regions x tracks mean in an open project.

    Raises
    ------
    UsageError
        The capture point does not go with the tracks or the grouping; tracks or a grouping are
        asked for beside the render matrix, which says them itself.
    SelectionError
        The render matrix is empty, or the project holds no item.
    """
    grouping = wanted.grouping or (Grouping.ITEM if wanted.as_takes else None)
    check_point(Wanted(tracks=wanted.tracks, point=wanted.point), grouping)
    tap = Tap(HostName.REAPER, live.tab, wanted.point, SILENCE_HINT)
    if wanted.uses_render_matrix:
        matrix = _render_matrix(live, wanted, tap)
    else:
        matrix = _named_or_selected(live, wanted, grouping, tap)
    return replace(matrix, witness=LiveWitness(live))


def _named_or_selected(
    live: LiveTimeline, wanted: MatrixWanted, grouping: Grouping | None, tap: Tap
) -> HostMatrix:
    timeline = live.timeline
    rows, odd, no_rows = find_rows(timeline, wanted.regions or _numbers(_pointed_at(live)))
    tracks, exact, no_tracks = choose_like(timeline, wanted.tracks, made=live.result_tracks)
    if wanted.tracks and not tracks:
        rows = ()
    elif not wanted.tracks and wanted.point is not CapturePoint.MASTER:
        tracks = tuple(track for track in timeline.tracks if track.id in live.selected_track_ids)
    matrix = crossed(
        timeline, rows, tracks, grouping, exact=exact, made=live.result_tracks, tap=tap
    )
    return replace(matrix, left_out=(*odd, *matrix.left_out), unmatched={**no_rows, **no_tracks})


def _pointed_at(live: LiveTimeline) -> Sequence[Region]:
    """The regions that are meant when none is named; none: the time selection, or the whole."""
    if live.selected_regions or live.timeline.time_selection is not None:
        return live.selected_regions
    region = region_at_cursor(live)
    return () if region is None else (region,)


def _render_matrix(live: LiveTimeline, wanted: MatrixWanted, tap: Tap) -> HostMatrix:
    """The cells that REAPER's region render matrix names; patterns of regions narrow it."""
    if wanted.tracks or wanted.grouping is not None or wanted.as_takes:
        raise UsageError(
            "--render-matrix says which tracks are taken alone, and --tracks, --each or takes "
            "were asked for as well",
            hint="Leave one of them out.",
        )
    timeline = live.timeline
    ticked = {f"region {region.number}": ids for region, ids in live.render_matrix if ids}
    if not ticked:
        raise SelectionError(
            f"the region render matrix of {live.source.name} is empty", hint=_MATRIX_HINT
        )
    named = wanted.regions or _numbers([region for region, ids in live.render_matrix if ids])
    rows, odd, no_rows = find_rows(timeline, named)
    by_tracks: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_tracks[ticked.get(row.span.reason, ())].append(row)
    cells: list[HostCell] = []
    left_out = [*odd]
    for ids, its_rows in by_tracks.items():
        made = _ticked(live, its_rows, ids, tap)
        cells += made.cells
        left_out += made.left_out
    cells.sort(key=lambda cell: cell.selection.start_seconds)  # stable: tracks stay in order
    return HostMatrix(tuple(cells), tuple(left_out), no_rows)


def _ticked(live: LiveTimeline, rows: Sequence[Row], ids: Sequence[str], tap: Tap) -> HostMatrix:
    """Rows that have the same tracks in the render matrix."""
    timeline = live.timeline
    tracks: tuple[Track, ...] = tuple(track for track in timeline.tracks if track.id in ids)
    cells: tuple[HostCell, ...] = ()
    left_out: tuple[tuple[HostCell, str], ...] = ()
    if _MASTER in ids:
        mix = crossed(timeline, rows, (), Grouping.SELECTION, tap=tap)
        cells, left_out = mix.cells, mix.left_out
    if tracks and tap.point is not CapturePoint.MASTER:
        alone = frozenset(track.id for track in tracks)
        made = crossed(timeline, rows, tracks, Grouping.TRACK, exact=alone, tap=tap)
        cells, left_out = cells + made.cells, left_out + made.left_out
    return HostMatrix(cells, left_out)


def _numbers(regions: Sequence[Region]) -> tuple[str, ...]:
    """Regions as patterns that mean each of them alone."""
    return tuple(f"#{region.number}" for region in regions)
