"""Silencing what the stems replace: source items are muted exactly where the stems play.

An item that reaches over an edge of the stems is cut there: its first part stays the item it
was, the others are inserted behind it. An item that cannot be cut exactly (MIDI takes, stretch
markers, take envelopes) is left alone with a warning.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from hanolab_dawtools.hosts.rpp import item_parts
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.timeline import Item, Timeline, Track
from hanolab_dawtools.units import format_clock


@dataclass(frozen=True)
class Span:
    """Where stems play, in seconds; edges nearer than `tolerance_seconds` are the same edge."""

    start_seconds: float
    end_seconds: float
    tolerance_seconds: float

    def overlaps(self, item: Item) -> bool:
        """Whether an item plays in the span."""
        return (
            item.position_seconds < self.end_seconds - self.tolerance_seconds
            and item.end_seconds > self.start_seconds + self.tolerance_seconds
        )

    def cuts_start(self, item: Item) -> bool:
        """Whether a part of an item plays before the span."""
        return item.position_seconds < self.start_seconds - self.tolerance_seconds

    def cuts_end(self, item: Item) -> bool:
        """Whether a part of an item plays behind the span."""
        return item.end_seconds > self.end_seconds + self.tolerance_seconds


@dataclass
class SourceMuter:
    """Mutes items in a span; `warnings` says what could not be done, or not exactly."""

    edits: Edits
    timeline: Timeline
    span: Span
    job_id: str
    warnings: list[str] = field(default_factory=list)
    _parts: list[tuple[int, float, list[bytes]]] = field(default_factory=list)

    def mute(self, item_ids: Collection[str]) -> None:
        """Mute the items with these ids where the stems play."""
        missing = set(item_ids)
        for track, item in self.timeline.items():
            if item.id in missing:
                missing.discard(item.id)
                self._mute_item(track, item)
        for before, _, lines in sorted(self._parts, key=lambda part: part[:2]):
            self.edits.insert(before, lines)
        if missing:
            self.warnings.append(
                f"{len(missing)} source item(s) are no longer in the project and were not muted"
            )

    def _mute_item(self, track: Track, item: Item) -> None:
        what = _named(track, item)
        if item.is_muted:
            return
        if not self.span.overlaps(item):
            self.warnings.append(f"{what} was moved since it was captured and was not muted")
            return
        cuts_start, cuts_end = self.span.cuts_start(item), self.span.cuts_end(item)
        if not cuts_start and not cuts_end:
            item_parts.mute(self.edits, item, what)
            return
        reason = item_parts.reason_against_cutting(self.edits.document, item)
        if reason:
            self.warnings.append(
                f"{what} plays on beside the stems: {reason}, so it was not cut; "
                "mute it by hand where they play"
            )
            return
        self._warn_of_cut_fades(item, what)
        if cuts_start:
            item_parts.shorten(self.edits, item, self.span.start_seconds, what)
            end = self.span.end_seconds if cuts_end else item.end_seconds
            self._add_part(track, item, self.span.start_seconds, end, is_muted=True)
        else:
            item_parts.mute(self.edits, item, what)
            item_parts.shorten(self.edits, item, self.span.end_seconds, what)
        if cuts_end:
            self._add_part(track, item, self.span.end_seconds, item.end_seconds, is_muted=False)

    def _add_part(
        self, track: Track, item: Item, start: float, end: float, *, is_muted: bool
    ) -> None:
        lines = item_parts.copy(
            self.edits,
            item,
            self.job_id,
            start_seconds=start,
            end_seconds=end,
            is_muted=is_muted,
        )
        self._parts.append((_line_behind(track, item, start), start, lines))

    def _warn_of_cut_fades(self, item: Item, what: str) -> None:
        fade_in_end = item.position_seconds + item.fade_in.length_seconds
        fade_out_start = item.end_seconds - item.fade_out.length_seconds
        tolerance = self.span.tolerance_seconds
        for edge, is_cut in (
            (self.span.start_seconds, self.span.cuts_start(item)),
            (self.span.end_seconds, self.span.cuts_end(item)),
        ):
            if is_cut and (edge < fade_in_end - tolerance or edge > fade_out_start + tolerance):
                self.warnings.append(
                    f"{what} is cut inside a fade at {format_clock(edge)}; "
                    "outside the stems this fade sounds different from before"
                )


def _line_behind(track: Track, item: Item, position_seconds: float) -> int:
    """Line in front of which a new item keeps the order by position that REAPER writes."""
    behind = [other for other in track.items if other.lines.start > item.lines.start]
    for other in behind:
        if other.position_seconds > position_seconds:
            return other.lines.start
    return (behind[-1] if behind else item).lines.stop


def _named(track: Track, item: Item) -> str:
    name = track.name or f"track {track.number}"
    return f'item "{item.name}" at {format_clock(item.position_seconds)} on "{name}"'
