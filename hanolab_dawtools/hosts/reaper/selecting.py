"""What is meant in a running REAPER: by the user's words, else by what is selected there.

Without a region or range the first of these counts: the time selection, razor edits, selected
regions, selected items, the region at the edit cursor. Then selected tracks narrow it as
`--tracks` does, each a job, unless tracks were asked for or razor edits or items say it already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.choosing import choose_tracks, region_list
from hanolab_dawtools.hosts.project.hearing import with_children
from hanolab_dawtools.hosts.project.selecting import Tap, heard_items, selections_in
from hanolab_dawtools.hosts.project.spans import (
    Span,
    checked,
    named_span,
    region_span,
    span_name,
    time_selection_span,
)
from hanolab_dawtools.hosts.project.timeline import Item, Region, Track
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.model import CapturePoint, Grouping, HostName, Selection, Wanted

SILENCE_HINT = "Unmute them in REAPER or end the solo, and run it again."
_NARROWED_HINT = "Only selected tracks count: select others, or none to take all that sounds."


@dataclass(frozen=True)
class _Choice:
    """A span, and what narrows it: tracks, items, or nothing."""

    span: Span
    tracks: tuple[Track, ...] = ()
    item_ids: frozenset[str] = frozenset()
    grouping: Grouping | None = None


def find_live_selections(live: LiveTimeline, wanted: Wanted) -> list[Selection]:
    """One selection for each job that `wanted` asks for in an open project.

    At point `track` a selection names the tracks to be rendered; at point `master` it covers all
    that sounds.

    Raises
    ------
    UsageError
        The capture point does not go with the tracks or the grouping that were asked for.
    SelectionError
        Nothing, or not exactly one thing, is meant, or nothing sounds there.
    """
    grouping = wanted.grouping or (Grouping.ITEM if wanted.as_takes else None)
    check_point(wanted, grouping)
    tap = Tap(HostName.REAPER, live.tab, wanted.point, SILENCE_HINT)
    found: list[Selection] = []
    for choice in _choices(live, wanted, grouping):
        found += selections_in(
            live.timeline,
            choice.span,
            choice.tracks,
            grouping or choice.grouping,
            item_ids=choice.item_ids,
            tap=tap,
        )
    return found


def check_point(wanted: Wanted, grouping: Grouping | None) -> None:
    """Raise `UsageError` where the capture point does not go with the tracks or the grouping."""
    if wanted.point is CapturePoint.MASTER and wanted.tracks:
        raise UsageError(
            "--capture master is all that sounds, and --tracks was given",
            hint="Leave --tracks out, or give --capture track.",
        )
    fitting = {
        CapturePoint.MASTER: {None, Grouping.SELECTION},
        CapturePoint.TRACK: {None, Grouping.SELECTION, Grouping.TRACK},
    }
    if wanted.point in fitting and grouping not in fitting[wanted.point]:
        raise UsageError(
            f"--capture {wanted.point.value} cannot be taken for each {grouping}: it holds more",
            hint="Give --capture item, or ask for one job for all of it.",
        )


def _choices(live: LiveTimeline, wanted: Wanted, grouping: Grouping | None) -> list[_Choice]:
    span = named_span(live.timeline, wanted) or time_selection_span(live.timeline)
    named = choose_tracks(live.timeline, wanted.tracks)
    found = [_Choice(span)] if span is not None else _pointed_at(live, named)
    if wanted.point is CapturePoint.MASTER:
        return [_Choice(one.span) for one in found]
    if grouping is Grouping.ITEM:
        found = [_with_selected_items(live, one, named) for one in found]
    return [_with_selected_tracks(live, one, named) for one in found]


def _pointed_at(live: LiveTimeline, named: tuple[Track, ...]) -> list[_Choice]:
    """What is selected, in the order of the module; tracks only where the choice has its own."""
    return (
        _razor_edits(live, named)
        or [_Choice(region_span(r, f"region {r.number}")) for r in live.selected_regions]
        or list(_selected_items(live, named))
        or list(_at_cursor(live))
        or _nothing(live)
    )


def _razor_edits(live: LiveTimeline, named: tuple[Track, ...]) -> list[_Choice]:
    """Razor edits with the same edges together; each of their tracks is a job."""
    timeline = live.timeline
    allowed = _covered(live, named)
    tracks_of: dict[tuple[float, float], set[str]] = {}
    for edit in live.razor_edits:
        tracks_of.setdefault((edit.start_seconds, edit.end_seconds), set()).add(edit.track_id)
    choices = []
    for (start, end), ids in sorted(tracks_of.items(), key=lambda one: one[0]):
        span = checked(Span(span_name(timeline, start, end), start, end, "razor edit"))
        tracks = tuple(t for t in timeline.tracks if t.id in ids and t.id in allowed)
        if tracks:
            choices.append(_Choice(span, tracks))
    if live.razor_edits and not choices:
        raise SelectionError(
            "no razor edit lies on the tracks that were asked for",
            hint="Leave --tracks out, or make razor edits on those tracks.",
        )
    return choices


def _selected_items(live: LiveTimeline, named: tuple[Track, ...]) -> Iterator[_Choice]:
    """From the first selected item that sounds to the end of the last, only these items."""
    timeline, items = live.timeline, _items_selected(live, named)
    if not items:
        return
    heard = _heard_among(live, items) or items
    start = min(item.position_seconds for item in heard)
    end = max(item.end_seconds for item in heard)
    if len(heard) == 1:
        name, reason = heard[0].name, "selected item"
    else:
        name, reason = span_name(timeline, start, end), f"{len(heard)} selected items"
    span = checked(Span(name, start, end, reason))
    ids = frozenset(item.id for item in heard)
    yield _Choice(span, named, ids, None if named else Grouping.SELECTION)


def _at_cursor(live: LiveTimeline) -> Iterator[_Choice]:
    region = region_at_cursor(live)
    if region is not None:
        yield _Choice(region_span(region, f"region {region.number} at the cursor"))


def region_at_cursor(live: LiveTimeline) -> Region | None:
    """The innermost region around the edit cursor."""
    cursor = live.cursor_seconds
    around = [r for r in live.timeline.regions if r.start_seconds <= cursor < r.end_seconds]
    return min(around, key=_length, default=None)


def _nothing(live: LiveTimeline) -> list[_Choice]:
    tells = live.region_selection is not None
    what = "razor edit, region or item" if tells else "razor edit or item"
    unknown = "" if tells else " REAPER tells which regions are selected from version 7.62 on."
    raise SelectionError(
        f"nothing is selected in {live.source.name}: no time selection, {what}, and the cursor "
        f"is in no region; {region_list(live.timeline)}",
        hint="Make a time selection, select items, or put the cursor into a region; on a command "
        f"line also: --region NAME, --range START..END.{unknown}",
    )


def _with_selected_items(live: LiveTimeline, choice: _Choice, named: tuple[Track, ...]) -> _Choice:
    """Only the selected items within the span, where there are any that sound."""
    if choice.item_ids or choice.tracks:
        return choice
    selected = _items_selected(live, named)
    ids = frozenset(item.id for item in _heard_among(live, selected, choice.span))
    return _Choice(choice.span, named, ids, choice.grouping) if ids else choice


def _with_selected_tracks(live: LiveTimeline, choice: _Choice, named: tuple[Track, ...]) -> _Choice:
    """The tracks that were asked for, else the selected ones."""
    if choice.item_ids or choice.tracks:
        return choice
    if named:
        return _Choice(choice.span, named, grouping=choice.grouping)
    selected = tuple(t for t in live.timeline.tracks if t.id in live.selected_track_ids)
    if not selected:
        return choice
    ids = _covered(live, selected)
    covered = [track for track in live.timeline.tracks if track.id in ids]
    span = choice.span
    if not heard_items(live.timeline, covered, span.start_seconds, span.end_seconds):
        raise SelectionError(
            f"no item sounds on the selected tracks in {span.name!r}", hint=_NARROWED_HINT
        )
    return _Choice(span, selected, grouping=choice.grouping)


def _items_selected(live: LiveTimeline, named: tuple[Track, ...]) -> list[Item]:
    """The selected items, of the tracks that were asked for when any were."""
    allowed, selected = _covered(live, named), frozenset(live.selected_item_ids)
    return [
        item for track, item in live.timeline.items() if item.id in selected and track.id in allowed
    ]


def _covered(live: LiveTimeline, tracks: tuple[Track, ...]) -> set[str]:
    """Ids of tracks and of what lies in those that are folders; of all without any."""
    timeline = live.timeline
    if not tracks:
        return {track.id for track in timeline.tracks}
    return {inner.id for track in tracks for inner in with_children(timeline, track)}


def _heard_among(live: LiveTimeline, items: list[Item], span: Span | None = None) -> list[Item]:
    """Those of some items that sound, within a span when there is one."""
    timeline = live.timeline
    start = span.start_seconds if span else 0.0
    end = span.end_seconds if span else timeline.end_seconds + 1.0
    heard = {one.item.id for one in heard_items(timeline, timeline.tracks, start, end)}
    return [item for item in items if item.id in heard]


def _length(region: Region) -> float:
    return region.end_seconds - region.start_seconds
