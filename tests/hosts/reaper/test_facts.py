"""Answers of a bridge: what is right becomes a timeline, what is not a sentence."""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.hosts.reaper.facts import Media, timeline_of

TAKE = {
    "id": "{K}",
    "name": "gtr",
    "source_kind": "WAVE",
    "file": "/media/gtr.wav",
    "source_rate": 44_100,
    "source_channels": 2,
    "source_length_seconds": 9.0,
    "play_rate": 1.5,
    "source_offset_seconds": 0.5,
    "channel_mode": 0,
    "gain": -0.5,
    "pan": 0.0,
    "pitch_semitones": 0.0,
    "effects": ["VST: ReaComp (Cockos)"],
}
ITEM = {
    "id": "{I}",
    "position_seconds": 1.0,
    "length_seconds": 2.0,
    "is_muted": False,
    "is_soloed": False,
    "lane": 1,
    "plays_all_takes": False,
    "gain": 1.0,
    "active_take": 1,
    "is_selected": True,
    "is_looped": False,
    "timebase": 1,
    "group": 3,
    "is_locked": True,
    "cut": "",
    "made_as": "",
    "takes": [None, TAKE],
}
TRACK = {
    "id": "{T}",
    "number": 1,
    "name": "Lead",
    "depth": 0,
    "folder_change": 0,
    "is_muted": False,
    "is_soloed": False,
    "defies_solo": False,
    "receives": [2],
    "gain": 1.0,
    "pan": 0.0,
    "n_channels": 4,
    "free_mode": 2,
    "playing_lanes": [1, 3],
    "effects": ["VSTi: ReaSynth (Cockos)", "JS: Volume"],
    "effects_bypassed": False,
    "is_selected": True,
    "is_frozen": False,
    "made_as": "{A}",
    "made_by": "job-1",
    "items": [ITEM],
}
FACTS: dict[str, Any] = {
    "tab": "0x10",
    "path": "/music/song.rpp",
    "name": "song",
    "version": "7.70/linux-x86_64",
    "change_count": 5,
    "sample_rate": 48_000,
    "device_rate": None,
    "time_selection": [1.0, 2.0],
    "cursor_seconds": 0.0,
    "record_path": "/music/Media",
    "project_folder": "/music",
    "tempo_bpm": 90.0,
    "length_seconds": 3.0,
    "regions": [
        {
            "number": 1,
            "name": "A",
            "start_seconds": 0.0,
            "end_seconds": 1.0,
            "is_selected": True,
            "render_tracks": ["master", "{T}"],
        }
    ],
    "markers": [{"number": 2, "name": "M", "position_seconds": 0.5}],
    "razor_edits": [{"track_id": "{T}", "start_seconds": 1.0, "end_seconds": 1.5}],
    "tracks": [TRACK],
}
# What may be null, is not read, or stands in a list (numbers).
NOT_NEEDED = {"device_rate", "sample_rate", "time_selection", "is_selected", "playing_lanes"}
NOT_NEEDED |= {"project_folder", "name", 0, 1}


def packed(facts: Any) -> dict[str, str]:
    """As the bridge sends them."""
    text = json.dumps(facts).encode()
    return {"packed": base64.b64encode(zlib.compress(text)).decode()}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every value of the facts lies."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, one in inner:
        found.append((*path, key))
        if isinstance(one, dict | list):
            found += places(one, (*path, key))
    return found


def test_timeline_has_what_the_facts_say():
    live = timeline_of(packed(FACTS))
    (track,) = live.timeline.tracks
    (item,) = track.items
    assert (track.playing_lanes, item.lane, track.effects) == (0b1010, 1, ("JS: Volume",))
    assert (item.takes[0], item.take.gain, item.take.is_inverted) == (None, 0.5, True)
    assert (item.take.source.kind, item.take.source.file) == ("WAVE", "/media/gtr.wav")
    assert live.media == {"{K}": Media(44_100, 2, 9.0)}
    assert live.n_channels == {"{T}": 4}
    assert (live.item_states["{I}"].group, live.item_states["{I}"].is_locked) == (3, True)
    assert (live.selected_track_ids, live.selected_item_ids) == (("{T}",), ("{I}",))
    assert [region.number for region in live.selected_regions] == [1]
    assert live.made_as == {"{A}": "{T}"}
    assert live.result_tracks == {"{T}"}
    ((region, tracks),) = live.render_matrix
    assert (region.number, tracks) == (1, ("master", "{T}"))


def test_overlap_rule_is_that_of_the_saved_file(tmp_path):
    path = tmp_path / "song.rpp"
    path.write_text("<REAPER_PROJECT 0.1\n  ITEMMIX 2\n>\n", encoding="utf-8")
    assert timeline_of(packed({**FACTS, "path": str(path)})).timeline.overlap_rule == 2
    assert timeline_of(packed(FACTS)).timeline.overlap_rule == 0


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"packed": 5},
        {"packed": "no base64!"},
        {"packed": base64.b64encode(b"no zlib").decode()},
        {"packed": base64.b64encode(zlib.compress(b"no JSON")).decode()},
        {"packed": base64.b64encode(zlib.compress(b"{}")[:-3]).decode()},
        packed([1]),
        packed({}),
    ],
)
def test_answer_of_other_scripts_is_refused_with_the_next_step(answer):
    with pytest.raises(HostCallFailed) as caught:
        timeline_of(answer)
    assert (caught.value.command, caught.value.code) == ("timeline", "internal")
    assert "hanolab reaper install" in caught.value.hint


def test_message_says_what_is_wrong_where():
    wrong = copy.deepcopy(FACTS)
    wrong["tracks"][0]["items"][0]["takes"][1]["play_rate"] = 0
    with pytest.raises(HostCallFailed, match=r"track 1, item 1, take 2 has 0 as 'play_rate'"):
        timeline_of(packed(wrong))


@given(
    place=st.sampled_from(places(FACTS)),
    value=st.sampled_from(
        [None, True, -1, 10**400, 1e308, float("nan"), "", "x", "\0", [], [None], ["x", 1], {}]
    ),
)
def test_any_wrong_value_is_a_timeline_or_a_sentence(place, value):
    wrong = copy.deepcopy(FACTS)
    inner: Any = wrong
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with contextlib.suppress(HostCallFailed):
        timeline_of(packed(wrong))


@pytest.mark.parametrize("place", [p for p in places(FACTS) if p[-1] not in NOT_NEEDED])
def test_missing_value_is_told(place):
    wrong = copy.deepcopy(FACTS)
    inner: Any = wrong
    for key in place[:-1]:
        inner = inner[key]
    del inner[place[-1]]
    with pytest.raises(HostCallFailed, match=f"has no '{place[-1]}'"):
        timeline_of(packed(wrong))
