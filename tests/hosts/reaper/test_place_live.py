"""A placement into a running REAPER is what it would be in a project file, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.live_captures import impulses, item, live, media, track
from fakes.live_places import SONG, captured, files_of, placement, put, song
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.errors import AudioFileError, HostCallFailed
from hanolab_dawtools.hosts.reaper.place import NOT_SAVED, place_live
from hanolab_dawtools.hosts.reaper.place_plan import make_plan
from hanolab_dawtools.model import CapturePoint, StemRole

RATE = 48_000
_frames = st.integers(0, 6 * RATE)


def test_what_was_done_is_told(tmp_path: Path) -> None:
    with live(song(tmp_path)) as channel:
        placed = put(channel, placement(tmp_path, fingerprint=captured(channel)))
    assert [one.name for one in placed.tracks] == ["Vocals", "Accompaniment"]
    assert placed.project is None
    assert placed.changes == (
        'item "mix.wav" at 0:00.500 on "Mix" was cut and is muted from 0:01.000 to 0:03.000',
        "a folder with 2 new tracks at the end",
        NOT_SAVED,
    )
    assert placed.undo_label == "HanoLab: stems of Chorus (job job-1)"


def test_items_that_were_changed_since_the_capture_are_refused(tmp_path: Path) -> None:
    with live(song(tmp_path)) as channel:
        wanted = placement(tmp_path, fingerprint=captured(channel))
        channel.host.projects[0].edit({"items": {"0,0": {"D_POSITION": 0.75}}})
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match="were changed in REAPER") as caught:
            put(channel, wanted)
        assert caught.value.code == "changed"
        assert channel.snapshot() == before


def test_a_take_that_plays_another_file_at_the_last_moment_is_refused(tmp_path: Path) -> None:
    other = media(tmp_path / "other.wav", impulses(5 * RATE, 7, n_channels=2), RATE)
    with live(song(tmp_path)) as channel:
        wanted = placement(tmp_path, fingerprint=captured(channel))

        def replace_file(command: str, arguments: object) -> None:
            if command == "place":
                (item,) = channel.host.projects[0].items
                item.takes[0].source.file = str(other)

        channel.before_call = replace_file
        with pytest.raises(HostCallFailed, match="its file") as caught:
            put(channel, wanted)
        assert caught.value.code == "changed"
        assert len(channel.host.projects[0].tracks) == 1


def test_a_cut_that_lets_an_item_replace_its_neighbour_is_warned_of(tmp_path: Path) -> None:
    neighbour = item(media(tmp_path / "b.wav", impulses(4 * RATE, 7), RATE), 3.5, 3.0, name="next")
    spec = song(tmp_path)
    spec["tracks"][0]["items"].append(neighbour)
    with live(spec) as channel:
        placed = put(channel, placement(tmp_path, 1.0, 3.75, fingerprint=captured(channel)))
    assert [one for one in placed.warnings if "may now replace the other" in one]
    with live(spec) as channel:
        beside = placement(tmp_path, 1.0, 3.25, fingerprint=captured(channel))
        assert not [one for one in put(channel, beside).warnings if "replace the other" in one]


def test_a_stem_that_is_no_audio_never_reaches_reaper(tmp_path: Path) -> None:
    with live(song(tmp_path)) as channel:
        wanted = placement(tmp_path)
        wanted.stems[0].path.write_bytes(b"no audio")
        with pytest.raises(AudioFileError):
            place_live(channel, wanted, files_of(wanted))
        assert channel.calls == []


def test_stems_behind_the_master_are_said_to_pass_it_twice(tmp_path: Path) -> None:
    with live(song(tmp_path)) as channel:
        placed = put(channel, placement(tmp_path, point=CapturePoint.MASTER))
    assert any("effects of the master track" in one for one in placed.warnings)


def test_what_cannot_be_cut_plays_on_and_is_told(tmp_path: Path) -> None:
    midi = {"takes": [{"kind": "MIDI", "file": str(tmp_path / "a.mid")}]}
    with live(song(tmp_path, item=midi)) as channel:
        placed = put(channel, placement(tmp_path))
        (item,) = channel.snapshot()["tracks"][0]["items"]
    assert item["values"]["B_MUTE"] == 0
    assert "it has a MIDI take, so it was not cut" in placed.warnings[0]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(start=_frames, length=st.integers(64, 2 * RATE), rate=st.sampled_from([0.5, 1.0, 1.25]))
def test_outside_of_the_stems_all_plays_as_before(tmp_path_factory, start, length, rate) -> None:
    """Every instant outside comes from the same place of the source, within a nanosecond."""
    folder = tmp_path_factory.mktemp("place")
    begin, end = start / RATE, (start + length) / RATE
    with live(
        song(folder, track("Verb"), item={"take": {"rate": rate, "offset": 0.25}})
    ) as channel:
        put(channel, placement(folder, begin, end, roles=(StemRole.VOCALS,)))
        parts = channel.snapshot()["tracks"][0]["items"]
        covered = 0.0
        for part in parts:
            values, take = part["values"], part["takes"][0]["values"]
            offset = 0.25 + (values["D_POSITION"] - 0.5) * rate
            assert take["D_STARTOFFS"] == pytest.approx(offset, abs=1e-9)
            covered += values["D_LENGTH"]
            middle = values["D_POSITION"] + values["D_LENGTH"] / 2
            assert values["B_MUTE"] == (begin < middle < end)
        assert covered == pytest.approx(4.0, abs=1e-9)
        assert channel.host.projects[0].undo()
        assert len(channel.snapshot()["tracks"][0]["items"]) == 1


def test_a_plan_holds_the_ids_that_a_project_file_would_have(tmp_path: Path) -> None:
    from hanolab_dawtools.hosts.project.identity import StemFile, folder_id

    wanted = placement(tmp_path)
    plan = make_plan(wanted, [StemFile.probe(stem) for stem in wanted.stems])
    assert plan["folder"]["id"] == folder_id("job-1")
    assert [one["item_id"] for one in plan["mute"]] == [SONG]
    assert [one["colour"] for one in plan["tracks"]] == ["#56B4E9", "#0072B2"]
