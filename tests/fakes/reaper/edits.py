"""What a user does by hand, for tests: `project.edit({...})`, one step of undo each.

Keys, all optional:
- "time_selection": [start, end]; "cursor": seconds; "play_state": 0 stop, 1 play;
- "select_items": [[track index, item index], ...]; "select_tracks": [indices];
  "select_regions": [numbers];
- "tracks": {index: {key: value}}, "items": {"track,item": {key: value}},
  "takes": {"track,item,take": {key: value}}: values by REAPER's keys, "name" for the name;
- "delete_tracks": [indices]; "delete_items": [[track index, item index], ...];
- "add_tracks": [track specs]; "razor": {track index: "0.5 1.5 \\"\\""};
- "numbers", "texts": settings of the project; "path": it was saved under this name;
- "label": what the step is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakes.reaper.things import Item, Take, Track

if TYPE_CHECKING:
    from fakes.reaper.project import Project


def apply_edit(project: Project, change: Mapping[str, Any]) -> None:
    """Do what the change says; an unknown key is an error of the test."""
    unknown = set(change) - set(_EDITS) - {"label"}
    if unknown:
        raise ValueError(f"no such edit: {sorted(unknown)}")
    for key, edit in _EDITS.items():
        if key in change:
            edit(project, change[key])
    project.touch()
    if not set(change) <= {"play_state", "cursor", "numbers", "texts"}:
        project.history.add(change.get("label", "Edit"))


def _item(project: Project, place: list[int] | str) -> Item:
    numbers = [int(n) for n in place.split(",")] if isinstance(place, str) else place
    return project.tracks[numbers[0]].items[numbers[1]]


def _set(thing: Track | Item | Take, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if key == "name":
            thing.name = value
        elif key in thing.values:
            thing.values[key] = float(value)
        else:
            thing.strings[key] = value


def _time_selection(project: Project, span: list[float]) -> None:
    project.time_selection = (float(span[0]), float(span[1]))


def _cursor(project: Project, seconds: float) -> None:
    project.cursor = seconds


def _play_state(project: Project, state: int) -> None:
    project.play_state = state


def _select_items(project: Project, places: list[list[int]]) -> None:
    wanted = {id(_item(project, place)) for place in places}
    for item in project.items:
        item.values["B_UISEL"] = float(id(item) in wanted)


def _select_tracks(project: Project, numbers: list[int]) -> None:
    for number, track in enumerate(project.tracks):
        track.values["I_SELECTED"] = float(number in numbers)


def _select_regions(project: Project, numbers: list[int]) -> None:
    for mark in project.marks:
        mark.is_selected = mark.is_region and mark.number in numbers


def _tracks(project: Project, changes: Mapping[Any, Mapping[str, Any]]) -> None:
    for number, values in changes.items():
        _set(project.tracks[int(number)], values)


def _items(project: Project, changes: Mapping[str, Mapping[str, Any]]) -> None:
    for place, values in changes.items():
        item = _item(project, place)
        _set(item, values)
        item.track.sort_items()


def _takes(project: Project, changes: Mapping[str, Mapping[str, Any]]) -> None:
    for place, values in changes.items():
        _set(_item(project, place).takes[int(place.split(",")[2])], values)


def _delete_items(project: Project, places: list[list[int]]) -> None:
    for item in [_item(project, place) for place in places]:
        item.track.items.remove(item)
        project.forget(item.things())


def _delete_tracks(project: Project, numbers: list[int]) -> None:
    for track in [project.tracks[number] for number in numbers]:
        project.remove_track(track)


def _add_tracks(project: Project, specs: list[dict[str, Any]]) -> None:
    from fakes.reaper.model import add_tracks

    add_tracks(project, specs)


def _razor(project: Project, areas: Mapping[Any, str]) -> None:
    for number, text in areas.items():
        project.tracks[int(number)].strings["P_RAZOREDITS"] = text


def _numbers(project: Project, values: Mapping[str, float]) -> None:
    project.numbers.update(values)


def _texts(project: Project, values: Mapping[str, str]) -> None:
    project.texts.update(values)


def _path(project: Project, path: str) -> None:
    project.path = path


_EDITS = {
    "path": _path,
    "numbers": _numbers,
    "texts": _texts,
    "add_tracks": _add_tracks,
    "tracks": _tracks,
    "items": _items,
    "takes": _takes,
    "razor": _razor,
    "select_items": _select_items,
    "select_tracks": _select_tracks,
    "select_regions": _select_regions,
    "time_selection": _time_selection,
    "cursor": _cursor,
    "play_state": _play_state,
    "delete_items": _delete_items,
    "delete_tracks": _delete_tracks,
}
