"""A batch on a real dask cluster with its files through a real S3, beside the same one here.

What goes through the scheduler is recorded: it must hold no key, no secret and no audio.
"""

import os
import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from distributed import Client
from fakes.batch_songs import write_noise
from fakes.clusters import dask_cluster, wait_until
from fakes.far_batches import contents, run_batch
from fakes.served import KEY_ID, SECRET, rclone_s3

from hanolab_dawtools.clustering import ClusterMeans, open_cluster
from hanolab_dawtools.errors import StorageNotSet
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.settings_fields import Settings

API_KEY = "hlb_0123456789abcdef0123456789abcdef"
MAX_PACKAGE_BYTES = 50_000  # most of it are URLs of slots
PRESET = "telephone"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of this test's owner, and none of what this machine's user has set."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "HANOLAB_"))]:
        monkeypatch.delenv(name)
    for kind in ("config", "data", "cache", "log"):
        folder = tmp_path / "home" / kind
        folder.mkdir(parents=True)
        monkeypatch.setenv(f"HANOLAB_{kind.upper()}_DIR", str(folder))
    monkeypatch.setenv("HANOLAB_API_KEY", API_KEY)
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", SECRET)
    return tmp_path / "home"


@pytest.fixture
def music(tmp_path):
    for number, name in enumerate(("Ålpha", "beta")):
        write_noise(tmp_path / "music" / f"{name}.wav", 0.5, seed=number)
    return tmp_path / "music"


@pytest.fixture
def sent(monkeypatch):
    """Everything that is given to dask, as it would be sent."""
    recorded = []
    submit, run = Client.submit, Client.run

    def recorded_submit(self, act, *arguments, **options):
        recorded.append(pickle.dumps((arguments, options)))
        return submit(self, act, *arguments, **options)

    def recorded_run(self, act, *arguments, **options):
        recorded.append(pickle.dumps((arguments, options)))
        return run(self, act, *arguments, **options)

    monkeypatch.setattr(Client, "submit", recorded_submit)
    monkeypatch.setattr(Client, "run", recorded_run)
    return recorded


@contextmanager
def s3_cluster(home, tmp_path, n_workers=1):
    """A cluster whose workers have folders of their own and no secrets; its owner has an S3."""
    (tmp_path / "buckets" / "takes").mkdir(parents=True)
    worker_home = {
        f"HANOLAB_{kind}_DIR": str(tmp_path / "other" / kind.lower())
        for kind in ("CONFIG", "DATA", "CACHE", "LOG")
    }
    nothing = {"HANOLAB_API_KEY": "", "HANOLAB_STORAGE_SECRET": ""}
    with rclone_s3(tmp_path / "buckets") as endpoint, dask_cluster(tmp_path) as cluster:
        for _ in range(n_workers):
            cluster.add_worker({**worker_home, **nothing})
        (home / "config" / "settings.toml").write_text(
            f'[storage]\nkind = "s3"\nbucket = "takes"\nendpoint = "{endpoint}"\n'
            f'access_key_id = "{KEY_ID}"\n'
        )
        yield cluster


@pytest.mark.soak
def test_a_batch_through_storage_gives_the_same_bytes_and_tells_no_secret(
    home, music, sent, tmp_path
):
    with s3_cluster(home, tmp_path) as cluster:
        report = run_batch(music, PRESET, tmp_path / "far", cluster.address)
    assert [cell.exit_code for cell in report.cells] == [0, 0]
    run_batch(music, PRESET, tmp_path / "here")
    assert contents(tmp_path / "far") == contents(tmp_path / "here")
    assert len(contents(tmp_path / "far")) == 2
    assert not files_in(tmp_path / "buckets"), "the exchange is empty"
    _check_sent(sent, home)


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def _check_sent(sent, home: Path):
    assert len(sent) >= 3, "a look at the versions, and two orders"
    for message in sent:
        assert len(message) < MAX_PACKAGE_BYTES
        for hidden in (API_KEY, SECRET, str(home)):
            assert hidden.encode() not in message


def test_without_a_way_for_files_nothing_is_begun(tmp_path):
    for kind in (None, "http", "sandbox"):
        settings = Settings.model_validate({"storage": {"kind": kind} if kind else {}})
        means = ClusterMeans(settings, tmp_path, tmp_path)
        with pytest.raises(StorageNotSet, match="no way to the workers") as caught:
            open_cluster("tcp://127.0.0.1:1", means, name="b", nice=0, stop=NeverStop())
        assert "exchange_folder" in caught.value.hint


@pytest.mark.soak
def test_a_cluster_on_this_machine_gives_the_same_bytes_and_prints_nothing(
    home, music, tmp_path, capfd
):
    report = run_batch(music, PRESET, tmp_path / "far", "local:2")
    assert [cell.exit_code for cell in report.cells] == [0, 0]
    run_batch(music, PRESET, tmp_path / "here")
    assert contents(tmp_path / "far") == contents(tmp_path / "here")
    assert not list((home / "cache" / "cluster").iterdir())
    assert capfd.readouterr() == ("", "")


@pytest.mark.soak
def test_a_catalogue_through_storage_with_workers_killed_twice(home, tmp_path):
    for number in range(200):
        write_noise(tmp_path / "music" / f"{number}.wav", 0.3, seed=number)
    with s3_cluster(home, tmp_path, n_workers=2) as cluster, ThreadPoolExecutor() as pool:
        far = tmp_path / "far"
        coming = pool.submit(run_batch, tmp_path / "music", PRESET, far, cluster.address)
        for n_placed in (10, 60):
            wait_until(lambda n=n_placed: len(contents(far)) >= n, seconds=300)
            (nanny, *_) = cluster.workers
            os.kill(child_of(nanny.pid), signal.SIGKILL)
        assert {cell.exit_code for cell in coming.result().cells} == {0}
    run_batch(tmp_path / "music", PRESET, tmp_path / "here")
    assert len(contents(far)) == 200
    assert contents(far) == contents(tmp_path / "here")
    assert not files_in(tmp_path / "buckets")


def child_of(nanny_pid: int) -> int:
    """The worker that a nanny watches: the youngest process that it started."""
    return max(psutil.Process(nanny_pid).children(), key=lambda one: one.create_time()).pid
