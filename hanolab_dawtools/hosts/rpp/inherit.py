"""What the folder of the stems takes over from the track that they come from.

Stems are captured before the track's effects and fader. So, when they come from one track, their
folder gets copies of its fader, pan, polarity, envelopes, effects, hardware outputs, solo and
sends: the sum of the stems passes what the items passed. Stems of several tracks cannot have that;
it is said when it matters. Track grouping is not taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from hanolab_dawtools.hosts.project.timeline import Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Block, Document
from hanolab_dawtools.hosts.rpp.edits import Edits, with_tokens
from hanolab_dawtools.hosts.rpp.reader_parts import is_envelope
from hanolab_dawtools.hosts.rpp.tokens import integer_at, keyword, split_fields, text_at

_LINES = {
    b"VOLPAN",
    b"WIDTH",
    b"PANMODE",
    b"PANLAWFLAGS",
    b"IPHASE",
    b"AUTOMODE",
    b"FX",
    b"MAINSEND",
    b"MAINSEND_NCH",
    b"HWOUT",
}
_FRESH_GUIDS = {b"EGUID", b"FXID"}

FreshGuid = Callable[[int, str], str]  # of a copied line: by its number and the GUID it had


@dataclass(frozen=True)
class Inheritance:
    """What the folder track gets; `lines` replace the folder's own of the same keyword."""

    lines: list[bytes] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    n_channels: int = 2
    solo: str = "0"
    warnings: tuple[str, ...] = ()

    @property
    def keywords(self) -> set[bytes]:
        """Keywords of `lines`."""
        return {keyword(line) for line in self.lines}


def inherit(
    edits: Edits,
    timeline: Timeline,
    sources: Collection[str],
    *,
    folder_number: int,
    fresh: FreshGuid,
) -> Inheritance:
    """Collect what the folder takes over, and insert its sends into the tracks that get them.

    Parameters
    ----------
    sources
        Ids of the items that the stems stand for.
    folder_number
        The folder's 0-based place among the tracks of the project as it will be.
    """
    wanted = frozenset(sources)
    tracks = [t for t in timeline.tracks if any(item.id in wanted for item in t.items)]
    if len(tracks) != 1:
        return Inheritance(warnings=_warnings_of_mix(tracks))
    (track,) = tracks
    document = edits.document
    lines: list[bytes] = []
    chunks: list[bytes] = []
    n_channels, solo = 2, "0"
    for number, child in document.entries(document.blocks[track.lines.start]):
        key = keyword(document.lines[number])
        if child is not None:
            if child.name == "FXCHAIN" or (is_envelope(child.name) and not _is_of_receive(child)):
                chunks += _copied(document, child.lines, fresh)
        elif key in _LINES:
            lines.append(document.lines[number])
        elif key == b"NCHAN":
            n_channels = integer_at(document.fields(number), 1, 2)
        elif key == b"MUTESOLO":
            solo = text_at(document.fields(number), 2, "0")
    _insert_sends(edits, timeline, track, folder_number, fresh)
    return Inheritance(lines, chunks, n_channels, solo, _warnings_of_parents(timeline, track))


def insert_folder(
    edits: Edits, before: int, folder: Sequence[str], inheritance: Inheritance
) -> None:
    """Insert a folder track, given as lines, with what it takes over."""
    *head, end = folder
    own = [line for line in head if line.split()[0].encode() not in inheritance.keywords]
    edits.insert_text(before, own, level=1)
    edits.insert(before, [*inheritance.lines, *inheritance.chunks])
    edits.insert_text(before, [end], level=1)


def _insert_sends(
    edits: Edits, timeline: Timeline, source: Track, folder_number: int, fresh: FreshGuid
) -> None:
    """Give every track that receives from the source a receive from the folder, as its last.

    Receives name their sender by its 0-based place among the tracks.
    """
    document = edits.document
    for track in timeline.tracks:
        if source.number not in track.receives:
            continue
        copies: list[bytes] = []
        end = 0
        for number, last, fields in receives(document, track):
            end = last
            if integer_at(fields, 1, -1) == source.number - 1:
                copies.append(with_tokens(document.lines[number], {1: str(folder_number)}))
                copies += _copied(document, range(number + 1, last), fresh)
        if copies:
            edits.insert(end, copies)


def receives(document: Document, track: Track) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Each AUXRECV line: its number, the line behind its envelopes, its fields."""
    current: tuple[int, int] | None = None
    for number, child in document.entries(document.blocks[track.lines.start]):
        if child is not None and current is not None and _is_of_receive(child):
            current = (current[0], child.stop)
        elif current is not None:
            yield *current, document.fields(current[0])
            current = None
        if child is None and keyword(document.lines[number]) == b"AUXRECV":
            current = (number, number + 1)
    if current is not None:
        yield *current, document.fields(current[0])


def _is_of_receive(block: Block) -> bool:
    return block.name.startswith("AUX")


def _copied(document: Document, numbers: range, fresh: FreshGuid) -> list[bytes]:
    copies: list[bytes] = []
    for number in numbers:
        line = document.lines[number]
        if keyword(line) in _FRESH_GUIDS and split_fields(line)[1:2]:
            line = with_tokens(line, {1: fresh(number, split_fields(line)[1])})
        copies.append(line)
    return copies


def _shapes_sound(track: Track) -> bool:
    has_effects = bool(track.effects) and not track.effects_bypassed
    return has_effects or track.gain != 1.0 or track.pan != 0.0 or bool(track.envelopes)


def _warnings_of_mix(tracks: list[Track]) -> tuple[str, ...]:
    names = [_name(track) for track in tracks if _shapes_sound(track)]
    if not names:
        return ()
    start = f"the stems come from {len(tracks)} tracks and do not pass the effects, faders and"
    return (f"{start} envelopes of {', '.join(names)}",)


def _warnings_of_parents(timeline: Timeline, track: Track) -> tuple[str, ...]:
    names: list[str] = []
    depth = track.depth
    for other in reversed(timeline.tracks[: track.number - 1]):
        if other.depth < depth and other.folder_change > 0:
            depth = other.depth
            if _shapes_sound(other):
                names.append(_name(other))
    if not names:
        return ()
    folders = ", ".join(names)
    return (f"the stems stand outside of the folder {folders} and do not pass its effects",)


def _name(track: Track) -> str:
    return f'"{track.name}"' if track.name else f"track {track.number}"
