"""Twenty regions with six stems each through a real bridge: few ticks, one of which changes."""

from __future__ import annotations

from pathlib import Path

from fakes.live_captures import track
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
