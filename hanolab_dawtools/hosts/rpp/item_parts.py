"""Parts of a media item: what is left of it, and copies of it, when it is cut on the timeline.

An `ItemChange` collects new values for an item's lines, and is then made in the item itself or in
a copy. A copy is the item's own lines with those values and with GUIDs of its own; the rest,
effects and colours included, is byte for byte the same. A source offset moves by the cut's
distance times the take's play rate. Beyond the source's end a looped item has an offset longer
than its source; REAPER is taken to fold it back, as it does while playing.

Cuts get no fade: the stems begin and end on the same frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from hanolab_dawtools.hosts.project.timeline import Item
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.edits import Edits, with_tokens
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


class CopyNames(Protocol):
    """Gives a copy its GUIDs."""

    def __call__(self, place: str, number: int, *, is_item: bool) -> str:
        """The GUID with this number, from 1 on, in a copy at `place` (its POSITION)."""
        ...


@dataclass
class OwnLines:
    """Where an item's own lines stand; `offsets` has a take's SOFFS line, or None, by its index."""

    first: dict[str, int] = field(default_factory=dict)
    blocks: dict[str, int] = field(default_factory=dict)
    take_starts: list[int] = field(default_factory=list)
    offsets: list[int | None] = field(default_factory=list)

    @classmethod
    def find(cls, document: Document, item: Item) -> OwnLines:
        """Find them in an item's block."""
        found = cls(take_starts=[item.lines.start], offsets=[None])
        for number, child in document.entries(document.blocks[item.lines.start]):
            if child is not None:
                found.blocks.setdefault(child.name, number)
                continue
            fields = document.fields(number)
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


class ItemChange:
    """New values for the lines of one item; `what` names the item to a user."""

    def __init__(self, edits: Edits, item: Item, what: str) -> None:
        self.item = item
        self.what = what
        self.document = edits.document
        self.lines = OwnLines.find(edits.document, item)
        self._edits = edits
        self._values: dict[int, dict[int, str | None]] = {}
        self._reasons: dict[int, str] = {}
        self._added: dict[int, list[str]] = {}

    def cut(self, start_seconds: float, end_seconds: float) -> None:
        """Play only what the item plays between two times of the timeline."""
        item = self.item
        length = number_text(end_seconds - start_seconds)
        self.set("LENGTH", {1: length}, f"ends at {number_text(end_seconds)} s")
        if start_seconds > item.position_seconds:
            self.set("POSITION", {1: number_text(start_seconds)}, "starts at the cut")
            self.set("SNAPOFFS", {1: "0"}, "snaps to its start")
            self.remove_fade("FADEIN", "has no fade-in at the cut")
            self._move_offsets(start_seconds - item.position_seconds)
        if end_seconds < item.end_seconds:
            self.remove_fade("FADEOUT", "has no fade-out at the cut")

    def mute(self) -> None:
        """Silence the item; its solo would override the mute."""
        values = {1: "1"}
        number = self.lines.first.get("MUTE")
        if number is None or integer_at(self.document.fields(number), 2) != 0:
            values[2] = "0"
        self.set("MUTE", values, "is muted")

    def remove_fade(self, key: str, why: str) -> None:
        """Let the item start (FADEIN) or end (FADEOUT) without a fade."""
        number = self.lines.first.get(key)
        if number is None:
            return
        fields = self.document.fields(number)
        values = {
            index: "0"
            for index in _FADE_LENGTHS
            if index < len(fields) and number_at(fields, index) != 0.0
        }
        self.set_at(number, values, why)

    def set(self, key: str, values: Mapping[int, str], why: str) -> None:
        """Give fields 1, 2, … of the item's line with a keyword new values; add a missing line."""
        number = self.lines.first.get(key)
        if number is None:
            texts = [text for _, text in sorted(values.items())]
            self.add(self.item.lines.start, [" ".join([key, *texts])])
        else:
            self.set_at(number, values, why)

    def set_at(self, number: int, values: Mapping[int, str | None], why: str) -> None:
        """Give tokens of a line new values; `why` goes on a sentence that starts with `what`."""
        if values:
            self._values.setdefault(number, {}).update(values)
            self._reasons.setdefault(number, f"{self.what} {why}")

    def add(self, behind: int, texts: Iterable[str]) -> None:
        """Add lines behind a line; two leading spaces of a text mean one level deeper."""
        self._added.setdefault(behind, []).extend(texts)

    def make(self) -> None:
        """Change the item itself."""
        for number, values in self._values.items():
            self._edits.set_tokens(number, values, self._reasons[number])
        for number, texts in self._added.items():
            self._edits.insert(number + 1, self._inner_lines(texts))

    def copied(self, names: CopyNames) -> tuple[str, list[bytes]]:
        """The GUID and the lines of a copy with these values; each place has its own GUIDs."""
        document, item = self.document, self.item
        place = self._values.get(self.lines.first.get("POSITION", -1), {}).get(1) or "start"
        copied: list[bytes] = []
        own_guid, n_guids = "", 0
        own_number = self.lines.first.get("IID")  # an item without gets a new one
        for number in item.lines:
            if number == own_number:
                continue
            line = document.lines[number]
            if number in self._values:
                line = with_tokens(line, self._values[number])
            elif keyword(line) in _GUID_LINES and split_fields(line)[1:2]:
                n_guids += 1
                is_item = number == self.lines.first.get("IGUID")
                guid = names(place, n_guids, is_item=is_item)
                line = with_tokens(line, {1: guid})
                own_guid = guid if is_item else own_guid
            elif keyword(line) in _PATH_LINES:  # rewritten when the project goes elsewhere
                line = self._edits.changed_line(number)
            copied.append(line)
            copied += self._inner_lines(self._added.get(number, ()))
        return own_guid, copied

    def _move_offsets(self, distance_seconds: float) -> None:
        lines = self.lines
        for take, start, number in zip(
            self.item.takes, lines.take_starts, lines.offsets, strict=False
        ):
            if take is None:
                continue
            offset = number_text(take.source_offset_seconds + distance_seconds * take.play_rate)
            if number is None:
                self.add(start, [f"SOFFS {offset}"])
            else:
                self.set_at(number, {1: offset}, "starts later in its source")

    def _inner_lines(self, texts: Iterable[str]) -> list[bytes]:
        document = self.document
        first = document.lines[self.item.lines.start]
        lead = first[: len(first) - len(first.lstrip(b" \t"))]
        lines = []
        for text in texts:
            body = text.lstrip(" ")
            depth = 1 + (len(text) - len(body)) // 2
            lines.append(lead + document.indent * depth + encode(body) + document.eol)
        return lines
