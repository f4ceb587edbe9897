"""Fixed lanes of a track (REAPER 7): which of them play."""

from __future__ import annotations

from fakes.reaper.things import Item, Track

FIXED_LANES = 2  # I_FREEMODE


def lane_plays(track: Track, lane: int) -> int:
    """0: it does not play, 1: it plays alone, 2: with others."""
    if track.values["I_FREEMODE"] != FIXED_LANES:
        return 0
    return track.lane_plays.get(lane, 2 if not track.lane_plays else 0)


def set_lane_plays(track: Track, lane: int, plays: int) -> None:
    """Let a lane play or not; 1 silences all others."""
    if track.values["I_FREEMODE"] != FIXED_LANES:
        return
    n_lanes = int(track.values["I_NUMFIXEDLANES"])
    before = {number: lane_plays(track, number) for number in range(n_lanes)}
    if plays == 1:
        before = dict.fromkeys(before, 0)
    elif plays:
        before = {number: 2 if each else 0 for number, each in before.items()}
    track.lane_plays = before | {lane: plays}


def is_heard(item: Item) -> bool:
    """Whether its lane plays; on a track without lanes every item does."""
    if item.track.values["I_FREEMODE"] != FIXED_LANES:
        return True
    return lane_plays(item.track, int(item.values["I_FIXEDLANE"])) != 0


def put_on_lane(item: Item, lane: int) -> None:
    """Onto a lane, which is made when there are fewer; without fixed lanes nothing happens."""
    values = item.track.values
    if values["I_FREEMODE"] == FIXED_LANES and lane >= 0:
        values["I_NUMFIXEDLANES"] = max(values["I_NUMFIXEDLANES"], lane + 1.0)
        item.values["I_FIXEDLANE"] = float(lane)
