"""Which tracks of a selection are rendered as stems, and what feeds each.

Of a folder in the selection only the folder track is rendered: its stem holds what lies in it. A
track that holds nothing and gets nothing is left out, as REAPER may give the whole mix for it. A
track without items of its own (folder, bus) may come out as the whole mix as well, or a folder,
which is rendered soloed, as the mix of itself; where that is not the same as the right stem, the
two are compared (`TrackChoice`).
"""

from __future__ import annotations

from dataclasses import dataclass

from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.hosts.project.hearing import folders_around, silent_tracks, with_children
from hanolab_dawtools.hosts.project.selecting import heard_items, track_label
from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track
from hanolab_dawtools.model import Selection


@dataclass(frozen=True)
class TrackChoice:
    """A track to be rendered.

    Attributes
    ----------
    stranger
        An item that sounds meanwhile and does not feed the track: where it does, the stem must
        not be the mix. None for tracks with items, and where there is none.
    insider
        For a folder whose fader or pan was moved, an item in it: where it sounds, the stem must
        not be the mix of the folder alone, as that is behind the fader.
    """

    id: str
    label: str
    stranger: Item | None = None
    insider: Item | None = None


def choose_tracks(
    timeline: Timeline, selection: Selection
) -> tuple[tuple[TrackChoice, ...], tuple[str, ...]]:
    """The tracks to be rendered for a selection at point `track`, and remarks.

    Raises
    ------
    SelectionError
        None of them sounds.
    """
    wanted = [t for t in timeline.tracks if not selection.track_ids or t.id in selection.track_ids]
    around, silent = folders_around(timeline), silent_tracks(timeline)
    chosen: list[Track] = []
    empty: list[Track] = []
    for track in wanted:
        if track.id in silent or any(folder in wanted for folder in around[track.id]):
            continue
        is_fed = any(one.items for one in _feeding(timeline, track))
        (chosen if is_fed else empty).append(track)
    if not chosen:
        raise SelectionError(
            f"no track of {selection.name!r} sounds: "
            + _list(empty or wanted, "holds no items and gets none", "hold no items and get none"),
            hint="Choose tracks that hold items, folders around them, or buses they send to.",
        )
    remarks = []
    if empty:
        remarks.append(_list(empty, "was left out: it", "were left out: they") + " held nothing")
    if len(chosen) > 1:
        remarks.append(f"{len(chosen)} tracks were summed as they are before their faders")
    return tuple(_choice(timeline, track, selection) for track in chosen), tuple(remarks)


def _choice(timeline: Timeline, track: Track, selection: Selection) -> TrackChoice:
    if track.items:
        return TrackChoice(track.id, track_label(track))
    feeding = {one.id for one in _feeding(timeline, track)}
    strangers: list[Item] = []
    insiders: list[Item] = []
    span = (selection.start_seconds, selection.end_seconds)
    for one in heard_items(timeline, timeline.tracks, *span):
        (insiders if one.track.id in feeding else strangers).append(one.item)
    is_moved = track.folder_change > 0 and (track.gain, track.pan) != (1.0, 0.0)
    return TrackChoice(
        track.id,
        track_label(track),
        _longest(strangers),
        _longest(insiders) if is_moved else None,
    )


def _longest(items: list[Item]) -> Item | None:
    return max(items, key=lambda item: item.length_seconds, default=None)


def _feeding(timeline: Timeline, track: Track) -> list[Track]:
    """A track, what lies in it, and all that is sent to those."""
    by_number = {one.number: one for one in timeline.tracks}
    found: dict[str, Track] = {}
    waiting = [track]
    while waiting:
        for one in with_children(timeline, waiting.pop()):
            if one.id not in found:
                found[one.id] = one
                waiting += [by_number[n] for n in one.receives if n in by_number]
    return list(found.values())


def _list(tracks: list[Track], one: str, many: str) -> str:
    names = ", ".join(f'"{track_label(track)}"' for track in tracks)
    return (
        f"{'track' if len(tracks) == 1 else 'tracks'} {names} {one if len(tracks) == 1 else many}"
    )
