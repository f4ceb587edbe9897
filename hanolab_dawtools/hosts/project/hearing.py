"""Which tracks and items of a project sound: mute, solo and folders.

A muted folder silences all in it. When any track is soloed, only soloed tracks sound, all in a
soloed folder, what is sent to those, and tracks that defy solo. When any item of a track is soloed,
only the soloed ones of that track sound. Of a track with fixed lanes only the playing ones sound.
"""

from __future__ import annotations

from dataclasses import dataclass

from hanolab_dawtools.hosts.project.timeline import Item, Timeline, Track


@dataclass(frozen=True)
class HeardItem:
    """An item and its track."""

    track: Track
    item: Item


def folders_around(timeline: Timeline) -> dict[str, tuple[Track, ...]]:
    """For each track id the folder tracks it lies in, outermost first."""
    open_folders: list[Track] = []
    around: dict[str, tuple[Track, ...]] = {}
    for track in timeline.tracks:
        del open_folders[track.depth :]
        around[track.id] = tuple(open_folders)
        if track.folder_change > 0:
            open_folders.append(track)
    return around


def with_children(timeline: Timeline, track: Track) -> tuple[Track, ...]:
    """A track, and for a folder all the tracks in it."""
    around = folders_around(timeline)
    return tuple(t for t in timeline.tracks if t is track or track in around[t.id])


def silent_tracks(timeline: Timeline) -> dict[str, str]:
    """Ids of the tracks that do not sound, each with the reason."""
    around = folders_around(timeline)
    any_solo = any(track.is_soloed for track in timeline.tracks)
    kept = _kept_by_solo(timeline, around) if any_solo else set()
    reasons: dict[str, str] = {}
    for track in timeline.tracks:
        chain = (*around[track.id], track)
        muted = next((t for t in chain if t.is_muted), None)
        if muted is not None:
            what = "it" if muted is track else f'its folder "{muted.name}"'
            reasons[track.id] = f"{what} is muted"
        elif any_solo and track.number not in kept:
            reasons[track.id] = "another track is soloed"
    return reasons


def _kept_by_solo(timeline: Timeline, around: dict[str, tuple[Track, ...]]) -> set[int]:
    """Numbers of the tracks that a solo lets sound: the soloed ones and all that feeds them."""
    kept = {track.number for track in timeline.tracks if track.is_soloed or track.defies_solo}
    n_before = -1
    while n_before < len(kept):
        n_before = len(kept)
        for track in timeline.tracks:
            if any(folder.number in kept for folder in around[track.id]):
                kept.add(track.number)
            if track.number in kept:
                kept.update(track.receives)
    return kept


def silent_item_reason(track: Track, item: Item) -> str:
    """Why an item of a sounding track does not sound; empty when it does."""
    if item.is_soloed and _lane_plays(track, item):
        return ""
    if item.is_muted:
        return "it is muted"
    if not _lane_plays(track, item):
        return "its lane does not play"
    if track.has_soloed_item:
        return "another item of the track is soloed"
    return ""


def _lane_plays(track: Track, item: Item) -> bool:
    lanes = track.playing_lanes
    return lanes is None or bool(lanes >> item.lane & 1)
