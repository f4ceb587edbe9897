"""Items cut at many places at once: what several results silence, or give takes to.

Each item is cut once at every edge of what plays there, whichever result it belongs to, and each
part is then silenced, given takes, or left as it is. So the outcome does not depend on which result
comes first; and cutting again what is cut already adds only the new edges. An item that cannot be
cut exactly (MIDI takes, stretch markers, take envelopes) is left alone with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from hanolab_dawtools.hosts.project.naming import item_label
from hanolab_dawtools.hosts.project.overlaps import warnings_of_cuts
from hanolab_dawtools.hosts.project.shelves import Seconds
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.item_parts import ItemChange, reason_against_cutting
from hanolab_dawtools.hosts.rpp.pieces import piece_names
from hanolab_dawtools.hosts.rpp.sources import Span, line_behind
from hanolab_dawtools.units import format_clock

Change = Callable[[ItemChange], None]


@dataclass
class _Cut:
    """What is to become of one item; its pieces are named after `root`."""

    track: Track
    item: Item
    root: str
    mutes: list[Span] = field(default_factory=list)
    takes: list[tuple[Span, Change]] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        return [*self.mutes, *(span for span, _ in self.takes)]

    def edges(self, spans: Iterable[Span]) -> list[float]:
        """Where it is to be cut, in seconds; edges on the same frame are one."""
        wanted = sorted(
            (edge, span.tolerance_seconds)
            for span in spans
            for edge, is_cut in (
                (span.start_seconds, span.cuts_start(self.item)),
                (span.end_seconds, span.cuts_end(self.item)),
            )
            if is_cut
        )
        edges: list[float] = []
        for edge, tolerance in wanted:
            if not edges or edge - edges[-1] > tolerance:
                edges.append(edge)
        return edges


@dataclass
class Cutter:
    """Collects what is silenced and what gets takes, and then cuts all items.

    `told` has warnings by the id of the item that they speak of. `takes_in` says, by item id and
    the start of a span, which item has the takes of that span now.
    """

    edits: Edits
    timeline: Timeline
    told: dict[str, list[str]] = field(default_factory=dict)
    takes_in: dict[tuple[str, float], str] = field(default_factory=dict)
    _cuts: dict[str, _Cut] = field(default_factory=dict)
    _played: dict[str, list[Seconds]] = field(default_factory=dict)
    _parts: list[tuple[int, float, list[bytes]]] = field(default_factory=list)

    def mute(self, track: Track, item: Item, root: str, span: Span) -> None:
        """Silence an item in a span that it overlaps."""
        self._cuts.setdefault(item.id, _Cut(track, item, root)).mutes.append(span)

    def give_takes(self, track: Track, item: Item, root: str, span: Span, change: Change) -> None:
        """Change what an item plays in a span that it overlaps; nothing else may cut it there."""
        self._cuts.setdefault(item.id, _Cut(track, item, root)).takes.append((span, change))

    def edges_inside(self, item: Item, span: Span) -> list[float]:
        """Where an item will be cut within a span, in seconds."""
        cut = self._cuts.get(item.id)
        edges = cut.edges(cut.spans) if cut is not None else []
        tolerance = span.tolerance_seconds
        first, last = span.start_seconds + tolerance, span.end_seconds - tolerance
        return [edge for edge in edges if first < edge < last]

    def finish(self) -> list[str]:
        """Cut, silence and change the items; what may sound different beside the results."""
        for cut in self._cuts.values():
            self._make(cut)
        for before, _, lines in sorted(self._parts, key=lambda part: part[:2]):
            self.edits.insert(before, lines)
        return warnings_of_cuts(self.timeline, self._played)

    def _make(self, cut: _Cut) -> None:
        item, what = cut.item, item_label(cut.track, cut.item)
        edges = cut.edges(cut.spans)
        reason = reason_against_cutting(self.edits.document, item) if edges else ""
        if reason:
            cut.mutes = [span for span in cut.mutes if not cut.edges([span])]
            edges = []
            self._tell(
                item,
                f"{what} plays on beside the stems: {reason}, so it was not cut; "
                "mute it by hand where they play",
            )
        self._warn_of_cut_fades(cut, what, edges)
        heard: list[Seconds] = []
        for start, end in pairwise([item.position_seconds, *edges, item.end_seconds]):
            part = ItemChange(self.edits, item, what)
            if edges:
                part.cut(start, end)
            middle = (start + end) / 2
            is_muted = any(s.start_seconds < middle < s.end_seconds for s in cut.mutes)
            if is_muted:
                part.mute()
            elif not item.is_muted or item.is_soloed:
                heard.append((start, end))
            here = [one for one in cut.takes if one[0].start_seconds < middle < one[0].end_seconds]
            for _, change in here:
                change(part)
            guid = self._add(cut, part, start)
            self.takes_in.update({(item.id, span.start_seconds): guid for span, _ in here})
        if edges or cut.mutes:
            self._played[item.id] = heard

    def _add(self, cut: _Cut, part: ItemChange, start_seconds: float) -> str:
        item = cut.item
        if start_seconds == item.position_seconds:
            part.make()
            return item.id
        guid, lines = part.copied(piece_names(cut.root))
        self._parts.append((line_behind(cut.track, item, start_seconds), start_seconds, lines))
        return guid

    def _warn_of_cut_fades(self, cut: _Cut, what: str, edges: Iterable[float]) -> None:
        item = cut.item
        fade_in_end = item.position_seconds + item.fade_in.length_seconds
        fade_out_start = item.end_seconds - item.fade_out.length_seconds
        tolerance = min(span.tolerance_seconds for span in cut.spans)
        for edge in edges:
            if edge < fade_in_end - tolerance or edge > fade_out_start + tolerance:
                self._tell(
                    item,
                    f"{what} is cut inside a fade at {format_clock(edge)}; "
                    "outside the stems this fade sounds different from before",
                )

    def _tell(self, item: Item, sentence: str) -> None:
        self.told.setdefault(item.id, []).append(sentence)
