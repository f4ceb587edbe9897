"""Batches from end to end: real workers, real files, and the sandbox as the cloud."""

import shutil
import threading

import pytest
from fakes.batch_songs import write_song
from fakes.batches import EFFECTS, Told, made, planned, run, write_music
from fakes.cloud_services import CloudServices

from hanolab_dawtools.errors import JobBusy
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.workflows.batch.model import BatchAsked
from hanolab_dawtools.workflows.outcomes import placed_of


def n_times_done(services, batch):
    return {
        cell.id: sum(event.state is JobState.DONE for event in services.store.events(cell.id))
        for cell in services.store.batches.cells(batch.id)
    }


def test_cells_give_the_bytes_that_single_runs_give(cloud, tmp_path):
    music = write_music(tmp_path / "in", 3)
    batch = made(cloud, music, [EFFECTS])
    report = run(cloud, batch)
    assert [cell.state for cell in report.cells] == ["done"] * 3
    for cell, path in zip(report.cells, music, strict=True):
        plan = cloud.store.get(cell.job_id).plan
        alone = cloud.store.create("process", "alone", plan | {"folder": str(tmp_path / "alone")})
        placed = placed_of(cloud.run(alone.id).outcomes)
        (track,), (made_path,) = placed.tracks, cell.files
        assert made_path.read_bytes() == track.path.read_bytes()
        assert made_path.parent.parent == path.parent
        shutil.rmtree(tmp_path / "alone")


def test_one_cell_that_fails_stops_no_other_and_is_run_again_alone(cloud, tmp_path):
    music = write_music(tmp_path / "in", 4)
    batch = made(cloud, music, [EFFECTS])
    whole = music[1].read_bytes()
    music[1].write_bytes(whole[:100])
    report = run(cloud, batch)
    assert [cell.state for cell in report.cells] == ["done", "failed", "done", "done"]
    assert "song 001.wav" in report.cells[1].message
    assert report.cells[1].exit_code == 3
    music[1].write_bytes(whole)
    again = run(cloud, batch, only_failed=True)
    assert [cell.state for cell in again.cells] == ["done"] * 4
    assert set(n_times_done(cloud, batch).values()) == {1}


def test_a_stopped_batch_goes_on_where_it_was_and_does_nothing_twice(cloud, tmp_path):
    batch = made(cloud, write_music(tmp_path / "in", 8), [EFFECTS])
    stop = threading.Event()
    told = Told(act=lambda report: stop.set() if report.state == "done" else None)
    report = run(cloud, batch, stop=stop, told=told)
    assert 1 <= report.count("done") < 8
    assert report.count("done", "cancelled") == 8
    assert run(cloud, batch).count("done") == 8
    assert set(n_times_done(cloud, batch).values()) == {1}


def test_a_stopped_batch_puts_nothing_into_its_project(cloud, tmp_path):
    song = write_song(tmp_path / "song", tracks=["Voice"], regions=["One", "Two"])
    before = song.read_bytes()
    asked = BatchAsked((str(song),), (EFFECTS,), regions=("*",), tracks=("*",))
    batch = cloud.batching.create(asked, planned(cloud, asked))
    stop = threading.Event()
    told = Told(act=lambda report: stop.set() if report.state == "polished" else None)
    report = run(cloud, batch, stop=stop, told=told)
    assert {cell.state for cell in report.cells} == {"cancelled"}
    assert song.read_bytes() == before
    assert run(cloud, batch).count("done") == 2


def test_a_listener_that_fails_stops_nothing(cloud, tmp_path):
    def fails(_report):
        raise RuntimeError("the window is gone")

    batch = made(cloud, write_music(tmp_path / "in", 2), [EFFECTS])
    assert run(cloud, batch, told=Told(act=fails)).count("done") == 2


def test_two_batches_do_not_work_on_one_project_at_once(cloud, sandbox, tmp_path):
    song = write_song(tmp_path / "song", tracks=["Voice"], regions=["One"])
    asked = BatchAsked((str(song),), (EFFECTS,), regions=("*",), tracks=("*",))
    one, two = (cloud.batching.create(asked, planned(cloud, asked)) for _ in range(2))
    with (
        CloudServices(tmp_path / "home", sandbox.base_url) as other,
        cloud.store.batches.claim(one.id),
        pytest.raises(JobBusy, match=f"batch {one.id} works on .*song.rpp"),
    ):
        run(other, two)


def test_two_owners_at_once_are_told(cloud, sandbox, tmp_path):
    batch = made(cloud, write_music(tmp_path / "in", 1), [EFFECTS])
    with (
        CloudServices(tmp_path / "home", sandbox.base_url) as other,
        cloud.store.batches.claim(batch.id),
        pytest.raises(JobBusy),
    ):
        run(other, batch)
