"""Parts of a media item: what is left of it, and copies of it, when it is cut on the timeline.

A copy is the item's own lines with new values for position, length, source offsets, fades and
GUIDs; the rest, effects and colours included, is byte for byte the same. A source offset moves
by the cut's distance times the take's play rate. Beyond the source's end a looped item has an
offset longer than its source; REAPER is taken to fold it back, as it does while playing.

Cuts get no fade: the stems begin and end on the same frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.edits import Edits, with_tokens
from hanolab_dawtools.hosts.rpp.identity import stable_guid
from hanolab_dawtools.hosts.rpp.timeline import Item, Take
from hanolab_dawtools.hosts.rpp.tokens import (
    MAX_LINE_BYTES,
    encode,
    integer_at,
    keyword,
    number_at,
    number_text,
    split_fields,
)

_GUID_LINES = {b"IGUID", b"GUID", b"EGUID", b"FXID"}
_PATH_LINES = {b"FILE", b"RESOURCEFN"}
_FADE_LENGTHS = (2, 3)  # fields of FADEIN and FADEOUT: by hand, automatic crossfade


@dataclass
class OwnLines:
    """Where an item's own lines stand; `offsets` has a take's SOFFS line, or None, by its index."""

    first: dict[str, int] = field(default_factory=dict)
    take_starts: list[int] = field(default_factory=list)
    offsets: list[int | None] = field(default_factory=list)

    @classmethod
    def find(cls, document: Document, item: Item) -> OwnLines:
        """Find them in an item's block."""
        found = cls(take_starts=[item.lines.start], offsets=[None])
        for number, child in document.entries(document.blocks[item.lines.start]):
            fields = () if child is not None else document.fields(number)
            if not fields:
                continue
            key = fields[0]
            if key == "TAKE":
                found.take_starts.append(number)
                found.offsets.append(None)
            elif key == "SOFFS":
                found.offsets[-1] = number
            else:
                found.first.setdefault(key, number)
        return found


def reason_against_cutting(document: Document, item: Item) -> str:
    """Why an item cannot be cut exactly; empty when it can."""
    lines = OwnLines.find(document, item)
    for take, offset in zip(item.takes, lines.offsets, strict=False):
        if take is None:
            continue
        if take.source is not None and take.source.kind == "MIDI":
            return "it has a MIDI take"
        if take.stretch_markers:
            return "it has stretch markers"
        if any(len(envelope.points) > 1 for envelope in take.envelopes):
            return "it has a take envelope"
        if offset is not None and number_at(document.fields(offset), 2) != 0.0:
            return "its source offset is given in beats"
    if any(len(document.lines[number]) > MAX_LINE_BYTES for number in item.lines):
        return "it has a line longer than REAPER reads"
    return ""


def mute_values(document: Document, number: int) -> dict[int, str]:
    """Tokens of a MUTE line that silence an item; a solo would override the mute."""
    values = {1: "1"}
    if integer_at(document.fields(number), 2) != 0:
        values[2] = "0"
    return values


def mute(edits: Edits, item: Item, what: str) -> None:
    """Mute an item in place."""
    number = OwnLines.find(edits.document, item).first.get("MUTE")
    if number is None:
        _insert_in_item(edits, item, "MUTE 1 0")
    else:
        edits.set_tokens(number, mute_values(edits.document, number), f"{what} is muted")


def shorten(edits: Edits, item: Item, end_seconds: float, what: str) -> None:
    """Let an item end earlier, without a fade at its new end."""
    lines = OwnLines.find(edits.document, item)
    text = number_text(end_seconds - item.position_seconds)
    number = lines.first.get("LENGTH")
    if number is None:
        _insert_in_item(edits, item, f"LENGTH {text}")
    else:
        edits.set_tokens(number, {1: text}, f"{what} ends at {number_text(end_seconds)} s")
    if (number := lines.first.get("FADEOUT")) is not None:
        values = _without_fade(edits.document.fields(number))
        edits.set_tokens(number, values, f"{what} has no fade-out at the cut")


def copy(
    edits: Edits,
    item: Item,
    job_id: str,
    *,
    start_seconds: float,
    end_seconds: float,
    is_muted: bool,
) -> list[bytes]:
    """Lines of a new item that plays what the item plays between two times."""
    document = edits.document
    lines = OwnLines.find(document, item)
    values: dict[int, dict[int, str]] = {}
    added: dict[int, list[str]] = {item.lines.start: []}
    for key, text in (
        ("POSITION", number_text(start_seconds)),
        ("LENGTH", number_text(end_seconds - start_seconds)),
        ("SNAPOFFS", "0"),
    ):
        if key in lines.first:
            values[lines.first[key]] = {1: text}
        else:
            added[item.lines.start].append(f"{key} {text}")
    if is_muted and "MUTE" in lines.first:
        values[lines.first["MUTE"]] = mute_values(document, lines.first["MUTE"])
    elif is_muted:
        added[item.lines.start].append("MUTE 1 0")
    for key, is_cut in (
        ("FADEIN", start_seconds > item.position_seconds),
        ("FADEOUT", end_seconds < item.end_seconds),
    ):
        if is_cut and key in lines.first:
            values[lines.first[key]] = _without_fade(document.fields(lines.first[key]))
    distance = start_seconds - item.position_seconds
    for take, start, number in zip(item.takes, lines.take_starts, lines.offsets, strict=False):
        if take is None:
            continue
        offset = number_text(_moved_offset(take, distance))
        if number is None:
            added.setdefault(start, []).append(f"SOFFS {offset}")
        else:
            values[number] = {1: offset}
    return _copied_lines(edits, item, values, added, (job_id, "cut", item.id, str(start_seconds)))


def _copied_lines(
    edits: Edits,
    item: Item,
    values: dict[int, dict[int, str]],
    added: dict[int, list[str]],
    purpose: tuple[str, ...],
) -> list[bytes]:
    document = edits.document
    copied: list[bytes] = []
    n_guids = 0
    own_number = OwnLines.find(document, item).first.get("IID")  # an item without gets a new one
    for number in item.lines:
        if number == own_number:
            continue
        line = document.lines[number]
        if number in values:
            line = with_tokens(line, values[number])
        elif keyword(line) in _GUID_LINES and split_fields(line)[1:2]:
            n_guids += 1
            line = with_tokens(line, {1: stable_guid(*purpose, str(n_guids))})
        elif keyword(line) in _PATH_LINES:  # rewritten when the project goes to another folder
            line = edits.changed_line(number)
        copied.append(line)
        copied += [_inner_line(document, item, text) for text in added.get(number, ())]
    return copied


def _moved_offset(take: Take, distance_seconds: float) -> float:
    return take.source_offset_seconds + distance_seconds * take.play_rate


def _without_fade(fields: tuple[str, ...]) -> dict[int, str]:
    return {
        index: "0"
        for index in _FADE_LENGTHS
        if index < len(fields) and number_at(fields, index) != 0.0
    }


def _inner_line(document: Document, item: Item, text: str) -> bytes:
    first = document.lines[item.lines.start]
    lead = first[: len(first) - len(first.lstrip(b" \t"))]
    return lead + document.indent + encode(text) + document.eol


def _insert_in_item(edits: Edits, item: Item, text: str) -> None:
    line = _inner_line(edits.document, item, text)
    edits.insert(item.lines.start + 1, [line])
