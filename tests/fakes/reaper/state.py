"""A project as plain values: what undo keeps of it, and how it is put back.

Not part of it, as in REAPER: render settings, the cursor, the time selection, the extension's
values. Items, takes and sources are made anew when a state is put back, so addresses from before
are stale then; a track that is in both keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.reaper.media import open_source
from fakes.reaper.things import Effect, Envelope, Item, Mark, Send, Source, Take, Track

if TYPE_CHECKING:
    from fakes.reaper.project import Project

State = dict[str, Any]


def freeze(project: Project) -> State:
    """All that undo brings back, as JSON values that share nothing with the project."""
    return {
        "tempo": project.tempo_bpm,
        "master": _track_state(project.master),
        "tracks": [_track_state(track) for track in project.tracks],
        "marks": [_mark_state(mark) for mark in project.marks],
    }


def thaw(project: Project, state: State) -> None:
    """Make the project what it was; what is no longer in it loses its address."""
    living = {track.guid: track for track in project.tracks}
    wanted = {track["guid"] for track in state["tracks"]}
    for guid, track in living.items():
        gone = track.things() if guid not in wanted else _all_items(track)
        project.forget(gone)
    project.forget(project.marks)
    project.tempo_bpm = state["tempo"]
    project.tracks = [living.get(track["guid"]) or Track(project) for track in state["tracks"]]
    for track, track_state in zip(project.tracks, state["tracks"], strict=True):
        _fill_track(track, track_state)
    _fill_track(project.master, state["master"])
    for track, track_state in zip(project.tracks, state["tracks"], strict=True):
        track.sends = [_send(project, track, send) for send in track_state["sends"]]
    project.marks = [Mark(project, **mark) for mark in state["marks"]]


def _all_items(track: Track) -> list[object]:
    return [thing for item in track.items for thing in item.things()]


def _track_state(track: Track) -> State:
    return {
        "guid": track.guid,
        "name": track.name,
        "values": dict(track.values),
        "strings": dict(track.strings),
        "lane_plays": [[lane, plays] for lane, plays in track.lane_plays.items()],
        "effects": [_effect_state(effect) for effect in track.effects],
        "sends": [
            {"target": send.target.guid, "values": dict(send.values)} for send in track.sends
        ],
        "items": [item_state(item) for item in track.items],
    }


def item_state(item: Item) -> State:
    """An item with its takes, as JSON values."""
    return {
        "guid": item.guid,
        "values": dict(item.values),
        "strings": dict(item.strings),
        "takes": [_take_state(take) for take in item.takes],
    }


def _take_state(take: Take) -> State:
    source = take.source
    return {
        "guid": take.guid,
        "name": take.name,
        "is_empty": take.is_empty,
        "values": dict(take.values),
        "strings": dict(take.strings),
        "effects": [_effect_state(effect) for effect in take.effects],
        "envelopes": _envelope_states(take),
        "stretch_markers": [list(marker) for marker in take.stretch_markers],
        "source": None if source is None else _source_state(source),
    }


def _source_state(source: Source) -> State:
    if source.parent is None:
        return {"file": source.file, "kind": source.kind}
    section = [source.section_offset, source.length_seconds, float(source.is_reversed)]
    return {"file": source.parent.file, "section": section}


def _envelope_states(owner: Track | Take) -> list[State]:
    return [
        {"name": each.name, "points": [list(point) for point in each.points]}
        for each in owner.envelopes
    ]


def _effect_state(effect: Effect) -> State:
    return {
        "name": effect.name,
        "is_enabled": effect.is_enabled,
        "is_offline": effect.is_offline,
        "guid": effect.guid,
    }


def _mark_state(mark: Mark) -> State:
    return {key: value for key, value in vars(mark).items() if key != "project"}


def _fill_track(track: Track, state: State) -> None:
    track.guid, track.name = state["guid"], state["name"]
    track.values, track.strings = dict(state["values"]), dict(state["strings"])
    track.lane_plays = {int(lane): int(plays) for lane, plays in state["lane_plays"]}
    track.effects = [Effect(**effect) for effect in state["effects"]]
    track.items = [_item(track, item) for item in state["items"]]


def _item(track: Track, state: State) -> Item:
    item = Item(track)
    fill_item(item, state)
    return item


def fill_item(item: Item, state: State) -> None:
    """Make an item what the state says, with takes made anew."""
    item.guid = state["guid"]
    item.values, item.strings = dict(state["values"]), dict(state["strings"])
    item.takes = [_take(item, take) for take in state["takes"]]


def _take(item: Item, state: State) -> Take:
    take = Take(item, None, state["name"], state["guid"], dict(state["values"]))
    take.strings, take.is_empty = dict(state["strings"]), state["is_empty"]
    take.effects = [Effect(**effect) for effect in state["effects"]]
    take.envelopes = _envelopes(take, state)
    take.stretch_markers = [list(marker) for marker in state["stretch_markers"]]
    if state["source"] is not None:
        take.play(open_source(**state["source"]))
    return take


def _envelopes(owner: Track | Take, state: State) -> list[Envelope]:
    return [
        Envelope(owner, each["name"], [list(point) for point in each["points"]])
        for each in state["envelopes"]
    ]


def _send(project: Project, track: Track, state: State) -> Send:
    target = next(one for one in project.tracks if one.guid == state["target"])
    return Send(track, target, dict(state["values"]))
