"""The project that is open in REAPER, from what the bridge tells of it (command `timeline`).

`LiveTimeline.timeline` is what a project file would say as well, in the same types and meaning;
the other fields are what only a running REAPER knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.files import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from hanolab_dawtools.hosts.project.timeline import Item, Marker, Region, Source, Take, Timeline
from hanolab_dawtools.hosts.project.timeline import Track as TimelineTrack
from hanolab_dawtools.hosts.reaper.checked import Checked

COMMAND = "timeline"
UNTITLED = "untitled"  # what a project without a file is called
_FIXED_LANES = 2  # I_FREEMODE
_MAX_LANES = 1_000  # far more than a track can have
_INSTRUMENT = re.compile(r"(?:VST3?|AU(?:v3)?|CLAP|DX|LV2)i:")  # at the head of an effect's name
_OVERLAP_RULE = re.compile(rb"^ *ITEMMIX ([0-2])\b", re.MULTILINE)
_HEAD_BYTES = 65536  # a project file's own settings stand before its tracks


@dataclass(frozen=True)
class Media:
    """What a take plays, as REAPER has opened it; all 0 where it has no sound of its own (MIDI)."""

    sample_rate: int
    n_channels: int
    length_seconds: float


@dataclass(frozen=True)
class RazorEdit:
    """A razor edit over the items of a track."""

    track_id: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class ItemState:
    """What of an item matters to what is put beside it.

    `timebase` is C_BEATATTACHMODE (-1 the track's or project's, 0 time, 1 beats, 2 beats for the
    position only); `group` is 0 without one. `cut` is what our scripts wrote on a part that they
    cut off an item; "" on others.
    """

    timebase: int
    group: int
    is_locked: bool
    cut: str = ""


@dataclass(frozen=True)
class LiveTimeline:
    """An open project.

    Attributes
    ----------
    timeline
        Its path is that of the project's file, or `<record path>/untitled`.
    tab
        Tells open projects apart: Selection.tab.
    is_saved
        Whether the project has a file.
    device_rate
        Of the audio device, Hz; None when it is closed.
    project_folder
        Where the project's file lies; None without a file.
    record_path
        Where REAPER puts recordings of this project.
    selected_regions
        None where this REAPER cannot tell (before 7.62).
    render_matrix
        For each region the ids of the tracks that REAPER's own matrix has for it; "master" is the
        mix.
    result_tracks
        Ids of the tracks that hold results, and of their folders.
    made_as
        By the GUIDs that our scripts asked for, those that REAPER gave instead.
    media
        By take GUID.
    n_channels
        By track id.
    item_states
        By item id.
    """

    timeline: Timeline
    tab: str
    is_saved: bool
    change_count: int
    cursor_seconds: float
    length_seconds: float
    device_rate: int | None
    project_folder: Path | None
    record_path: Path
    selected_track_ids: tuple[str, ...]
    selected_item_ids: tuple[str, ...]
    region_selection: tuple[Region, ...] | None
    razor_edits: tuple[RazorEdit, ...]
    media: Mapping[str, Media]
    n_channels: Mapping[str, int]
    item_states: Mapping[str, ItemState]
    render_matrix: tuple[tuple[Region, tuple[str, ...]], ...] = ()
    made_as: Mapping[str, str] = field(default_factory=dict)
    result_tracks: frozenset[str] = frozenset()

    @property
    def source(self) -> Path:
        """What stands for the project in a selection."""
        return self.timeline.path

    @property
    def selected_regions(self) -> tuple[Region, ...]:
        """The selected regions; none where this REAPER cannot tell."""
        return self.region_selection or ()


def timeline_of(facts: Mapping[str, Any]) -> LiveTimeline:
    """The open project that the answer to `timeline` describes.

    The rule for overlapping items, which REAPER tells no script, is read in the saved file.

    Raises
    ------
    HostCallFailed
        The answer is not what is expected, as of scripts of another version.
    """
    answer = Checked(facts, "", COMMAND).unpacked("packed")
    reading = _Reading(_source(answer))
    tracks = tuple(reading.track(one) for one in answer.objects("tracks", "track"))
    regions = [(_region(one), one) for one in answer.objects("regions", "region")]
    knows_selected = not any(one.is_null("is_selected") for _, one in regions)
    path = answer.text("path")
    record_path = answer.text("record_path")
    timeline = Timeline(
        path=reading.source,
        version=answer.text("version"),
        sample_rate=_rate(answer, "sample_rate"),
        time_selection=answer.span("time_selection"),
        regions=tuple(region for region, _ in regions),
        markers=tuple(_marker(one) for one in answer.objects("markers", "marker")),
        tracks=tracks,
        overlap_rule=_overlap_rule(path),
        record_path=record_path,
        tempo_bpm=answer.number("tempo_bpm"),
    )
    return LiveTimeline(
        timeline=timeline,
        tab=answer.text("tab"),
        is_saved=bool(path),
        change_count=answer.integer("change_count"),
        cursor_seconds=answer.number("cursor_seconds"),
        length_seconds=answer.number("length_seconds"),
        device_rate=_rate(answer, "device_rate"),
        project_folder=Path(path).parent if path else None,
        record_path=Path(record_path),
        selected_track_ids=tuple(reading.selected_tracks),
        selected_item_ids=tuple(reading.selected_items),
        region_selection=(
            tuple(region for region, one in regions if one.flag("is_selected"))
            if knows_selected
            else None
        ),
        razor_edits=tuple(_razor_edit(one) for one in answer.objects("razor_edits", "razor edit")),
        media=reading.media,
        n_channels=reading.n_channels,
        item_states=reading.item_states,
        render_matrix=tuple((region, tuple(one.texts("render_tracks"))) for region, one in regions),
        made_as=reading.made_as,
        result_tracks=frozenset(reading.result_tracks),
    )


class _Reading:
    """Tracks and items while they are read; what does not fit into a `Timeline` is gathered."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.selected_tracks: list[str] = []
        self.selected_items: list[str] = []
        self.media: dict[str, Media] = {}
        self.n_channels: dict[str, int] = {}
        self.item_states: dict[str, ItemState] = {}
        self.made_as: dict[str, str] = {}
        self.result_tracks: set[str] = set()

    def track(self, fact: Checked) -> TimelineTrack:
        track_id, free_mode = fact.text("id"), fact.integer("free_mode")
        if fact.flag("is_selected"):
            self.selected_tracks.append(track_id)
        if fact.text("made_by"):
            self.result_tracks.add(track_id)
        self._note_id(fact, track_id)
        self.n_channels[track_id] = fact.integer("n_channels")
        has_lanes = free_mode == _FIXED_LANES
        return TimelineTrack(
            id=track_id,
            number=fact.integer("number"),
            name=fact.text("name"),
            lines=range(0),
            depth=max(0, fact.integer("depth")),
            folder_change=fact.integer("folder_change"),
            items=tuple(
                self.item(one, has_lanes=has_lanes) for one in fact.objects("items", "item")
            ),
            is_muted=fact.flag("is_muted"),
            is_soloed=fact.flag("is_soloed"),
            defies_solo=fact.flag("defies_solo"),
            receives=fact.integers("receives"),
            is_frozen=fact.flag("is_frozen"),
            gain=fact.number("gain"),
            pan=fact.number("pan"),
            free_mode=free_mode,
            playing_lanes=_lane_mask(fact) if has_lanes else None,
            effects=_effects(fact),
            effects_bypassed=fact.flag("effects_bypassed"),
        )

    def _note_id(self, fact: Checked, held: str) -> None:
        if asked := fact.text("made_as"):
            self.made_as[asked] = held

    def item(self, fact: Checked, *, has_lanes: bool) -> Item:
        item_id, lane = fact.text("id"), fact.integer("lane")
        if fact.flag("is_selected"):
            self.selected_items.append(item_id)
        self.item_states[item_id] = ItemState(
            fact.integer("timebase"),
            fact.integer("group"),
            fact.flag("is_locked"),
            fact.text("cut"),
        )
        self._note_id(fact, item_id)
        takes = tuple(
            None if one is None else self.take(one) for one in fact.objects_or_none("takes", "take")
        )
        return Item(
            id=item_id,
            lines=range(0),
            position_seconds=fact.number("position_seconds"),
            length_seconds=max(0.0, fact.number("length_seconds")),
            takes=takes,
            active_take=fact.integer("active_take") if takes else -1,
            is_looped=fact.flag("is_looped"),
            is_muted=fact.flag("is_muted"),
            is_soloed=fact.flag("is_soloed"),
            plays_all_takes=fact.flag("plays_all_takes"),
            gain=fact.number("gain"),
            lane_y=float(lane) if has_lanes else None,
            lane_height=1.0 if has_lanes else None,
        )

    def take(self, fact: Checked) -> Take:
        guid, kind, file = fact.text("id"), fact.text("source_kind"), fact.text("file")
        self.media[guid] = Media(
            max(0, fact.integer("source_rate")),
            max(0, fact.integer("source_channels")),
            max(0.0, fact.number("source_length_seconds")),
        )
        gain = fact.number("gain")
        return Take(
            name=fact.text("name"),
            guid=guid,
            source=Source(kind, file or None) if kind or file else None,
            gain=abs(gain),
            pan=fact.number("pan"),
            is_inverted=gain < 0.0,
            source_offset_seconds=fact.number("source_offset_seconds"),
            play_rate=fact.number("play_rate", positive=True),
            pitch_semitones=fact.number("pitch_semitones"),
            channel_mode=fact.integer("channel_mode"),
            effects=_effects(fact),
        )


def _source(answer: Checked) -> Path:
    path = answer.text("path")
    if path:
        return Path(path)
    return Path(answer.text("record_path")) / (answer.text("name") or UNTITLED)


def _rate(answer: Checked, key: str) -> int | None:
    if answer.is_null(key):
        return None
    rate = answer.integer(key)
    return rate if MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE else None


def _region(fact: Checked) -> Region:
    start, end = sorted((fact.number("start_seconds"), fact.number("end_seconds")))
    return Region(fact.integer("number"), fact.text("name"), start, end)


def _marker(fact: Checked) -> Marker:
    return Marker(fact.integer("number"), fact.text("name"), fact.number("position_seconds"))


def _razor_edit(fact: Checked) -> RazorEdit:
    return RazorEdit(
        fact.text("track_id"), fact.number("start_seconds"), fact.number("end_seconds")
    )


def _lane_mask(fact: Checked) -> int | None:
    if fact.is_null("playing_lanes"):
        return None
    return sum(1 << lane for lane in set(fact.integers("playing_lanes")) if 0 <= lane < _MAX_LANES)


def _effects(fact: Checked) -> tuple[str, ...]:
    return tuple(name for name in fact.texts("effects") if _INSTRUMENT.match(name) is None)


def _overlap_rule(path: str) -> int:
    try:
        with Path(path).open("rb") as file:
            found = _OVERLAP_RULE.search(file.read(_HEAD_BYTES))
    except (OSError, ValueError):  # a path with a NUL is a ValueError
        return 0
    return int(found[1]) if found else 0
