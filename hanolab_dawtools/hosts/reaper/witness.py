"""What of earlier work on an open project still holds: captures, and results that were placed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from hanolab_dawtools.hosts.capture_file import is_older
from hanolab_dawtools.hosts.project.selecting import heard_items
from hanolab_dawtools.hosts.project.timeline import Track
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.model import Capture, CapturePoint, Selection


class LiveWitness:
    """Compares with the project as it is now; implements `hosts.base.Witness`."""

    def __init__(self, live: LiveTimeline) -> None:
        self._live = live

    def is_same(self, selection: Selection, capture: Capture, since_seconds: float) -> bool:
        """Whether the same items sound, as they did then, and play files that are older.

        Behind the effects of tracks nobody can tell.
        """
        if selection.point is not CapturePoint.ITEM or not capture.fingerprint:
            return False
        tracks = self._tracks(selection)
        start, end = selection.start_seconds, selection.end_seconds
        heard = {
            one.item.id
            for one in heard_items(self._live.timeline, tracks, start, end)
            if not selection.item_ids or one.item.id in selection.item_ids
        }
        if heard != set(capture.sources):
            return False
        near = replace(self._live.timeline, tracks=tracks)
        if fingerprint_of(near, capture.sources) != capture.fingerprint:
            return False
        return self.is_untouched(selection, since_seconds)

    def is_untouched(self, selection: Selection, since_seconds: float) -> bool:
        """Whether the files under a selection are older than that, heard or not."""
        return all(is_older(Path(file), since_seconds) for file in self._files(selection))

    def has_items(self, item_ids: Collection[str]) -> bool:
        """Whether all of these items are still in the project."""
        return self._item_ids.issuperset(item_ids)

    @cached_property
    def _item_ids(self) -> frozenset[str]:
        return frozenset(item.id for _, item in self._live.timeline.items())

    def _tracks(self, selection: Selection) -> tuple[Track, ...]:
        ids = frozenset(selection.track_ids)
        return tuple(t for t in self._live.timeline.tracks if not ids or t.id in ids)

    def _files(self, selection: Selection) -> Iterator[str]:
        for track in self._tracks(selection):
            for item in track.items:
                is_behind = item.position_seconds >= selection.end_seconds
                if is_behind or item.end_seconds <= selection.start_seconds:
                    continue
                for take in item.takes:
                    if take is not None and take.source is not None and take.source.file:
                        yield take.source.file
