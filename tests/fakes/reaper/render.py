"""What a render would do: which files, of what, over which frames. Nothing is mixed here.

From the project's RENDER_ settings, as the SDK's header explains them. Known sources: the master
(0), stems (1, 2; before the fader with 8192), selected items (32) and selected items (64) or
tracks (128) through the master; known bounds: all but markers.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fakes.reaper.project import Project
from fakes.reaper.sinks import Sink, sink_of
from fakes.reaper.things import Item, Track

STEMS_AND_MASTER, STEMS, ITEMS, ITEMS_VIA_MASTER, TRACKS_VIA_MASTER = 1, 2, 32, 64, 128
PRE_FADER = 8192
CUSTOM, WHOLE, TIME_SELECTION, REGIONS, SELECTED_ITEMS, SELECTED_REGIONS = range(6)
TAIL_BITS = {
    CUSTOM: 1,
    WHOLE: 2,
    TIME_SELECTION: 4,
    REGIONS: 8,
    SELECTED_ITEMS: 16,
    SELECTED_REGIONS: 32,
}
KNOWN_SOURCES = {0, 1, 2, 2 | PRE_FADER, 1 | PRE_FADER, 32, 64, 128}


@dataclass(frozen=True)
class Bounds:
    """A span in seconds, and the region it is."""

    start: float
    end: float
    region: str = ""


@dataclass(frozen=True)
class Piece:
    """One file of a render; `thing` None is the master."""

    path: Path
    thing: Track | Item | None
    bounds: Bounds


@dataclass(frozen=True)
class Plan:
    """A whole render. `via_master`: each thing goes through the master's FX and fader."""

    pieces: tuple[Piece, ...]
    sample_rate: int
    n_channels: int
    sink: Sink
    is_pre_fader: bool
    via_master: bool

    def frames_of(self, piece: Piece) -> range:
        """The frames of a piece on the timeline, rounded half up to the grid."""
        first = round_half_up(piece.bounds.start * self.sample_rate)
        length = round_half_up((piece.bounds.end - piece.bounds.start) * self.sample_rate)
        return range(first, first + max(0, length))


def round_half_up(value: float) -> int:
    """To whole frames; what is a hair below a half, from seconds that no double holds, is one."""
    return math.floor(value + 0.5 + 1e-6)


def plan_render(project: Project) -> Plan | None:
    """What the settings ask for; None when they name nothing the stand-in knows."""
    numbers, host = project.numbers, project.host
    settings = int(numbers["RENDER_SETTINGS"])
    sink = sink_of(project.texts["RENDER_FORMAT"])
    if sink is None or settings not in KNOWN_SOURCES:
        return None
    wanted = 0 if host.has("render_at_device_rate") else int(numbers["RENDER_SRATE"])
    rate = wanted or (host.device_rate if host.has("render_at_device_rate") else 0)
    pieces = [
        (thing, bounds)
        for bounds in _bounds(project)
        for thing in _things(project, settings)
        if bounds is not None
    ]
    pieces = [(thing, _own_bounds(project, thing) or bounds) for thing, bounds in pieces]
    names = [_path(project, thing, bounds, sink) for thing, bounds in pieces]
    return Plan(
        tuple(Piece(path, *rest) for path, rest in zip(_unique(names), pieces, strict=True)),
        rate or project.sample_rate,
        max(1, int(numbers["RENDER_CHANNELS"])),
        sink,
        bool(settings & PRE_FADER),
        bool(settings & (ITEMS_VIA_MASTER | TRACKS_VIA_MASTER)),
    )


def render_targets(project: Project) -> list[Path]:
    """What RENDER_TARGETS tells."""
    plan = plan_render(project)
    return [] if plan is None else [piece.path for piece in plan.pieces]


def _things(project: Project, settings: int) -> list[Track | Item | None]:
    tracks = [track for track in project.tracks if track.is_selected]
    if settings & (ITEMS | ITEMS_VIA_MASTER):
        return [item for item in project.items if item.is_selected]
    if settings & 3 == STEMS_AND_MASTER:
        return [*tracks, None]
    return [*tracks] if settings & (STEMS | TRACKS_VIA_MASTER) else [None]


def _bounds(project: Project) -> list[Bounds]:
    numbers = project.numbers
    flag = int(numbers["RENDER_BOUNDSFLAG"])
    regions = [mark for mark in project.marks if mark.is_region]
    if flag == CUSTOM:
        found = [Bounds(numbers["RENDER_STARTPOS"], numbers["RENDER_ENDPOS"])]
    elif flag == WHOLE:
        found = [Bounds(0.0, project.length)]
    elif flag == TIME_SELECTION:
        found = [Bounds(*project.time_selection)]
    elif flag == SELECTED_ITEMS:
        items = [item for item in project.items if item.is_selected]
        found = [Bounds(min(i.start for i in items), max(i.end for i in items))] if items else []
    elif flag in {REGIONS, SELECTED_REGIONS}:
        wanted = [mark for mark in regions if mark.is_selected or flag == REGIONS]
        found = [Bounds(mark.start, mark.end, mark.name) for mark in wanted]
    else:
        found = []
    has_tail = int(numbers["RENDER_TAILFLAG"]) & TAIL_BITS.get(flag, 0)
    tail = numbers["RENDER_TAILMS"] / 1000 if has_tail else 0.0
    return [Bounds(each.start, each.end + tail, each.region) for each in found]


def _own_bounds(project: Project, thing: Track | Item | None) -> Bounds | None:
    """An item's own span where it counts: with bounds "selected items", or as some versions do."""
    if not isinstance(thing, Item):
        return None
    is_custom = int(project.numbers["RENDER_BOUNDSFLAG"]) == CUSTOM
    is_whole = int(project.numbers["RENDER_BOUNDSFLAG"]) == SELECTED_ITEMS
    if is_whole or (is_custom and project.host.has("render_ignores_custom_bounds_for_items")):
        return Bounds(thing.start, thing.end)
    return None


def _path(project: Project, thing: Track | Item | None, bounds: Bounds, sink: Sink) -> Path:
    folder, pattern = Path(project.texts["RENDER_FILE"]), project.texts["RENDER_PATTERN"]
    if not folder.is_absolute():
        base = Path(project.path).parent if project.path else Path(project.host.record_path)
        folder = base / folder
    if not pattern:
        return folder.with_suffix(sink.suffix)
    name = pattern
    for wildcard, text in _wildcards(project, thing, bounds).items():
        name = name.replace(wildcard, text)
    return folder / f"{name}{sink.suffix}"


def _wildcards(project: Project, thing: Track | Item | None, bounds: Bounds) -> dict[str, str]:
    track = thing.track if isinstance(thing, Item) else thing
    take = thing.active_take if isinstance(thing, Item) else None
    number = str(track.index + 1) if track is not None else ""
    title = "master" if track is None else track.name or f"Track {number}"
    return {
        "$project": Path(project.path).stem,
        "$region": bounds.region,
        "$tracknumber": number,
        "$track": title,
        "$item": take.name if take is not None else title,
    }


def _unique(paths: list[Path]) -> list[Path]:
    """Files of one render that would have the same name are numbered, all of them."""
    counts, seen = Counter(paths), Counter[Path]()
    made = []
    for path in paths:
        seen[path] += 1
        is_alone = counts[path] == 1
        made.append(path if is_alone else numbered(path, seen[path]))
    return made


def numbered(path: Path, number: int) -> Path:
    """`name.wav` as `name-001.wav`."""
    return path.with_name(f"{path.stem}-{number:03d}{path.suffix}")
