"""Undoing a placing: what is put back, and when it is refused."""

import errno
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.placements import item_ids, placement
from fakes.projects import ProjectText

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.errors import (
    DiskFull,
    FileChanged,
    InputError,
    ProjectFileError,
    UsageError,
)
from hanolab_dawtools.hosts.rpp.project_file import write_project
from hanolab_dawtools.hosts.rpp.restore import restore_project
from hanolab_dawtools.model import Stem, StemRole
from hanolab_dawtools.placement import Placed

CONTENT = ProjectText().content()


@pytest.fixture
def project(tmp_path) -> Path:
    path = tmp_path / "song.rpp"
    path.write_bytes(CONTENT)
    return path


def place(project: Path, **options: object) -> Placed:
    stems = []
    for role in (StemRole.VOCALS, StemRole.ACCOMPANIMENT):
        path = project.parent / "HanoLab" / f"{role}.wav"
        path.parent.mkdir(exist_ok=True)
        write_audio(path, AudioBuffer(np.zeros((2, 96_000), np.float32), 48_000))
        stems.append(Stem(role, path))
    wanted = placement(source=project, sources=item_ids(CONTENT), **options)
    return write_project(wanted, stems)


@pytest.mark.parametrize("as_takes", [False, True])
def test_the_project_is_what_it_was_and_backup_and_stems_stay(project, as_takes):
    placed = place(project, as_takes=as_takes)
    project.chmod(0o640)
    assert restore_project(placed)
    assert project.read_bytes() == placed.backup.read_bytes() == CONTENT
    assert project.stat().st_mode & 0o777 == 0o640
    assert all(track.path.exists() for track in placed.tracks)


def test_a_project_that_is_restored_already_is_left_alone(project):
    placed = place(project)
    assert restore_project(placed)
    assert not restore_project(placed)
    assert project.read_bytes() == CONTENT


def test_a_project_that_was_saved_since_is_not_touched_and_the_way_back_is_told(project):
    placed = place(project)
    edited = project.read_bytes().replace(b"RIPPLE 0", b"RIPPLE 1")
    project.write_bytes(edited)
    with pytest.raises(FileChanged, match="since the stems were placed") as refused:
        restore_project(placed)
    assert str(placed.backup) in refused.value.hint
    assert project.read_bytes() == edited


def test_jobs_are_undone_in_the_order_last_in_first_out(project):
    first = place(project)
    second = place(project, job_id="job-2")
    with pytest.raises(FileChanged):
        restore_project(first)
    assert restore_project(second)
    assert restore_project(first)
    assert project.read_bytes() == CONTENT


def test_a_second_job_in_a_copy_is_undone_in_the_copy(project, tmp_path):
    target = tmp_path / "new.rpp"
    first = place(project, destination=target)
    content = target.read_bytes()
    second = place(project, destination=target, job_id="job-2")
    assert restore_project(second)
    assert target.read_bytes() == content
    with pytest.raises(UsageError, match="written as a new file") as refused:
        restore_project(first)
    assert "Delete it" in refused.value.hint


def test_a_placing_that_made_only_files_has_nothing_to_undo(tmp_path):
    with pytest.raises(UsageError, match="no project was changed") as refused:
        restore_project(Placed(tmp_path, ()))
    assert str(tmp_path) in refused.value.hint


def test_a_missing_project_or_backup_is_told(project):
    placed = place(project)
    project.rename(project.with_name("moved.rpp"))
    with pytest.raises(InputError, match="cannot read"):
        restore_project(placed)
    with pytest.raises(ProjectFileError):
        restore_project(replace(placed, backup=project.with_name("gone.bak")))


def test_a_damaged_backup_is_not_put_back(project):
    placed = place(project)
    content = project.read_bytes()
    placed.backup.write_bytes(CONTENT[:-10])
    with pytest.raises(ProjectFileError, match="cut short"):
        restore_project(placed)
    assert project.read_bytes() == content


def test_a_full_disk_leaves_the_project_with_its_stems(project, monkeypatch):
    placed = place(project)
    content = project.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(DiskFull):
        restore_project(placed)
    assert project.read_bytes() == content
    assert not list(project.parent.glob(".*"))
