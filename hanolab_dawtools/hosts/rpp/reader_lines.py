"""The lines of an ITEM block, one function for each keyword that matters.

Odd and missing fields have REAPER's defaults, but for the four that say where audio lies
(POSITION, LENGTH, SOFFS, PLAYRATE): a wrong number there is a `ValueError`, since a guess would
put sound in a wrong place without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hanolab_dawtools.hosts.project.timeline import Envelope, Fade, Source, Take
from hanolab_dawtools.hosts.rpp.reader_parts import read_fade
from hanolab_dawtools.hosts.rpp.tokens import (
    Fields,
    integer_at,
    number_at,
    number_or_none,
    text_at,
)


@dataclass(slots=True)
class TakeLines:
    """A take while its lines are being read."""

    is_empty: bool = False
    was_seen: bool = False
    name: str = ""
    guid: str = ""
    source: Source | None = None
    gain: float = 1.0
    pan: float = 0.0
    pan_law: float = -1.0
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
            pan_law=self.pan_law,
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


@dataclass(slots=True)
class ItemLines:
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
    takes: list[TakeLines] = field(default_factory=lambda: [TakeLines()])


def _position(item: ItemLines, fields: Fields) -> None:
    item.position_seconds = _strict(fields, 0.0)


def _length(item: ItemLines, fields: Fields) -> None:
    item.length_seconds = max(0.0, _strict(fields, 0.0))


def _loop(item: ItemLines, fields: Fields) -> None:
    item.is_looped = integer_at(fields, 1) != 0


def _mute(item: ItemLines, fields: Fields) -> None:
    item.is_muted = integer_at(fields, 1) != 0
    item.is_soloed = integer_at(fields, 2) < 0  # I_MUTE_SOLO: -1 soloed, 1 silenced by a solo


def _all_takes(item: ItemLines, fields: Fields) -> None:
    item.plays_all_takes = integer_at(fields, 1) != 0


def _fade_in(item: ItemLines, fields: Fields) -> None:
    item.fade_in = read_fade(fields)


def _fade_out(item: ItemLines, fields: Fields) -> None:
    item.fade_out = read_fade(fields)


def _lane(item: ItemLines, fields: Fields) -> None:
    item.lane_y, item.lane_height = number_at(fields, 1), number_at(fields, 2, 1.0)


def _mix(item: ItemLines, fields: Fields) -> None:
    item.mix_behaviour = integer_at(fields, 1)


def _item_guid(item: ItemLines, fields: Fields) -> None:
    item.guid = text_at(fields, 1)


def _next_take(item: ItemLines, fields: Fields) -> None:
    if "SEL" in fields[1:]:
        item.active_take = len(item.takes)
    item.takes.append(TakeLines(is_empty="NULL" in fields[1:], was_seen=True))


def _item_volume(item: ItemLines, fields: Fields) -> None:
    item.gain = number_at(fields, 1, 1.0)
    item.takes[-1].pan = number_at(fields, 2)
    item.takes[-1].gain = number_at(fields, 3, 1.0)
    item.takes[-1].pan_law = number_at(fields, 4, -1.0)


def _name(item: ItemLines, fields: Fields) -> None:
    take = item.takes[-1]
    take.name, take.was_seen = text_at(fields, 1), True


def _take_volume(item: ItemLines, fields: Fields) -> None:
    take = item.takes[-1]
    take.pan, take.gain = number_at(fields, 1), number_at(fields, 2, 1.0)
    take.pan_law = number_at(fields, 3, -1.0)


def _source_offset(item: ItemLines, fields: Fields) -> None:
    item.takes[-1].offset_seconds = _strict(fields, 0.0)


def _play_rate(item: ItemLines, fields: Fields) -> None:
    take = item.takes[-1]
    take.play_rate = _strict(fields, 1.0)
    if take.play_rate <= 0.0:
        raise ValueError("the PLAYRATE of an item is not positive")
    take.preserves_pitch = integer_at(fields, 2) != 0
    take.pitch_semitones = number_at(fields, 3)


def _channel_mode(item: ItemLines, fields: Fields) -> None:
    item.takes[-1].channel_mode = integer_at(fields, 1)


def _take_guid(item: ItemLines, fields: Fields) -> None:
    take = item.takes[-1]
    take.guid, take.was_seen = text_at(fields, 1), True


def _stretch_markers(item: ItemLines, fields: Fields) -> None:
    """Groups of item seconds, source seconds and slope, parted by `+`."""
    groups: list[list[str]] = [[]]
    for text in fields[1:]:
        if text == "+":
            groups.append([])
        else:
            groups[-1].append(text)
    item.takes[-1].stretch_markers += [
        (number_at(group, 0), number_at(group, 1), number_at(group, 2)) for group in groups if group
    ]


LINE_READERS: Mapping[bytes, Callable[[ItemLines, Fields], None]] = {
    b"POSITION": _position,
    b"LENGTH": _length,
    b"LOOP": _loop,
    b"MUTE": _mute,
    b"ALLTAKES": _all_takes,
    b"FADEIN": _fade_in,
    b"FADEOUT": _fade_out,
    b"YPOS": _lane,
    b"MIXFLAG": _mix,
    b"IGUID": _item_guid,
    b"TAKE": _next_take,
    b"VOLPAN": _item_volume,
    b"NAME": _name,
    b"TAKEVOLPAN": _take_volume,
    b"SOFFS": _source_offset,
    b"PLAYRATE": _play_rate,
    b"CHANMODE": _channel_mode,
    b"GUID": _take_guid,
    b"SM": _stretch_markers,
}


def _strict(fields: Fields, default: float) -> float:
    """The number a line holds; `ValueError` when it holds something else."""
    if len(fields) < 2:
        return default
    value = number_or_none(fields[1])
    if value is None:
        raise ValueError(f"{fields[0]} of an item is {fields[1][:40]!r}, which is no usable number")
    return value
