from __future__ import annotations

import pytest
from fakes.timelines import item, project, track

from hanolab_dawtools.hosts.rpp.hearing import silent_item_reason, silent_tracks, with_children


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
