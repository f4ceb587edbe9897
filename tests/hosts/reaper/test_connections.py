"""Which REAPER, and which tab in it, a job's project is open in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.reaper import FakeReaper

from hanolab_dawtools.errors import HostUnreachable, JobCancelled
from hanolab_dawtools.hosts.reaper.connections import Connections
from hanolab_dawtools.hosts.reaper.host import ReaperHost
from hanolab_dawtools.model import HostName, Selection

SONG = Selection(HostName.REAPER, Path("/songs/a.rpp"), "a", 0.0, 1.0, "time selection", tab="0x1")


def started(reaper: FakeReaper, runtime_folder: Path) -> FakeReaper:
    """With its bridge running, its port file in a folder that others share."""
    reaper.runtime_folder = runtime_folder
    reaper.install()
    reaper.run_action("HanoLab_bridge.py")
    reaper.wait_until(lambda: any(runtime_folder.glob(f"bridge-{reaper.pid}.json")))
    return reaper


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    folder = tmp_path / "runtime"
    folder.mkdir()
    return folder


@pytest.fixture
def connections(runtime: Path) -> Iterator[Connections]:
    with Connections(runtime) as opened:
        yield opened


def test_a_project_is_found_in_whichever_reaper_has_it_open(
    tmp_path: Path, runtime: Path, connections: Connections
) -> None:
    paths = ["/songs/a.rpp", "/songs/b.rpp"]
    with (
        FakeReaper(tmp_path / "one", projects=[{"path": paths[0]}]) as one,
        FakeReaper(tmp_path / "two", projects=[{"path": ""}, {"path": paths[1]}]) as two,
    ):
        for reaper in (one, two):
            started(reaper, runtime)
        for path, reaper in zip(paths, (one, two), strict=True):
            found = connections.find_project(replace(SONG, source=Path(path)))
            assert (found.path, found.channel.bridge.pid) == (path, reaper.pid)
        with pytest.raises(HostUnreachable, match=r"c\.rpp is open in no running REAPER"):
            connections.find_project(replace(SONG, source=Path("/songs/c.rpp")))
        with pytest.raises(HostUnreachable, match="2 REAPERs are running"):
            connections.channel()
        assert connections.channel(two.pid).welcome["pid"] == two.pid
        one.kill()
        with pytest.raises(HostUnreachable, match="open in no running REAPER"):
            connections.find_project(SONG)


def test_a_project_that_is_open_twice_is_the_one_of_the_tab(
    tmp_path: Path, runtime: Path, connections: Connections
) -> None:
    projects = [{"path": "/songs/a.rpp"}, {"path": "/songs/a.rpp"}, {"path": ""}]
    with FakeReaper(tmp_path / "one", projects=projects) as reaper:
        started(reaper, runtime)
        tabs = [tab["tab"] for tab in connections.channel().call("status", {})["tabs"]]
        for tab in tabs[:2]:
            assert connections.find_project(replace(SONG, tab=tab)).tab == tab
        assert connections.find_project(SONG).tab == tabs[0]


def test_what_was_never_saved_is_known_by_its_tab_alone(
    tmp_path: Path, runtime: Path, connections: Connections
) -> None:
    with FakeReaper(tmp_path / "one", projects=[{"path": ""}, {"path": ""}]) as reaper:
        started(reaper, runtime)
        tabs = [tab["tab"] for tab in connections.channel().call("status", {})["tabs"]]
        untitled = replace(SONG, source=Path("/recordings/untitled"))
        assert connections.find_project(replace(untitled, tab=tabs[1])).tab == tabs[1]
        reaper.close_tab(1)
        with pytest.raises(HostUnreachable):
            connections.find_project(replace(untitled, tab=tabs[1]))


def test_a_preferred_bridge_is_meant_where_several_run(
    tmp_path: Path, runtime: Path, connections: Connections
) -> None:
    with FakeReaper(tmp_path / "one") as one, FakeReaper(tmp_path / "two") as two:
        for reaper in (one, two):
            started(reaper, runtime)
        connections.prefer(runtime / f"bridge-{two.pid}.json")
        assert connections.channel().welcome["pid"] == two.pid


def test_threads_take_turns_at_one_reaper(
    tmp_path: Path, runtime: Path, connections: Connections
) -> None:
    """The cells of a batch are captured from threads, over one connection."""
    names = [f"Track {number}" for number in range(40)]
    song = {"path": "/songs/a.rpp", "tracks": [{"name": name} for name in names]}
    with FakeReaper(tmp_path / "one", projects=[song]) as reaper:
        started(reaper, runtime)
        with ThreadPoolExecutor(8) as pool:
            looks = [pool.submit(ReaperHost(connections).timeline) for _ in range(40)]
            found = [[track.name for track in one.result().timeline.tracks] for one in looks]
    assert found == [names] * 40


def test_who_waits_for_a_turn_can_be_stopped(connections: Connections) -> None:
    stop = threading.Event()
    stop.set()
    with ThreadPoolExecutor(1) as pool, connections.turn():

        def wait() -> None:
            with connections.turn(stop):
                raise AssertionError("two had a turn at once")

        with pytest.raises(JobCancelled):
            pool.submit(wait).result()
