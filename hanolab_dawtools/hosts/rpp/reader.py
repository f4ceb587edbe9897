"""What a project says about its audio: a `Timeline`, read from a `Document`.

Reads what REAPER 2 to 7 wrote. Whatever a mutilated project holds, the outcome is a timeline or
a `ProjectFileError`. Items inside FREEZE blocks are the unfrozen originals and are not read:
the items beside the block are what plays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hanolab_dawtools.audio.files import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE
from hanolab_dawtools.hosts.project.timeline import Envelope, Item, Marker, Region, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Block, Document
from hanolab_dawtools.hosts.rpp.reader_items import read_item
from hanolab_dawtools.hosts.rpp.reader_parts import is_envelope, read_effects, read_envelope
from hanolab_dawtools.hosts.rpp.tokens import Fields, integer_at, keyword, number_at, text_at

_OFFSET_OFF = 1  # PLAYOFFS flag, as I_PLAY_OFFSET_FLAG: the offset is switched off
_OFFSET_IN_SAMPLES = 2  # and: it counts samples of the project's rate
_FIXED_LANES = 2  # FREEMODE
_IS_REGION = 1  # MARKER flag

_SETTINGS = {
    b"SAMPLERATE",
    b"SELECTION",
    b"ITEMMIX",
    b"PLAYRATE",
    b"RECORD_PATH",
    b"PANLAW",
    b"TEMPO",
}
_TRACK_LINES = {
    b"NAME",
    b"VOLPAN",
    b"MUTESOLO",
    b"PLAYOFFS",
    b"ISBUS",
    b"FX",
    b"TRACKID",
    b"FREEMODE",
    b"LANESOLO",
    b"AUXRECV",
}


def read_timeline(document: Document) -> Timeline:
    """The tracks, items, regions and settings that matter to a capture.

    Raises
    ------
    ProjectFileError
        A number that says where audio lies is none.
    """
    settings: dict[str, Fields] = {}
    markers = _MarkerLines()
    for number, child in document.entries(document.root):
        if child is not None:
            continue
        key = keyword(document.lines[number])
        if key == b"MARKER":
            markers.add(document.fields(number))
        elif key in _SETTINGS:
            settings.setdefault(key.decode(), document.fields(number))
    header = document.fields(document.root.start)
    rate = settings.get("SAMPLERATE", ())
    rate_hz = integer_at(rate, 1)
    is_usable = MIN_SAMPLE_RATE <= rate_hz <= MAX_SAMPLE_RATE  # as of files, which it becomes
    return Timeline(
        path=document.path,
        version=text_at(header, 2) or text_at(header, 1),
        sample_rate=rate_hz if is_usable and integer_at(rate, 2) != 0 else None,
        time_selection=_time_selection(settings.get("SELECTION", ())),
        regions=tuple(markers.regions),
        markers=tuple(markers.markers),
        tracks=_read_tracks(document, rate_hz),
        overlap_rule=integer_at(settings.get("ITEMMIX", ()), 1),
        play_rate=number_at(settings.get("PLAYRATE", ()), 1, 1.0),
        record_path=text_at(settings.get("RECORD_PATH", ()), 1),
        pan_law=number_at(settings.get("PANLAW", ()), 1, 1.0),
        tempo_bpm=number_at(settings.get("TEMPO", ()), 1, 120.0),
    )


@dataclass
class _MarkerLines:
    """MARKER lines in file order; a region is two adjacent ones with one number."""

    markers: list[Marker] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    head: Marker | None = None

    def add(self, fields: Fields) -> None:
        """Take one MARKER line: number, seconds, name, flags and more."""
        line = Marker(integer_at(fields, 1), text_at(fields, 3), number_at(fields, 2))
        if not integer_at(fields, 4) & _IS_REGION:
            self.markers.append(line)
            self.head = None
        elif self.head is None or self.head.number != line.number:
            self.head = line
        else:
            start, end = sorted((self.head.position_seconds, line.position_seconds))
            self.regions.append(Region(line.number, self.head.name or line.name, start, end))
            self.head = None


def _time_selection(fields: Fields) -> tuple[float, float] | None:
    start, end = sorted((number_at(fields, 1), number_at(fields, 2)))
    return (start, end) if end > start else None


def _read_tracks(document: Document, rate_hz: int) -> tuple[Track, ...]:
    tracks: list[Track] = []
    used_ids: set[str] = set()
    used_item_ids: set[str] = set()
    depth = 0
    for number, block in enumerate(document.root.named("TRACK"), start=1):
        track = _TrackLines()
        for line, child in document.entries(block):
            if child is not None:
                _read_track_block(track, child, document, used_item_ids)
            elif keyword(document.lines[line]) in _TRACK_LINES:
                _read_track_line(track, document.fields(line), rate_hz)
        name = track.guid or text_at(document.fields(block.start), 1)
        if not name or name in used_ids:
            name = f"track {number}"
        used_ids.add(name)
        tracks.append(track.finish(name, number, block, depth))
        depth = max(0, depth + track.folder_change)
    return tuple(tracks)


@dataclass
class _TrackLines:
    """A track while its lines are being read."""

    guid: str = ""
    name: str = ""
    folder_change: int = 0
    is_muted: bool = False
    is_soloed: bool = False
    defies_solo: bool = False
    receives: list[int] = field(default_factory=list)
    is_frozen: bool = False
    gain: float = 1.0
    pan: float = 0.0
    media_offset_seconds: float = 0.0
    free_mode: int = 0
    lane_mask: int | None = None
    effects: tuple[str, ...] = ()
    effects_bypassed: bool = False
    items: list[Item] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    def finish(self, track_id: str, number: int, block: Block, depth: int) -> Track:
        """The track as it is."""
        return Track(
            id=track_id,
            number=number,
            name=self.name,
            lines=block.lines,
            depth=depth,
            folder_change=self.folder_change,
            items=tuple(self.items),
            is_muted=self.is_muted,
            is_soloed=self.is_soloed,
            defies_solo=self.defies_solo,
            receives=tuple(self.receives),
            is_frozen=self.is_frozen,
            gain=self.gain,
            pan=self.pan,
            media_offset_seconds=self.media_offset_seconds,
            free_mode=self.free_mode,
            playing_lanes=self.lane_mask if self.free_mode == _FIXED_LANES else None,
            effects=self.effects,
            effects_bypassed=self.effects_bypassed,
            envelopes=tuple(self.envelopes),
        )


def _read_track_line(track: _TrackLines, fields: Fields, rate_hz: int) -> None:
    match text_at(fields, 0):
        case "NAME":
            track.name = text_at(fields, 1)
        case "VOLPAN":
            track.gain, track.pan = number_at(fields, 1, 1.0), number_at(fields, 2)
        case "MUTESOLO":
            track.is_muted = integer_at(fields, 1) != 0
            track.is_soloed = integer_at(fields, 2) != 0
            track.defies_solo = integer_at(fields, 3) != 0
        case "PLAYOFFS":
            track.media_offset_seconds = _media_offset(fields, rate_hz)
        case "ISBUS":
            track.folder_change = integer_at(fields, 2)
        case "FX":
            track.effects_bypassed = integer_at(fields, 1, 1) == 0
        case "TRACKID":
            track.guid = text_at(fields, 1)
        case "AUXRECV":
            track.receives.append(integer_at(fields, 1, -1) + 1)  # an index from 0 on
        case "FREEMODE" | "LANESOLO":
            _read_lanes(track, fields)


def _read_lanes(track: _TrackLines, fields: Fields) -> None:
    if text_at(fields, 0) == "FREEMODE":
        track.free_mode = integer_at(fields, 1)
    else:
        track.lane_mask = integer_at(fields, 1)


def _media_offset(fields: Fields, rate_hz: int) -> float:
    offset, flags = number_at(fields, 1), integer_at(fields, 2)
    if flags & _OFFSET_OFF:
        return 0.0
    if flags & _OFFSET_IN_SAMPLES:
        return offset / rate_hz if rate_hz > 0 else offset  # an offset all the same
    return offset


def _read_track_block(
    track: _TrackLines, child: Block, document: Document, used_item_ids: set[str]
) -> None:
    if child.name == "ITEM":
        track.items.append(read_item(document, child, used_item_ids))
    elif child.name == "NAME":
        track.name = document.text_block(child)
    elif child.name == "FXCHAIN":
        track.effects = read_effects(document, child)
    elif child.name == "FREEZE":
        track.is_frozen = True
    elif is_envelope(child.name):
        track.envelopes.append(read_envelope(document, child))
