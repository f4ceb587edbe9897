"""What of earlier work on a project file still holds: captures, and results that were placed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property

from hanolab_dawtools.hosts.capture_file import is_older
from hanolab_dawtools.hosts.project.hearing import folders_around
from hanolab_dawtools.hosts.project.selecting import heard_items
from hanolab_dawtools.hosts.project.timeline import Source, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.fingerprint import fingerprint
from hanolab_dawtools.hosts.rpp.planning import project_media
from hanolab_dawtools.hosts.rpp.provenance import origins
from hanolab_dawtools.model import Capture, Selection


class ProjectWitness:
    """Compares with the project as it is now; implements `hosts.base.Witness`."""

    def __init__(self, document: Document, timeline: Timeline) -> None:
        self._document = document
        self._timeline = timeline
        self._media = project_media(timeline)

    def is_same(self, selection: Selection, capture: Capture, since_seconds: float) -> bool:
        """Whether the same items sound, as they did then, and play files that are older."""
        tracks = self._tracks(selection)
        start, end = selection.start_seconds, selection.end_seconds
        heard = {
            one.item.id
            for one in heard_items(self._timeline, tracks, start, end)
            if not selection.item_ids or one.item.id in selection.item_ids
        }
        if heard != set(capture.sources):
            return False
        # Only tracks that matter are looked through: there may be thousands of cells.
        near = replace(self._timeline, tracks=tracks)
        if fingerprint(self._document, near, capture.sources) != capture.fingerprint:
            return False
        return self.is_untouched(selection, since_seconds)

    def is_untouched(self, selection: Selection, since_seconds: float) -> bool:
        """Whether the files under a selection are older than that, heard or not."""
        return all(
            found is not None and is_older(found, since_seconds)
            for found in (self._media.find(file).path for file in self._files(selection))
        )

    def has_items(self, item_ids: Collection[str]) -> bool:
        """Whether all of these items are still in the project."""
        return self._item_ids.issuperset(item_ids)

    @cached_property
    def _item_ids(self) -> frozenset[str]:
        return frozenset(item.id for _, item in self._timeline.items())

    def _tracks(self, selection: Selection) -> tuple[Track, ...]:
        ids = frozenset(selection.track_ids)
        return tuple(track for track in self._timeline.tracks if not ids or track.id in ids)

    def _files(self, selection: Selection) -> set[str]:
        return {
            file
            for track in self._tracks(selection)
            for item in track.items
            if item.position_seconds < selection.end_seconds
            and item.end_seconds > selection.start_seconds
            for take in item.takes
            if take is not None
            for file in _files_of(take.source)
        }


def tracks_of_results(document: Document, timeline: Timeline) -> frozenset[str]:
    """Ids of the tracks that hold nothing but results of earlier jobs, and of their folders."""
    with_items = {
        track.id
        for track in timeline.tracks
        if track.items and all(origins(document, item) for item in track.items)
    }
    around = folders_around(timeline)
    folders = set()
    for folder in timeline.tracks:
        inside = [t for t in timeline.tracks if folder in around[t.id]] if _opens(folder) else []
        holds = [t for t in inside if t.items]
        if not folder.items and holds and all(t.id in with_items for t in holds):
            folders.add(folder.id)
    return frozenset(with_items | folders)


def _opens(track: Track) -> bool:
    return track.folder_change > 0


def _files_of(source: Source | None) -> Iterator[str]:
    while source is not None:
        if source.file:
            yield source.file
        source = source.inner
