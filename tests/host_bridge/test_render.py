"""The command `render`: the right thing is rendered, and everything else stays as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes.live_captures import impulses, item, live, media, project, request, track

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import HostCallFailed

ITEM_A, ITEM_B, ITEM_C = (f"{{0000000{n}-0000-4000-8000-000000000000}}" for n in (1, 2, 3))
TRACKS = [f"{{0000001{n}-0000-4000-8000-000000000000}}" for n in range(4)]
SETTINGS = {
    "numbers": {
        "RENDER_SETTINGS": 3,
        "RENDER_BOUNDSFLAG": 2,
        "RENDER_STARTPOS": 1.5,
        "RENDER_ENDPOS": 2.5,
        "RENDER_SRATE": 96_000,
        "RENDER_CHANNELS": 1,
        "RENDER_TAILFLAG": 18,
        "RENDER_TAILMS": 777,
        "RENDER_NORMALIZE": 1,
        "RENDER_DITHER": 3,
        "RENDER_ADDTOPROJ": 1,
    },
    "texts": {"RENDER_FILE": "mine", "RENDER_PATTERN": "$project-$region"},
    "time_selection": [0.1, 0.2],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "renders"
    made.mkdir()
    return made


@pytest.fixture
def song(tmp_path: Path):
    """Three tracks with an item each; the third lies in a folder. B is selected, and track 1."""
    files = [
        media(tmp_path / f"{n}.wav", impulses(24_000, 1_000 * n, n_channels=2)) for n in (1, 2, 3)
    ]
    return project(
        tmp_path,
        track("A", item(files[0], 0.0, 0.5, guid=ITEM_A), guid=TRACKS[0], selected=True),
        track("B", item(files[1], 0.0, 0.5, guid=ITEM_B, selected=True), guid=TRACKS[1]),
        track("Folder", guid=TRACKS[2], folder_depth=1),
        track("C", item(files[2], 0.0, 0.5, guid=ITEM_C), guid=TRACKS[3], folder_depth=-1),
        **SETTINGS,
    )


def first_frames(result) -> dict[str, int]:
    """Where each rendered file has its first impulse."""
    return {
        one["id"]: int(np.flatnonzero(read_audio(Path(one["path"])).samples[0])[0])
        for one in result["files"]
    }


def test_each_item_gets_a_file_of_its_own(song, folder):
    with live(song) as channel:
        result = channel.call("render", request(channel, "items", [ITEM_A, ITEM_B], folder))
    assert first_frames(result) == {ITEM_A: 1_000, ITEM_B: 2_000}
    assert [one["started_at_seconds"] for one in result["files"]] == [0.0, 0.0]
    assert all(one["seconds_taken"] > 0 for one in result["files"])
    assert result["remarks"] == []


def test_tracks_come_in_one_go_with_a_file_for_each(song, folder):
    renders = []
    with live(song) as channel:
        channel.when_rendering(lambda: renders.append(1))
        result = channel.call("render", request(channel, "tracks", TRACKS[:2], folder))
    assert first_frames(result) == {TRACKS[0]: 1_000, TRACKS[1]: 2_000}
    assert len(renders) == 1


def test_the_mix_holds_all_tracks(song, folder):
    with live(song) as channel:
        result = channel.call("render", request(channel, "master", [], folder))
    (one,) = result["files"]
    assert one["id"] == "master"
    assert np.flatnonzero(read_audio(Path(one["path"])).samples[0]).tolist() == [1000, 2000, 3000]


def test_a_folder_is_rendered_by_itself_with_its_tracks_soloed(song, folder):
    solos = []
    with live(song) as channel:
        tracks = channel.host.projects[0].tracks
        channel.when_rendering(lambda: solos.append([one.values["I_SOLO"] for one in tracks]))
        before = channel.snapshot()
        result = channel.call("render", request(channel, "tracks", [TRACKS[2], TRACKS[0]], folder))
        assert channel.snapshot() == before
    assert first_frames(result) == {TRACKS[0]: 1_000, TRACKS[2]: 3_000}
    assert solos == [[0, 0, 0, 0], [0, 0, 2, 2]]


@pytest.mark.parametrize(
    ("what", "ids"), [("items", [ITEM_A, ITEM_C]), ("tracks", TRACKS[:2]), ("master", [])]
)
def test_a_render_leaves_nothing_behind_in_the_project(song, folder, what, ids):
    with live(song) as channel:
        before = channel.snapshot()
        channel.call("render", request(channel, what, ids, folder))
        after = channel.snapshot()
    assert before["numbers"]["RENDER_TAILMS"] == 777
    assert after == before
    assert after["is_closed"]
    assert after["undo"] == []


@pytest.mark.parametrize("what", ["items", "tracks", "master"])
def test_a_failed_render_leaves_nothing_behind_either(song, folder, what):
    ids = {"items": [ITEM_A], "tracks": [TRACKS[2]], "master": []}[what]
    with live(song, misbehaviours=["render_writes_nothing"]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match="REAPER made no file") as caught:
            channel.call("render", request(channel, what, ids, folder))
        assert channel.snapshot() == before
    assert caught.value.code == "render"
    assert "File > Render" in caught.value.hint


def test_a_client_that_goes_away_before_the_render_leaves_nothing_behind(song, folder):
    with live(song) as channel:
        before = channel.host.projects[0].snapshot()
        running = channel.commands["render"](
            channel.face, request(channel, "items", [ITEM_A, ITEM_B], folder)
        )
        assert next(running).doing == "rendering"
        assert next(running).doing == "rendering"  # the first is done
        between = channel.snapshot()
        running.close()
        assert channel.snapshot() == between
        assert between["texts"] == before["texts"]
        assert between["numbers"] == before["numbers"]
    assert len(list(folder.iterdir())) == 1


def test_a_tab_that_is_closed_between_two_renders_is_told(song, folder):
    with live(song, {}) as channel:
        asked = request(channel, "items", [ITEM_A, ITEM_B], folder)
        running = channel.commands["render"](channel.face, asked)
        next(running)
        next(running)
        channel.host.close_project(channel.host.projects[0])
        with pytest.raises(Exception, match="no longer open"):
            next(running)
        assert not channel.host.crashed


@pytest.mark.parametrize("what", ["items", "tracks"])
def test_a_tab_that_is_closed_from_a_dialog_is_told_and_reaper_lives(song, folder, what):
    ids = {"items": [ITEM_A], "tracks": [TRACKS[2]]}[what]
    with live({}, song, misbehaviours=["render_dialog_blocks"]) as channel:
        host = channel.host

        def close_and_refuse() -> None:
            host.close_project(host.projects[1])
            host.answers.append("no")

        host.on_wait = close_and_refuse
        asked = request(channel, what, ids, folder, tab=channel.tab(1))
        with pytest.raises(HostCallFailed, match="was closed") as caught:
            channel.call("render", asked)
        assert not host.crashed
        assert len(host.projects) == 1
        assert host.ui_refresh_locks == 0
    assert caught.value.code == "gone"


def test_a_project_in_another_tab_is_rendered_and_the_shown_one_stays(song, folder):
    with live({"path": "/other.rpp"}, song) as channel:
        asked = request(channel, "items", [ITEM_B], folder, tab=channel.tab(1))
        before = [channel.snapshot(0), channel.snapshot(1)]
        shown = []
        channel.when_rendering(lambda: shown.append(channel.host.active_project))
        result = channel.call("render", asked)
        assert shown == [channel.host.projects[1]]
        assert channel.host.active_project is channel.host.projects[0]
        assert [channel.snapshot(0), channel.snapshot(1)] == before
    assert first_frames(result) == {ITEM_B: 2_000}


def test_a_name_that_reaper_changed_is_found_and_told(song, folder):
    with live(song, misbehaviours=["render_increments_name"]) as channel:
        result = channel.call("render", request(channel, "items", [ITEM_A], folder))
        assert first_frames(result) == {ITEM_A: 1_000}
        stems = channel.call("render", request(channel, "tracks", TRACKS[:2], folder, name="b"))
        assert first_frames(stems) == {TRACKS[0]: 1_000, TRACKS[1]: 2_000}
    assert "REAPER called the file" in result["remarks"][0]


def test_a_render_that_would_go_elsewhere_is_not_begun(song, folder):
    with live(song) as channel:
        get_text = channel.face.get_text

        def elsewhere(kind, pointer, key):
            return "/mine/song.wav" if key == "RENDER_TARGETS" else get_text(kind, pointer, key)

        channel.face.get_text = elsewhere
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match=r"would render to /mine/song.wav instead"):
            channel.call("render", request(channel, "items", [ITEM_A], folder))
        assert channel.snapshot() == before
    assert list(folder.iterdir()) == []


def test_stems_that_cannot_be_told_apart_are_rendered_one_by_one(song, folder):
    with live(song) as channel:
        renders = []
        channel.when_rendering(lambda: renders.append(1))
        set_string = channel.face.set_string

        def without_numbers(kind, pointer, key, text):
            is_pattern = key == "RENDER_PATTERN"
            set_string(
                kind, pointer, key, text.replace("-t$tracknumber", "") if is_pattern else text
            )

        channel.face.set_string = without_numbers
        result = channel.call("render", request(channel, "tracks", TRACKS[:2], folder))
    assert first_frames(result) == {TRACKS[0]: 1_000, TRACKS[1]: 2_000}
    assert len(renders) == 3
    assert len(list(folder.iterdir())) == 2


def test_a_file_of_that_name_is_never_written_over(song, folder):
    (folder / "hanolab-test.wav").write_bytes(b"mine")
    with live(song) as channel, pytest.raises(HostCallFailed, match="already"):
        channel.call("render", request(channel, "items", [ITEM_A], folder))
    assert (folder / "hanolab-test.wav").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("play_state", "code", "told"),
    [(1, "busy", "is playing"), (4, "refused", "is recording"), (5, "refused", "is recording")],
)
def test_a_reaper_that_plays_or_records_is_not_disturbed(song, folder, play_state, code, told):
    with live(song, {}) as channel:
        channel.host.projects[1].play_state = play_state  # in another tab, which counts as well
        with pytest.raises(HostCallFailed, match=told) as caught:
            channel.call("render", request(channel, "items", [ITEM_A], folder))
    assert caught.value.code == code
    assert list(folder.iterdir()) == []


def test_a_render_under_way_is_not_disturbed(song, folder):
    with live(song) as channel:
        channel.host.rendering_project = channel.host.projects[0]
        with pytest.raises(HostCallFailed, match="rendering already") as caught:
            channel.call("render", request(channel, "items", [ITEM_A], folder))
    assert caught.value.code == "busy"


def test_an_item_that_is_gone_is_told_and_nothing_changes(song, folder):
    with live(song) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed) as caught:
            channel.call("render", request(channel, "items", ["{no such}"], folder))
        assert channel.snapshot() == before
    assert caught.value.code == "gone"


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "everything"},
        {"ids": []},
        {"end_seconds": 0.0},
        {"start_seconds": -1.0},
        {"sample_rate": 0},
        {"n_channels": "two"},
        {"name": "../x"},
        {"folder": "here"},
        {"ids": None},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(song, folder, wrong):
    with live(song) as channel, pytest.raises(HostCallFailed) as caught:
        channel.call("render", {**request(channel, "items", [ITEM_A], folder), **wrong})
    assert caught.value.code == "bad_arguments"
