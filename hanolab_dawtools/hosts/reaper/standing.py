"""What stands in an open project, as the layout of shelves asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hanolab_dawtools.hosts.project.shelves import SAME_SECONDS, Result, Seconds, Stretches
from hanolab_dawtools.hosts.project.timeline import Item, Track
from hanolab_dawtools.hosts.reaper.cut_parts import Parts
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline


@dataclass
class LiveStanding:
    """A `shelves.Standing`.

    Attributes
    ----------
    parts
        By job, what there is now of the items that were captured for it.
    """

    live: LiveTimeline
    parts: Mapping[str, Parts]
    _tracks: dict[str, Track] = field(default_factory=dict)
    _items: dict[str, Item] = field(default_factory=dict)
    _silenced: dict[str, Stretches] = field(default_factory=dict)

    def __post_init__(self) -> None:
        timeline = self.live.timeline
        self._tracks = {track.id: track for track in timeline.tracks}
        self._items = {item.id: item for _, item in timeline.items()}
        for asked, held in self.live.made_as.items():
            if held in self._tracks:
                self._tracks[asked] = self._tracks[held]
            elif held in self._items:
                self._items[asked] = self._items[held]

    def has_item(self, item_id: str) -> bool:
        """Whether an item is there, by its GUID or the one that was asked for."""
        return item_id in self._items

    def spans(self, track_id: str) -> Sequence[Seconds] | None:
        """Where items lie on a track, in seconds; None when there is no such track."""
        track = self._tracks.get(track_id)
        if track is None:
            return None
        return [(item.position_seconds, item.end_seconds) for item in track.items]

    def is_muted(self, track_id: str) -> bool:
        """Whether a track that is there is muted."""
        return self._tracks[track_id].is_muted

    def is_silenced(self, result: Result) -> bool:
        """Whether something of a result's source is, or will be, muted where the result plays."""
        return any(
            self._is_silenced(source, parts, result.music)
            for source, parts in self._sources(result).items()
        )

    def silence(self, result: Result) -> None:
        """Take note that a result's source will be muted where it plays."""
        for source in self._sources(result):
            self._silenced.setdefault(source, Stretches()).add(result.music)

    def _is_silenced(self, source: str, parts: Sequence[str], music: Seconds) -> bool:
        noted = self._silenced.get(source)
        if noted is not None and noted.overlap(music):
            return True
        items = [self._items[one] for one in parts if one in self._items]
        return any(
            item.is_muted
            and min(item.end_seconds, music[1]) - max(item.position_seconds, music[0])
            > SAME_SECONDS
            for item in items
        )

    def _sources(self, result: Result) -> Parts:
        capture = result.placement.capture
        own = {source: (source,) for source in capture.sources} if capture is not None else {}
        return {**own, **self.parts.get(result.placement.job_id, {})}
