"""What a project file says that matters to a capture: plain types, in REAPER's own words.

All times are seconds on the project's timeline, as the file has them, whatever the timebase.
`lines` is the half-open range of line numbers (0-based) that a thing occupies in its document,
from its `<` line to just past its `>` line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

_MAX_LANE = 1_000  # far more than a track can have; a broken project may say anything


@dataclass(frozen=True)
class Fade:
    """A fade at one edge of an item; the length is the one in effect (auto-crossfade first)."""

    length_seconds: float = 0.0
    shape: int = 0
    curvature: float = 0.0
    is_auto: bool = False


@dataclass(frozen=True)
class Envelope:
    """An envelope: its block name (VOLENV, PANENV, …), points (time, value, shape, tension).

    `is_fader_scaled`: between points it moves as a fader does (VOLTYPE 1).
    """

    kind: str
    is_active: bool
    points: tuple[tuple[float, float, int, float], ...]
    has_automation_items: bool = False
    is_fader_scaled: bool = False


@dataclass(frozen=True)
class Source:
    """What a take plays. `kind` is REAPER's source type; `file` the FILE token as written.

    A SECTION (or any wrapper) has its inner source in `inner`, its start and length in the
    `section_` fields and its MODE token in `section_mode`.
    """

    kind: str
    file: str | None = None
    section_start_seconds: float = 0.0
    section_length_seconds: float = 0.0
    section_overlap_seconds: float = 0.0
    section_mode: int = 0
    inner: Source | None = None


@dataclass(frozen=True)
class Take:
    """One take of an item.

    `gain` is linear and positive, `is_inverted` the polarity; `pan` -1..1. `pan_law` is the gain
    in the middle, negative for the project's. `stretch_markers` are
    (item seconds, source seconds, slope). `effects` are names of take FX that are not bypassed.
    """

    name: str
    guid: str
    source: Source | None
    gain: float = 1.0
    pan: float = 0.0
    pan_law: float = -1.0
    is_inverted: bool = False
    source_offset_seconds: float = 0.0
    play_rate: float = 1.0
    preserves_pitch: bool = False
    pitch_semitones: float = 0.0
    channel_mode: int = 0
    stretch_markers: tuple[tuple[float, float, float], ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    effects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """A media item. `id` is its IGUID, or `item CHECKSUM` where the file has none.

    `takes` holds None for an empty take; `active_take` is an index into it, -1 without takes.
    `mix_behaviour` is the item's own overlap rule (MIXFLAG), None for the project's.
    `lane_y`, `lane_height` are YPOS (0..1), None when the file has none.
    """

    id: str
    lines: range
    position_seconds: float
    length_seconds: float
    takes: tuple[Take | None, ...]
    active_take: int
    is_looped: bool = False
    is_muted: bool = False
    is_soloed: bool = False
    plays_all_takes: bool = False
    gain: float = 1.0
    fade_in: Fade = field(default_factory=Fade)
    fade_out: Fade = field(default_factory=Fade)
    lane_y: float | None = None
    lane_height: float | None = None
    mix_behaviour: int | None = None

    @property
    def end_seconds(self) -> float:
        """Where the item ends on the timeline."""
        return self.position_seconds + self.length_seconds

    @property
    def lane(self) -> int:
        """Number of its fixed lane, from 0 on."""
        if not self.lane_y or not self.lane_height or self.lane_y < 0 or self.lane_height < 0:
            return 0
        return round(min(self.lane_y / self.lane_height, _MAX_LANE))

    @property
    def take(self) -> Take | None:
        """The take that plays, if any."""
        return self.takes[self.active_take] if 0 <= self.active_take < len(self.takes) else None

    @property
    def name(self) -> str:
        """Name of the playing take, else of the file it plays, else the id."""
        take = self.take
        if take is not None and take.name:
            return take.name
        if take is not None and take.source is not None and take.source.file:
            return take.source.file
        return self.id


@dataclass(frozen=True)
class Track:
    """A track. `number` is 1-based as REAPER shows it; `depth` counts the folders around it.

    `id` is its GUID, or `track N` in files that have none. `free_mode`: 0 normal, 1 free
    positioning, 2 fixed lanes; `playing_lanes` is LANESOLO's bit mask (None: all play).
    `receives` are numbers of the tracks that send to it; `defies_solo`: it sounds although
    another track is soloed.
    """

    id: str
    number: int
    name: str
    lines: range
    depth: int
    folder_change: int
    items: tuple[Item, ...]
    is_muted: bool = False
    is_soloed: bool = False
    defies_solo: bool = False
    receives: tuple[int, ...] = ()
    is_frozen: bool = False
    gain: float = 1.0
    pan: float = 0.0
    media_offset_seconds: float = 0.0
    free_mode: int = 0
    playing_lanes: int | None = None
    effects: tuple[str, ...] = ()
    effects_bypassed: bool = False
    envelopes: tuple[Envelope, ...] = ()

    @cached_property
    def has_soloed_item(self) -> bool:
        """Whether any of its items is soloed; asked for every item, so worked out once."""
        return any(item.is_soloed for item in self.items)


@dataclass(frozen=True)
class Region:
    """A region. `number` is REAPER's own id for it."""

    number: int
    name: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class Marker:
    """A marker. `number` is REAPER's own id for it."""

    number: int
    name: str
    position_seconds: float


@dataclass(frozen=True)
class Timeline:
    """A project as far as a capture needs it.

    `sample_rate` is the project's own, None when its use is switched off. `time_selection` is
    None when empty. `overlap_rule` is ITEMMIX.
    """

    path: Path
    version: str
    sample_rate: int | None
    time_selection: tuple[float, float] | None
    regions: tuple[Region, ...]
    markers: tuple[Marker, ...]
    tracks: tuple[Track, ...]
    overlap_rule: int = 0
    play_rate: float = 1.0
    record_path: str = ""
    pan_law: float = 1.0
    tempo_bpm: float = 120.0

    def items(self) -> Iterator[tuple[Track, Item]]:
        """Every item with its track, in file order."""
        for track in self.tracks:
            for item in track.items:
                yield track, item

    @property
    def end_seconds(self) -> float:
        """End of the last item; 0 in a project without items."""
        return max((item.end_seconds for _, item in self.items()), default=0.0)
