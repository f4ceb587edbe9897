"""What stands in a project file already, as far as further results have to heed it.

Implements `hosts.project.shelves.Standing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hanolab_dawtools.hosts.project.shelves import Result, Seconds, Stretches
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.pieces import OnTrack, Pieces
from hanolab_dawtools.hosts.rpp.provenance import music_seconds


class ProjectStanding:
    """A project, and the pieces of the items that `results` were made of."""

    def __init__(self, document: Document, timeline: Timeline, results: Iterable[Result]) -> None:
        self.document = document
        self.timeline = timeline
        roots = {root: None for result in results for root in sources_of(result)}
        self.pieces = Pieces(timeline, roots)
        self.tracks: dict[str, Track] = {track.id: track for track in timeline.tracks}
        self._spans: dict[str, list[Seconds]] = {}
        self._silenced: dict[str, Stretches] = {}

    def items_of(self, result: Result) -> list[OnTrack]:
        """What there is of a result's sources where it plays."""
        return list(self.pieces.between(sources_of(result), result.music))

    def spans(self, track_id: str) -> Sequence[Seconds] | None:
        """Where results lie on a track; see `Standing`."""
        track = self.tracks.get(track_id)
        if track is None:
            return None
        if track_id not in self._spans:
            self._spans[track_id] = [self._music(item) for item in track.items]
        return self._spans[track_id]

    def is_muted(self, track_id: str) -> bool:
        """Whether a track is muted; see `Standing`."""
        return self.tracks[track_id].is_muted

    def is_silenced(self, result: Result) -> bool:
        """Whether something of a result's source is, or will be, muted; see `Standing`."""
        return any(
            (item.is_muted and not item.is_soloed)
            or (item.id in self._silenced and self._silenced[item.id].overlap(result.music))
            for _, item in self.items_of(result)
        )

    def silence(self, result: Result) -> None:
        """Take note that a result's source will be muted; see `Standing`."""
        for _, item in self.items_of(result):
            self._silenced.setdefault(item.id, Stretches()).add(result.music)

    def _music(self, item: Item) -> Seconds:
        start = item.position_seconds
        return start, start + music_seconds(self.document, item)


def sources_of(result: Result) -> tuple[str, ...]:
    """Ids of the items that a result was made of."""
    capture = result.placement.capture
    return () if capture is None else capture.sources
