"""Takes: adding one, which plays, their values, strings and the source they play."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.strings import get_set_string
from fakes.reaper.things import Item, Source, Take, Track
from fakes.reaper.values import stored


@api("AddTakeToMediaItem")
def add_take_to_media_item(host: Host, item: Item) -> Take:
    take = Take(item)
    item.takes.append(take)
    item.project.touch()
    return take


@api("SetActiveTake")
def set_active_take(host: Host, take: Take) -> None:
    take.item.values["I_CURTAKE"] = float(take.item.takes.index(take))
    take.project.touch()


@api("GetMediaItemTake_Item")
def get_take_item(host: Host, take: Take) -> Item:
    return take.item


@api("GetMediaItemTake_Track")
def get_take_track(host: Host, take: Take) -> Track:
    return take.item.track


@api("GetMediaItemTake_Source")
def get_take_source(host: Host, take: Take) -> Source | None:
    return take.source


@api("SetMediaItemTake_Source")
def set_take_source(host: Host, take: Take, source: Source | None) -> bool:
    """Let it play a source, or a copy of it when a take of any project plays that already."""
    if host.has("source_not_attached"):
        return True
    if source is None or (source.owner is None and host.has("fresh_source_rejected")):
        return False
    take.play(source if source.owner is None else source.copy())
    take.project.touch()
    return True


@api("GetMediaItemTakeInfo_Value")
def get_take_value(host: Host, take: Take, key: str) -> float:
    if key == "IP_TAKENUMBER":
        return float(take.item.takes.index(take))
    return take.values.get(key, 0.0)


@api("SetMediaItemTakeInfo_Value")
def set_take_value(host: Host, take: Take, key: str, value: float) -> bool:
    if key not in take.values:
        return False
    take.values[key] = stored(key, value)
    take.project.touch()
    return True


@api("GetSetMediaItemTakeInfo_String")
def get_set_take_string(
    host: Host, take: Take, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    return get_set_string(take, key, text, is_set=is_set)


@api("GetTakeName")
def get_take_name(host: Host, take: Take) -> str:
    return take.name


@api("TakeIsMIDI")
def take_is_midi(host: Host, take: Take) -> bool:
    return take.source is not None and take.source.kind == "MIDI"
