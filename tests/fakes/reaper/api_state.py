"""Whole states of items as text, and what of takes is only told, never made.

The text stands for REAPER's own chunk: whoever gives it back gets the same item, with its takes
made anew, so that their addresses from before are stale.
"""

from __future__ import annotations

import json

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.state import fill_item, item_state
from fakes.reaper.things import Item, Take, Track

_HEAD, _TAIL = "<ITEM\n", "\n>\n"


@api("GetItemStateChunk")
def get_item_state_chunk(
    host: Host, item: Item, text: str, size: int, is_undo: bool
) -> tuple[bool, str]:
    return True, f"{_HEAD}{json.dumps(item_state(item))}{_TAIL}"


@api("SetItemStateChunk")
def set_item_state_chunk(host: Host, item: Item, text: str, is_undo: bool) -> bool:
    if not (text.startswith(_HEAD) and text.endswith(_TAIL)):
        return False
    item.project.forget(thing for thing in item.things() if thing is not item)
    fill_item(item, json.loads(text[len(_HEAD) : -len(_TAIL)]))
    item.track.sort_items()
    item.project.touch()
    return True


@api("GetTakeNumStretchMarkers")
def get_take_num_stretch_markers(host: Host, take: Take) -> int:
    return int(take.strings.get("stretch_markers", "0"))


@api("TrackFX_SetOffline")
def track_fx_set_offline(host: Host, track: Track, effect: int, is_offline: bool) -> None:
    if 0 <= effect < len(track.effects):
        track.effects[effect].is_offline = is_offline
        track.project.touch()
