"""Which of overlapping items play, by rule, lane and crossfade; constants tell them apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from fakes.timelines import item, project, render, track, write_media

from hanolab_dawtools.hosts.project.timeline import Fade

RATE = 48_000
MIX, LATER_REPLACES = 1, 2


@pytest.fixture
def folder(tmp_path):
    return write_media(tmp_path / "a.wav", np.ones((1, 48_000), dtype=np.float32), RATE).parent


def levels(timeline, *edges: float) -> list[float]:
    """The level between each two of the edges; it must not change in between."""
    out = render(timeline, 0.0, timeline.end_seconds)[0]
    frames = [round(edge * RATE) for edge in edges]
    parts = [out[first:last] for first, last in pairwise(frames)]
    assert all(np.ptp(part) == 0 for part in parts)
    return [float(part[0]) for part in parts]


def pair(**upper_fields):
    lower = item("a.wav", 0.0, 0.1, id="lower", item_gain=1.0, lane_y=0.0, lane_height=0.5)
    fields = {"item_gain": 0.25, "lane_y": 0.0, "lane_height": 0.5, **upper_fields}
    return lower, item("a.wav", 0.02, 0.03, id="upper", **fields)


@pytest.mark.parametrize(
    ("free_mode", "upper_lane", "expected"),
    [
        (0, 0.0, [1.0, 0.25, 1.0]),
        (0, 0.5, [1.0, 0.25, 1.0]),  # where it is drawn means nothing on a plain track
        (1, 0.5, [1.0, 1.25, 1.0]),
        (1, 0.0, [1.0, 1.25, 1.0]),
        (2, 0.0, [1.0, 0.25, 1.0]),
        (2, 0.5, [1.0, 1.25, 1.0]),
    ],
)
def test_items_in_other_lanes_and_free_ones_mix(folder, free_mode, upper_lane, expected):
    one = track(*pair(lane_y=upper_lane), free_mode=free_mode)
    timeline = project(folder, one, overlap_rule=0)
    assert levels(timeline, 0.0, 0.02, 0.05, 0.1) == expected


@pytest.mark.parametrize(("mask", "expected"), [(1, [1.0] * 3), (2, [0.0, 0.25, 0.0])])
def test_lane_that_does_not_play_neither_sounds_nor_replaces(folder, mask, expected):
    one = track(*pair(lane_y=0.5), free_mode=2, playing_lanes=mask)
    other = track(item("a.wav", 0.0, 0.1, item_gain=0.0))
    timeline = project(folder, one, other, overlap_rule=LATER_REPLACES)
    assert levels(timeline, 0.0, 0.02, 0.05, 0.1) == expected


@pytest.mark.parametrize(("rule", "expected"), [(0, 0.25), (MIX, 1.25), (LATER_REPLACES, 0.25)])
@pytest.mark.parametrize("is_own_rule", [False, True])
def test_enclosed_item_follows_the_rule(folder, rule, expected, is_own_rule):
    upper = {"mix_behaviour": rule} if is_own_rule else {}
    timeline = project(folder, track(*pair(**upper)), overlap_rule=MIX if is_own_rule else rule)
    assert levels(timeline, 0.0, 0.02, 0.05, 0.1) == [1.0, expected, 1.0]


def test_of_three_stacked_items_the_innermost_plays(folder):
    stack = (
        item("a.wav", 0.0, 0.1, id="1", item_gain=1.0),
        item("a.wav", 0.02, 0.06, id="2", item_gain=0.5),
        item("a.wav", 0.04, 0.02, id="3", item_gain=0.25),
    )
    timeline = project(folder, track(*stack), overlap_rule=0)
    expected = [1.0, 0.5, 0.25, 0.5, 1.0]
    assert levels(timeline, 0.0, 0.02, 0.04, 0.06, 0.08, 0.1) == expected


@pytest.mark.parametrize("rule", [0, MIX, LATER_REPLACES])
@pytest.mark.parametrize("shape", range(8))
def test_auto_crossfade_is_the_sum_of_both_fades_under_every_rule(folder, rule, shape):
    cross = Fade(0.04, shape=shape, is_auto=True)
    left = item("a.wav", 0.0, 0.1, id="left", fade_out=cross)
    right = item("a.wav", 0.06, 0.1, id="right", fade_in=cross)
    out = render(project(folder, track(left, right), overlap_rule=rule), 0.0, 0.16)[0]
    assert np.all(out[:2_880] == 1.0)
    assert np.all(out[4_800:] == 1.0)
    middle = out[2_880:4_800]  # a shape and its mirror image: the same from both ends
    assert np.allclose(middle[1:], middle[1:][::-1], atol=1e-6)
    if shape in (0, 2, 3, 4):
        assert np.allclose(middle, 1.0, atol=1e-6)
