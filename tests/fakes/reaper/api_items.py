"""Items: adding, removing, splitting and moving them, their values and their selection."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.lanes import is_heard, put_on_lane
from fakes.reaper.project import Project
from fakes.reaper.registry import action, api
from fakes.reaper.splitting import split
from fakes.reaper.strings import get_set_string
from fakes.reaper.things import Item, Take, Track
from fakes.reaper.values import stored

DEFAULT_FADE_SECONDS = 0.01  # "deffadelen" as REAPER comes


def _nth(items: list[Item], index: int) -> Item | None:
    return items[index] if 0 <= index < len(items) else None


@api("AddMediaItemToTrack")
def add_media_item_to_track(host: Host, track: Track) -> Item:
    item = Item(track)
    if host.has("new_items_have_fades"):
        for key in ("D_FADEINLEN", "D_FADEOUTLEN", "D_FADEINLEN_AUTO", "D_FADEOUTLEN_AUTO"):
            item.values[key] = DEFAULT_FADE_SECONDS
    track.items.append(item)
    track.sort_items()
    track.project.touch()
    return item


@api("DeleteTrackMediaItem")
def delete_track_media_item(host: Host, track: Track, item: Item) -> bool:
    if item.track is not track:
        return False
    track.items.remove(item)
    track.project.forget(item.things())
    track.project.touch()
    return True


@api("SplitMediaItem")
def split_media_item(host: Host, item: Item, position: float) -> Item | None:
    right = split(item, position)
    if right is not None:
        item.project.touch()
    return right


@api("MoveMediaItemToTrack")
def move_media_item_to_track(host: Host, item: Item, track: Track) -> bool:
    if item.track is track or item.project is not track.project:
        return False
    item.track.items.remove(item)
    item.track = track
    track.items.append(item)
    track.sort_items()
    track.project.touch()
    return True


@api("CountMediaItems")
def count_media_items(host: Host, project: Project) -> int:
    return len(project.items)


@api("GetMediaItem")
def get_media_item(host: Host, project: Project, index: int) -> Item | None:
    return _nth(project.items, index)


@api("CountTrackMediaItems")
def count_track_media_items(host: Host, track: Track) -> int:
    return len(track.items)


@api("GetTrackNumMediaItems")
def get_track_num_media_items(host: Host, track: Track) -> int:
    return len(track.items)


@api("GetTrackMediaItem")
def get_track_media_item(host: Host, track: Track, index: int) -> Item | None:
    return _nth(track.items, index)


@api("GetMediaItemTrack")
def get_media_item_track(host: Host, item: Item) -> Track:
    return item.track


@api("GetMediaItem_Track")
def get_media_item_track2(host: Host, item: Item) -> Track:
    return item.track


@api("GetItemProjectContext")
def get_item_project_context(host: Host, item: Item) -> Project:
    return item.project


@api("GetMediaItemInfo_Value")
def get_item_value(host: Host, item: Item, key: str) -> float:
    if key == "IP_ITEMNUMBER":
        return float(item.track.items.index(item))
    if key == "B_MUTE":  # a solo of the item overrides it
        return float(item.values["C_MUTE_SOLO"] > 0 or _is_muted_and_not_soloed(item))
    if key == "B_MUTE_ACTUAL":
        return item.values["B_MUTE"]
    if key == "C_LANEPLAYS":
        return float(is_heard(item))
    return item.values.get(key, 0.0)


def _is_muted_and_not_soloed(item: Item) -> bool:
    return item.values["B_MUTE"] != 0 and item.values["C_MUTE_SOLO"] == 0


@api("SetMediaItemInfo_Value")
def set_item_value(host: Host, item: Item, key: str, value: float) -> bool:
    if key not in item.values:
        return False
    if key == "I_FIXEDLANE":
        put_on_lane(item, int(value))
    else:
        kept_under = "B_MUTE" if key == "B_MUTE_ACTUAL" else key
        item.values[kept_under] = stored(key, value)
    if key == "B_MUTE":
        item.values["C_MUTE_SOLO"] = 0.0
    if key == "D_POSITION":
        item.track.sort_items()
    item.project.touch()
    return True


@api("SetMediaItemPosition")
def set_media_item_position(host: Host, item: Item, position: float, refresh: bool) -> bool:
    return set_item_value(host, item, "D_POSITION", position)


@api("SetMediaItemLength")
def set_media_item_length(host: Host, item: Item, length: float, refresh: bool) -> bool:
    return set_item_value(host, item, "D_LENGTH", length)


@api("GetSetMediaItemInfo_String")
def get_set_item_string(
    host: Host, item: Item, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    return get_set_string(item, key, text, is_set=is_set, more=("P_NOTES",))


@api("IsMediaItemSelected")
def is_media_item_selected(host: Host, item: Item) -> bool:
    return item.is_selected


@api("SetMediaItemSelected")
def set_media_item_selected(host: Host, item: Item, is_selected: bool) -> None:
    item.values["B_UISEL"] = float(is_selected)
    item.project.touch()


def _selected(project: Project) -> list[Item]:
    return [item for item in project.items if item.is_selected]


@api("CountSelectedMediaItems")
def count_selected_media_items(host: Host, project: Project) -> int:
    return len(_selected(project))


@api("GetSelectedMediaItem")
def get_selected_media_item(host: Host, project: Project, index: int) -> Item | None:
    return _nth(_selected(project), index)


@api("SelectAllMediaItems")
def select_all_media_items(host: Host, project: Project, is_selected: bool) -> None:
    for item in project.items:
        item.values["B_UISEL"] = float(is_selected)
    project.touch()


@action(40289)
def unselect_all_items(host: Host, project: Project) -> None:
    select_all_media_items(host, project, False)


@action(40182)
def select_all_items(host: Host, project: Project) -> None:
    select_all_media_items(host, project, True)


@api("CountTakes")
def count_takes(host: Host, item: Item) -> int:
    return len(item.takes)


@api("GetMediaItemNumTakes")
def get_media_item_num_takes(host: Host, item: Item) -> int:
    return len(item.takes)


@api("GetTake")
def get_take(host: Host, item: Item, index: int) -> Take | None:
    take = item.takes[index] if 0 <= index < len(item.takes) else None
    return None if take is None or take.is_empty else take


@api("GetMediaItemTake")
def get_media_item_take(host: Host, item: Item, index: int) -> Take | None:
    return item.active_take if index < 0 else get_take(host, item, index)


@api("GetActiveTake")
def get_active_take(host: Host, item: Item) -> Take | None:
    return item.active_take


@api("UpdateItemInProject")
def update_item_in_project(host: Host, item: Item) -> None:
    item.project.refreshes.append("UpdateItemInProject")
