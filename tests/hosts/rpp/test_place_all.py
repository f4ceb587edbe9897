"""Batches placed by the host: files, one write, one backup, and what a crash or an edit leaves."""

from __future__ import annotations

import pickle
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.placements import timeline_of
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText
from fakes.shelved import heard
from fakes.timelines import noise, write_media

from hanolab_dawtools import durable
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import DiskFull, FileChanged, InputError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp import project_together
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.hosts.rpp.restore import restore_project
from hanolab_dawtools.model import Grouping, Stem, StemRole, Wanted
from hanolab_dawtools.placement import Placed, Placement

RATE = 48_000
ITEMS = (ItemText(0.0, 2.0, 1, "take.wav"), ItemText(2.0, 1.0, 2, "take.wav", offset="0.5"))
TRACKS = (TrackText(items=ITEMS), TrackText("Keys", 2, (ItemText(0.5, 2.5, 3, "take.wav"),)))


@pytest.fixture(autouse=True)
def _no_reaper(monkeypatch):
    monkeypatch.setattr(project_together, "reaper_is_running", lambda: False)


@pytest.fixture
def host(tmp_path) -> RppHost:
    write_media(tmp_path / "take.wav", noise(2, 3 * RATE), RATE)
    content = ProjectText(TRACKS, DIALECTS["7.7"]).content()
    (tmp_path / "song.rpp").write_bytes(content)
    return RppHost(tmp_path / "song.rpp")


def capture(host: RppHost, folder: Path, start: float, end: float, tracks: tuple[str, ...] = ()):
    folder.mkdir(parents=True, exist_ok=True)
    wanted = Wanted(range_seconds=(start, end), tracks=tracks, grouping=Grouping.SELECTION)
    (selection,) = host.selections(wanted)
    told = ignore_progress
    return selection, host.capture(
        selection, folder, handle_seconds=0.0, stop=NeverStop(), progress=told
    )


def job(
    host: RppHost, number: int, start: float, end: float, track: str = "Guitar", **options: object
) -> Placement:
    """A job whose one stem is what it captured, so that nothing changes in sum."""
    folder = host.path.parent / "jobs" / str(number)
    selection, taken = capture(host, folder, start, end, (track,) if track else ())
    options.setdefault("shelf", f"{track or 'mix'} same\n{options.pop('preset', 1)}")
    stems = (Stem(StemRole.PROCESSED, taken.path),)
    return Placement(f"b-{number}", selection, taken, stems, None, **options)


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in found if "jobs" not in p.parts}


def all_jobs(host: RppHost) -> list[Placement]:
    """Regions side by side and overlapping, of each track and of the mix, with two presets."""
    spans = [(0.0, 0.75), (0.75, 1.5), (1.25, 2.25), (2.25, 3.0)]
    return [
        job(host, 1 + number, *span, track, preset=preset)
        for number, (preset, track, span) in enumerate(
            (preset, track, span)
            for preset in (1, 2)
            for track in ("Guitar", "Keys", "")
            for span in spans
        )
    ]


def test_the_project_sounds_as_before_when_the_stems_are_what_was_captured(host, tmp_path):
    _, before = capture(host, tmp_path / "x", 0.0, 3.0)
    was = read_audio(before.path).samples
    made = host.place_all(all_jobs(host))
    assert all(isinstance(one, Placed) for one in made)
    _, after = capture(host, tmp_path / "y", 0.0, 3.0)
    np.testing.assert_allclose(read_audio(after.path).samples, was, atol=1e-6)
    assert np.abs(was).max() > 0.1


def test_all_are_placed_in_one_write_with_one_backup_and_undone_by_it(host):
    content = host.path.read_bytes()
    made = host.place_all(all_jobs(host))
    (backup,) = host.path.parent.glob("*.hanolab.bak")
    assert {one.backup for one in made} == {backup}
    assert backup.read_bytes() == content
    assert restore_project(made[0])
    assert host.path.read_bytes() == content
    assert not any(restore_project(one) for one in made)


def test_a_second_call_tells_the_same_and_writes_nothing(host):
    jobs = all_jobs(host)
    made = host.place_all(jobs)
    there = files(host.path.parent)
    assert host.place_all(jobs) == made
    assert host.place_all(jobs[::-1]) == made[::-1]
    assert files(host.path.parent) == there


def test_what_an_earlier_call_placed_is_told_again_beside_what_is_new(host):
    jobs = all_jobs(host)
    first = host.place_all(jobs[:5])
    made = host.place_all(jobs)
    assert made[:5] == first
    assert all(isinstance(one, Placed) for one in made)
    assert len({one.backup for one in made}) == 2
    assert host.place_all(jobs) == made


def test_the_sound_is_the_same_when_results_come_one_by_one(host, tmp_path):
    _, before = capture(host, tmp_path / "x", 0.0, 3.0)
    was = read_audio(before.path).samples
    for one in all_jobs(host)[::-2]:
        (made,) = host.place_all([one])
        assert isinstance(made, Placed)
    _, after = capture(host, tmp_path / "y", 0.0, 3.0)
    np.testing.assert_allclose(read_audio(after.path).samples, was, atol=1e-6)


def test_placing_one_job_of_a_shelf_is_placing_it_with_the_others(host, tmp_path):
    jobs = [job(host, 1, 0.0, 1.0), job(host, 2, 1.0, 2.0)]
    for one in jobs:
        host.place(one)
    alone = host.path.read_bytes()
    restored = min(host.path.parent.glob("*Z.hanolab.bak")).read_bytes()
    host.path.write_bytes(restored)
    host.place_all(jobs)
    assert host.path.read_bytes() == alone


def test_a_job_whose_item_was_edited_is_left_out_and_the_others_are_placed(host):
    jobs = [job(host, 1, 0.0, 1.0), job(host, 2, 2.0, 3.0)]
    edited = host.path.read_bytes().replace(b"SOFFS 0.5", b"SOFFS 0.25")
    host.path.write_bytes(edited)
    good, bad = host.place_all(jobs)
    assert isinstance(good, Placed)
    assert isinstance(bad, FileChanged)
    assert "left out" in str(bad)
    assert len(list((host.path.parent / "HanoLab").iterdir())) == 1
    assert heard(host.path.read_bytes(), [0]) == [(1.0, 2.0), (2.0, 3.0)]


def test_an_edit_after_an_earlier_call_is_seen_through_the_cuts(host):
    jobs = [job(host, n, n * 0.5, n * 0.5 + 0.5) for n in range(3)]
    host.place_all(jobs[:1])
    host.place_all(jobs[1:2])
    moved = host.path.read_bytes().replace(b"SOFFS 1\r\n", b"SOFFS 1.25\r\n")
    assert moved != host.path.read_bytes()
    host.path.write_bytes(moved)
    (made,) = host.place_all(jobs[2:])
    assert isinstance(made, FileChanged)


def test_a_stem_that_is_gone_holds_up_no_other(host):
    jobs = [job(host, 1, 0.0, 1.0), job(host, 2, 1.0, 2.0)]
    jobs[0].stems[0].path.unlink()
    bad, good = host.place_all(jobs)
    assert isinstance(bad, InputError)
    assert isinstance(good, Placed)


def test_a_disk_that_gets_full_leaves_nothing(host, monkeypatch):
    jobs, there = all_jobs(host), files(host.path.parent)

    def full(*_: object, **__: object) -> None:
        raise DiskFull(host.path)

    monkeypatch.setattr(project_together, "replace_project", full)
    with pytest.raises(DiskFull):
        host.place_all(jobs)
    assert files(host.path.parent) == there


def test_files_only_jobs_are_put_into_their_folders(host, tmp_path):
    jobs = [
        replace(job(host, 1, 0.0, 1.0), folder=tmp_path / "out"),
        job(host, 2, 1.0, 2.0),
    ]
    first, second = host.place_all(jobs)
    assert (first.project, first.folder) == (None, tmp_path / "out")
    assert second.project == host.path


def test_another_project_file_gets_all_of_them(host, tmp_path):
    content, target = host.path.read_bytes(), tmp_path / "mixes" / "new.rpp"
    jobs = [job(host, n, n * 1.0, n + 1.0, destination=target) for n in range(3)]
    made = [*host.place_all(jobs[:2]), *host.place_all(jobs[2:])]
    assert {one.project for one in made} == {target}
    assert host.path.read_bytes() == content
    assert len(timeline_of(target.read_bytes()).tracks[-1].items) == 3


KILLED = """
import os, sys, pickle, signal
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from hanolab_dawtools import durable
from hanolab_dawtools.hosts.rpp.host import RppHost
project, number = Path(sys.argv[1]), int(sys.argv[2])
jobs = pickle.loads((project.parent / "jobs" / "all").read_bytes())
synced = 0
real = os.fsync
def fsync(descriptor):
    global synced
    synced += 1
    if synced == number:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = fsync
RppHost(project).place_all(jobs)
print(synced)
"""


def test_killed_at_any_moment_the_next_call_ends_in_the_same_files(host, tmp_path):
    jobs = [job(host, n, n * 1.0, n + 1.0) for n in range(2)]
    (host.path.parent / "jobs" / "all").write_bytes(pickle.dumps(jobs))
    before = {path.name for path in tmp_path.iterdir()}

    def run(number: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", KILLED, str(host.path), str(number), str(Path.cwd())]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    content = host.path.read_bytes()
    n_syncs = int(run(10**6).stdout)
    wanted = host.path.read_bytes()
    for number in [n_syncs // 3, n_syncs - 2, n_syncs - 1, n_syncs]:
        shutil.rmtree(tmp_path / "HanoLab")
        for path in tmp_path.glob("*.bak"):
            path.unlink()
        host.path.write_bytes(content)
        assert run(number).returncode == -signal.SIGKILL
        assert host.path.read_bytes() in {content, wanted}
        made = host.place_all(jobs)
        assert host.path.read_bytes() == wanted
        assert all(one.backup.read_bytes() == content for one in made)
        names = {path.name for path in tmp_path.iterdir() if path.suffix != ".bak"}
        assert names == before | {"HanoLab"}
        assert not list((tmp_path / "HanoLab").rglob(f"*{durable.PART_SUFFIX}"))
