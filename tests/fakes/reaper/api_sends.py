"""Sends between tracks. Category 0 is a track's sends, below 0 its receives; none to hardware."""

from __future__ import annotations

from fakes.reaper.host import Host
from fakes.reaper.registry import api
from fakes.reaper.things import Send, Track
from fakes.reaper.values import stored


def _of(track: Track, category: int) -> list[Send]:
    if category > 0:
        return []
    return track.sends if category == 0 else track.receives


def _nth(track: Track, category: int, index: int) -> Send | None:
    sends = _of(track, category)
    return sends[index] if 0 <= index < len(sends) else None


@api("CreateTrackSend")
def create_track_send(host: Host, track: Track, target: Track | None) -> int:
    if target is None or target is track:
        return -1
    track.sends.append(Send(track, target))
    track.project.touch()
    return len(track.sends) - 1


@api("RemoveTrackSend")
def remove_track_send(host: Host, track: Track, category: int, index: int) -> bool:
    send = _nth(track, category, index)
    if send is None:
        return False
    send.source.sends.remove(send)
    track.project.touch()
    return True


@api("GetTrackNumSends")
def get_track_num_sends(host: Host, track: Track, category: int) -> int:
    return len(_of(track, category))


@api("GetTrackSendInfo_Value")
def get_track_send_value(host: Host, track: Track, category: int, index: int, key: str) -> float:
    send = _nth(track, category, index)
    if send is None:
        return 0.0
    if key in {"P_DESTTRACK", "P_SRCTRACK"}:  # the address, as a double
        other = send.target if key == "P_DESTTRACK" else send.source
        return float(host.addresses.address_of(other))
    return send.values.get(key, 0.0)


@api("SetTrackSendInfo_Value")
def set_track_send_value(
    host: Host, track: Track, category: int, index: int, key: str, value: float
) -> bool:
    send = _nth(track, category, index)
    if send is None or key not in send.values:
        return False
    send.values[key] = stored(key, value)
    track.project.touch()
    return True


@api("GetSetTrackSendInfo_String")
def get_set_track_send_string(
    host: Host, track: Track, category: int, index: int, key: str, text: str, is_set: bool
) -> tuple[bool, str | None]:
    return False, None
