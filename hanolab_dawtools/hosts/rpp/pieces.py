"""Pieces of items that several results cut: found again, and known for what they were.

A piece's GUID follows from the item that was captured and from the microsecond where the piece
starts, whichever job cut it. So results that come later find the pieces of the items that they
were made of, and cutting an item once at many places, or again and again, gives the same pieces.
REAPER may round a position when it saves; a microsecond is far from that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from hanolab_dawtools.hosts.project.identity import stable_guid
from hanolab_dawtools.hosts.project.shelves import SAME_SECONDS, Seconds
from hanolab_dawtools.hosts.project.timeline import Item, Take, Timeline, Track
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.item_parts import CopyNames
from hanolab_dawtools.hosts.rpp.tokens import keyword

OnTrack = tuple[Track, Item]

_MICROSECONDS = 1e6  # in a second
_VERSION_PLACE = 15  # of a GUID in braces: 5 for those that are worked out, REAPER's own have 4
# What cutting, muting and adding takes change, and what only concerns the eye.
_CHANGED = frozenset(
    b"POSITION LENGTH SNAPOFFS SOFFS FADEIN FADEOUT MUTE ALLTAKES "
    b"IGUID GUID EGUID FXID SEL COLOR IID TKM YPOS NAME".split()
)


def piece_names(root: str) -> CopyNames:
    """What pieces of the item `root` get for GUIDs."""

    def names(place: str, number: int, *, is_item: bool) -> str:
        return _guid(root, float(place), "item" if is_item else str(number))

    return names


def _guid(root: str, start_seconds: float, what: str) -> str:
    return stable_guid(root, "piece", str(round(start_seconds * _MICROSECONDS)), what)


class Pieces:
    """The items of a project by their ids, and for some of them, the roots, their pieces."""

    def __init__(self, timeline: Timeline, roots: Iterable[str]) -> None:
        self.roots: dict[str, str] = {}
        self._by_id = {item.id: (track, item) for track, item in timeline.items()}
        self._pieces: dict[str, list[OnTrack]] = {}
        gone: list[str] = []
        here: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
        for root in roots:
            if root in self._by_id:
                track, item = self._by_id[root]
                here[track.number].append((item.position_seconds, root))
                self._pieces[root] = [(track, item)]
            else:
                gone.append(root)
        for of_track in here.values():
            of_track.sort()
        for track, item in self._by_id.values():
            if item.id[_VERSION_PLACE : _VERSION_PLACE + 1] == "5":
                self._add(track, item, here[track.number], gone)
        for found in self._pieces.values():
            found.sort(key=lambda one: one[1].position_seconds)

    def _add(
        self, track: Track, item: Item, here: list[tuple[float, str]], gone: list[str]
    ) -> None:
        """Add an item to the root that it is a piece of: mostly the one next before it."""
        start = item.position_seconds
        before = here[: bisect_right(here, (start, ""))]
        for root in chain((root for _, root in reversed(before)), gone):
            if item.id == _guid(root, start, "item"):
                self.roots[item.id] = root
                self._pieces.setdefault(root, []).append((track, item))
                return

    def of(self, root: str) -> list[OnTrack]:
        """What there is of a root now, by position; itself comes first."""
        return self._pieces.get(root, [])

    def root_of(self, item: Item) -> str:
        """The root that an item is a piece of; itself for others."""
        return self.roots.get(item.id, item.id)

    def between(self, roots: Iterable[str], span: Seconds) -> Iterator[OnTrack]:
        """What there is of roots in a stretch of time."""
        seen: set[str] = set()
        for root in roots:
            for track, item in self.of(root):
                if item.id not in seen and _shared_seconds(item, span) > SAME_SECONDS:
                    seen.add(item.id)
                    yield track, item


def is_only_cut(
    before: Document, was: Item, now: Document, pieces: list[Item], span: Seconds
) -> bool:
    """Whether an item is still what it was in a stretch of time, but for cuts, mutes and takes.

    `pieces` are what there is of it there, by position.
    """
    start = max(was.position_seconds, span[0])
    end = min(was.end_seconds, span[1])
    for piece in pieces:
        if piece.position_seconds > start + SAME_SECONDS or not _is_piece(before, was, now, piece):
            return False
        start = max(start, piece.end_seconds)
    return start > end - SAME_SECONDS


def _is_piece(before: Document, was: Item, now: Document, piece: Item) -> bool:
    own, old = _lines(now, piece), _lines(before, was)
    added = piece.takes[len(was.takes) :]
    if own[: len(old)] != old or (len(own) > len(old)) != bool(added):
        return False
    if not all(take is not None and take.guid[_VERSION_PLACE:][:1] == "5" for take in added):
        return False
    is_first = abs(piece.position_seconds - was.position_seconds) < SAME_SECONDS
    is_last = abs(piece.end_seconds - was.end_seconds) < SAME_SECONDS
    fades = (
        (piece.fade_in, was.fade_in, is_first),
        (piece.fade_out, was.fade_out, is_last),
    )
    for fade, old_fade, is_own in fades:
        has_none = fade.length_seconds == 0.0 and (not is_own or bool(added))
        if not has_none and fade != old_fade:
            return False
    distance = piece.position_seconds - was.position_seconds
    return all(
        _starts_later(own_take, take, distance)
        for own_take, take in zip(piece.takes, was.takes, strict=False)
    )


def _starts_later(own: Take | None, was: Take | None, distance_seconds: float) -> bool:
    if own is None or was is None:
        return own is was
    offset = was.source_offset_seconds + distance_seconds * was.play_rate
    return abs(own.source_offset_seconds - offset) < SAME_SECONDS


def _lines(document: Document, item: Item) -> list[bytes]:
    """What an item's lines say of its sound, apart from what may change."""
    block = document.blocks[item.lines.start]
    ours = {number for child in block.named("EXT") for number in child.lines}
    found = []
    for number in item.lines[1:-1]:
        key = keyword(document.lines[number])
        if key not in _CHANGED and number not in ours:
            line = document.lines[number].strip()
            found.append(line.removesuffix(b" SEL") if key == b"TAKE" else line)
    return found


def _shared_seconds(item: Item, span: Seconds) -> float:
    return min(item.end_seconds, span[1]) - max(item.position_seconds, span[0])
