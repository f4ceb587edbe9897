from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from fakes.full_disk import files_at_most
from fakes.made_placements import make_placement
from fakes.read_only import public_folder, read_only

from hanolab_dawtools.errors import DiskFull, InputError, NotWritable, UsageError
from hanolab_dawtools.hosts.audio_file import AudioFileHost
from hanolab_dawtools.hosts.stem_folder import put_stems, stem_file_names
from hanolab_dawtools.model import Stem, StemRole


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder: its content and when it was written."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_stems_of_a_file_lie_beside_it_with_what_is_known_of_them(tmp_path):
    placement = make_placement(tmp_path / "job")
    placed = AudioFileHost(tmp_path / "song.wav").place(placement)
    assert placed.folder == tmp_path / "song_hanolab"
    assert placed.project is None
    assert [track.path.name for track in placed.tracks] == ["vocals.wav", "accompaniment.wav"]
    for track, stem in zip(placed.tracks, placement.stems, strict=True):
        assert track.path.read_bytes() == stem.path.read_bytes()
    alignment = json.loads((placed.folder / "alignment.json").read_text("utf-8"))
    assert alignment["null_db"] == -300.0
    assert alignment["confidence"] == 1.0


def test_job_file_says_whose_the_folder_is_and_carries_the_provenance(tmp_path):
    placement = dataclasses.replace(make_placement(tmp_path / "job"), provenance={"engine": "x"})
    folder = put_stems(tmp_path / "out", placement).path
    job = json.loads((folder / "job.json").read_text("utf-8"))
    assert job["job_id"] == "j1"
    assert job["engine"] == "x"
    assert job["capture"]["digest"] == "digest"
    assert [stem["file"] for stem in job["stems"]] == ["vocals.wav", "accompaniment.wav"]


def test_second_call_for_the_same_job_changes_nothing(tmp_path):
    placement = make_placement(tmp_path / "job")
    first = put_stems(tmp_path / "out", placement)
    before = state(tmp_path)
    second = put_stems(tmp_path / "out", placement)
    assert (second.path, second.tracks) == (first.path, first.tracks)
    assert second.new_files == ()
    assert state(tmp_path) == before


def test_folder_of_another_job_is_left_alone(tmp_path):
    put_stems(tmp_path / "out", make_placement(tmp_path / "job", job_id="j1"))
    before = state(tmp_path / "out")
    other = make_placement(tmp_path / "job", job_id="j2")
    assert put_stems(tmp_path / "out", other).path == tmp_path / "out-2"
    assert put_stems(tmp_path / "out", other).new_files == ()
    third = make_placement(tmp_path / "job", job_id="j3")
    assert put_stems(tmp_path / "out", third).path == tmp_path / "out-3"
    assert state(tmp_path / "out") == before


def test_folder_with_other_things_gets_a_folder_inside(tmp_path):
    (tmp_path / "desktop").mkdir()
    (tmp_path / "desktop" / "vocals.wav").write_bytes(b"mine")
    placement = make_placement(tmp_path / "job", selection_name="a/b: chorus")
    folder = put_stems(tmp_path / "desktop", placement).path
    assert folder == tmp_path / "desktop" / "a_b_ chorus-j1"
    assert (tmp_path / "desktop" / "vocals.wav").read_bytes() == b"mine"
    assert put_stems(tmp_path / "desktop", placement).new_files == ()


def test_empty_folder_is_taken_as_it_is(tmp_path):
    (tmp_path / "out").mkdir()
    assert put_stems(tmp_path / "out", make_placement(tmp_path / "job")).path == tmp_path / "out"


def test_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "out").write_bytes(b"mine")
    folder = put_stems(tmp_path / "out", make_placement(tmp_path / "job")).path
    assert folder == tmp_path / "out-2"
    assert (tmp_path / "out").read_bytes() == b"mine"


def test_two_stems_of_one_role_have_two_names():
    stems = [Stem(StemRole.OTHER, Path("a.wav")), Stem(StemRole.OTHER, Path("b.wav"))]
    assert stem_file_names(stems) == ["other.wav", "other-2.wav"]


def test_call_after_a_crash_ends_in_the_same_files(tmp_path):
    placement = make_placement(tmp_path / "job")
    put_stems(tmp_path / "whole", placement)
    folder = put_stems(tmp_path / "out", placement).path
    for missing in ("alignment.json", "accompaniment.wav"):  # the crash came before these
        (folder / missing).unlink()
    (folder / f".accompaniment.wav.1234{'.part'}").write_bytes(b"half")
    assert put_stems(tmp_path / "out", placement).path == folder
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "whole").iterdir()
    }


def test_crash_between_folder_and_job_file_ends_in_the_same_folder(tmp_path):
    (tmp_path / "out").mkdir()
    assert put_stems(tmp_path / "out", make_placement(tmp_path / "job")).path == tmp_path / "out"


def test_full_disk_leaves_nothing_behind(tmp_path):
    placement = make_placement(tmp_path / "job", n_frames=48_000)
    with files_at_most(100_000), pytest.raises(DiskFull):
        put_stems(tmp_path / "out" / "deeper", placement)
    assert not (tmp_path / "out").exists()


def test_full_disk_leaves_a_folder_that_was_there(tmp_path):
    (tmp_path / "out").mkdir()
    placement = make_placement(tmp_path / "job", n_frames=48_000)
    with files_at_most(100_000), pytest.raises(DiskFull):
        put_stems(tmp_path / "out", placement)
    assert list((tmp_path / "out").iterdir()) == []


def test_read_only_folder_is_named_and_the_way_out_told():
    with public_folder() as folder:
        placement = make_placement(folder / "job")
        with read_only(folder), pytest.raises(NotWritable) as caught:
            put_stems(folder / "out", placement)
        assert caught.value.path == folder / "out"
        assert "-o" in caught.value.hint
        assert not (folder / "out").exists()


def test_folder_that_may_not_be_looked_into_is_named():
    with public_folder() as folder:
        placement = make_placement(folder / "job")
        (folder / "closed").mkdir(mode=0o700)
        with read_only(folder), pytest.raises(NotWritable, match="closed"):
            put_stems(folder / "closed", placement)


def test_stem_that_vanished_takes_all_back(tmp_path):
    placement = make_placement(tmp_path / "job")
    placement.stems[1].path.unlink()
    with pytest.raises(InputError, match="No such file"):
        put_stems(tmp_path / "out", placement)
    assert not (tmp_path / "out").exists()


def test_taking_back_removes_only_what_was_put(tmp_path):
    folder = put_stems(tmp_path / "out", make_placement(tmp_path / "job"))
    (folder.path / "notes.txt").write_bytes(b"mine")
    folder.remove_new()
    assert [path.name for path in folder.path.iterdir()] == ["notes.txt"]


def test_other_project_as_destination_is_refused_for_a_file(tmp_path):
    placement = dataclasses.replace(
        make_placement(tmp_path / "job"), destination=tmp_path / "new.rpp"
    )
    with pytest.raises(UsageError, match="--to"):
        AudioFileHost(tmp_path / "song.wav").place(placement)
