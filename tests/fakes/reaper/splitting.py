"""Cutting an item in two."""

from __future__ import annotations

from fakes.reaper.things import Effect, Envelope, Item, Take, new_guid

SPLIT_FADE_SECONDS = 0.01


def split(item: Item, position: float) -> Item | None:
    """Make it end there; the new item from there on, None when that is not within it.

    What is at the cut has no fade, but for the preference to put automatic ones there
    (`new_items_have_fades`). The new item and its takes have ids of their own.
    """
    if not item.start < position < item.end:
        return None
    right = Item(item.track, new_guid(), dict(item.values), dict(item.strings))
    right.values |= {"D_POSITION": position, "D_LENGTH": item.end - position}
    right.takes = [_take_from(take, right, position - item.start) for take in item.takes]
    item.values["D_LENGTH"] = position - item.start
    auto = SPLIT_FADE_SECONDS if item.project.host.has("new_items_have_fades") else 0.0
    item.values |= {"D_FADEOUTLEN": 0.0, "D_FADEOUTLEN_AUTO": auto}
    right.values |= {"D_FADEINLEN": 0.0, "D_FADEINLEN_AUTO": auto, "D_SNAPOFFSET": 0.0}
    item.track.items.append(right)
    item.track.sort_items()
    return right


def _take_from(take: Take, item: Item, later_seconds: float) -> Take:
    made = Take(item, None, take.name, new_guid(), dict(take.values), dict(take.strings))
    made.values["D_STARTOFFS"] += later_seconds * take.values["D_PLAYRATE"]
    made.effects = [Effect(each.name, each.is_enabled, each.is_offline) for each in take.effects]
    made.is_empty = take.is_empty
    made.envelopes = [Envelope(made, each.name, list(each.points)) for each in take.envelopes]
    if take.source is not None:
        made.play(take.source.copy())
    return made
