"""Random songs in two forms: open in the stand-in REAPER, and as the project file it would save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, region_lines
from hypothesis import strategies as st

DIALECT = DIALECTS["7.18"]
TRACK_NAMES = ("Drums", "Gtr L", "gtr l", "Bass", "2", "")
REGION_NAMES = ("Verse", "Chorus", "chorus", "2", "")
_seconds = st.integers(0, 64).map(lambda k: k / 4)


@dataclass(frozen=True)
class SongItem:
    """`number` makes its ids; `mute_solo`: -1 soloed, 1 silenced by a solo."""

    number: int
    position: float
    length: float
    is_muted: bool
    name: str
    mute_solo: int = 0

    def spec(self) -> dict[str, Any]:
        take = {"guid": DIALECT.guid(self.number + 500), "name": self.name, "file": "/none/a.wav"}
        return {
            "guid": DIALECT.guid(self.number),
            "position": self.position,
            "length": self.length,
            "mute": self.is_muted,
            "solo": self.mute_solo,
            "takes": [take],
        }

    def text(self) -> ItemText:
        return ItemText(
            self.position,
            self.length,
            self.number,
            file="/none/a.wav",
            name=f'"{self.name}"',
            mute=f"{int(self.is_muted)} {self.mute_solo}",
        )


@dataclass(frozen=True)
class SongTrack:
    """`number` makes its id."""

    number: int
    name: str
    folder_change: int
    is_muted: bool
    is_soloed: bool
    defies_solo: bool
    items: tuple[SongItem, ...]

    def spec(self) -> dict[str, Any]:
        return {
            "guid": DIALECT.guid(self.number + 900),
            "name": self.name,
            "folder_depth": self.folder_change,
            "mute": self.is_muted,
            "solo": self.is_soloed,
            "solo_defeat": self.defies_solo,
            "items": [item.spec() for item in self.items],
        }

    def text(self) -> TrackText:
        solo = f"MUTESOLO {int(self.is_muted)} {int(self.is_soloed)} {int(self.defies_solo)}"
        return TrackText(
            f'"{self.name}"',
            self.number,
            tuple(item.text() for item in self.items),
            bus=f"{1 if self.folder_change > 0 else 2} {self.folder_change}",
            extra=(solo,),
        )


@dataclass(frozen=True)
class Song:
    """A song; regions are (number, name, start, end) by their starts."""

    tracks: tuple[SongTrack, ...]
    regions: tuple[tuple[int, str, float, float], ...]
    time_selection: tuple[float, float]

    def spec(self, path: str) -> dict[str, Any]:
        keys = ("number", "name", "start", "end")
        return {
            "path": path,
            "sample_rate": 48_000,
            "tracks": [track.spec() for track in self.tracks],
            "regions": [dict(zip(keys, region, strict=True)) for region in self.regions],
            "time_selection": list(self.time_selection),
        }

    def content(self) -> bytes:
        markers = [
            line
            for number, name, start, end in self.regions
            for line in region_lines(DIALECT, number, start, end, f'"{name}"')
        ]
        start, end = self.time_selection
        return ProjectText(
            tuple(track.text() for track in self.tracks),
            selection=f"{start!r} {end!r}",
            markers=tuple(markers),
        ).content()


@st.composite
def songs(draw: st.DrawFn) -> Song:
    """Up to four tracks with up to three items each, folders, mutes, solos, and some regions."""
    tracks = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        items = tuple(
            SongItem(
                number * 10 + place,
                draw(_seconds),
                draw(st.integers(1, 16)) / 4,
                draw(st.booleans()),
                f"item {number}{place}",
                draw(st.sampled_from([0, 0, 0, 0, -1, 1])),
            )
            for place in range(draw(st.integers(0, 3)))
        )
        rarely = st.sampled_from([False, False, False, True])
        tracks.append(
            SongTrack(
                number,
                draw(st.sampled_from(TRACK_NAMES)),
                draw(st.sampled_from([0, 0, 1, -1])),
                draw(rarely),
                draw(rarely),
                draw(rarely),
                tuple(sorted(items, key=lambda item: item.position)),
            )
        )
    starts = sorted(draw(st.lists(_seconds, unique=True, max_size=3)))
    regions = tuple(
        (number, draw(st.sampled_from(REGION_NAMES)), start, start + 2.5)
        for number, start in enumerate(starts, start=1)
    )
    start = draw(_seconds)
    return Song(tuple(tracks), regions, (start, start + draw(st.integers(1, 32)) / 4))
