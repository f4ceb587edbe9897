"""Regions x tracks of a project: one selection for each cell in which anything sounds.

A track that a pattern fits stands for itself; a folder named as a whole, or whose tracks are not
all chosen themselves, stands for all in it. What sounds is worked out once for each track, so
that thousands of cells take no longer than their number asks for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.base import HostCell, HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.project.choosing import region_list, track_list
from hanolab_dawtools.hosts.project.hearing import (
    HeardItem,
    folders_around,
    silent_item_reason,
    silent_tracks,
)
from hanolab_dawtools.hosts.project.patterns import fitting
from hanolab_dawtools.hosts.project.selecting import (
    PROJECT_FILE,
    SelectionMaker,
    Tap,
    refuse_live_points,
    track_label,
)
from hanolab_dawtools.hosts.project.spans import Span, checked, region_span, time_selection_span
from hanolab_dawtools.hosts.project.timeline import Region, Timeline, Track
from hanolab_dawtools.model import Grouping

MIX = "mix"  # the bench of what is taken from all tracks together
WHOLE = "whole project"


@dataclass(frozen=True)
class Bench:
    """Tracks that are one column of the matrix; `label` tells them from the others."""

    key: str
    label: str
    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class Row:
    """A stretch of the timeline that is one row; `label` is "" when it is the only one."""

    span: Span
    label: str = ""


def find_matrix(
    timeline: Timeline, wanted: MatrixWanted, *, made: Collection[str] = frozenset()
) -> HostMatrix:
    """The matrix of a project file.

    `made`: ids of tracks that hold results of earlier jobs; they count only when they are named.

    Raises
    ------
    UsageError
        What only a running REAPER has was asked for.
    SelectionError
        The time selection lies outside of the project, or the project holds no item.
    """
    refuse_live_points(wanted.point)
    if wanted.uses_render_matrix:
        raise UsageError(
            "the region render matrix is read from a running REAPER, and "
            f"{timeline.path.name} is a file",
            hint="Open the project and name `reaper` as the source, or give --regions, --tracks.",
        )
    grouping = wanted.grouping or (Grouping.ITEM if wanted.as_takes else None)
    rows, odd, no_rows = find_rows(timeline, wanted.regions)
    tracks, exact, no_tracks = choose_like(timeline, wanted.tracks, made=made)
    if wanted.tracks and not tracks:
        rows = ()
    matrix = crossed(timeline, rows, tracks, grouping, exact=exact, made=made)
    return replace(matrix, left_out=(*odd, *matrix.left_out), unmatched={**no_rows, **no_tracks})


def find_rows(
    timeline: Timeline, regions: Sequence[str]
) -> tuple[tuple[Row, ...], tuple[tuple[HostCell, str], ...], Mapping[str, str]]:
    """The rows that patterns of regions mean, in the order of time; without any the whole.

    Beside them regions that cannot be one, and patterns that fit none, each with its reason.
    """
    if not regions:
        return (Row(_whole(timeline)),), (), {}
    found: dict[int, Region] = {}
    unmatched: dict[str, str] = {}
    names, numbers = [r.name for r in timeline.regions], [r.number for r in timeline.regions]
    for text in regions:
        fits = fitting(text, names, numbers)
        found |= {at: timeline.regions[at] for at in fits.places}
        if not fits.places:
            told = region_list(timeline, like=text)
            unmatched[text] = f"no region {text!r} in {timeline.path.name}; {told}"
    ordered = sorted(found.values(), key=lambda r: (r.start_seconds, r.end_seconds, r.number))
    n_called = Counter(r.name for r in ordered)
    rows, odd = [], []
    for region in ordered:
        label = region.name or f"region {region.number}"
        if n_called[region.name] > 1 and region.name:
            label = f"{label} #{region.number}"
        try:
            rows.append(Row(region_span(region, f"region {region.number}"), label))
        except SelectionError as error:
            odd.append((_no_cell(timeline, region, label), str(error)))
    return tuple(rows), tuple(odd), unmatched


def choose_like(
    timeline: Timeline, wanted: Sequence[str], *, made: Collection[str] = frozenset()
) -> tuple[tuple[Track, ...], frozenset[str], Mapping[str, str]]:
    """The tracks that names, patterns and numbers mean, in file order.

    Beside them the ids of those that were named as a whole, and what fits none, with its reason.
    A pattern passes over `made` tracks.
    """
    chosen: set[int] = set()
    exact: set[str] = set()
    unmatched: dict[str, str] = {}
    names, numbers = [t.name for t in timeline.tracks], [t.number for t in timeline.tracks]
    for text in wanted:
        fits = fitting(text, names, numbers)
        is_pattern = not fits.is_name and len(fits.places) > 1
        chosen.update(
            at for at in fits.places if not is_pattern or timeline.tracks[at].id not in made
        )
        if fits.is_name:
            exact.update(timeline.tracks[at].id for at in fits.places)
        if not fits.places:
            told = track_list(timeline, text)
            unmatched[text] = f"no track {text!r} in {timeline.path.name}; {told}"
    return tuple(timeline.tracks[at] for at in sorted(chosen)), frozenset(exact), unmatched


def crossed(
    timeline: Timeline,
    rows: Sequence[Row],
    named: tuple[Track, ...],
    grouping: Grouping | None,
    *,
    exact: frozenset[str] = frozenset(),
    made: Collection[str] = frozenset(),
    tap: Tap = PROJECT_FILE,
) -> HostMatrix:
    """Rows x tracks, as `selecting.selections_in` has it for one row.

    `exact`: ids of folders that stand for all in them, whatever else is chosen. `made`: ids of
    tracks that are no column unless they are named.
    """
    grouping = grouping or (Grouping.TRACK if named else Grouping.SELECTION)
    grid = _Grid(timeline, named, grouping, tap)
    if grouping is Grouping.SELECTION:
        benches: tuple[Bench, ...] = (Bench(MIX, "", _covered(timeline, named)),)
    else:
        benches = _benches(timeline, named, exact, made)
    cells: list[HostCell] = []
    left_out: list[tuple[HostCell, str]] = []
    for row in rows:
        for bench in benches:
            if grid.hearing.sounds(bench.tracks, row.span):
                cells += grid.cells(row, bench)
            else:
                reason = grid.hearing.silence(bench.tracks, row.span)
                left_out.append((grid.whole(row, bench), reason))
    return HostMatrix(tuple(cells), tuple(left_out))


@dataclass(frozen=True)
class _Grid:
    """Makes the cells of rows x benches."""

    timeline: Timeline
    named: tuple[Track, ...]
    grouping: Grouping
    tap: Tap

    @cached_property
    def hearing(self) -> _Hearing:
        """What sounds where."""
        return _Hearing(self.timeline)

    def cells(self, row: Row, bench: Bench) -> list[HostCell]:
        """The cell of a bench in a row, or one for each of its items there."""
        if self.grouping is not Grouping.ITEM:
            return [self.whole(row, bench)]
        make = SelectionMaker(self.timeline, row.span, self.tap)
        return [
            HostCell(make.of_item(one), row.label, f"{bench.label}: {one.item.name}", one.track.id)
            for track in bench.tracks
            for one in self.hearing.items(track, row.span)
        ]

    def whole(self, row: Row, bench: Bench) -> HostCell:
        """All of a bench in a row."""
        make = SelectionMaker(self.timeline, row.span, self.tap)
        if self.grouping is not Grouping.SELECTION:
            selection = make.selection(bench.tracks, label=bench.label)
        elif self.named:
            selection = make.selection(bench.tracks)
        else:  # all that plays, and its name when it is one
            sounding = self.hearing.sounding(bench.tracks, row.span)
            names = (track_label(sounding[0]),) if len(sounding) == 1 else ()
            selection = replace(make.selection(()), track_names=names)
        return HostCell(selection, row.label, bench.label, bench.key)


def _benches(
    timeline: Timeline, named: tuple[Track, ...], exact: frozenset[str], made: Collection[str]
) -> tuple[Bench, ...]:
    """A bench for each named track that may hold anything; without names for each with items."""
    around = folders_around(timeline)
    chosen = {track.id for track in named}
    benches = []
    for track in named or timeline.tracks:
        inside = tuple(t for t in timeline.tracks if track in around[t.id]) if named else ()
        if track.id not in exact and all(t.id in chosen for t in inside):
            inside = ()
        if named or (track.items and track.id not in made):
            benches.append(Bench(track.id, track_label(track), (track, *inside)))
    return tuple(_told_apart(benches))


def _told_apart(benches: Sequence[Bench]) -> list[Bench]:
    """Benches of one label get the numbers of their tracks."""
    n_called = Counter(bench.label for bench in benches)
    return [
        replace(bench, label=f"{bench.label} #{bench.tracks[0].number}")
        if n_called[bench.label] > 1
        else bench
        for bench in benches
    ]


def _covered(timeline: Timeline, named: tuple[Track, ...]) -> tuple[Track, ...]:
    """Named tracks and what lies in named folders, in file order; without names all tracks."""
    if not named:
        return timeline.tracks
    around, ids = folders_around(timeline), {track.id for track in named}
    return tuple(
        t for t in timeline.tracks if t.id in ids or any(f.id in ids for f in around[t.id])
    )


def _whole(timeline: Timeline) -> Span:
    span = time_selection_span(timeline)
    if span is not None:
        return span
    items = [item for _, item in timeline.items()]
    if not items:
        raise SelectionError(f"{timeline.path.name} holds no item", hint="Name another project.")
    start = max(0.0, min(item.position_seconds for item in items))
    return checked(Span(timeline.path.stem, start, timeline.end_seconds, WHOLE))


def _no_cell(timeline: Timeline, region: Region, label: str) -> HostCell:
    span = Span(label, region.start_seconds, region.end_seconds, f"region {region.number}")
    return HostCell(SelectionMaker(timeline, span, PROJECT_FILE).selection(()), label)


@dataclass(frozen=True)
class _Lane:
    """The sounding items of a track by their starts, and the latest end up to each."""

    items: tuple[HeardItem, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]


class _Hearing:
    """What sounds where, worked out once for each track."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lanes: dict[str, _Lane] = {}

    @cached_property
    def _silent(self) -> Mapping[str, str]:
        return silent_tracks(self._timeline)

    def sounds(self, tracks: Sequence[Track], span: Span) -> bool:
        """Whether anything of these tracks sounds in a span."""
        return any(self._sounds(track, span) for track in tracks)

    def sounding(self, tracks: Sequence[Track], span: Span) -> list[Track]:
        """Those of some tracks that sound in a span."""
        return [track for track in tracks if self._sounds(track, span)]

    def items(self, track: Track, span: Span) -> list[HeardItem]:
        """The items of a track that sound in a span, in the order of time."""
        lane = self._lane(track)
        last = bisect_left(lane.starts, span.end_seconds)
        return [one for one in lane.items[:last] if one.item.end_seconds > span.start_seconds]

    def silence(self, tracks: Sequence[Track], span: Span) -> str:
        """Why nothing sounds: what lies there is muted, or nothing lies there."""
        for track in tracks:
            for item in track.items:
                lies_there = item.position_seconds < span.end_seconds
                if lies_there and item.end_seconds > span.start_seconds:
                    why = self._silent.get(track.id) or silent_item_reason(track, item)
                    return f'"{item.name}" on "{track_label(track)}" does not sound: {why}'
        return "no item lies there"

    def _sounds(self, track: Track, span: Span) -> bool:
        lane = self._lane(track)
        last = bisect_left(lane.starts, span.end_seconds)
        return last > 0 and lane.ends[last - 1] > span.start_seconds

    def _lane(self, track: Track) -> _Lane:
        if track.id not in self._lanes:
            heard = (
                [
                    HeardItem(track, item)
                    for item in track.items
                    if not silent_item_reason(track, item)
                ]
                if track.id not in self._silent
                else []
            )
            heard.sort(key=lambda one: one.item.position_seconds)
            starts = tuple(one.item.position_seconds for one in heard)
            ends = tuple(accumulate((one.item.end_seconds for one in heard), max))
            self._lanes[track.id] = _Lane(tuple(heard), starts, ends)
        return self._lanes[track.id]
