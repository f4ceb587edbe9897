"""Whole states of items as text, and the little of a track's that is asked for.

The text stands for REAPER's own chunk: whoever gives it back gets the same item, with its takes
made anew, so that their addresses from before are stale.
"""

from __future__ import annotations

import json

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.state import fill_item, item_state
from fakes.reaper.things import Item, Track

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


@api("GetTrackStateChunk")
def get_track_state_chunk(
    host: Host, track: Track, text: str, size: int, is_undo: bool
) -> tuple[bool, str]:
    """Only what says whether the track is frozen (a spec's "strings": {"frozen": "1"})."""
    frozen = "<FREEZE 0 0\n>\n" * int(track.strings.get("frozen", "0"))
    return True, f"<TRACK {track.guid}\nNAME {json.dumps(track.name)}\n{frozen}>\n"
