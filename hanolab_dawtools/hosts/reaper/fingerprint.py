"""Whether the items that were captured are still as they were, in a running REAPER.

What only concerns the eye (selection, colour, names) does not count, nor does mute: placing stems
mutes items, and a user may have muted one since.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

from hanolab_dawtools.hosts.project.timeline import Item, Timeline

_DIGITS = 9  # a nanosecond; REAPER and JSON carry times as doubles


def fingerprint_of(timeline: Timeline, item_ids: Collection[str]) -> str:
    """SHA-256, in hex, over what says how these items sound, in the order of the project.

    An item that is gone leaves no trace, so the fingerprint differs.
    """
    wanted = set(item_ids)
    told = [_facts(item) for _, item in timeline.items() if item.id in wanted]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _facts(item: Item) -> list[Any]:
    take = item.take
    facts: list[Any] = [
        item.id,
        _steady(item.position_seconds),
        _steady(item.length_seconds),
        _steady(item.gain),
        item.is_looped,
        item.active_take,
    ]
    if take is not None:
        source = take.source
        facts += [
            take.guid,
            source.kind if source else "",
            source.file if source else "",
            _steady(take.source_offset_seconds),
            _steady(take.play_rate),
            _steady(take.pitch_semitones),
            _steady(take.gain),
            take.channel_mode,
        ]
    return facts


def _steady(number: float) -> float:
    return round(number, _DIGITS)
