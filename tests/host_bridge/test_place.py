"""Stems in a running REAPER: where they lie, what is muted, one undo step, twice nothing more."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fakes.live_captures import live, track
from fakes.live_places import (
    SONG,
    captured,
    difference,
    placement,
    plan_of,
    put,
    song,
    told,
    without_history,
)

from hanolab_dawtools.errors import HostCallFailed, UsageError
from hanolab_dawtools.model import CapturePoint, StemRole

VARIANTS = {
    "tracks": {},
    "kept": {"keep_source": True},
    "beside": {"keep_source": True, "arrangement": {"plays_beside": True}},
    "no folder": {"arrangement": {"has_folder": False}},
    "no inheriting": {"arrangement": {"inherits": False}},
    "takes": {"as_takes": True},
    "lanes": {"arrangement": {"lanes": True}},
}


def items_of(snapshot, number: int) -> list[tuple[float, float, float]]:
    """(position, end, muted) of the items of a track."""
    return [
        (
            one["values"]["D_POSITION"],
            one["values"]["D_POSITION"] + one["values"]["D_LENGTH"],
            one["values"]["B_MUTE"],
        )
        for one in snapshot["tracks"][number]["items"]
    ]


@pytest.mark.parametrize("version", ["6.78", "7.22", "7.78"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_one_undo_takes_everything_back(tmp_path, variant, version) -> None:
    if variant == "lanes" and version < "7":
        return
    with live(song(tmp_path, track("Verb"), track={"sends": [1]}), version=version) as channel:
        before = told(channel)
        placed = put(channel, placement(tmp_path, **VARIANTS[variant]))
        after = told(channel)
        assert after["undo"] == [placed.undo_label]
        assert after["is_closed"]
        assert difference(without_history(after), without_history(before))
        assert channel.call("undo", {"tab": channel.tab(), "label": placed.undo_label}) == {}
        assert not difference(told(channel), before)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("misbehaviour", [(), ("no_set_guid",), ("set_guid_ignored",)])
def test_a_second_placing_changes_nothing(tmp_path, variant, misbehaviour) -> None:
    with live(song(tmp_path), misbehaviours=misbehaviour) as channel:
        wanted = placement(tmp_path, fingerprint=captured(channel), **VARIANTS[variant])
        first = put(channel, wanted)
        before = channel.snapshot()
        second = put(channel, wanted)
        assert channel.snapshot() == before
        assert second.tracks == first.tracks
        assert "already in the project" in second.warnings[0]
        found = channel.call("placed", {"tab": channel.tab(), "job_id": wanted.job_id})["tracks"]
        assert {one["item_id"] for one in found} == {one.item_id for one in first.tracks}


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_stems_lie_on_the_frame_and_the_source_is_muted_exactly_there(tmp_path, rate) -> None:
    start, stop = 44_101 * rate // 44_100 + 3, 3 * rate - 7
    with live(song(tmp_path, rate=rate)) as channel:
        wanted = placement(tmp_path, start / rate, stop / rate, rate=rate)
        put(channel, wanted)
        after = channel.snapshot()
    for number in (2, 3):
        (stem,) = after["tracks"][number]["items"]
        assert stem["values"]["D_POSITION"] == start / rate
        assert round(stem["values"]["D_LENGTH"] * rate) == stop - start
        assert stem["takes"][0]["values"]["D_STARTOFFS"] == 0
        assert stem["takes"][0]["source"]["has_peaks"]
    head, inside, tail = after["tracks"][0]["items"]
    assert head["values"]["D_POSITION"] == 0.5
    assert inside["values"]["D_POSITION"] == start / rate
    assert tail["values"]["D_POSITION"] == stop / rate
    assert [one["values"]["B_MUTE"] for one in (head, inside, tail)] == [0, 1, 0]
    assert tail["takes"][0]["values"]["D_STARTOFFS"] == pytest.approx(stop / rate - 0.5, abs=1e-12)


@pytest.mark.parametrize("off", [-0.4, 0.4])
def test_an_edge_within_half_a_frame_is_the_same_edge(tmp_path, off) -> None:
    with live(song(tmp_path)) as channel:
        item = channel.host.projects[0].tracks[0].items[0].values
        item["D_POSITION"] += off / 48_000
        item["D_LENGTH"] -= 2 * off / 48_000
        put(channel, placement(tmp_path, 0.5, 4.5))
        (mixed,) = channel.snapshot()["tracks"][0]["items"]
    assert mixed["values"]["B_MUTE"] == 1


def test_only_the_first_part_of_a_cut_item_has_its_snap_offset(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        channel.host.projects[0].tracks[0].items[0].values["D_SNAPOFFSET"] = 0.25
        put(channel, placement(tmp_path))
        items = channel.snapshot()["tracks"][0]["items"]
    assert [one["values"]["D_SNAPOFFSET"] for one in items] == [0.25, 0.0, 0.0]


@pytest.mark.parametrize("misbehaviour", [(), ("new_items_have_fades",)])
def test_cuts_and_new_items_have_no_fades_and_the_outer_fades_stay(tmp_path, misbehaviour) -> None:
    own = {"fade_in": 0.01, "fade_out": 0.02, "group": 7}
    with live(song(tmp_path, item=own), misbehaviours=misbehaviour) as channel:
        put(channel, placement(tmp_path))
        after = channel.snapshot()
    fades = [
        [
            one["values"][f"D_FADE{side}LEN{kind}"]
            for side in ("IN", "OUT")
            for kind in ("", "_AUTO")
        ]
        for number in (0, 2, 3)
        for one in after["tracks"][number]["items"]
    ]
    assert fades == [[0.01, 0, 0, 0], [0] * 4, [0, 0, 0.02, 0], [0] * 4, [0] * 4]
    assert {one["values"]["I_GROUPID"] for one in after["tracks"][0]["items"]} == {7}


def test_the_folder_inherits_what_its_source_track_has(tmp_path) -> None:
    rich = {
        "volume": 0.5,
        "pan": -0.25,
        "n_channels": 6,
        "main_send": 0,
        "fx": ["ReaEQ", "-ReaComp"],
        "sends": [{"to": 1, "volume": 0.3}],
    }
    with live(song(tmp_path, track("Verb"), track=rich)) as channel:
        placed = put(channel, placement(tmp_path))
        after = channel.snapshot()
    source, folder = after["tracks"][0], after["tracks"][2]
    for key in ("D_VOL", "D_PAN", "I_NCHAN", "B_MAINSEND"):
        assert folder["values"][key] == source["values"][key]
    assert [(fx["name"], fx["is_enabled"]) for fx in folder["effects"]] == [
        ("ReaEQ", True),
        ("ReaComp", False),
    ]
    assert folder["sends"] == source["sends"]
    assert folder["name"] == "STEMS: Chorus"
    assert placed.warnings == ()


def test_behind_the_effects_of_the_track_the_folder_has_none(tmp_path) -> None:
    with live(song(tmp_path, track={"fx": ["ReaEQ"], "volume": 0.5})) as channel:
        put(channel, placement(tmp_path, point=CapturePoint.TRACK))
        folder = channel.snapshot()["tracks"][1]
    assert folder["effects"] == []
    assert folder["values"]["D_VOL"] == 0.5


def test_an_open_folder_is_closed_before_the_new_tracks(tmp_path) -> None:
    inner = track("Inner", folder_depth=1)
    with live(song(tmp_path, track("Outer", folder_depth=1), inner, track("Last"))) as channel:
        placed = put(channel, placement(tmp_path))
        depths = [one["values"]["I_FOLDERDEPTH"] for one in channel.snapshot()["tracks"]]
    assert depths == [0, 1, 1, -2, 1, 0, -1]
    assert '"Last", the last track, closes the open folder' in placed.changes


def test_takes_go_into_the_part_of_the_item_and_the_vocals_play(tmp_path) -> None:
    with live(song(tmp_path, item={"volume": 0.5, "fade_in": 1.0})) as channel:
        put(channel, placement(tmp_path, 0.5, 3.0, as_takes=True))
        after = channel.snapshot()
    inside, tail = after["tracks"][0]["items"]
    assert len(after["tracks"]) == 1
    assert [one["name"] for one in inside["takes"][1:]] == ["Vocals", "Accompaniment"]
    assert inside["values"]["I_CURTAKE"] == 1
    assert inside["values"]["D_FADEINLEN"] == 0
    assert [one["values"]["D_VOL"] for one in inside["takes"]] == [1, 2, 2]
    assert len(tail["takes"]) == 1


def test_a_take_of_an_item_that_begins_later_begins_as_much_later(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        put(channel, placement(tmp_path, 0.25, 3.0, as_takes=True))
        inside, _ = channel.snapshot()["tracks"][0]["items"]
    assert inside["values"]["D_POSITION"] == 0.5
    assert [one["values"]["D_STARTOFFS"] for one in inside["takes"]] == [0.0, 0.25, 0.25]


def test_lanes_play_together_beside_the_muted_source(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        put(channel, placement(tmp_path, arrangement={"lanes": True}))
        (mix,) = channel.snapshot()["tracks"]
    assert mix["values"]["I_FREEMODE"] == 2
    assert sorted(one["values"]["I_FIXEDLANE"] for one in mix["items"]) == [0, 0, 0, 1, 2]
    assert dict(mix["lane_plays"]) == {0: 2, 1: 2, 2: 2}


def test_lanes_need_reaper_7(tmp_path) -> None:
    with live(song(tmp_path), version="6.78") as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match="fixed lanes need REAPER 7, and"):
            put(channel, placement(tmp_path, arrangement={"lanes": True}))
        assert channel.snapshot() == before


def test_lanes_for_items_of_two_tracks_are_refused(tmp_path) -> None:
    other = {"guid": "{00000002-0000-4000-8000-000000000000}", "position": 1.0, "length": 1.0}
    with live(song(tmp_path, track("Other", other))) as channel:
        before = channel.snapshot()
        sources = (SONG, other["guid"])
        with pytest.raises(HostCallFailed, match="stems come from several"):
            put(channel, placement(tmp_path, sources=sources, arrangement={"lanes": True}))
        assert channel.snapshot() == before


def test_takes_of_two_items_are_refused(tmp_path) -> None:
    with live(song(tmp_path)) as channel, pytest.raises(UsageError, match="holds 2"):
        put(channel, placement(tmp_path, as_takes=True, sources=(SONG, "{B}")))


@pytest.mark.parametrize("version", ["6.78", "7.22"])
def test_stems_go_into_their_tab_while_another_is_shown(tmp_path, version) -> None:
    other = song(tmp_path, path=str(tmp_path / "other.rpp"))
    with live(song(tmp_path), other, version=version) as channel:
        channel.host.active_project = channel.host.projects[1]
        before = channel.snapshot(1)
        put(channel, placement(tmp_path))
        assert channel.snapshot(1) == before
        assert channel.host.active_project is channel.host.projects[1]
        assert len(channel.snapshot(0)["tracks"]) == 4


def test_names_of_any_script_and_six_channels(tmp_path) -> None:
    folder = tmp_path / "音楽 Größe 🎚"
    folder.mkdir()
    with live(song(folder)) as channel:
        wanted = placement(
            folder, n_channels=6, name="Хор 🎤", roles=(StemRole.VOCALS,), stem_names=("声",)
        )
        put(channel, wanted)
        _, own, stem = channel.snapshot()["tracks"]
    assert (own["name"], stem["name"]) == ("STEMS: Хор 🎤", "声")
    assert stem["values"]["I_NCHAN"] == own["values"]["I_NCHAN"] == 6


def test_a_changed_item_is_refused_and_does_not_hold_up_others(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        good = plan_of(placement(tmp_path, 1.0, 1.5, job_id="good"))
        bad = plan_of(placement(tmp_path, 2.0, 2.5, job_id="bad"))
        bad["guard"] = [{"item_id": SONG, "position_seconds": 0.25, "length_seconds": 4.0}]
        asked = {"tab": channel.tab(), "plans": [bad, good], "label": "both"}
        first, second = channel.call("place_many", asked)["placed"]
        after = channel.snapshot()
    assert first["error"]["code"] == "changed"
    assert "its position" in first["error"]["message"]
    assert len(second["tracks"]) == 2
    assert after["undo"] == ["both"]


def test_many_regions_of_one_item_are_each_muted(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        plans = [
            plan_of(placement(tmp_path, 0.5 + 0.5 * n, 0.75 + 0.5 * n, job_id=f"job-{n}"))
            for n in range(6)
        ]
        channel.call("place_many", {"tab": channel.tab(), "plans": plans, "label": "six"})
        after = channel.snapshot()
    parts = items_of(after, 0)
    assert [muted for _, _, muted in parts] == [1.0, 0.0] * 6
    assert all(one[1] == two[0] for one, two in pairwise(parts))
    assert after["undo"] == ["six"]


def test_undo_of_another_step_is_refused(tmp_path) -> None:
    with live(song(tmp_path)) as channel:
        placed = put(channel, placement(tmp_path))
        channel.host.projects[0].edit({"items": {"0,0": {"D_VOL": 0.5}}, "label": "Volume"})
        with pytest.raises(HostCallFailed, match="the last step in REAPER is 'Volume'"):
            channel.call("undo", {"tab": channel.tab(), "label": placed.undo_label})
