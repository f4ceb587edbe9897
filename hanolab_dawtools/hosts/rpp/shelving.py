"""Shelves in a project file: new tracks and folders, and further items on tracks that are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hanolab_dawtools.hosts.project.identity import stable_guid
from hanolab_dawtools.hosts.project.shelves import (
    SAME_SECONDS,
    Shelf,
    ShelfItem,
    ShelfTrack,
    second_shelves,
)
from hanolab_dawtools.hosts.project.timeline import Track
from hanolab_dawtools.hosts.rpp import chunks
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.inherit import Inheritance, inherit, insert_folder
from hanolab_dawtools.hosts.rpp.place import warnings_of_solo
from hanolab_dawtools.hosts.rpp.provenance import stem_block
from hanolab_dawtools.hosts.rpp.rows import Row, Rows
from hanolab_dawtools.hosts.rpp.standing import ProjectStanding, sources_of
from hanolab_dawtools.hosts.rpp.tokens import integer_at


class ShelfWriter:
    """Writes shelves into the edits of a project that will be at `target`.

    `warnings` are what is to be told of shelves as a whole.
    """

    def __init__(self, edits: Edits, standing: ProjectStanding, target: Path) -> None:
        self.edits = edits
        self.standing = standing
        self.warnings: list[str] = []
        self._folder = target.parent
        self._windows = chunks.is_windows(standing.timeline.version)

    def write(self, shelves: Sequence[Shelf]) -> None:
        """Write all shelves.

        Raises
        ------
        UsageError
            A stem's path cannot be written into a project; see `chunks.media_token`.
        """
        rows = Rows(self.standing.timeline)
        for shelf in shelves:
            self._serve_present(shelf)
            for track in shelf.tracks if shelf.is_there else ():
                if track.id not in self.standing.tracks:
                    rows.join(shelf, track)
        new = [shelf for shelf in shelves if not shelf.is_there]
        for shelf in new:
            rows.add(shelf)
        taken_over = {shelf.key: self._inherited(shelf, rows) for shelf in new}
        rows.change_the_present(self.edits)
        for line, row in rows.lines(self.edits):
            self._write_row(line, row, taken_over)
        plays_apart = any(one.solo == "0" for one in taken_over.values())
        self.warnings += warnings_of_solo(self.standing.timeline) if plays_apart else []
        self.warnings += second_shelves([shelf.title for shelf in new if shelf.is_second])

    def _inherited(self, shelf: Shelf, rows: Rows) -> Inheritance:
        """What a new shelf's folder takes over; nothing for a shelf without a folder."""
        number = rows.number_of_folder(shelf)
        if number is None or not shelf.first.arrangement.inherits:
            return Inheritance()
        sources = {root for result in shelf.results for root in sources_of(result)}
        sources |= {i.id for root in sources for _, i in self.standing.pieces.of(root)}
        found = inherit(
            self.edits,
            self.standing.timeline,
            sources,
            folder_number=number,
            fresh=lambda _, was: stable_guid(shelf.key, "inherited", was),
        )
        self.warnings += found.warnings
        return found

    def _write_row(self, line: int, row: Row, taken_over: dict[str, Inheritance]) -> None:
        shelf, track = row.shelf, row.shelf_track
        if shelf is None:
            raise AssertionError("new tracks belong to a shelf")
        if track is None:
            inheritance = taken_over[shelf.key]
            needed = max(one.n_channels for one in shelf.tracks)
            folder = chunks.folder_track(
                shelf.folder,
                shelf.title,
                n_channels=max(inheritance.n_channels, needed),
                is_muted=shelf.is_muted,
                solo=inheritance.solo,
            )
            insert_folder(self.edits, line, folder, inheritance)
            return
        text = chunks.items_track(
            track.id,
            track.name,
            [self._item(item) for item in _by_position(track)],
            colour=chunks.stem_colour(
                track.role, shelf.first.arrangement.colours, windows=self._windows
            ),
            bus=row.bus,
            n_channels=track.n_channels,
            is_muted=track.is_muted,
        )
        self.edits.insert_text(line, text, level=1)

    def _serve_present(self, shelf: Shelf) -> None:
        """Put items onto those tracks of a shelf that are there, and see to their channels."""
        present = self.standing.tracks
        for track in shelf.tracks:
            there = present.get(track.id)
            if there is None:
                continue
            self._widen(there, track.n_channels)
            for item in _by_position(track):
                line = _line_on(there, item.result.music[0])
                self.edits.insert_text(line, self._item(item), level=2)
        folder = present.get(shelf.folder)
        if folder is not None and shelf.tracks:
            self._widen(folder, max(track.n_channels for track in shelf.tracks))

    def _widen(self, track: Track, n_channels: int) -> None:
        document = self.edits.document
        line = document.find_line(document.blocks[track.lines.start], "NCHAN")
        needed = n_channels + n_channels % 2  # REAPER's tracks have an even number
        if line is not None and integer_at(document.fields(line), 1, 2) < needed:
            why = f'"{track.name}" has {needed} channels, as its new items'
            self.edits.set_tokens(line, {1: str(needed)}, why)

    def _item(self, item: ShelfItem) -> list[str]:
        stem, placement = item.stem, item.result.placement
        start, end = item.result.music
        rings_on = stem.seconds > end - start + SAME_SECONDS
        block = stem_block(placement, stem, music_seconds=end - start if rings_on else None)
        media = chunks.media_token(stem.path, self._folder, windows=self._windows)
        position = placement.position_seconds
        return chunks.stem_item(stem, item.ids, media, position, block, rings_on=rings_on)


def _by_position(track: ShelfTrack) -> list[ShelfItem]:
    return sorted(track.items, key=lambda item: item.result.music)


def _line_on(track: Track, position_seconds: float) -> int:
    """Line in front of which a new item keeps the order by position that REAPER writes."""
    for item in track.items:
        if item.position_seconds > position_seconds:
            return item.lines.start
    return track.items[-1].lines.stop if track.items else track.lines.stop - 1
