"""What the user's words mean in a project: regions, ranges, tracks, and one selection for each job.

Every refusal names what there is instead, so that the next try is right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.choosing import choose_region, choose_tracks, region_list
from hanolab_dawtools.hosts.project.hearing import (
    HeardItem,
    silent_item_reason,
    silent_tracks,
    with_children,
)
from hanolab_dawtools.hosts.project.timeline import Timeline, Track
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Selection, Wanted
from hanolab_dawtools.units import format_clock

MAX_SILENCE_SECONDS = 60.0  # of a range behind the last item; more is a slip of the fingers
_RANGE_HINT = "Write the start first, then a later end: --range 0:10..0:20."


@dataclass(frozen=True)
class _Span:
    name: str
    start_seconds: float
    end_seconds: float
    reason: str


def find_selections(timeline: Timeline, wanted: Wanted) -> list[Selection]:
    """One selection for each job that `wanted` asks for.

    Raises
    ------
    UsageError
        A capture point was asked for that only a running REAPER has, or a region and a range.
    SelectionError
        Nothing, or not exactly one thing, is meant, or nothing sounds there.
    """
    _refuse_live_points(wanted)
    span = _find_span(timeline, wanted)
    named = choose_tracks(timeline, wanted.tracks)
    grouping = wanted.grouping or (Grouping.TRACK if named else Grouping.SELECTION)
    covered = _covered_tracks(timeline, named)
    heard = heard_items(timeline, covered, span.start_seconds, span.end_seconds)
    if not heard:
        raise _silence_error(timeline, covered, span)
    if grouping is Grouping.SELECTION:
        if named:
            return [_selection(timeline, span, covered)]
        whole = _selection(timeline, span, ())
        sounding = {one.track.id: track_label(one.track) for one in heard}
        names = tuple(sounding.values()) if len(sounding) == 1 else ()
        return [replace(whole, track_names=names)]  # all that plays, and what to call it
    if grouping is Grouping.ITEM:
        return [_of_item(timeline, span, one) for one in heard]
    return _per_track(timeline, span, named, heard)


def mix_between(
    timeline: Timeline, start_seconds: float, end_seconds: float, reason: str
) -> Selection:
    """All that sounds between two times, as one job.

    Raises
    ------
    SelectionError
        The times are empty or negative, or nothing sounds there.
    """
    name = _span_name(timeline, start_seconds, end_seconds)
    span = _checked(_Span(name, start_seconds, end_seconds, reason))
    if not heard_items(timeline, timeline.tracks, start_seconds, end_seconds):
        raise _silence_error(timeline, timeline.tracks, span)
    return _selection(timeline, span, ())


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


def _refuse_live_points(wanted: Wanted) -> None:
    if wanted.point is not CapturePoint.ITEM:
        raise UsageError(
            f"--capture {wanted.point.value} needs REAPER: only it can run the effects "
            "of a project; a project file is captured before them",
            hint="Leave --capture out, or render the track in REAPER and give that file.",
        )


def _find_span(timeline: Timeline, wanted: Wanted) -> _Span:
    if wanted.region is not None and wanted.range_seconds is not None:
        raise UsageError("--region and --range were both given", hint="Leave one of them out.")
    if wanted.region is not None:
        region, reason = choose_region(timeline, wanted.region)
        name = region.name or f"region {region.number}"
        return _checked(_Span(name, region.start_seconds, region.end_seconds, reason))
    if wanted.range_seconds is not None:
        start, end = wanted.range_seconds
        if end > timeline.end_seconds + MAX_SILENCE_SECONDS > start:
            raise SelectionError(
                f"the range ends at {format_clock(end)}, long after the project's last item at "
                f"{format_clock(timeline.end_seconds)}",
                hint="Give an end nearer to it.",
            )
        return _checked(_Span(_span_name(timeline, start, end), start, end, "range"))
    if timeline.time_selection is not None:
        start, end = timeline.time_selection
        return _checked(_Span(_span_name(timeline, start, end), start, end, "time selection"))
    raise SelectionError(
        f"nothing is selected in {timeline.path.name}: it was saved without a time selection; "
        f"{region_list(timeline)}",
        hint="Give --region NAME or --range START..END.",
    )


def _span_name(timeline: Timeline, start: float, end: float) -> str:
    return f"{timeline.path.stem} {format_clock(start)}-{format_clock(end)}".replace(":", ".")


def _checked(span: _Span) -> _Span:
    start, end = span.start_seconds, span.end_seconds
    what = f"the {span.reason} {format_clock(start)}..{format_clock(end)}"
    if start < 0:
        raise SelectionError(f"{what} begins before the project", hint="Start at 0 or later.")
    if end <= start:
        raise SelectionError(
            f"{what} is {'empty' if end == start else 'reversed'}", hint=_RANGE_HINT
        )
    return span


def _covered_tracks(timeline: Timeline, named: tuple[Track, ...]) -> tuple[Track, ...]:
    """Named tracks and what lies in named folders, in file order; without names all tracks."""
    if not named:
        return timeline.tracks
    ids = {inner.id for track in named for inner in with_children(timeline, track)}
    return tuple(track for track in timeline.tracks if track.id in ids)


def _per_track(
    timeline: Timeline, span: _Span, named: tuple[Track, ...], heard: list[HeardItem]
) -> list[Selection]:
    """One selection for each named track that sounds; without names for each track with items."""
    sounding = {one.track.id for one in heard}
    groups = [with_children(timeline, track) for track in named] or [
        (track,) for track in timeline.tracks
    ]
    return [
        _selection(timeline, span, group, label=track_label(group[0]))
        for group in groups
        if any(track.id in sounding for track in group)
    ]


def _of_item(timeline: Timeline, span: _Span, one: HeardItem) -> Selection:
    """The part of an item that lies in the span."""
    part = _Span(
        span.name,
        max(span.start_seconds, one.item.position_seconds),
        min(span.end_seconds, one.item.end_seconds),
        span.reason,
    )
    return _selection(timeline, part, (one.track,), label=one.item.name, item_ids=(one.item.id,))


def _selection(
    timeline: Timeline,
    span: _Span,
    tracks: tuple[Track, ...],
    *,
    label: str = "",
    item_ids: tuple[str, ...] = (),
) -> Selection:
    return Selection(
        host=HostName.RPP,
        source=timeline.path,
        name=f"{span.name} {label}" if label else span.name,
        start_seconds=span.start_seconds,
        end_seconds=span.end_seconds,
        reason=span.reason,
        track_ids=tuple(track.id for track in tracks),
        track_names=tuple(track_label(track) for track in tracks),
        item_ids=item_ids,
    )


def track_label(track: Track) -> str:
    """What to call a track in messages."""
    return track.name or f"track {track.number}"


def _silence_error(timeline: Timeline, tracks: tuple[Track, ...], span: _Span) -> SelectionError:
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
    ]
    if unheard:
        return SelectionError(
            f"no item sounds {place}: {'; '.join(unheard[:5])}",
            hint="Unmute them in REAPER, or end the solo, save and run it again.",
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
