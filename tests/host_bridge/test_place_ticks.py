"""Twenty regions with six stems each: few ticks through a real bridge, one of which changes."""

from __future__ import annotations

from pathlib import Path

import pytest
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


def test_twenty_regions_take_ten_ticks_at_most_and_one_of_them_changes(tmp_path: Path) -> None:
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
            n_before, n_told = reaper.ticks, len(reaper.tick_changes)
            asked = {**where, "plans": plans, "label": "Twenty"}
            result = channel.call("place_many", asked, timeout_seconds=60.0)
            n_ticks = reaper.ticks - n_before
            changing = [amount for amount in reaper.tick_changes[n_told:] if amount]
        assert len(result["placed"]) == 20
        assert reaper.undo_steps == ["Twenty"]
        assert len(changing) == 1
        assert n_ticks <= MAX_TICKS
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
