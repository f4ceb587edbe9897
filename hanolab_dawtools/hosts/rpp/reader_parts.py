"""The parts that items and tracks are made of: fades, sources, envelopes, effects, names.

A missing field, or one that is no number, has REAPER's default.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hanolab_dawtools.hosts.project.timeline import Envelope, Fade, Source
from hanolab_dawtools.hosts.rpp.document import Block, Document
from hanolab_dawtools.hosts.rpp.tokens import integer_at, keyword, number_at, text_at

_ENVELOPE = re.compile(r"(?:(?:AUX)?(?:VOL|PAN|WIDTH|MUTE)|PITCH|DUALPAN)ENVL?\d?")
_INSTRUMENT = re.compile(r"(?:VST3?|AU(?:v3)?|CLAP|DX|LV2)i:")  # at the head of an effect's name
_EFFECTS = {"VST", "AU", "JS", "DX", "CLAP", "LV2", "VIDEO_EFFECT", "CONTAINER"}


def is_envelope(name: str) -> bool:
    """Whether a block of this name is an envelope of a track or take."""
    return _ENVELOPE.fullmatch(name) is not None


@lru_cache(maxsize=1024)  # most items have the default fades
def read_fade(fields: Sequence[str]) -> Fade:
    """The fade of a FADEIN or FADEOUT line: the automatic crossfade when there is one.

    Fields: shape, manual length, automatic length, shape of the automatic one, flag, curvature,
    curvature of the automatic one (the last from REAPER 6.2 on; version 3 ends after the third).
    """
    auto_seconds = number_at(fields, 3)
    is_auto = auto_seconds > 0.0
    shape = integer_at(fields, 1)
    curvature = number_at(fields, 6)
    if is_auto:
        shape = integer_at(fields, 4, shape)
        curvature = number_at(fields, 7, curvature)
    length = auto_seconds if is_auto else max(0.0, number_at(fields, 2))
    return Fade(length_seconds=length, shape=shape, curvature=curvature, is_auto=is_auto)


def read_source(document: Document, block: Block) -> Source:
    """A SOURCE block, with the source it wraps."""
    kind = text_at(document.fields(block.start), 1)
    file: str | None = None
    inner: Source | None = None
    numbers: dict[bytes, float] = {}
    for number, child in document.entries(block):
        if child is not None:
            if child.name == "SOURCE" and inner is None:
                inner = read_source(document, child)
            continue
        key = keyword(document.lines[number])
        if key == b"FILE" and file is None:
            file = text_at(document.fields(number), 1)
        elif key in {b"LENGTH", b"STARTPOS", b"OVERLAP", b"MODE"} and kind == "SECTION":
            numbers[key] = number_at(document.fields(number), 1)
    return Source(
        kind=kind,
        file=file,
        section_start_seconds=numbers.get(b"STARTPOS", 0.0),
        section_length_seconds=numbers.get(b"LENGTH", 0.0),
        section_overlap_seconds=numbers.get(b"OVERLAP", 0.0),
        section_mode=int(numbers.get(b"MODE", 0.0)),
        inner=inner,
    )


def read_envelope(document: Document, block: Block) -> Envelope:
    """An envelope block; a point is (time, value, shape, tension)."""
    is_active = True
    has_automation_items = is_fader_scaled = False
    points: list[tuple[float, float, int, float]] = []
    for number in range(block.start + 1, block.stop - 1):
        key = keyword(document.lines[number])
        if key == b"PT":
            fields = document.fields(number)
            point = (number_at(fields, 1), number_at(fields, 2), integer_at(fields, 3))
            points.append((*point, number_at(fields, 7)))
        elif key == b"ACT":
            is_active = integer_at(document.fields(number), 1, 1) != 0
        elif key == b"POOLEDENVINST":
            has_automation_items = True
        elif key == b"VOLTYPE":
            is_fader_scaled = integer_at(document.fields(number), 1) == 1
    return Envelope(block.name, is_active, tuple(points), has_automation_items, is_fader_scaled)


def read_effects(document: Document, chain: Block) -> tuple[str, ...]:
    """Names of a chain's effects that change audio: no instrument, not bypassed, not offline."""
    names: list[str] = []
    sounds = True
    for number, child in document.entries(chain):
        if child is None:
            if keyword(document.lines[number]) == b"BYPASS":
                fields = document.fields(number)
                sounds = integer_at(fields, 1) == 0 and integer_at(fields, 2) == 0
        elif child.name in _EFFECTS:
            if sounds:
                names.append(_effect_name(document.fields(child.start)))
            sounds = True
    return tuple(name for name in names if _INSTRUMENT.match(name) is None)


def _effect_name(fields: Sequence[str]) -> str:
    kind = text_at(fields, 0).removeprefix("<")
    name = text_at(fields, 1)
    return f"{kind}: {name}" if kind in {"JS", "VIDEO_EFFECT", "CONTAINER"} else name or kind
