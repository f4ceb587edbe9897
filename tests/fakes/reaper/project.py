"""A project tab of the stand-in REAPER, as the machinery sees it (see `registry`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.reaper.edits import apply_edit
from fakes.reaper.snapshots import snapshot_of
from fakes.reaper.things import Item, Mark, Track
from fakes.reaper.undo import History
from fakes.reaper.values import PROJECT_NUMBERS, PROJECT_TEXTS

if TYPE_CHECKING:
    from fakes.reaper.host import Host


class Project:
    """A project tab. `path` is "" when it was never saved.

    `numbers` and `texts` are the sticky settings of GetSetProjectInfo; `ext` the values of
    SetProjExtState by section. `change_count` moves with every change.
    """

    c_type = "ReaProject*"

    def __init__(self, host: Host, path: str = "") -> None:
        self.host = host
        self.path = path
        self.tracks: list[Track] = []
        self.marks: list[Mark] = []
        self.numbers = dict(PROJECT_NUMBERS)
        self.texts = dict(PROJECT_TEXTS)
        self.ext: dict[str, dict[str, str]] = {}
        self.time_selection = (0.0, 0.0)
        self.loop_points = (0.0, 0.0)
        self.cursor = 0.0
        self.play_state = 0
        self.play_position = 0.0
        self.repeats = False
        self.tempo_bpm = 120.0
        self.is_dirty = False
        self.change_count = 1
        self.refreshes: list[str] = []
        self.master = Track(self, name="MASTER", is_master=True)
        self.history = History(self)

    @property
    def project(self) -> Project:
        return self

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def record_path(self) -> str:
        """Where recordings go: RECORD_PATH, within the project's folder; else REAPER's own."""
        if not self.path:
            return self.host.record_path
        return str(Path(self.path).parent / self.texts["RECORD_PATH"])

    @property
    def items(self) -> list[Item]:
        """All items, track by track."""
        return [item for track in self.tracks for item in track.items]

    @property
    def length(self) -> float:
        """Where the last item or region ends, in seconds."""
        ends = [item.end for item in self.items] + [mark.end for mark in self.marks]
        return max(ends, default=0.0)

    @property
    def sample_rate(self) -> int:
        """What it plays at: its own rate if that is used, else the device's."""
        own = self.numbers["PROJECT_SRATE"] if self.numbers["PROJECT_SRATE_USE"] else 0
        return int(own) or self.host.device_rate

    def touch(self) -> None:
        """Something in it changed."""
        self.is_dirty = True
        self.change_count += 1

    def objects(self) -> Iterator[Any]:
        """All in it that a script can have the address of, but itself."""
        yield self.master
        yield from self.marks
        for track in self.tracks:
            yield from track.things()

    def forget(self, things: Iterable[object]) -> None:
        """What ceases to be: its addresses are stale from now on."""
        for thing in list(things):
            self.host.addresses.free(thing)

    def remove_track(self, track: Track) -> None:
        """Take a track out, with its items and all sends from and to it."""
        for other in self.tracks:
            other.sends = [send for send in other.sends if send.target is not track]
        self.tracks.remove(track)
        self.forget(track.things())

    @property
    def undo_labels(self) -> list[str]:
        """What can be undone, oldest first."""
        return self.history.labels

    def undo(self) -> bool:
        return self.history.undo()

    def redo(self) -> bool:
        return self.history.redo()

    def snapshot(self) -> dict[str, Any]:
        """All that is in it, as JSON values; the keys are those of the API where it has any."""
        return snapshot_of(self)

    def edit(self, change: dict[str, Any]) -> None:
        """What a user would do by hand; see `edits`."""
        apply_edit(self, change)
