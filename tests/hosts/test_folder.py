"""A folder as the place for new music: what is in it stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes.full_disk import files_at_most
from fakes.made_placements import make_placement

from hanolab_dawtools.errors import DiskFull, InputError, SelectionError, UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.audio_file import AudioFileHost
from hanolab_dawtools.hosts.folder import FolderHost
from hanolab_dawtools.model import HostName, StemRole, Wanted
from hanolab_dawtools.placement import Placement


def music(tmp_path: Path, target: Path, name: str = "slow piano", job_id: str = "j1") -> Placement:
    made = make_placement(tmp_path / "job", roles=(StemRole.MIX,), job_id=job_id)
    return replace(
        made,
        selection=FolderHost(target).spot(name, 0.0, 30.0),
        capture=None,
        alignment=None,
        stems=(replace(made.stems[0], name=name),),
    )


def test_a_folder_that_is_not_there_yet_gets_the_music_and_its_origin(tmp_path: Path) -> None:
    target = tmp_path / "out" / "ideas"
    placed = FolderHost(target).place(music(tmp_path, target))
    assert sorted(path.name for path in target.iterdir()) == [
        "slow piano.job.json",
        "slow piano.wav",
    ]
    assert (placed.folder, placed.project) == (target, None)
    assert [track.path for track in placed.tracks] == [target / "slow piano.wav"]


def test_what_lies_in_the_folder_stays_and_each_piece_gets_a_name_of_its_own(
    tmp_path: Path,
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "slow piano.wav").write_bytes(b"mine")
    names = [
        FolderHost(target).place(music(tmp_path, target, job_id=job)).tracks[0].path.name
        for job in ("j1", "j2", "j1")
    ]
    assert (target / "slow piano.wav").read_bytes() == b"mine"
    assert names == ["slow piano-2.wav", "slow piano-3.wav", "slow piano-2.wav"]
    assert len(list(target.iterdir())) == 1 + 2 * 2


def test_a_placing_that_was_cut_off_is_finished_under_the_same_name(tmp_path: Path) -> None:
    target = tmp_path / "out"
    placement = music(tmp_path, target)
    (first,) = FolderHost(target).place(placement).tracks
    first.path.unlink()  # killed between the origin and the file
    (again,) = FolderHost(target).place(placement).tracks
    assert again.path == first.path
    assert again.path.read_bytes() == placement.stems[0].path.read_bytes()


def test_a_full_disk_leaves_only_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    placement = music(tmp_path, target)
    with files_at_most(4000), pytest.raises(DiskFull):
        FolderHost(target).place(placement)
    assert [path.name for path in target.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("name", ['a/b\\c:"d"', "..", "CON", "雨 🎹", "x" * 500, "tab\there", ""])
def test_a_file_gets_a_name_that_every_system_takes(tmp_path: Path, name: str) -> None:
    target = tmp_path / "out"
    (track,) = FolderHost(target).place(music(tmp_path, target, name)).tracks
    assert track.path.parent == target
    assert track.path.is_file()
    assert len(track.path.name.encode()) < 200
    assert not set(track.path.name) & set('<>:"/\\|?*\t')


def test_pieces_that_differ_by_case_alone_get_two_files(tmp_path: Path) -> None:
    target = tmp_path / "out"
    one = music(tmp_path, target)
    two = replace(one, stems=(*one.stems, replace(one.stems[0], name="Slow Piano")))
    for _ in range(2):  # the second time nothing is left to do
        placed = FolderHost(target).place(two)
        names = [track.path.name for track in placed.tracks]
        assert names == ["slow piano.wav", "Slow Piano-2.wav"]
    assert len(list(target.iterdir())) == 4


def test_nothing_can_be_selected_or_captured_in_a_folder(tmp_path: Path) -> None:
    host = FolderHost(tmp_path)
    with pytest.raises(SelectionError, match="is a folder"):
        host.selections(Wanted())
    with pytest.raises(SelectionError, match="is a folder"):
        host.capture(
            host.spot("x", 0.0, 1.0),
            tmp_path,
            handle_seconds=0.0,
            stop=NeverStop(),
            progress=ignore_progress,
        )


def test_a_file_is_no_place_for_new_music(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="is a file"):
        FolderHost(path).spot("x", 0.0, 1.0)
    with pytest.raises(UsageError, match="not a project"):
        AudioFileHost(path).spot("x", 0.0, 1.0)
    assert FolderHost(tmp_path).spot("x", 0.0, 1.0).host is HostName.FOLDER


def test_a_result_that_cannot_be_put_holds_up_no_other(tmp_path):
    jobs = [make_placement(tmp_path / "made", job_id=f"j{n}") for n in (1, 2, 3)]
    jobs[1].stems[0].path.unlink()
    first, bad, third = FolderHost(tmp_path / "out").place_all(jobs)
    assert isinstance(bad, InputError)
    assert first.tracks[0].path.exists()
    assert third.tracks[0].path.exists()
