"""What the user's words mean in a project: regions, ranges, tracks, and one selection for each job.

Every refusal names what there is instead, so that the next try is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.choosing import choose_tracks, region_list
from hanolab_dawtools.hosts.project.hearing import (
    HeardItem,
    silent_item_reason,
    silent_tracks,
    with_children,
)
from hanolab_dawtools.hosts.project.spans import (
    Span,
    checked,
    named_span,
    span_name,
    time_selection_span,
)
from hanolab_dawtools.hosts.project.timeline import Timeline, Track
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Selection, Wanted
from hanolab_dawtools.units import format_clock


@dataclass(frozen=True)
class Tap:
    """Where selections are taken from: which host and open project, and where in the signal flow.

    `silence_hint` is what a user of that host can do when all is muted.
    """

    host: HostName = HostName.RPP
    tab: str = ""
    point: CapturePoint = CapturePoint.ITEM
    silence_hint: str = "Unmute them in REAPER, or end the solo, save and run it again."


PROJECT_FILE = Tap()


def find_selections(timeline: Timeline, wanted: Wanted) -> list[Selection]:
    """One selection for each job that `wanted` asks for.

    Raises
    ------
    UsageError
        A capture point was asked for that only a running REAPER has, or a region and a range.
    SelectionError
        Nothing, or not exactly one thing, is meant, or nothing sounds there.
    """
    refuse_live_points(wanted.point)
    span = named_span(timeline, wanted) or _saved_time_selection(timeline)
    return selections_in(timeline, span, choose_tracks(timeline, wanted.tracks), wanted.grouping)


def selections_in(
    timeline: Timeline,
    span: Span,
    named: tuple[Track, ...],
    grouping: Grouping | None,
    *,
    item_ids: frozenset[str] = frozenset(),
    tap: Tap = PROJECT_FILE,
) -> list[Selection]:
    """One selection for each job within a span.

    `named` tracks, and `item_ids`, narrow it when there are any. Without a `grouping` each named
    track becomes a job, else all that sounds becomes one.

    Raises
    ------
    SelectionError
        Nothing sounds there.
    """
    grouping = grouping or (Grouping.TRACK if named else Grouping.SELECTION)
    covered = _covered_tracks(timeline, named)
    heard = [
        one
        for one in heard_items(timeline, covered, span.start_seconds, span.end_seconds)
        if not item_ids or one.item.id in item_ids
    ]
    if not heard:
        raise _silence_error(timeline, covered, span, item_ids, tap)
    make = SelectionMaker(timeline, span, tap)
    if grouping is Grouping.ITEM:
        return [make.of_item(one) for one in heard]
    if grouping is Grouping.TRACK:
        return _per_track(timeline, make, named, heard, narrowed=bool(item_ids))
    if item_ids:
        return [make.of_items(heard)]
    if named:
        return [make.selection(covered)]
    sounding = {one.track.id: one.track for one in heard}
    if tap.point is CapturePoint.TRACK:
        return [make.selection(tuple(sounding.values()))]
    names = tuple(map(track_label, sounding.values())) if len(sounding) == 1 else ()
    return [replace(make.selection(()), track_names=names)]  # all that plays, and its name


def mix_between(
    timeline: Timeline, start_seconds: float, end_seconds: float, reason: str
) -> Selection:
    """All that sounds between two times, as one job.

    Raises
    ------
    SelectionError
        The times are empty or negative, or nothing sounds there.
    """
    name = span_name(timeline, start_seconds, end_seconds)
    span = checked(Span(name, start_seconds, end_seconds, reason))
    if not heard_items(timeline, timeline.tracks, start_seconds, end_seconds):
        raise _silence_error(timeline, timeline.tracks, span)
    return SelectionMaker(timeline, span, PROJECT_FILE).selection(())


def heard_items(
    timeline: Timeline, tracks: Sequence[Track], start_seconds: float, end_seconds: float
) -> list[HeardItem]:
    """Items of `tracks` that sound somewhere between two times, in file order."""
    silent = silent_tracks(timeline)
    return [
        HeardItem(track, item)
        for track in tracks
        if track.id not in silent
        for item in track.items
        if item.position_seconds < end_seconds
        and item.end_seconds > start_seconds
        and not silent_item_reason(track, item)
    ]


def refuse_live_points(point: CapturePoint) -> None:
    """Raise `UsageError` for a point that only a running REAPER has."""
    if point is not CapturePoint.ITEM:
        raise UsageError(
            f"--capture {point.value} needs REAPER: only it can run the effects "
            "of a project; a project file is captured before them",
            hint="Leave --capture out, or render the track in REAPER and give that file.",
        )


def _saved_time_selection(timeline: Timeline) -> Span:
    span = time_selection_span(timeline)
    if span is None:
        raise SelectionError(
            f"nothing is selected in {timeline.path.name}: it was saved without a time selection; "
            f"{region_list(timeline)}",
            hint="Give --region NAME or --range START..END.",
        )
    return span


def _covered_tracks(timeline: Timeline, named: tuple[Track, ...]) -> tuple[Track, ...]:
    """Named tracks and what lies in named folders, in file order; without names all tracks."""
    if not named:
        return timeline.tracks
    ids = {inner.id for track in named for inner in with_children(timeline, track)}
    return tuple(track for track in timeline.tracks if track.id in ids)


def _per_track(
    timeline: Timeline,
    make: SelectionMaker,
    named: tuple[Track, ...],
    heard: list[HeardItem],
    *,
    narrowed: bool,
) -> list[Selection]:
    """One selection for each named track that sounds; without names for each track with items."""
    groups = [with_children(timeline, track) for track in named] or [
        (track,) for track in timeline.tracks
    ]
    found: list[Selection] = []
    for group in groups:
        ids = {track.id for track in group}
        sounding = [one for one in heard if one.track.id in ids]
        if sounding and narrowed:
            found.append(make.of_items(sounding, label=track_label(group[0])))
        elif sounding:
            found.append(make.selection(group, label=track_label(group[0])))
    return found


@dataclass(frozen=True)
class SelectionMaker:
    """Makes the selections of a span."""

    timeline: Timeline
    span: Span
    tap: Tap

    def of_item(self, one: HeardItem) -> Selection:
        """The part of an item that lies in the span."""
        part = replace(
            self.span,
            start_seconds=max(self.span.start_seconds, one.item.position_seconds),
            end_seconds=min(self.span.end_seconds, one.item.end_seconds),
        )
        within = replace(self, span=part)
        return within.selection((one.track,), label=one.item.name, item_ids=(one.item.id,))

    def of_items(self, heard: list[HeardItem], *, label: str = "") -> Selection:
        """These items together, over the whole span."""
        tracks = tuple({one.track.id: one.track for one in heard}.values())
        return self.selection(tracks, label=label, item_ids=tuple(one.item.id for one in heard))

    def selection(
        self, tracks: tuple[Track, ...], *, label: str = "", item_ids: tuple[str, ...] = ()
    ) -> Selection:
        """All or these items of some tracks; of all that plays when there are neither."""
        span = self.span
        return Selection(
            host=self.tap.host,
            source=self.timeline.path,
            name=f"{span.name} {label}" if label else span.name,
            start_seconds=span.start_seconds,
            end_seconds=span.end_seconds,
            reason=span.reason,
            track_ids=tuple(track.id for track in tracks),
            track_names=tuple(track_label(track) for track in tracks),
            item_ids=item_ids,
            point=self.tap.point,
            tab=self.tap.tab,
        )


def track_label(track: Track) -> str:
    """What to call a track in messages."""
    return track.name or f"track {track.number}"


def _silence_error(
    timeline: Timeline,
    tracks: tuple[Track, ...],
    span: Span,
    item_ids: frozenset[str] = frozenset(),
    tap: Tap = PROJECT_FILE,
) -> SelectionError:
    """Why nothing sounds in a span: all is muted there, or nothing lies there."""
    start, end = span.start_seconds, span.end_seconds
    place = f"between {format_clock(start)} and {format_clock(end)}"
    silent = silent_tracks(timeline)
    unheard = [
        f'"{item.name}" on "{track_label(track)}": '
        + (silent.get(track.id) or silent_item_reason(track, item))
        for track in tracks
        for item in track.items
        if item.position_seconds < end and item.end_seconds > start
        if not item_ids or item.id in item_ids
    ]
    if unheard:
        return SelectionError(
            f"no item sounds {place}: {'; '.join(unheard[:5])}",
            hint=tap.silence_hint,
        )
    return SelectionError(
        f"no item plays {place} {_nearest(tracks, start, end)}",
        hint="Choose a range or region that holds items.",
    )


def _nearest(tracks: tuple[Track, ...], start: float, end: float) -> str:
    items = [HeardItem(track, item) for track in tracks for item in track.items]
    if not items:
        return "(the chosen tracks have no items)"
    before = [one for one in items if one.item.end_seconds <= start]
    after = [one for one in items if one.item.position_seconds >= end]
    nearest = [
        *([max(before, key=lambda one: one.item.end_seconds)] if before else []),
        *([min(after, key=lambda one: one.item.position_seconds)] if after else []),
    ]
    told = (
        f'"{one.item.name}" on "{track_label(one.track)}" at '
        f"{format_clock(one.item.position_seconds)}..{format_clock(one.item.end_seconds)}"
        for one in nearest
    )
    return f"(nearest: {'; '.join(told)})"
