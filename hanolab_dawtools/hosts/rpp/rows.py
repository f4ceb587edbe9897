"""The tracks of a project in their order, with new ones among them: places, folders, sends.

A new track goes behind the last track; one that joins a shelf goes to its place on the shelf. Then
the tracks behind it have other numbers, and sends, which name their sender by its number, follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hanolab_dawtools.hosts.project.shelves import Shelf, ShelfTrack
from hanolab_dawtools.hosts.project.timeline import Timeline, Track
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.inherit import receives
from hanolab_dawtools.hosts.rpp.place import line_behind_tracks
from hanolab_dawtools.hosts.rpp.tokens import integer_at


@dataclass(eq=False)
class Row:
    """A track that is there, or a new one: of a shelf, or, without `shelf_track`, its folder.

    `change` is what it does to the depth of folders: 1 opens one, -2 closes two.
    """

    change: int = 0
    track: Track | None = None
    shelf: Shelf | None = None
    shelf_track: ShelfTrack | None = None

    @property
    def bus(self) -> str:
        """The fields of its ISBUS."""
        if self.change == 0:
            return "0 0"
        return "1 1" if self.change > 0 else f"2 {self.change}"


@dataclass
class Rows:
    """The tracks of a project, from the top down."""

    timeline: Timeline
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = [Row(track.folder_change, track) for track in self.timeline.tracks]

    def join(self, shelf: Shelf, track: ShelfTrack) -> None:
        """Put a new track to its place on a shelf that is there."""
        ids = {other.id: other for other in shelf.tracks if other.place < track.place}
        later = {other.id for other in shelf.tracks if other.place > track.place}
        new = Row(0, shelf=shelf, shelf_track=track)
        before = [n for n, row in enumerate(self.rows) if _id_of(row) in ids]
        behind = [n for n, row in enumerate(self.rows) if _id_of(row) in later]
        if before:
            self._insert_behind(before[-1], new)
        elif behind:
            self.rows.insert(behind[0], new)
        else:
            self._insert_behind(self._last_in_folder(shelf), new)

    def add(self, shelf: Shelf) -> None:
        """Put a new shelf behind all tracks, at the top level."""
        self._close_open_folder()
        if shelf.has_folder:
            self.rows.append(Row(1, shelf=shelf))
        self.rows += [Row(0, shelf=shelf, shelf_track=track) for track in shelf.tracks]
        if shelf.has_folder:
            self.rows[-1].change = -1

    def number_of_folder(self, shelf: Shelf) -> int | None:
        """The 0-based place of a shelf's new folder; None without one."""
        for number, row in enumerate(self.rows):
            if row.shelf is shelf and row.shelf_track is None:
                return number
        return None

    def lines(self, edits: Edits) -> list[tuple[int, Row]]:
        """The new tracks, each with the line of the document that it goes in front of."""
        found = []
        line = line_behind_tracks(edits.document, self.timeline)
        if self.timeline.tracks:
            line = self.timeline.tracks[0].lines.start
        for row in self.rows:
            if row.track is not None:
                line = row.track.lines.stop
            else:
                found.append((line, row))
        return found

    def change_the_present(self, edits: Edits) -> None:
        """Change what the tracks that are there say of folders, and of the numbers of senders."""
        document = edits.document
        numbers: dict[int, int] = {}
        for number, row in enumerate(self.rows):
            track = row.track
            if track is None:
                continue
            numbers[track.number - 1] = number
            if row.change != track.folder_change:
                self._set_bus(edits, row, track)
        for track in self.timeline.tracks if any(k != v for k, v in numbers.items()) else ():
            for line, _, fields in receives(document, track) if track.receives else ():
                was = integer_at(fields, 1, -1)
                now = numbers.get(was, was)
                if now != was:
                    name = track.name or f"track {track.number}"
                    why = f'"{name}" receives from track {now + 1}, which was track {was + 1}'
                    edits.set_tokens(line, {1: str(now)}, why)

    def _set_bus(self, edits: Edits, row: Row, track: Track) -> None:
        line = edits.document.find_line(edits.document.blocks[track.lines.start], "ISBUS")
        if line is None:
            edits.insert_text(track.lines.start + 1, [f"ISBUS {row.bus}"], level=2)
            return
        name = track.name or f"track {track.number}"
        what = "closes the open folder" if row.change < 0 else "does not close the folder any more"
        edits.set_tokens(line, dict(enumerate(row.bus.split(), start=1)), f'"{name}" {what}')

    def _insert_behind(self, place: int, new: Row) -> None:
        """Insert a row that closes what the one before it closed."""
        if self.rows[place].change < 0:
            new.change, self.rows[place].change = self.rows[place].change, 0
        self.rows.insert(place + 1, new)

    def _last_in_folder(self, shelf: Shelf) -> int:
        """Place of the last track of a shelf's folder; of the last track when it has none."""
        for place, row in enumerate(self.rows):
            if _id_of(row) != shelf.folder:
                continue
            depth = 0
            for last in range(place, len(self.rows)):
                depth += self.rows[last].change
                if depth <= 0:
                    return last
        return len(self.rows) - 1

    def _close_open_folder(self) -> None:
        depth = 0
        for row in self.rows:
            depth = max(0, depth + row.change)
        if depth:
            self.rows[-1].change -= depth


def _id_of(row: Row) -> str:
    if row.track is not None:
        return row.track.id
    if row.shelf_track is not None:
        return row.shelf_track.id
    return row.shelf.folder if row.shelf is not None else ""
