"""Items that earlier results have cut, known again as what they were when they were captured.

The scripts write on each part which item they cut it off, and when. So what stands in a project now
can be looked at as it was before any of these cuts, and a result that comes later finds the parts
of the items that it was made of.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.hosts.project.timeline import Item, Timeline
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.model import Capture

_SAME_SECONDS = 1e-6
_NOW = math.inf  # after all cuts

Parts = Mapping[str, tuple[str, ...]]  # of each item of a capture: its own id and its parts'


@dataclass(frozen=True)
class _Cut:
    """A part was cut off the item `of`, in milliseconds since 1970."""

    of: str
    at_ms: float


class CutParts:
    """The parts of a project's items; made once for one look at the project."""

    def __init__(self, live: LiveTimeline) -> None:
        self._timeline = live.timeline
        cuts = {item_id: _cut_in(state.cut) for item_id, state in live.item_states.items()}
        self._cuts = {item_id: cut for item_id, cut in cuts.items() if cut is not None}
        times = {cut.at_ms for cut in self._cuts.values()}
        self._moments = [_NOW, *sorted(times, reverse=True)]
        self._before: dict[float, Timeline] = {_NOW: live.timeline}
        self._prints: dict[tuple[float, tuple[str, ...]], str] = {}

    def of_capture(self, capture: Capture) -> Parts | None:
        """What there is now of the items of a capture; None when they were changed since.

        An item that only results have cut is not changed.
        """
        sources = capture.sources
        for moment in self._moments:
            if self._fingerprint(moment, sources) == capture.fingerprint:
                return self._parts(moment, sources)
        return None

    def _fingerprint(self, moment: float, sources: tuple[str, ...]) -> str:
        key = (moment, sources)
        if key not in self._prints:
            self._prints[key] = fingerprint_of(self._as_before(moment), sources)
        return self._prints[key]

    def _as_before(self, moment: float) -> Timeline:
        """The project as it was before the cuts of this moment, and those behind it."""
        if moment not in self._before:
            timeline = self._timeline
            tracks = [
                replace(track, items=tuple(self._joined(track.items, moment)))
                for track in timeline.tracks
            ]
            self._before[moment] = replace(timeline, tracks=tuple(tracks))
        return self._before[moment]

    def _joined(self, items: Sequence[Item], moment: float) -> list[Item]:
        groups: defaultdict[str, list[Item]] = defaultdict(list)
        for item in items:
            groups[self._root(item.id, moment)].append(item)
        whole = []
        for item in items:
            if item.id in groups:
                end = item.end_seconds
                for part in sorted(groups[item.id], key=lambda one: one.position_seconds):
                    if abs(part.position_seconds - end) < _SAME_SECONDS:
                        end = part.end_seconds
                is_cut = end != item.end_seconds
                length = end - item.position_seconds
                whole.append(replace(item, length_seconds=length) if is_cut else item)
        return whole

    def _root(self, item_id: str, moment: float) -> str:
        """The item that a part was a part of before a moment."""
        seen = set()
        while item_id in self._cuts and item_id not in seen:
            seen.add(item_id)
            if self._cuts[item_id].at_ms < moment:
                break
            item_id = self._cuts[item_id].of
        return item_id

    def _parts(self, moment: float, sources: tuple[str, ...]) -> Parts:
        found = {source: [source] for source in sources}
        for item_id in self._cuts:
            root = self._root(item_id, moment)
            if root in found and item_id != root:
                found[root].append(item_id)
        return {source: tuple(ids) for source, ids in found.items()}


def _cut_in(text: str) -> _Cut | None:
    """What is written on an item; None when that is not ours."""
    try:
        facts = json.loads(text) if text else None
    except ValueError:
        return None
    if not isinstance(facts, dict):
        return None
    of, at_ms = facts.get("of"), facts.get("at_ms")
    return _Cut(of, at_ms) if isinstance(of, str) and isinstance(at_ms, int) else None
