"""Placing beside items of which some are soloed: they are muted, and come back by one undo."""

from __future__ import annotations

import pytest
from fakes.live_captures import live
from fakes.live_places import difference, placement, put, song, told


@pytest.mark.parametrize(
    ("mute", "solo", "n_changed"),
    [(False, 0, 1), (False, -1, 1), (True, -1, 1), (False, 1, 1), (True, 1, 0), (True, 0, 0)],
)
def test_an_item_is_muted_whatever_a_solo_says_of_it(tmp_path, mute, solo, n_changed) -> None:
    with live(song(tmp_path, item={"mute": mute, "solo": solo})) as channel:
        before = told(channel)
        placed = put(channel, placement(tmp_path))
        assert sum("is muted" in change for change in placed.changes) == n_changed
        mix = channel.host.projects[0].tracks[0]
        if n_changed:
            (inside,) = [item for item in mix.items if item.start == 1.0]
            assert inside.values["B_MUTE"] == 1
            assert inside.values["C_MUTE_SOLO"] == 0
        channel.call("undo", {"tab": channel.tab(), "label": placed.undo_label})
        assert not difference(told(channel), before)
