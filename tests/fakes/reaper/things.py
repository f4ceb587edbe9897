"""What a project of the stand-in REAPER holds: tracks, items, takes, sources, marks, FX, sends.

Objects are plain; what REAPER keeps under a key ("D_VOL", "I_FOLDERDEPTH") lies in `values` by
that key, and only keys of the tables in `values.py` exist. Times are seconds, colours native
integers. `project` is the project a thing is in; `c_type` what a script calls its address.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fakes.reaper.values import (
    ITEM_DEFAULTS,
    MASTER_DEFAULTS,
    SEND_DEFAULTS,
    TAKE_DEFAULTS,
    TRACK_DEFAULTS,
)

if TYPE_CHECKING:
    from fakes.reaper.project import Project


def new_guid() -> str:
    """A fresh GUID as REAPER writes it."""
    return "{" + str(uuid.uuid4()).upper() + "}"


@dataclass(eq=False)
class Effect:
    """One FX of a track or take. `Gain -6 dB` acts in renders, any other name is neutral."""

    name: str
    is_enabled: bool = True
    is_offline: bool = False
    guid: str = field(default_factory=new_guid)


@dataclass(eq=False)
class Envelope:
    """An envelope of a track or take, as far as to say that it is there; renders ignore it."""

    owner: Track | Take
    name: str
    points: list[list[float]] = field(default_factory=list)  # seconds, value
    c_type = "TrackEnvelope*"

    @property
    def project(self) -> Project:
        return self.owner.project


@dataclass(eq=False)
class Source:
    """A PCM source: a file and what its header says.

    `owner` is the take that plays it; a source without one is not valid to ValidatePtr.
    A SECTION plays a part of its `parent`, which starts `section_offset` seconds into it.
    `peak_steps` is how many calls of BuildPeaks are still to be made, None before the first.
    """

    file: str
    kind: str = "WAVE"
    sample_rate: int = 0
    n_channels: int = 0
    length_seconds: float = 0.0
    section_offset: float = 0.0
    is_reversed: bool = False
    parent: Source | None = None
    c_type = "PCM_source*"
    owner: Take | None = None
    peak_steps: int | None = None
    has_peaks: bool = False

    @property
    def project(self) -> Project | None:
        """The project it is in, None for one that no take plays."""
        return None if self.owner is None else self.owner.project

    def copy(self) -> Source:
        """Another source of the same file."""
        return replace(self, owner=None, parent=self.parent and self.parent.copy(), peak_steps=None)


@dataclass(eq=False)
class Take:
    """One take; without a source it is an empty take, which the API gives as NULL."""

    item: Item
    source: Source | None = None
    name: str = ""
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(default_factory=lambda: dict(TAKE_DEFAULTS))
    strings: dict[str, str] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    is_empty: bool = False
    envelopes: list[Envelope] = field(default_factory=list)
    stretch_markers: list[list[float]] = field(default_factory=list)  # seconds in item, in source
    c_type = "MediaItem_Take*"

    @property
    def project(self) -> Project:
        return self.item.project

    def play(self, source: Source | None) -> None:
        """Let it play a source; the old one stays as it is, without an owner."""
        old = self.source
        while old is not None:
            old.owner = None
            old = old.parent
        self.source = source
        while source is not None:
            source.owner = self
            source = source.parent


@dataclass(eq=False)
class Item:
    """A media item on its track."""

    track: Track
    guid: str = field(default_factory=new_guid)
    values: dict[str, float] = field(default_factory=lambda: dict(ITEM_DEFAULTS))
    strings: dict[str, str] = field(default_factory=dict)
    takes: list[Take] = field(default_factory=list)
    c_type = "MediaItem*"

    @property
    def project(self) -> Project:
        return self.track.project

    @property
    def start(self) -> float:
        return self.values["D_POSITION"]

    @property
    def end(self) -> float:
        return self.values["D_POSITION"] + self.values["D_LENGTH"]

    @property
    def active_take(self) -> Take | None:
        """The take that plays; None when there is none or it is an empty one."""
        number = int(self.values["I_CURTAKE"])
        take = self.takes[number] if 0 <= number < len(self.takes) else None
        return None if take is None or take.is_empty else take

    @property
    def is_selected(self) -> bool:
        return self.values["B_UISEL"] != 0

    @property
    def is_silenced(self) -> bool:
        """Muted, unless soloed; where another item of the track is soloed, every one that is not.

        C_MUTE_SOLO is -1 for a soloed item and 1 for one that a solo silences.
        """
        if self.values["C_MUTE_SOLO"] != 0:
            return self.values["C_MUTE_SOLO"] > 0
        if any(other.values["C_MUTE_SOLO"] < 0 for other in self.track.items):
            return True
        return self.values["B_MUTE"] != 0

    def things(self) -> Iterator[object]:
        """Itself, its takes and their sources."""
        yield self
        for take in self.takes:
            yield take
            yield from take.envelopes
            if take.source is not None:
                yield take.source
                if take.source.parent is not None:
                    yield take.source.parent


@dataclass(eq=False)
class Send:
    """A send from one track to another."""

    source: Track
    target: Track
    values: dict[str, float] = field(default_factory=lambda: dict(SEND_DEFAULTS))


@dataclass(eq=False)
class Track:
    """A track; the master has `is_master`. `lane_plays` by lane: 0 no, 1 alone, 2 with others."""

    project: Project
    name: str = ""
    guid: str = field(default_factory=new_guid)
    is_master: bool = False
    values: dict[str, float] = field(default_factory=lambda: dict(TRACK_DEFAULTS))
    strings: dict[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    sends: list[Send] = field(default_factory=list)
    lane_plays: dict[int, int] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    c_type = "MediaTrack*"

    def __post_init__(self) -> None:
        if self.is_master:
            self.values.update(MASTER_DEFAULTS)

    @property
    def index(self) -> int:
        """Its place among the tracks, from 0; -1 for the master and a track that is gone."""
        tracks = self.project.tracks
        return next((n for n, track in enumerate(tracks) if track is self), -1)

    @property
    def parent(self) -> Track | None:
        """The folder it is in."""
        folders: list[Track] = []
        for track in self.project.tracks[: max(0, self.index)]:
            depth = int(track.values["I_FOLDERDEPTH"])
            if depth > 0:
                folders.append(track)
            elif depth < 0:
                del folders[depth:]
        return folders[-1] if folders else None

    @property
    def receives(self) -> list[Send]:
        """The sends of other tracks to this one, in the order of the tracks."""
        everywhere = [send for track in self.project.tracks for send in track.sends]
        return [send for send in everywhere if send.target is self]

    @property
    def is_selected(self) -> bool:
        return self.values["I_SELECTED"] != 0

    def things(self) -> Iterator[object]:
        """Itself, its items and what they hold."""
        yield self
        yield from self.envelopes
        for item in self.items:
            yield from item.things()

    def sort_items(self) -> None:
        """By position, as REAPER keeps them; those at the same one stay in order."""
        self.items.sort(key=lambda item: item.start)


@dataclass(eq=False)
class Mark:
    """A marker or a region (ProjectMarker*).

    `render_tracks` are GUIDs: what the region render matrix has for a region.
    """

    project: Project
    number: int
    is_region: bool
    start: float
    end: float
    name: str = ""
    colour: int = 0
    is_selected: bool = False
    guid: str = field(default_factory=new_guid)
    render_tracks: tuple[str, ...] = ()
    c_type = "ProjectMarker*"
