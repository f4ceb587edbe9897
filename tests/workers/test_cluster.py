"""A real scheduler and real workers, each a process of its own; only what they do is made up."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import far_sites
from fakes.clusters import dask_cluster, wait_until

from hanolab_dawtools.errors import (
    JobCancelled,
    SetupError,
    TryLater,
    UsageError,
    WeightsMissing,
    WorkerDied,
)
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.workers.base import WorkOrder
from hanolab_dawtools.workers.cluster import line
from hanolab_dawtools.workers.cluster.force import Cluster, FarSide
from hanolab_dawtools.workers.exchange import FolderExchange

CONTENT = b"0123456789"
IMPORTS = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as made:
        made.scratches = [made.add_worker(), made.add_worker()]
        made.wait_for(2)
        yield made


@pytest.fixture
def control(tmp_path):
    folder = tmp_path / "control"
    folder.mkdir()
    return folder


@pytest.fixture
def shared(tmp_path):
    return tmp_path / "shared"


@pytest.fixture
def opened(tmp_path, control, shared):
    @contextmanager
    def make(cluster, *, warn=lambda _: None):
        side = FarSide("fakes.far_sites:make_site", {"control": str(control)}, far_sites.FACTS)
        made = Cluster(
            cluster.address,
            side,
            FolderExchange(shared, "this"),
            scratch=tmp_path / "scratch",
            stop=NeverStop(),
            warn=warn,
        )
        try:
            yield made
        finally:
            made.close()

    return make


@pytest.fixture
def order(tmp_path):
    folder = tmp_path / "Jöb 1"
    folder.mkdir()
    source = tmp_path / "Größe ‘x’.WAV"
    twin = tmp_path / "twin.wav"  # of the same content
    for path in (source, twin):
        path.write_bytes(CONTENT)

    def make(**job):
        ticket = json.dumps({"input_path": str(source)})
        job = {"id": "J", "source": str(source), "ticket": ticket, **job}
        return WorkOrder(job, folder, ("turn", "double"), (twin, source))

    return make


def done(cluster, order, *, stop=None, progress=ignore_progress):
    return cluster.do(order, stop=stop or threading.Event(), progress=progress)


def begun(control):
    return {int(path.name.removeprefix("began-")) for path in control.glob("began-*")}


def left_in(scratches):
    return [path for scratch in scratches for path in scratch.rglob("hanolab-*")]


def test_results_come_back_to_where_the_owner_wants_them(
    opened, two_workers, order, control, shared
):
    asked = order()
    with opened(two_workers) as cluster:
        found = done(cluster, asked)
        assert cluster.n_workers == 2
    twice, source = asked.folder / "twice.wav", asked.job["source"]
    assert found.outcomes["double"] == {
        "stems": [{"path": str(twice)}],
        "source": source,
        "number": 3,
    }
    assert twice.read_bytes() == 2 * CONTENT[::-1]
    assert found.failure is None
    assert (cluster.moved.n_out, cluster.moved.n_in) == (20, 20)
    assert not list(shared.rglob("*.*")), "nothing is left in the exchange"
    assert not left_in(two_workers.scratches)


def test_files_of_steps_before_the_last_stay_away(opened, two_workers, order):
    asked = order()
    with opened(two_workers) as cluster:
        found = done(cluster, asked)
    assert found.away == ("turn",)
    assert found.outcomes["turn"]["path"] == str(asked.folder / "turned" / "ä.wav")
    assert not (asked.folder / "turned").exists()


def test_an_order_outlives_two_workers_that_are_killed(opened, two_workers, order, control):
    (control / "hold").touch()
    asked = order()
    with opened(two_workers) as cluster, ThreadPoolExecutor() as pool:
        coming = pool.submit(done, cluster, asked)
        killed = set()
        for _ in range(2):
            wait_until(lambda: begun(control) - killed)
            (pid,) = begun(control) - killed
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        wait_until(lambda: begun(control) - killed)
        (control / "hold").unlink()
        assert coming.result().failure is None
        assert (asked.folder / "twice.wav").read_bytes() == 2 * CONTENT[::-1]
        wait_until(lambda: cluster.n_workers == 2)  # the nannies have started others
        assert not left_in(two_workers.scratches)  # dask removes what killed workers left


def test_a_stop_is_heard_by_the_worker(opened, two_workers, order, control):
    (control / "hold").touch()
    stop, asked = threading.Event(), order()
    with opened(two_workers) as cluster, ThreadPoolExecutor() as pool:
        coming = pool.submit(done, cluster, asked, stop=stop)
        wait_until(lambda: begun(control))
        stop.set()
        with pytest.raises(JobCancelled):
            coming.result(timeout=5)
        wait_until((control / "stopped").exists, seconds=5)
        assert not list(asked.folder.iterdir())


def test_closing_ends_what_waits(opened, two_workers, order, control):
    (control / "hold").touch()
    with opened(two_workers) as cluster, ThreadPoolExecutor() as pool:
        coming = pool.submit(done, cluster, order())
        wait_until(lambda: begun(control))
        cluster.close()
        with pytest.raises(JobCancelled):
            coming.result(timeout=5)
        wait_until((control / "stopped").exists, seconds=5)


def test_an_owner_that_is_killed_leaves_no_work_behind(two_workers, control, tmp_path):
    (control / "hold").touch()
    arguments = (two_workers.address, str(control), str(tmp_path))
    owner = subprocess.Popen([sys.executable, "-m", "fakes.far_owner", *arguments], env=IMPORTS)
    wait_until(lambda: begun(control))
    owner.kill()
    owner.wait()
    wait_until((control / "stopped").exists, seconds=10)
    wait_until(lambda: not left_in(two_workers.scratches), seconds=10)


@pytest.mark.soak
def test_an_order_that_kills_every_worker_is_given_up(opened, two_workers, order):
    with opened(two_workers) as cluster:
        with pytest.raises(WorkerDied, match="4 workers of the cluster died over it") as caught:
            done(cluster, order(dies=True))
        assert "out of memory" in caught.value.hint
        wait_until(lambda: cluster.n_workers == 2)


def test_progress_is_told_on_the_way(opened, two_workers, order, control):
    (control / "hold").touch()
    told = []

    def hear(progress):
        told.append(progress)
        if progress.fraction == 0.25:
            (control / "hold").unlink()

    with opened(two_workers) as cluster:
        done(cluster, order(), progress=hear)
    assert ("turning round", 0.25, 3.0) in [tuple(vars(one).values()) for one in told]


@pytest.mark.soak
def test_workers_that_do_not_fit_get_no_orders(opened, order, tmp_path_factory, control):
    warned = []
    with dask_cluster(tmp_path_factory.mktemp("dask")) as few:
        few.add_worker({"FAR_FACTS": '{"engine": "2"}'})
        with pytest.raises(SetupError, match="it has engine 2, its owner 1") as caught:
            opened(few).__enter__()
        assert "docs/cluster.md" in caught.value.hint
        few.add_worker({"FAR_LACKS": "yes"})
        few.add_worker()
        few.wait_for(3)
        with opened(few, warn=warned.append) as cluster:
            wait_until(lambda: cluster.n_workers == 3)
            for _ in range(3):
                assert done(cluster, order()).failure is None
            (sentence,) = warned
            assert "gets no orders: it has engine 2, its owner 1" in sentence
            few.workers[2].terminate()
            wait_until(lambda: cluster.n_workers == 2)
            failure = done(cluster, order()).failure
            assert isinstance(failure, WeightsMissing)
            assert str(failure).startswith("worker tcp://127.0.0.1:")
            assert str(failure).endswith(": the weights are not on this machine")
            few.scheduler.kill()
            with pytest.raises(TryLater, match="its scheduler does not answer") as lost:
                done(cluster, order())
            assert "jobs resume" in lost.value.hint


@pytest.mark.soak
def test_a_worker_without_the_program_is_named(opened, tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as bare:
        bare.add_worker({"PYTHONPATH": ""})
        with pytest.raises(SetupError, match=r"cannot load the program \(.*fakes"):
            opened(bare).__enter__()


@pytest.mark.parametrize("address", ["local:", "local:0", "local:two", "local:-1", "local:9999"])
def test_a_wrong_number_of_workers_is_refused(address):
    with pytest.raises(UsageError, match="needs the number of workers"):
        line.local_workers(address)
