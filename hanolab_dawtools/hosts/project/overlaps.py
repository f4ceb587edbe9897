"""Where items that overlap on a track replace each other, by the project's rule or their own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from hanolab_dawtools.hosts.project.hearing import silent_item_reason
from hanolab_dawtools.hosts.project.naming import item_label
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track

_ENCLOSED_REPLACES = 0
_MIX_ALWAYS = 1  # ITEMMIX and MIXFLAG; 0: an enclosed item replaces the enclosing one
_LATER_REPLACES = 2
_FREE_POSITIONING, _FIXED_LANES = 1, 2  # FREEMODE


def replaced_spans(timeline: Timeline, track: Track) -> dict[str, list[tuple[float, float]]]:
    """By item id, in seconds, where an item of a track is replaced by another one on it.

    Items that overlap mix, except an item that another one encloses (rule 0), and, under rule
    2, an item that a later one overlaps without a crossfade. The rule of the replacing item
    counts, or the project's when it has none. Items in different lanes, and all under free
    positioning, mix.
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    if track.free_mode == _FREE_POSITIONING:
        return spans
    for earlier, later in _overlapping_pairs(track):
        for lower, upper in ((earlier, later), (later, earlier)):
            rule = _rule(timeline, upper)
            if _replaces(lower, upper, rule, upper_is_later=upper is later):
                span = (
                    max(lower.position_seconds, upper.position_seconds),
                    min(lower.end_seconds, upper.end_seconds),
                )
                spans.setdefault(lower.id, []).append(span)
                break
    return spans


def _replaces(lower: Item, upper: Item, rule: int, *, upper_is_later: bool) -> bool:
    if rule == _MIX_ALWAYS:
        return False
    if rule == _LATER_REPLACES:
        return upper_is_later and not (lower.fade_out.is_auto and upper.fade_in.is_auto)
    is_enclosed = (
        lower.position_seconds <= upper.position_seconds and upper.end_seconds <= lower.end_seconds
    )
    is_same_span = (
        lower.position_seconds == upper.position_seconds and upper.end_seconds == lower.end_seconds
    )
    return is_enclosed and (upper_is_later or not is_same_span)


def _overlapping_pairs(track: Track) -> Iterator[tuple[Item, Item]]:
    """Pairs (earlier, later) of sounding items of a track that share some time."""
    sounding = [
        item
        for item in track.items
        if item.take is not None
        and item.take.source is not None
        and not silent_item_reason(track, item)
    ]
    playing: list[Item] = []
    for item in sorted(sounding, key=lambda one: one.position_seconds):
        playing = [other for other in playing if other.end_seconds > item.position_seconds]
        for other in playing:
            if track.free_mode != _FIXED_LANES or other.lane == item.lane:
                yield other, item
        playing.append(item)


def warnings_of_cuts(
    timeline: Timeline, parts: Mapping[str, Sequence[tuple[float, float]]]
) -> list[str]:
    """Where items mixed until now, and a part of one encloses, or is in, the other.

    By REAPER's default rule the enclosed one then replaces the sound of the other. `parts`, by
    item id, are the spans in seconds in which an item still sounds when it was cut.
    """
    told: set[frozenset[str]] = set()
    warnings = []
    neighbours = {track.number: _Neighbours(track) for track in timeline.tracks}
    for track, item in timeline.items():
        own = parts.get(item.id)
        for other in neighbours[track.number].of(item) if own else ():
            pair = frozenset({item.id, other.id})
            if other.is_muted or pair in told or not _mix(_times(item), _times(other)):
                continue
            rules = {_rule(timeline, item), _rule(timeline, other)}
            others = parts.get(other.id, [_times(other)])
            if _ENCLOSED_REPLACES in rules and any(
                _encloses(one, two) or _encloses(two, one) for one in own or () for two in others
            ):
                told.add(pair)
                warnings.append(
                    f"{item_label(track, item)} and {item_label(track, other)} overlap where "
                    "one was cut; there one may now replace the other instead of mixing with it"
                )
    return warnings


class _Neighbours:
    """The items of a track, found by where they play."""

    def __init__(self, track: Track) -> None:
        self._items = sorted(track.items, key=lambda item: item.position_seconds)
        self._starts = [item.position_seconds for item in self._items]
        self._longest = max((item.length_seconds for item in self._items), default=0.0)

    def of(self, item: Item) -> list[Item]:
        """Those that may share some time with an item, in the order of the file."""
        first = bisect_left(self._starts, item.position_seconds - self._longest)
        last = bisect_left(self._starts, item.end_seconds)
        return sorted(self._items[first:last], key=lambda other: other.lines.start)


def _rule(timeline: Timeline, item: Item) -> int:
    return timeline.overlap_rule if item.mix_behaviour is None else item.mix_behaviour


def _times(item: Item) -> tuple[float, float]:
    return item.position_seconds, item.end_seconds


def _encloses(outer: tuple[float, float], inner: tuple[float, float]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _mix(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether two stretches of time overlap without one enclosing the other."""
    overlap = one[0] < other[1] and other[0] < one[1]
    return overlap and not _encloses(one, other) and not _encloses(other, one)
