"""Silencing what the stems replace: source items are muted exactly where the stems play.

An item that reaches over an edge of the stems is cut there: its first part stays the item it
was, the others are inserted behind it. An item that cannot be cut exactly (MIDI takes, stretch
markers, take envelopes) is left alone with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from hanolab_dawtools.hosts.project.identity import stable_guid
from hanolab_dawtools.hosts.project.naming import item_label
from hanolab_dawtools.hosts.project.overlaps import warnings_of_cuts
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.item_parts import ItemChange, reason_against_cutting
from hanolab_dawtools.model import Capture
from hanolab_dawtools.units import format_clock

_Seconds = tuple[float, float]  # start and end


@dataclass(frozen=True)
class Span:
    """Where stems play, in seconds; edges nearer than `tolerance_seconds` are the same edge."""

    start_seconds: float
    end_seconds: float
    tolerance_seconds: float

    @classmethod
    def of_capture(cls, capture: Capture) -> Span:
        """Where the stems of a capture play; edges on the same frame are the same."""
        stop_frame = capture.start_frame + capture.selection_frames
        return cls(
            start_seconds=capture.position_seconds,
            end_seconds=stop_frame / capture.sample_rate,
            tolerance_seconds=0.5 / capture.sample_rate,
        )

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
class Splitter:
    """Cuts items at the edges of a span and changes what is left inside of it.

    `mutes` says whether that part is silenced. `warnings` says where the result is not exactly as
    before. `finish` inserts the parts.
    """

    edits: Edits
    timeline: Timeline
    span: Span
    job_id: str
    mutes: bool
    warnings: list[str] = field(default_factory=list)
    _parts: list[tuple[int, float, list[bytes]]] = field(default_factory=list)
    _played: dict[str, list[_Seconds]] = field(default_factory=dict)

    def is_cut(self, item: Item) -> bool:
        """Whether an item reaches over an edge of the span."""
        return self.span.cuts_start(item) or self.span.cuts_end(item)

    def split(self, track: Track, item: Item, change: Callable[[ItemChange], None]) -> str:
        """Change the part of an item that lies in the span, and return that part's item id."""
        span, what = self.span, item_label(track, item)
        cuts_start, cuts_end = span.cuts_start(item), span.cuts_end(item)
        self._warn_of_cut_fades(item, what)
        self._played[item.id] = self._heard_parts(item)
        end = span.end_seconds if cuts_end else item.end_seconds
        if cuts_end:
            tail = ItemChange(self.edits, item, what)
            tail.cut(span.end_seconds, item.end_seconds)
            self._add_part(track, item, span.end_seconds, tail)
        inside = ItemChange(self.edits, item, what)
        if cuts_start:
            before = ItemChange(self.edits, item, what)
            before.cut(item.position_seconds, span.start_seconds)
            before.make()
            inside.cut(span.start_seconds, end)
            change(inside)
            return self._add_part(track, item, span.start_seconds, inside)
        if cuts_end:
            inside.cut(item.position_seconds, end)
        change(inside)
        inside.make()
        return item.id

    def finish(self) -> None:
        """Insert the new items, in the order of their places."""
        self.warnings += warnings_of_cuts(self.timeline, self._played)
        for before, _, lines in sorted(self._parts, key=lambda part: part[:2]):
            self.edits.insert(before, lines)

    def _add_part(self, track: Track, item: Item, start: float, part: ItemChange) -> str:
        def names(place: str, number: int, *, is_item: bool) -> str:
            del is_item  # numbered like the others
            return stable_guid(self.job_id, "cut", item.id, place, str(number))

        guid, lines = part.copied(names)
        self._parts.append((line_behind(track, item, start), start, lines))
        return guid

    def _heard_parts(self, item: Item) -> list[_Seconds]:
        """What will sound of an item, each part an item of its own."""
        start, end = item.position_seconds, item.end_seconds
        first = self.span.start_seconds if self.span.cuts_start(item) else start
        last = self.span.end_seconds if self.span.cuts_end(item) else end
        parts = [(start, first), (last, end)]
        if not self.mutes:
            parts.append((first, last))
        return [part for part in parts if part[0] < part[1]]

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


def mute_sources(
    edits: Edits, timeline: Timeline, span: Span, job_id: str, item_ids: Collection[str]
) -> list[str]:
    """Mute items where the stems play, and say what could not be done, or not exactly."""
    splitter = Splitter(edits, timeline, span, job_id, mutes=True)
    warnings = splitter.warnings
    missing = set(item_ids)
    for track, item in timeline.items():
        if item.id not in missing:
            continue
        missing.discard(item.id)
        what = item_label(track, item)
        if item.is_muted and not item.is_soloed:  # its solo would override the mute
            continue
        if not span.overlaps(item):
            warnings.append(f"{what} was moved since it was captured and was not muted")
            continue
        reason = reason_against_cutting(edits.document, item) if splitter.is_cut(item) else ""
        if reason:
            warnings.append(
                f"{what} plays on beside the stems: {reason}, so it was not cut; "
                "mute it by hand where they play"
            )
            continue
        splitter.split(track, item, ItemChange.mute)
    splitter.finish()
    if missing:
        warnings.append(
            f"{len(missing)} source item(s) are no longer in the project and were not muted"
        )
    return warnings


def line_behind(track: Track, item: Item, position_seconds: float) -> int:
    """Line in front of which a new item keeps the order by position that REAPER writes."""
    behind = [other for other in track.items if other.lines.start > item.lines.start]
    for other in behind:
        if other.position_seconds > position_seconds:
            return other.lines.start
    return (behind[-1] if behind else item).lines.stop
