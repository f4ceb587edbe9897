"""Choosing regions and tracks of a project by name or number."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Sequence

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.project.timeline import Region, Timeline, Track
from hanolab_dawtools.units import format_clock

MAX_LISTED = 20


def choose_region(timeline: Timeline, text: str) -> tuple[Region, str]:
    """The region that `text` means, and how it was found ("region 2").

    An exact name comes first, then the name in any case, then the number; `#2` is always the
    number.

    Raises
    ------
    SelectionError
        No region is meant, or more than one.
    """
    by_number = [r for r in timeline.regions if text.removeprefix("#") == str(r.number)]
    by_name = [r for r in timeline.regions if r.name == text] or [
        r for r in timeline.regions if r.name.casefold() == text.casefold()
    ]
    if text.startswith("#") and by_number:
        by_name = []
    elif by_name and any(r not in by_name for r in by_number):
        raise SelectionError(
            f"{text!r} is the name of one region and the number of another: "
            f"{_told([*by_name, *by_number])}",
            hint=f"For the number, put a # before it: --region '#{by_number[0].number}'.",
        )
    found = by_name or by_number
    if len(found) == 1:
        return found[0], f"region {found[0].number}"
    if found:
        raise SelectionError(
            f"{len(found)} regions are called {text!r}: {_told(found)}",
            hint="Give the number instead of the name, or the times with --range.",
        )
    raise SelectionError(
        f"no region {text!r} in {timeline.path.name}; {region_list(timeline, like=text)}",
        hint="Give --region NAME, --region NUMBER or --range START..END.",
    )


def choose_tracks(timeline: Timeline, wanted: Sequence[str]) -> tuple[Track, ...]:
    """The tracks that name patterns (`*`, `?`, any case) and 1-based numbers mean, in file order.

    `#2` is always the number, where there is a track of it.

    Raises
    ------
    SelectionError
        A pattern or number fits no track.
    """
    chosen: set[int] = set()
    for text in wanted:
        fitting = _tracks_like(timeline, text)
        if not fitting:
            raise SelectionError(
                f"no track {text!r} in {timeline.path.name}; {track_list(timeline, text)}",
                hint="Give a name, a pattern with * or a track's number.",
            )
        chosen.update(track.number for track in fitting)
    return tuple(track for track in timeline.tracks if track.number in chosen)


def region_list(timeline: Timeline, *, like: str = "") -> str:
    """The regions of a project in words, those that resemble `like` first."""
    if not timeline.regions:
        return "the project has no regions"
    close = difflib.get_close_matches(like, [r.name for r in timeline.regions], n=5)
    regions = sorted(timeline.regions, key=lambda r: _rank(r.name, close))
    return f"its regions are {_told(regions)}"


def _tracks_like(timeline: Timeline, text: str) -> list[Track]:
    if by_sign := [track for track in timeline.tracks if f"#{track.number}" == text]:
        return by_sign
    exact = [track for track in timeline.tracks if track.name == text]
    if exact:
        return exact
    pattern = text.casefold()
    by_name = [t for t in timeline.tracks if fnmatch.fnmatchcase(t.name.casefold(), pattern)]
    return by_name or [track for track in timeline.tracks if str(track.number) == text]


def track_list(timeline: Timeline, like: str) -> str:
    """The tracks of a project in words, those that resemble `like` first."""
    if not timeline.tracks:
        return "the project has no tracks"
    close = difflib.get_close_matches(like, [t.name for t in timeline.tracks], n=5)
    tracks = sorted(timeline.tracks, key=lambda t: _rank(t.name, close))
    told = [f'{track.number} "{track.name}"' for track in tracks]
    return f"its tracks are {_shortened(told)}"


def _rank(name: str, close: list[str]) -> int:
    return close.index(name) if name in close else len(close)


def _told(regions: Sequence[Region]) -> str:
    return _shortened(
        [
            f'{r.number} "{r.name}" {format_clock(r.start_seconds)}..{format_clock(r.end_seconds)}'
            for r in regions
        ]
    )


def _shortened(words: Sequence[str]) -> str:
    rest = len(words) - MAX_LISTED
    listed = ", ".join(words[:MAX_LISTED])
    return f"{listed} and {rest} more" if rest > 0 else listed
