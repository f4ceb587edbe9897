from __future__ import annotations

import pytest
from fakes.timelines import item, project, track

from hanolab_dawtools.hosts.project.hearing import silent_item_reason, silent_tracks, with_children


def nested(tmp_path, **flags):
    """Tracks A (a folder) > B (a folder) > C, then D in A, then E outside; flags by name."""
    shape = (("A", 1), ("B", 1), ("C", -1), ("D", -1), ("E", 0))
    return project(
        tmp_path,
        *(track(name=name, folder_change=change, **flags.get(name, {})) for name, change in shape),
    )


def sounding(timeline) -> str:
    silent = silent_tracks(timeline)
    return "".join(track.name for track in timeline.tracks if track.id not in silent)


MUTED, SOLOED = {"is_muted": True}, {"is_soloed": True}


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, "ABCDE"),
        ({"C": MUTED}, "ABDE"),
        ({"B": MUTED}, "ADE"),
        ({"A": MUTED}, "E"),
        ({"E": SOLOED}, "E"),
        ({"B": SOLOED}, "BC"),
        ({"A": SOLOED, "C": MUTED}, "ABD"),
        ({"E": {**MUTED, **SOLOED}}, ""),
    ],
)
def test_mute_and_solo_reach_through_folders(tmp_path, flags, expected):
    assert sounding(nested(tmp_path, **flags)) == expected


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"E": {**SOLOED, "receives": (3,)}}, "CE"),
        ({"E": {**SOLOED, "receives": (2,)}}, "BCE"),  # a folder sends what lies in it
        ({"E": {**SOLOED, "receives": (4,)}, "D": {"receives": (3,)}}, "CDE"),
        ({"E": SOLOED, "D": {"defies_solo": True}}, "DE"),
        ({"E": SOLOED, "D": {"defies_solo": True, "is_muted": True}}, "E"),
        ({"D": {"defies_solo": True}}, "ABCDE"),
        ({"E": {"receives": (3,)}, "D": SOLOED}, "D"),
        ({"E": {**SOLOED, "receives": (5, 0, 99)}}, "E"),  # from itself, or from nowhere
    ],
)
def test_solo_keeps_what_feeds_the_soloed_track(tmp_path, flags, expected):
    assert sounding(nested(tmp_path, **flags)) == expected


@pytest.mark.parametrize(
    ("mask", "expected"), [(None, "abc"), (0b001, "a"), (0b110, "bc"), (0, ""), (-1, "abc")]
)
def test_only_items_on_playing_lanes_sound(tmp_path, mask, expected):
    lanes = [
        item(f"{name}.wav", 0.0, 1.0, lane_y=lane / 3, lane_height=1 / 3)
        for lane, name in enumerate("abc")
    ]
    one = project(tmp_path, track(*lanes, free_mode=2, playing_lanes=mask)).tracks[0]
    heard = [each.name[0] for each in one.items if not silent_item_reason(one, each)]
    assert "".join(heard) == expected


def test_soloed_item_on_a_silent_lane_stays_silent(tmp_path):
    soloed = item("a.wav", 0.0, 1.0, is_soloed=True, lane_y=0.5, lane_height=0.5)
    one = project(tmp_path, track(soloed, free_mode=2, playing_lanes=1)).tracks[0]
    assert silent_item_reason(one, soloed) == "its lane does not play"


@pytest.mark.parametrize(
    ("y", "height", "lane"),
    [
        (None, None, 0),
        (0.8, 0.2, 4),
        (0.0, 1.0, 0),
        (0.5, 0.0, 0),
        (-1, 0.2, 0),
        (1, 1e-300, 1_000),
    ],
)
def test_lane_is_how_many_heights_an_item_lies_down(y, height, lane):
    assert item("a.wav", 0.0, 1.0, lane_y=y, lane_height=height).lane == lane


def test_reason_names_the_muted_folder(tmp_path):
    timeline = nested(tmp_path, A=MUTED)
    assert silent_tracks(timeline)[timeline.tracks[2].id] == 'its folder "A" is muted'


@pytest.mark.parametrize(("name", "expected"), [("A", "ABCD"), ("B", "BC"), ("C", "C"), ("E", "E")])
def test_folder_has_all_that_lies_in_it(tmp_path, name, expected):
    timeline = nested(tmp_path)
    (one,) = [track for track in timeline.tracks if track.name == name]
    assert "".join(t.name for t in with_children(timeline, one)) == expected


def test_soloed_item_silences_its_neighbours(tmp_path):
    soloed = item("a.wav", 0.0, 1.0, is_soloed=True, is_muted=True)
    other = item("b.wav", 0.0, 1.0)
    one = project(tmp_path, track(soloed, other)).tracks[0]
    assert silent_item_reason(one, soloed) == ""
    assert silent_item_reason(one, other) == "another item of the track is soloed"
