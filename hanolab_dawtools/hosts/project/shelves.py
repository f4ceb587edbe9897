"""The tracks that several results share, laid out: which track each item goes on, and what plays.

A shelf has a track for each name of a stem, and one item for each result on it. Nothing sounds
twice: where one result stands for some music already, a further one is added muted, and its
source is left alone. So of several presets over the same music the first one plays and the folders
of the others are muted; of overlapping regions on one shelf the later ones go onto muted tracks of
their own, a further layer. Results whose sources are kept have a muted folder of their own.

The first is the first by its job's id, whatever the order in which results are given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hanolab_dawtools.hosts.project.identity import StemFile, StemIds, folder_id, stem_ids
from hanolab_dawtools.hosts.project.naming import folder_name
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.stem_roles import STEM_ORDER

SAME_SECONDS = 1e-6  # what overlaps by less does not: a quarter of a frame at 192 kHz

_MAX_TOLD = 3

Seconds = tuple[float, float]  # start and end


class Stretches:
    """Stretches of time, in seconds; those that touch or overlap become one."""

    def __init__(self, spans: Iterable[Seconds] = ()) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for span in spans:
            self.add(span)

    def overlap(self, span: Seconds) -> bool:
        """Whether one of them shares some time with `span`."""
        place = bisect_left(self._starts, span[1] - SAME_SECONDS)
        return place > 0 and self._ends[place - 1] > span[0] + SAME_SECONDS

    def add(self, span: Seconds) -> None:
        """Add one."""
        first = bisect_left(self._ends, span[0])
        last = bisect_left(self._starts, span[1])
        if first < last:
            span = min(span[0], self._starts[first]), max(span[1], self._ends[last - 1])
        self._starts[first:last] = [span[0]]
        self._ends[first:last] = [span[1]]


@dataclass(frozen=True)
class Result:
    """A placement and its stems where they will stay, in order."""

    placement: Placement
    stems: tuple[StemFile, ...]

    @property
    def music(self) -> Seconds:
        """Where the music that it stands for begins and ends; stems may ring on behind that."""
        capture, start = self.placement.capture, self.placement.position_seconds
        if capture is None:
            return start, start + max(stem.seconds for stem in self.stems)
        return start, (capture.start_frame + capture.selection_frames) / capture.sample_rate

    @property
    def is_kept(self) -> bool:
        """Whether it is silent because its source keeps playing."""
        return self.placement.keep_source and not self.placement.arrangement.plays_beside

    @property
    def shelf_key(self) -> str:
        """What tells its shelf from others; its job when it has a shelf of its own."""
        shelf = self.placement.shelf
        if not shelf:
            return self.placement.job_id
        return f"{shelf}\nkept" if self.is_kept else shelf


class Standing(Protocol):
    """What stands in a project already."""

    def spans(self, track_id: str) -> Sequence[Seconds] | None:
        """Where results lie on a track, in seconds; None when there is no such track."""
        ...

    def is_muted(self, track_id: str) -> bool:
        """Whether a track that is there is muted."""
        ...

    def is_silenced(self, result: Result) -> bool:
        """Whether something of a result's source is muted where the result would play."""
        ...

    def silence(self, result: Result) -> None:
        """Take note that a result's source will be muted where it plays."""
        ...


@dataclass(frozen=True)
class ShelfItem:
    """One stem of a result on a track."""

    result: Result
    stem: StemFile
    ids: StemIds


@dataclass
class ShelfTrack:
    """A track of a shelf and the items that it gets; `layer` counts from 1."""

    id: str
    name: str
    role: StemRole
    layer: int
    number: int
    is_muted: bool
    items: list[ShelfItem] = field(default_factory=list)

    @property
    def n_channels(self) -> int:
        """Channels that its new items need."""
        return max(item.stem.n_channels for item in self.items)

    @property
    def place(self) -> tuple[int, int, str, int]:
        """Sorts the tracks of a shelf."""
        return self.layer, STEM_ORDER.index(self.role), self.name, self.number


@dataclass
class Shelf:
    """The tracks that results of one key go on; `mutes` are the results that replace music.

    `is_there`: its folder, or one of its tracks, is in the project. `is_second`: other results
    stand for its music already, so it is muted.
    """

    key: str
    results: list[Result]
    is_there: bool = False
    is_second: bool = False
    tracks: list[ShelfTrack] = field(default_factory=list)
    mutes: list[Result] = field(default_factory=list)
    layered: list[Result] = field(default_factory=list)

    @property
    def first(self) -> Placement:
        """The placement that says how the shelf looks."""
        return self.results[0].placement

    @property
    def folder(self) -> str:
        """GUID of its folder."""
        return folder_id(self.key)

    @property
    def title(self) -> str:
        """What its folder is called."""
        return folder_name(self.first, self.results[0].stems)

    @property
    def has_folder(self) -> bool:
        """Whether its tracks stand in a folder."""
        return self.first.capture is not None and self.first.arrangement.has_folder

    @property
    def is_muted(self) -> bool:
        """Whether it is silent as a whole."""
        return self.is_second or self.results[0].is_kept


def lay_out(results: Iterable[Result], standing: Standing) -> list[Shelf]:
    """Put results on their shelves; shelves and results in the order of their jobs."""
    by_key: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda one: job_order(one.placement.job_id)):
        by_key.setdefault(result.shelf_key, []).append(result)
    return [_lay_one(Shelf(key, own), standing) for key, own in by_key.items()]


def job_order(job_id: str) -> list[str | int]:
    """Sorts jobs: numbers in their ids count as numbers, so that 2 comes before 10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", job_id)]


def second_shelves(titles: Sequence[str]) -> list[str]:
    """What is told of shelves that are muted because others stand for their music."""
    if not titles:
        return []
    shown = ", ".join(f'"{title}"' for title in titles[:_MAX_TOLD])
    more = f" and {len(titles) - _MAX_TOLD} more" if len(titles) > _MAX_TOLD else ""
    are = "is" if len(titles) == 1 else "are"
    return [f"{shown}{more} {are} muted: other results stand for the same music already"]


def _lay_one(shelf: Shelf, standing: Standing) -> Shelf:
    replaces = [one for one in shelf.results if not one.placement.keep_source]
    present = _present(shelf, standing)
    shelf.is_there = bool(present)
    if present:
        shelf.is_second = bool(replaces) and all(standing.is_muted(one) for one in present)
    else:
        shelf.is_second = any(standing.is_silenced(result) for result in replaces)
    tracks: dict[str, ShelfTrack] = {}
    taken: dict[str, Stretches] = {}
    for result in shelf.results:
        layer = _free_layer(result, taken, standing)
        for stem, ids, number in _with_ids(result, layer):
            taken[ids.track].add(result.music)
            if ids.track not in tracks:
                is_muted = layer > 1 or (shelf.is_muted and not shelf.has_folder)
                name = stem.track_name if layer == 1 else f"{stem.track_name} ({layer})"
                made = ShelfTrack(ids.track, name, stem.role, layer, number, is_muted)
                tracks[ids.track] = made
            tracks[ids.track].items.append(ShelfItem(result, stem, ids))
        if layer > 1:
            shelf.layered.append(result)
        elif result in replaces and not shelf.is_second:
            shelf.mutes.append(result)
            standing.silence(result)
    shelf.tracks = sorted(tracks.values(), key=lambda track: track.place)
    return shelf


def _present(shelf: Shelf, standing: Standing) -> list[str]:
    """What stands of a shelf: its folder, or, when that is gone or not wanted, its tracks."""
    if shelf.has_folder and standing.spans(shelf.folder) is not None:
        return [shelf.folder]
    tracks = {ids.track for result in shelf.results for _, ids, _ in _with_ids(result, 1)}
    return [track for track in tracks if standing.spans(track) is not None]


def _free_layer(result: Result, taken: dict[str, Stretches], standing: Standing) -> int:
    """The first layer on which all the stems of a result have room."""
    layer = 0
    while True:
        layer += 1
        tracks = [ids.track for _, ids, _ in _with_ids(result, layer)]
        for track in tracks:
            if track not in taken:
                taken[track] = Stretches(standing.spans(track) or ())
        if not any(taken[track].overlap(result.music) for track in tracks):
            return layer


def _with_ids(result: Result, layer: int) -> list[tuple[StemFile, StemIds, int]]:
    """The stems with their ids on a layer; stems of one name are numbered."""
    key = result.shelf_key if result.placement.shelf else ""
    if layer > 1:
        key = f"{result.shelf_key}\nlayer {layer}"
    found: list[tuple[StemFile, StemIds, int]] = []
    ids = stem_ids(result.placement.job_id, result.stems, key)
    for stem, own in zip(result.stems, ids, strict=True):
        number = 1 + sum(stem.track_name == other.track_name for other, _, _ in found)
        found.append((stem, own, number))
    return found
