"""The host on real project files: capture, place, and every way that placing can fail."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
from fakes.full_disk import files_at_most
from fakes.read_only import public_folder, read_only
from fakes.timelines import noise, write_media

from hanolab_dawtools.audio.digest import content_digest
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import (
    DiskFull,
    HanolabError,
    JobCancelled,
    NotWritable,
    ProjectFileError,
    SelectionError,
)
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.hosts.stem_folder import put_stems
from hanolab_dawtools.model import Alignment, Capture, Selection, Stem, StemRole, Wanted
from hanolab_dawtools.placement import Placement

RATE = 44_100
PROJECT = """<REAPER_PROJECT 0.1 "7.18/win64" 1727695440
  RIPPLE 0
  SELECTION 0.5 0.75
  SAMPLERATE 44100 {use_rate} 0
  MARKER 1 0.5 Verse 1 0 1 B {{6B926B92}} 0
  MARKER 1 1.25 ""  1
  <TRACK {{AAAAAAAA}}
    NAME 'Gtr "L"'
    ISBUS 0 0
    <ITEM
      POSITION 0.25
      LENGTH 2
      FADEIN 1 0 0 1 0 0 0
      FADEOUT 1 0 0 1 0 0 0
      MUTE 0 0
      IGUID {{11111111}}
      NAME riff
      VOLPAN 1 0 1 -1
      SOFFS 0.1
      <SOURCE WAVE
        FILE "media\\riff.wav"
      >
    >
  >
  <TRACK {{BBBBBBBB}}
    NAME Keys
    ISBUS 0 0
    <ITEM
      POSITION 0.6
      LENGTH 0.2
      IGUID {{22222222}}
      NAME gone
      <SOURCE WAVE
        FILE "gone.wav"
      >
    >
  >
>
"""


def make_project(folder: Path, *, use_rate: int = 1) -> RppHost:
    """A project with an item of noise, a missing one, and a region; CRLF as REAPER writes."""
    (folder / "media").mkdir()
    write_media(folder / "media" / "riff.wav", noise(2, 3 * RATE), RATE)
    text = PROJECT.format(use_rate=use_rate)
    (folder / "song.rpp").write_bytes(text.replace("\n", "\r\n").encode())
    return RppHost(folder / "song.rpp")


def capture(host: RppHost, selection: Selection, folder: Path, handle: float = 0.3) -> Capture:
    return host.capture(
        selection, folder, handle_seconds=handle, stop=NeverStop(), progress=ignore_progress
    )


def make_job(host: RppHost, folder: Path, *, job_id: str = "j1") -> Placement:
    """A capture of the region, split into two stems that sum to it."""
    (selection,) = host.selections(Wanted(region="Verse"))
    made = capture(host, selection, folder)
    first = made.lead_frames
    heard = read_audio(made.path).samples[:, first : first + made.selection_frames]
    stems = []
    for role, share in ((StemRole.VOCALS, 0.25), (StemRole.ACCOMPANIMENT, 0.75)):
        path = folder / f"{role}.wav"
        write_media(path, np.ascontiguousarray(heard * np.float32(share)), made.sample_rate)
        stems.append(Stem(role, path))
    return Placement(job_id, selection, made, tuple(stems), Alignment(0.0, 1.0, 1, 1.0))


def everything(folder: Path) -> dict[str, bytes | None]:
    """All files (with content) and folders below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def host(tmp_path):
    (tmp_path / "project").mkdir()
    return make_project(tmp_path / "project")


def test_region_is_captured_with_real_audio_around_it(host, tmp_path):
    (selection,) = host.selections(Wanted(region="verse"))
    made = capture(host, selection, tmp_path / "work")
    handle = 13_230
    assert (made.start_frame, made.selection_frames) == (22_050, 33_075)
    assert (made.lead_frames, made.tail_frames) == (handle, handle)
    frames = np.arange(22_050 - handle, 22_050 + 33_075 + handle)
    media = frames - 11_025 + 4_410  # POSITION 0.25, SOFFS 0.1
    expected = np.where(frames >= 11_025, noise(2, 3 * RATE)[:, np.maximum(media, 0)], 0.0)
    assert np.array_equal(read_audio(made.path).samples, expected)
    assert made.digest == content_digest(made.path)
    assert made.sources == ("{11111111}",)
    assert [(note.item, note.track) for note in made.skipped] == [("gone", "Keys")]


def test_saved_time_selection_is_captured_when_nothing_is_said(host, tmp_path):
    (selection,) = host.selections(Wanted())
    assert capture(host, selection, tmp_path / "work").selection_frames == 11_025


def test_handles_end_at_time_zero_and_behind_the_last_item(host, tmp_path):
    (selection,) = host.selections(Wanted(range_seconds=(0.1, 2.2)))
    made = capture(host, selection, tmp_path / "work", handle=5.0)
    assert (made.lead_frames, made.tail_frames) == (4_410, 2_205)
    (selection,) = host.selections(Wanted(range_seconds=(2.0, 3.0)))
    assert capture(host, selection, tmp_path / "work", handle=5.0).tail_frames == 0


def test_rate_of_the_project_counts_only_when_it_is_switched_on(tmp_path):
    for use_rate, expected in ((1, 44_100), (0, 96_000)):
        folder = tmp_path / str(use_rate)
        folder.mkdir()
        host = make_project(folder, use_rate=use_rate)
        write_media(folder / "media" / "riff.wav", noise(1, 288_000), 96_000)
        (selection,) = host.selections(Wanted())
        assert capture(host, selection, tmp_path / "work").sample_rate == expected


def test_stop_leaves_no_file(host, tmp_path):
    stop = threading.Event()
    stop.set()
    (selection,) = host.selections(Wanted())
    with pytest.raises(JobCancelled):
        host.capture(
            selection, tmp_path / "work", handle_seconds=0, stop=stop, progress=ignore_progress
        )
    assert list((tmp_path / "work").iterdir()) == []


def test_track_that_is_gone_since_it_was_selected_is_said(host, tmp_path):
    (selection,) = host.selections(Wanted(tracks=("1",), region="1"))
    gone = dataclasses.replace(selection, track_ids=("{CCCCCCCC}",))
    with pytest.raises(SelectionError, match="was changed"):
        capture(host, gone, tmp_path / "work")


def test_stems_lie_on_what_they_were_made_of(host, tmp_path):
    before = make_job(host, tmp_path / "work")
    placed = host.place(before)
    assert placed.folder == host.path.parent / "HanoLab" / "Verse-j1"
    (again,) = host.selections(Wanted(region="Verse"))
    after = capture(host, again, tmp_path / "again")
    now, then = read_audio(after.path).samples, read_audio(before.capture.path).samples
    assert np.abs(now - then).max() < 1e-6  # shares of float32 samples, rounded once
    assert now.shape == then.shape


def test_second_placing_changes_nothing(host, tmp_path):
    placement = make_job(host, tmp_path / "work")
    placed = host.place(placement)
    before = everything(host.path.parent)
    assert host.place(placement) == placed
    assert everything(host.path.parent) == before


def test_call_after_a_crash_between_copying_and_writing_ends_the_same(tmp_path):
    results = []
    for crashes in (False, True):
        folder = tmp_path / str(crashes)
        folder.mkdir()
        host = make_project(folder)
        placement = make_job(host, tmp_path / f"work {crashes}")
        if crashes:
            put_stems(folder / "HanoLab" / "Verse-j1", placement)
        host.place(placement)
        results.append(everything(folder))
    keys = [{name for name in result if not name.endswith(".bak")} for result in results]
    assert keys[0] == keys[1]
    for name in keys[0] - {"HanoLab/Verse-j1/job.json"}:  # it holds the project's path
        assert results[0][name] == results[1][name]


def test_folder_of_the_user_leaves_the_project_alone(host, tmp_path):
    content = host.path.read_bytes()
    placement = dataclasses.replace(make_job(host, tmp_path / "work"), folder=tmp_path / "out")
    placed = host.place(placement)
    assert (placed.project, placed.folder) == (None, tmp_path / "out")
    assert host.path.read_bytes() == content
    assert not (host.path.parent / "HanoLab").exists()


def test_copy_of_the_project_gets_the_stems_beside_it(host, tmp_path):
    content = host.path.read_bytes()
    target = tmp_path / "copy" / "new.rpp"
    target.parent.mkdir()
    placement = dataclasses.replace(make_job(host, tmp_path / "work"), destination=target)
    placed = host.place(placement)
    assert placed.folder == target.parent / "HanoLab" / "Verse-j1"
    assert placed.project == target
    assert host.path.read_bytes() == content
    (again,) = RppHost(target).selections(Wanted(region="Verse"))
    now = read_audio(capture(RppHost(target), again, tmp_path / "again").path).samples
    assert np.abs(now - read_audio(placement.capture.path).samples).max() < 1e-6


def check_refused(host: RppHost, placement: Placement, kind: type[HanolabError]) -> None:
    """Placing fails, and nothing in the project's folder is different from before."""
    before = everything(host.path.parent)
    with pytest.raises(kind):
        host.place(placement)
    assert everything(host.path.parent) == before


def test_full_disk_leaves_all_as_it_was(host, tmp_path):
    placement = make_job(host, tmp_path / "work")
    with files_at_most(100_000):
        check_refused(host, placement, DiskFull)


def test_disk_that_is_full_for_the_project_itself_takes_the_stems_back(host, tmp_path):
    placement = make_job(host, tmp_path / "work")
    notes = b"  <NOTES 0 2\r\n" + b"    |padding\r\n" * 60_000 + b"  >\r\n"
    content = host.path.read_bytes()
    host.path.write_bytes(content.replace(b"  RIPPLE 0\r\n", b"  RIPPLE 0\r\n" + notes))
    with files_at_most(500_000):  # more than a stem, less than the project
        check_refused(host, placement, DiskFull)


def test_project_that_became_unreadable_takes_the_stems_back(host, tmp_path):
    placement = make_job(host, tmp_path / "work")
    host.path.write_bytes(host.path.read_bytes()[:-40])
    check_refused(host, placement, ProjectFileError)


def test_read_only_folder_leaves_all_as_it_was(tmp_path):
    with public_folder() as folder:
        (folder / "project").mkdir()
        host = make_project(folder / "project")
        placement = make_job(host, folder / "work")
        before = everything(host.path.parent)
        with read_only(host.path.parent), pytest.raises(NotWritable) as caught:
            host.place(placement)
        assert "-o" in caught.value.hint
        assert everything(host.path.parent) == before


def test_read_only_project_takes_the_stems_back():
    with public_folder() as folder:
        (folder / "project").mkdir()
        host = make_project(folder / "project")
        placement = make_job(host, folder / "work")
        (folder / "project").chmod(0o777)
        host.path.chmod(0o444)
        (folder / "elsewhere").mkdir()
        with read_only(folder / "elsewhere"):  # as an ordinary user from here on
            check_refused(host, placement, NotWritable)
