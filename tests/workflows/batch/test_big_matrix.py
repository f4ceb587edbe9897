"""24 tracks, 12 regions and 3 presets, here and on a cluster whose workers are killed."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from fakes.batch_songs import write_song
from fakes.batches import Told, planned, run
from fakes.clusters import DaskCluster, dask_cluster

from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.batch.model import BatchAsked, BatchOptions, BatchReport

TRACKS = [f"Track {number:02d}" for number in range(1, 25)]
REGIONS = [f"Part {number:02d}" for number in range(1, 13)]
PRESETS = ("Effects only", "Telephone", "Podcast voice")
N_CELLS = len(TRACKS) * len(REGIONS) * len(PRESETS)

pytestmark = pytest.mark.soak


def done(
    folder: Path, told: Told, *, exchange: Path | None = None, **options: Any
) -> tuple[BatchReport, Path]:
    """The whole matrix on a song of its own."""
    song = write_song(folder / "song", tracks=TRACKS, regions=REGIONS, region_seconds=0.25)
    where = Folders(*(folder / name for name in ("config", "data", "cache", "logs")))
    with Services(Settings(exchange_folder=exchange), where) as services:
        asked = BatchAsked((str(song),), PRESETS, regions=("*",), tracks=("*",))
        matrix = planned(services, asked)
        assert len(matrix.cells) == N_CELLS
        batch = services.batching.create(asked, matrix)
        report = run(services, batch, told=told, options=BatchOptions(nice=0, **options))
    return report, song


def sounds(report: BatchReport) -> dict[int, bytes]:
    return {cell.number: cell.files[0].read_bytes() for cell in report.cells}


def check_project(report: BatchReport, song: Path) -> None:
    assert [cell.state for cell in report.cells] == ["done"] * N_CELLS
    assert len(list(song.parent.glob("*.hanolab.bak"))) == 1  # it was written once
    timeline = read_timeline(Document.read(song))
    n_shelves = len(TRACKS) * len(PRESETS)
    assert len(timeline.tracks) == len(TRACKS) + 2 * n_shelves  # a folder and its one stem each
    added = [item for track in timeline.tracks[len(TRACKS) :] for item in track.items]
    assert len(added) == N_CELLS
    starts = sorted({round(item.position_seconds, 9) for item in added})
    assert starts == [round(0.25 * number, 9) for number in range(len(REGIONS))]


@contextmanager
def killing_workers(cluster: DaskCluster, told: Told, *, times: int) -> Iterator[list[int]]:
    """Kill a worker of the cluster when some cells are worked on, and again some cells later."""
    killed: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while len(killed) < times and not ended.wait(0.05):
            n_worked = sum(report.state == JobState.POLISHED for report in told.reports)
            alive = [pid for pid in pids_below(cluster.workers[0].pid) if pid not in killed]
            if n_worked >= 100 * (len(killed) + 1) and alive:
                os.kill(alive[0], signal.SIGKILL)
                killed.append(alive[0])

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def pids_below(nanny: int) -> list[int]:
    """The processes that a nanny holds."""
    return [
        child.pid
        for child in psutil.Process(nanny).children()
        if "spawn_main" in " ".join(child.cmdline())
    ]


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> tuple[BatchReport, Path]:
    return done(tmp_path_factory.mktemp("here"), Told(), n_jobs=2)


def test_the_whole_matrix_runs_to_the_end_here(here):
    check_project(*here)


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed_twice(here, tmp_path):
    (tmp_path / "dask").mkdir()
    with dask_cluster(tmp_path / "dask") as cluster:
        for _ in range(2):
            cluster.add_worker()
        cluster.wait_for(2)
        told = Told()
        with killing_workers(cluster, told, times=2) as killed:
            options = {"n_jobs": 1, "cluster": cluster.address}
            report, song = done(tmp_path / "far", told, exchange=tmp_path / "shared", **options)
    assert len(killed) == 2
    check_project(report, song)
    assert sounds(report) == sounds(here[0])
