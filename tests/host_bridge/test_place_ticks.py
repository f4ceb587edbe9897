"""Twenty regions with six stems each: few ticks through a real bridge, one of which changes."""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any

import pytest
from fakes.bridge_clients import RawClient
from fakes.bridge_here import inside_reaper
from fakes.live_captures import live, track
from fakes.live_places import placement, plan_of, song
from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.discovery import living_bridges
from hanolab_dawtools.model import StemRole

SIX = (
    StemRole.VOCALS,
    StemRole.DRUMS,
    StemRole.BASS,
    StemRole.GUITAR,
    StemRole.PIANO,
    StemRole.OTHER,
)
MAX_TICKS = 10
# What REAPER's functions are taken to need; peaks of long files take their own time in any case.
CALL_SECONDS = 5e-6
FILE_SECONDS = {"PCM_Source_CreateFromFile": 2e-4}


class TimedApi:
    """REAPER's functions, which move the clock of a test when they are called."""

    def __init__(self, api: Any, clock: Any) -> None:
        self._api, self._clock = api, clock

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._api, name)

        def call(*given: Any, **more: Any) -> Any:
            self._clock.now += FILE_SECONDS.get(name, CALL_SECONDS)
            return function(*given, **more)

        setattr(self, name, call)
        return call


def test_twenty_regions_take_ten_ticks_at_most(tmp_path: Path) -> None:
    plans = [
        plan_of(placement(tmp_path, 0.5 + 0.15 * n, 0.6 + 0.15 * n, job_id=f"job-{n}", roles=SIX))
        for n in range(20)
    ]
    project = song(tmp_path, *[track(f"Track {n}") for n in range(40)])
    with inside_reaper(tmp_path / "runtime") as inside:
        host = inside.host
        host.open_project(project)
        bridge = inside.start()
        inside.face.api = TimedApi(inside.face.api, inside.clock)
        with RawClient(bridge.port) as client:
            client.hello(inside.bridge_file(bridge))
            inside.tick(2)
            assert "welcome" in client.receive()
            client.ask(1, "place_many", plans=plans, label="Twenty")
            n_ticks = n_changing = 0
            while not select.select([client.socket], [], [], 0)[0]:
                before = host.active_project.change_count
                inside.tick(seconds=0.0)
                n_ticks += 1
                n_changing += host.active_project.change_count != before
            assert len(client.receive()["result"]["placed"]) == 20
    assert n_changing == 1
    assert n_ticks <= MAX_TICKS


def test_one_tick_changes_the_project_and_one_undo_takes_all_back(tmp_path: Path) -> None:
    plans = [
        plan_of(placement(tmp_path, 0.5 + 0.15 * n, 0.6 + 0.15 * n, job_id=f"job-{n}", roles=SIX))
        for n in range(20)
    ]
    project = song(tmp_path, *[track(f"Track {n}") for n in range(40)])
    with FakeReaper(tmp_path / "reaper", projects=[project]) as reaper:
        reaper.install()
        reaper.run_action("HanoLab_bridge.py")
        reaper.wait_until(lambda: bool(living_bridges(reaper.runtime_folder)))
        (bridge,) = living_bridges(reaper.runtime_folder)
        with Channel.open(bridge) as channel:
            where = {"tab": channel.call("status", {})["tabs"][0]["tab"], "path": project["path"]}
            n_told = len(reaper.tick_changes)
            asked = {**where, "plans": plans, "label": "Twenty"}
            result = channel.call("place_many", asked, timeout_seconds=60.0)
            changing = [amount for amount in reaper.tick_changes[n_told:] if amount]
        assert len(result["placed"]) == 20
        assert reaper.undo_steps == ["Twenty"]
        assert len(changing) == 1
        reaper.undo()
        assert len(reaper.snapshot()["tracks"]) == 41


@pytest.mark.parametrize("n_plans", [1, 5])
def test_items_that_are_gone_are_looked_for_once(tmp_path: Path, n_plans: int) -> None:
    """In the tick that changes the project, which may hold thousands of items."""
    plans = []
    for n in range(n_plans):
        gone = f"{{0000000{n}-FFFF-4000-8000-000000000000}}"
        plan = plan_of(placement(tmp_path, 1.0, 1.2, job_id=f"job-{n}", sources=(gone, gone)))
        assert plan["mute"]
        assert plan["tracks"][0]["item"]["timebase_of"] == gone
        plans.append(plan)
    with live(song(tmp_path)) as channel:
        looks: list[int] = []
        index = channel.face.index
        channel.face.index = lambda project: (looks.append(project), index(project))
        result = channel.call("place_many", {"plans": plans, "label": "All"})
        assert len(looks) == 1
        warnings = [one["warnings"] for one in result["placed"]]
        assert all("no longer in the project" in told[0] for told in warnings)


def test_an_open_folder_is_closed_once_for_all_plans(tmp_path: Path) -> None:
    plans = [plan_of(placement(tmp_path, 1.0, 1.2, job_id=f"job-{n}")) for n in range(3)]
    with live(song(tmp_path, track("Bus", folder_depth=1), track("Last"))) as channel:
        result = channel.call("place_many", {"plans": plans, "label": "All"})
        told = [change for one in result["placed"] for change in one["changes"]]
        assert sum("closes the open folder" in change for change in told) == 1
        depths = [one["values"]["I_FOLDERDEPTH"] for one in channel.snapshot()["tracks"]]
        assert depths == [0, 1, -1, *[1, 0, -1] * 3]
