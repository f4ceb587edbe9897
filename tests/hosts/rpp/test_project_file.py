import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fakes.placements import item_ids, placement, timeline_of
from fakes.projects import ProjectText

from hanolab_dawtools import durable
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.errors import (
    AudioFileError,
    DiskFull,
    FileChanged,
    NotWritable,
    ProjectFileError,
    UsageError,
)
from hanolab_dawtools.hosts.rpp import project_file
from hanolab_dawtools.hosts.rpp.processes import WARNING
from hanolab_dawtools.hosts.rpp.project_file import write_project
from hanolab_dawtools.model import Stem, StemRole
from hanolab_dawtools.placement import Placement

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
CONTENT = ProjectText().content()
Stems = list[Stem]


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch):
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: False)


@pytest.fixture
def project(tmp_path) -> Path:
    path = tmp_path / "song.rpp"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def stems(tmp_path) -> Stems:
    files = [(role, tmp_path / "HanoLab" / f"{role}.wav") for role in ("vocals", "accompaniment")]
    for _, path in files:
        path.parent.mkdir(exist_ok=True)
        write_audio(path, AudioBuffer(np.zeros((2, 1234), np.float32), 22050))
    return [Stem(StemRole(role), path) for role, path in files]


def wanted(project: Path, **options: object) -> Placement:
    return placement(source=project, sources=item_ids(CONTENT), **options)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_the_project_is_written_beside_a_backup_of_what_it_was(project, stems):
    placed = write_project(wanted(project), stems, now=NOW)
    assert placed.backup == project.with_name("song.rpp.20250102T030405Z.hanolab.bak")
    assert placed.backup.read_bytes() == CONTENT
    assert len(timeline_of(project.read_bytes()).tracks) == 4
    assert names(project.parent) == ["song.rpp", placed.backup.name]


def test_the_length_of_an_item_is_that_of_its_file(project, stems):
    write_project(wanted(project), stems)
    item = timeline_of(project.read_bytes()).tracks[-1].items[0]
    assert item.length_seconds == 1234 / 22050


def test_a_second_call_for_the_same_job_tells_the_same_and_writes_nothing(project, stems):
    first = write_project(wanted(project), stems, now=NOW)
    content, files = project.read_bytes(), names(project.parent)
    assert write_project(wanted(project), stems) == first
    assert (project.read_bytes(), names(project.parent)) == (content, files)


def test_a_second_call_after_the_project_was_edited_still_writes_nothing(project, stems):
    write_project(wanted(project), stems, now=NOW)
    edited = project.read_bytes().replace(b"RIPPLE 0", b"RIPPLE 1")
    project.write_bytes(edited)
    placed = write_project(wanted(project), stems)
    assert (project.read_bytes(), placed.backup, placed.tokens_changed) == (edited, None, 0)
    assert len(placed.tracks) == 2
    assert "already in the project" in placed.warnings[0]


def test_a_second_call_after_a_stem_track_was_removed_names_those_that_are_left(project, stems):
    first = write_project(wanted(project), stems, now=NOW)
    content = project.read_bytes()
    project.write_bytes(content.replace(first.tracks[1].track_id.encode(), b"{OTHER}"))
    placed = write_project(wanted(project), stems)
    assert placed.tracks == first.tracks[:1]
    assert "1 of the stems were removed" in placed.warnings[1]


def test_another_job_adds_its_stems_and_its_own_backup(project, stems):
    first = write_project(wanted(project), stems, now=NOW)
    second = write_project(wanted(project, job_id="job-2"), stems, now=NOW)
    assert second.backup.name == "song.rpp.20250102T030405Z-2.hanolab.bak"
    assert first.backup.read_bytes() == CONTENT
    assert len(timeline_of(project.read_bytes()).tracks) == 7


def test_a_destination_is_written_and_the_source_left_alone(project, stems, tmp_path):
    target = tmp_path / "mixes" / "new.rpp"
    placed = write_project(wanted(project, destination=target), stems)
    assert (placed.project, placed.backup) == (target, None)
    assert project.read_bytes() == CONTENT
    file = timeline_of(target.read_bytes()).tracks[0].items[0].take.source.file
    assert Path(tmp_path, "mixes", file.replace("\\", "/")).resolve() == tmp_path / "Media/a b.wav"
    assert write_project(wanted(project, destination=target), stems) == placed


def test_a_second_job_adds_to_the_same_destination(project, stems, tmp_path):
    target = tmp_path / "new.rpp"
    write_project(wanted(project, destination=target), stems)
    second = write_project(wanted(project, destination=target, job_id="job-2"), stems)
    assert second.backup is not None
    assert len(timeline_of(target.read_bytes()).tracks) == 7


def test_a_destination_that_is_another_project_is_refused(project, stems, tmp_path):
    target = tmp_path / "new.rpp"
    other = ProjectText(tracks=()).content()
    target.write_bytes(other)
    with pytest.raises(UsageError, match="no copy of"):
        write_project(wanted(project, destination=target), stems)
    assert target.read_bytes() == other


def test_a_project_that_changes_while_it_is_worked_on_is_not_written(project, stems, monkeypatch):
    def and_another_program_saves(document, *args, **options):
        project.write_bytes(CONTENT + b"\r\n")
        return place_stems(document, *args, **options)

    place_stems = project_file.place_stems
    monkeypatch.setattr(project_file, "place_stems", and_another_program_saves)
    with pytest.raises(FileChanged):
        write_project(wanted(project), stems)
    assert project.read_bytes() == CONTENT + b"\r\n"
    assert names(project.parent) == ["song.rpp"]


@pytest.mark.parametrize("at_sync", [1, 2])
def test_a_full_disk_leaves_the_project_as_it_was(project, stems, monkeypatch, at_sync):
    n_syncs = 0
    fsync = os.fsync

    def full_at_last(handle: int) -> None:
        nonlocal n_syncs
        n_syncs += 1
        if n_syncs == 2 * at_sync - 1:  # file, folder, file, folder
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(durable.os, "fsync", full_at_last)
    with pytest.raises(DiskFull):
        write_project(wanted(project), stems)
    assert project.read_bytes() == CONTENT
    assert names(project.parent) == ["song.rpp"]


def test_a_folder_that_cannot_be_written_leaves_the_project_as_it_was(project, stems, monkeypatch):
    def refuse(path: Path, content: bytes) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(NotWritable, match="Permission denied"):
        write_project(wanted(project), stems)
    assert project.read_bytes() == CONTENT


def test_a_read_only_project_is_not_replaced(project, stems, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(NotWritable, match="write-protected"):
        write_project(wanted(project), stems)
    assert names(project.parent) == ["song.rpp"]


def test_a_link_to_a_project_stays_a_link_and_rights_stay(project, stems, tmp_path):
    project.chmod(0o640)
    link = tmp_path / "link.rpp"
    link.symlink_to(project)
    write_project(wanted(link), stems)
    assert link.is_symlink()
    assert len(timeline_of(project.read_bytes()).tracks) == 4
    assert project.stat().st_mode & 0o777 == 0o640


def test_a_stem_that_is_no_audio_stops_before_anything_is_written(project, stems):
    stems[0].path.write_bytes(b"no audio")
    with pytest.raises(AudioFileError):
        write_project(wanted(project), stems)
    assert names(project.parent) == ["song.rpp"]


def test_a_damaged_project_is_not_written(project, stems):
    project.write_bytes(CONTENT[:-4])
    with pytest.raises(ProjectFileError, match="never closed"):
        write_project(wanted(project), stems)
    assert names(project.parent) == ["song.rpp"]


def test_a_running_reaper_is_warned_of(project, stems, monkeypatch):
    monkeypatch.setattr(project_file, "reaper_is_running", lambda: True)
    assert WARNING in write_project(wanted(project), stems).warnings
