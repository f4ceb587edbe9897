"""Media items and their takes, read from their ITEM blocks.

Odd and missing fields have REAPER's defaults, but for the four that say where audio lies
(POSITION, LENGTH, SOFFS, PLAYRATE): a wrong number there is refused with its line, since a
guess would put sound in a wrong place without a word.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from hanolab_dawtools.errors import ProjectFileError
from hanolab_dawtools.hosts.rpp.document import Block, Document
from hanolab_dawtools.hosts.rpp.reader_parts import (
    is_envelope,
    read_effects,
    read_envelope,
    read_fade,
    read_source,
)
from hanolab_dawtools.hosts.rpp.timeline import Envelope, Fade, Item, Source, Take
from hanolab_dawtools.hosts.rpp.tokens import integer_at, number_at, number_or_none, text_at


@dataclass
class _TakeLines:
    """A take while its lines are being read."""

    is_empty: bool = False
    was_seen: bool = False
    name: str = ""
    guid: str = ""
    source: Source | None = None
    gain: float = 1.0
    pan: float = 0.0
    offset_seconds: float = 0.0
    play_rate: float = 1.0
    preserves_pitch: bool = False
    pitch_semitones: float = 0.0
    channel_mode: int = 0
    stretch_markers: list[tuple[float, float, float]] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    effects: tuple[str, ...] = ()

    def finish(self) -> Take | None:
        """The take as it is, None when it is an empty one."""
        if self.is_empty:
            return None
        return Take(
            name=self.name,
            guid=self.guid,
            source=self.source,
            gain=abs(self.gain),
            pan=self.pan,
            is_inverted=self.gain < 0.0,
            source_offset_seconds=self.offset_seconds,
            play_rate=self.play_rate,
            preserves_pitch=self.preserves_pitch,
            pitch_semitones=self.pitch_semitones,
            channel_mode=self.channel_mode,
            stretch_markers=tuple(self.stretch_markers),
            envelopes=tuple(self.envelopes),
            effects=self.effects,
        )


@dataclass
class _ItemLines:
    """An item while its lines are being read; take lines go to the last of `takes`."""

    guid: str = ""
    position_seconds: float = 0.0
    length_seconds: float = 0.0
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
    active_take: int = 0
    takes: list[_TakeLines] = field(default_factory=lambda: [_TakeLines()])


def read_item(document: Document, block: Block, used_ids: set[str]) -> Item:
    """An ITEM block; its id is added to `used_ids`, which makes ids unique in a project.

    Raises
    ------
    ProjectFileError
        A number that says where audio lies is none.
    """
    item = _ItemLines()
    for number, child in document.entries(block):
        if child is None:
            fields = document.fields(number)
            if fields:
                _read_line(item, fields, document, number)
        else:
            _read_block(item.takes[-1], child, document)
    if len(item.takes) == 1 and item.takes[0].source is None:
        takes: tuple[Take | None, ...] = ()
    else:
        item.takes[0].is_empty = not item.takes[0].was_seen
        takes = tuple(take.finish() for take in item.takes)
    return Item(
        id=_unique_id(item.guid, document, block, used_ids),
        lines=block.lines,
        position_seconds=item.position_seconds,
        length_seconds=item.length_seconds,
        takes=takes,
        active_take=item.active_take if takes else -1,
        is_looped=item.is_looped,
        is_muted=item.is_muted,
        is_soloed=item.is_soloed,
        plays_all_takes=item.plays_all_takes,
        gain=item.gain,
        fade_in=item.fade_in,
        fade_out=item.fade_out,
        lane_y=item.lane_y,
        lane_height=item.lane_height,
        mix_behaviour=item.mix_behaviour,
    )


def _read_line(item: _ItemLines, fields: list[str], document: Document, number: int) -> None:
    match fields[0]:
        case "POSITION":
            item.position_seconds = _strict(fields, 0.0, document, number)
        case "LENGTH":
            item.length_seconds = max(0.0, _strict(fields, 0.0, document, number))
        case "LOOP":
            item.is_looped = integer_at(fields, 1) != 0
        case "MUTE":
            item.is_muted = integer_at(fields, 1) != 0
            item.is_soloed = integer_at(fields, 2) > 0
        case "ALLTAKES":
            item.plays_all_takes = integer_at(fields, 1) != 0
        case "FADEIN":
            item.fade_in = read_fade(fields)
        case "FADEOUT":
            item.fade_out = read_fade(fields)
        case "YPOS":
            item.lane_y, item.lane_height = number_at(fields, 1), number_at(fields, 2, 1.0)
        case "MIXFLAG":
            item.mix_behaviour = integer_at(fields, 1)
        case "IGUID":
            item.guid = text_at(fields, 1)
        case "TAKE":
            if "SEL" in fields[1:]:
                item.active_take = len(item.takes)
            item.takes.append(_TakeLines(is_empty="NULL" in fields[1:], was_seen=True))
        case "VOLPAN":
            item.gain = number_at(fields, 1, 1.0)
            item.takes[-1].pan = number_at(fields, 2)
            item.takes[-1].gain = number_at(fields, 3, 1.0)
        case _:
            _read_take_line(item.takes[-1], fields, document, number)


def _read_take_line(take: _TakeLines, fields: list[str], document: Document, number: int) -> None:
    match fields[0]:
        case "NAME":
            take.name, take.was_seen = text_at(fields, 1), True
        case "TAKEVOLPAN":
            take.pan, take.gain = number_at(fields, 1), number_at(fields, 2, 1.0)
        case "SOFFS":
            take.offset_seconds = _strict(fields, 0.0, document, number)
        case "PLAYRATE":
            take.play_rate = _strict(fields, 1.0, document, number)
            if take.play_rate <= 0.0:
                raise ProjectFileError(document.path, "PLAYRATE is not positive", line=number + 1)
            take.preserves_pitch = integer_at(fields, 2) != 0
            take.pitch_semitones = number_at(fields, 3)
        case "CHANMODE":
            take.channel_mode = integer_at(fields, 1)
        case "GUID":
            take.guid, take.was_seen = text_at(fields, 1), True
        case "SM":
            take.stretch_markers += _read_stretch_markers(fields)


def _read_block(take: _TakeLines, child: Block, document: Document) -> None:
    if child.name == "SOURCE":
        if take.source is None:
            take.source, take.was_seen = read_source(document, child), True
    elif child.name == "NAME":
        take.name = document.text_block(child)
    elif child.name == "TAKEFX":
        take.effects = read_effects(document, child)
    elif is_envelope(child.name):
        take.envelopes.append(read_envelope(document, child))


def _read_stretch_markers(fields: list[str]) -> list[tuple[float, float, float]]:
    """Groups of item seconds, source seconds and slope, parted by `+`."""
    groups: list[list[str]] = [[]]
    for text in fields[1:]:
        if text == "+":
            groups.append([])
        else:
            groups[-1].append(text)
    return [
        (number_at(group, 0), number_at(group, 1), number_at(group, 2)) for group in groups if group
    ]


def _strict(fields: list[str], default: float, document: Document, number: int) -> float:
    if len(fields) < 2:
        return default
    value = number_or_none(fields[1])
    if value is None:
        reason = f"{fields[0]} of an item is {fields[1][:40]!r}, which is no usable number"
        raise ProjectFileError(document.path, reason, line=number + 1)
    return value


def _unique_id(guid: str, document: Document, block: Block, used_ids: set[str]) -> str:
    """The IGUID; without one, or with one met before, the line and a checksum of the item.

    The checksum keeps an edited file from answering with another item that moved to that line.
    """
    name = guid
    if not name or name in used_ids:
        checksum = zlib.crc32(b"".join(document.lines[block.start : block.stop]))
        name = f"line {block.start + 1} ({checksum:08x})"
    used_ids.add(name)
    return name
