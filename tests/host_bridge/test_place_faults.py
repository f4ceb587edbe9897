"""A placing that fails anywhere leaves the project as it was, with no undo step."""

from __future__ import annotations

from contextlib import suppress
from ctypes import ArgumentError

import pytest
from fakes.failing_calls import failing
from fakes.live_captures import live, track
from fakes.live_places import SONG, difference, placement, put, song, told

from hanolab_dawtools.errors import HostCallFailed, HostError

RICH = {
    "volume": 0.5,
    "pan": -0.25,
    "fx": ["ReaEQ", "-ReaComp"],
    "sends": [1],
    "folder_depth": 1,
}
VARIANTS = {
    "tracks": {},
    "tracks that keep the source": {"keep_source": True},
    "no folder": {"arrangement": {"has_folder": False}},
    "takes": {"as_takes": True},
    "lanes": {"arrangement": {"lanes": True}},
}


def rich_song(folder, **item):
    """An item with fades and a solo on a track with effects, a fader, a send, an open folder."""
    own = {"fade_in": 0.01, "fade_out": 0.02, "solo": -1, "selected": True, "group": 3, **item}
    return song(folder, track("Verb"), item=own, track=dict(RICH))


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_fault_at_any_call_leaves_the_project_as_it_was(tmp_path, variant, after, step) -> None:
    """Every call in the long run, every eleventh from another start on else."""
    wanted = placement(tmp_path, **VARIANTS[variant])
    with live(rich_song(tmp_path)) as channel:
        before = told(channel)
        n = 1 + list(VARIANTS).index(variant)
        while True:
            with failing(channel, n, after=after) as api:
                with suppress(HostError):
                    put(channel, wanted)
                if not api.failed:
                    break
            changed = difference(told(channel), before)
            assert not changed, f"after call {n}, {api.failed}"
            n += step
        assert n > 100
        assert channel.host.projects[0].undo_labels


def test_what_fails_in_any_way_when_taken_back_does_not_stop_the_rest(tmp_path) -> None:
    """Other scripts can bring ctypes to take no argument any more, at any call."""
    from hanolab_changes import Changes

    def fail() -> None:
        raise ArgumentError("spurious")

    with live(song(tmp_path)) as channel:
        before = told(channel)
        project = channel.face.find_project()
        changes = Changes(channel.face, project)
        first = channel.face.api.GetTrack(project, 0)
        changes.value("track", first, "D_VOL", 0.5)
        changes.undoing(fail)
        changes.add_track()
        assert changes.take_back() == ["spurious"]
        assert not difference(told(channel), before)


def test_tracks_that_reaper_keeps_are_told_when_all_is_taken_back(tmp_path) -> None:
    from hanolab_changes import Changes

    with live(song(tmp_path)) as channel:
        changes = Changes(channel.face, channel.face.find_project())
        changes.add_track()
        channel.face.api.DeleteTrack = lambda track: None
        assert changes.take_back() == ["REAPER did not remove the new tracks"]


def test_a_fault_says_what_failed(tmp_path) -> None:
    with live(song(tmp_path)) as channel, failing(channel, 30):
        with pytest.raises(HostCallFailed, match=r"call 30, \w+, failed") as caught:
            put(channel, placement(tmp_path))
        assert caught.value.code == "internal"


@pytest.mark.parametrize("misbehaviour", ["source_not_attached", "fresh_source_rejected"])
def test_a_source_that_is_not_played_is_told_and_all_is_taken_back(tmp_path, misbehaviour) -> None:
    with live(song(tmp_path), misbehaviours=[misbehaviour]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match="did not let a take play"):
            put(channel, placement(tmp_path))
        assert channel.snapshot() == before


@pytest.mark.parametrize("wrong", [{"n_frames": -1}, {"n_frames": 1}, {"n_channels": 1}])
def test_a_file_that_reaper_reads_otherwise_is_refused_to_the_frame(tmp_path, wrong) -> None:
    from fakes.live_places import plan_of

    with live(song(tmp_path)) as channel:
        before = channel.snapshot()
        plan = plan_of(placement(tmp_path))
        fact = plan["tracks"][0]["item"]
        for key, more in wrong.items():
            fact[key] += more
        with pytest.raises(HostCallFailed, match="REAPER reads") as caught:
            channel.call("place", {"tab": channel.tab(), "plan": plan})
        assert caught.value.code == "refused"
        assert channel.snapshot() == before


def test_sources_that_no_take_has_got_are_destroyed(tmp_path) -> None:
    from fakes.live_places import plan_of

    with live(song(tmp_path)) as channel:
        api, made, gone = channel.face.api, [], []
        create, destroy = api.PCM_Source_CreateFromFile, api.PCM_Source_Destroy
        api.PCM_Source_CreateFromFile = lambda path: made.append(create(path)) or made[-1]
        api.PCM_Source_Destroy = lambda source: gone.append(source) or destroy(source)
        plan = plan_of(placement(tmp_path))
        doing = channel.commands["place"](channel.face, {"tab": channel.tab(), "plan": plan})
        while len(made) < 2:
            next(doing)
        doing.close()
    assert sorted(gone) == sorted(made)


def test_a_client_that_goes_away_before_the_change_leaves_nothing(tmp_path) -> None:
    from fakes.live_places import plan_of

    with live(song(tmp_path)) as channel:
        before = channel.snapshot()
        plan = plan_of(placement(tmp_path))
        n_slices = 0
        while True:
            doing = channel.commands["place"](channel.face, {"tab": channel.tab(), "plan": plan})
            for _ in range(n_slices):
                next(doing)
            doing.close()
            if channel.host.projects[0].undo_labels:
                break
            assert channel.snapshot() == before
            n_slices += 1
        assert n_slices > 2
        assert len(channel.snapshot()["tracks"]) == 4


def test_a_project_closed_meanwhile_is_told(tmp_path) -> None:
    with live(song(tmp_path), {}) as channel:
        wanted = placement(tmp_path)
        project = channel.host.projects[0]
        channel.on_slice = lambda _: (
            channel.host.close_project(project) if project in channel.host.projects else None
        )
        with pytest.raises(HostCallFailed) as caught:
            put(channel, wanted)
        assert caught.value.code == "gone"


@pytest.mark.parametrize(
    ("key", "named"), [("D_STARTOFFS", "source offset"), ("D_PLAYRATE", "play rate")]
)
def test_a_take_changed_meanwhile_is_told_and_nothing_is_placed(tmp_path, key, named) -> None:
    from fakes.live_places import captured

    with live(song(tmp_path)) as channel:
        wanted = placement(tmp_path, fingerprint=captured(channel), sources=(SONG,))
        project = channel.host.projects[0]

        def change(command, arguments) -> None:
            if command == "place":
                project.tracks[0].items[0].takes[0].values[key] += 0.001

        channel.before_call = change
        with pytest.raises(HostCallFailed, match=f"its {named}") as caught:
            put(channel, wanted)
        assert caught.value.code == "changed"
        assert len(project.tracks) == 1


def test_an_item_deleted_meanwhile_is_told_and_nothing_is_placed(tmp_path) -> None:
    from fakes.live_places import captured

    with live(song(tmp_path)) as channel:
        wanted = placement(tmp_path, fingerprint=captured(channel), sources=(SONG,))
        project = channel.host.projects[0]

        def delete(command, arguments) -> None:
            if command == "place":
                project.edit({"delete_items": [[0, 0]]})

        channel.before_call = delete
        with pytest.raises(HostCallFailed) as caught:
            put(channel, wanted)
        assert caught.value.code == "gone"
        assert len(project.tracks) == 1
