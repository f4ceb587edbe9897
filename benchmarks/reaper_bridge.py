"""The bridge inside REAPER beside reapy, in a stand-in REAPER that ticks 30 times a second.

    python benchmarks/reaper_bridge.py [--values 1000] [--idle-ticks 150]

Peer: reapy (pip install reapy-next), which is not needed: without it ours is measured alone. Its
server runs in the same stand-in, and is asked from outside as its manual shows, and once more
within its `inside_reaper()`, which makes REAPER stand still as long as the block lasts. Printed:
values read per second; ticks that importing 20 regions of 6 stems takes; what an idle bridge
costs per tick; the longest tick while a project of 2 h, 300 tracks and 5000 items is read, and
the one that places stems into it; and the one that places a whole batch. The stand-in's functions
are Python, REAPER's are not: times within a tick are upper bounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.live_captures import impulses, item, media, project, track
from fakes.live_places import files_of, placement, plan_of, song
from fakes.reaper import FakeReaper
from support.stand_in_reaper import (
    has_reapy,
    seconds_in_script,
    stand_in,
    start_bridge,
    start_empty_loop,
    start_reapy,
)

from hanolab_dawtools.hosts.reaper.facts import timeline_of
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.place_together import place_together
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Placed

SIX = tuple(StemRole)[:6]
N_REGIONS = 20
MEDIA_SECONDS = 5.0
RATE = 48_000
BATCH_TRACKS, BATCH_REGIONS, BATCH_PRESETS = 24, 12, 3
REGION_SECONDS = 2.0
LARGE_TRACKS, LARGE_ITEMS, LARGE_SECONDS = 300, 5000, 7200.0


def tracks_of(source: Path, n_tracks: int, n_items: int, seconds: float) -> list[dict[str, Any]]:
    """Tracks that share the items, which are spread over the whole length."""
    tracks = []
    for number in range(n_tracks):
        numbers = range(number, n_items, n_tracks)
        step = seconds / max(1, len(numbers))
        length = min(step, MEDIA_SECONDS)
        items = [item(str(source), place * step, length) for place in range(len(numbers))]
        tracks.append(track(f"Track {number}", *items, fx=["ReaEQ", "ReaComp"]))
    return tracks


def project_of(folder: Path, n_tracks: int, n_items: int, seconds: float) -> dict[str, Any]:
    folder.mkdir(parents=True)
    project = song(folder)
    source = folder / "mix.wav"
    return {
        **project,
        "tracks": project["tracks"] + tracks_of(source, n_tracks, n_items, seconds),
        "regions": [
            {"name": f"Song {n}", "start": n * 60.0, "end": n * 60.0 + 50, "number": n + 1}
            for n in range(int(seconds) // 60)
        ],
    }


def print_reading(folder: Path, n_values: int) -> None:
    """Positions of items, each known by its id."""
    project = project_of(folder / "project", n_values // 20, n_values - 1, 1000.0)
    with stand_in(folder / "ours", project) as reaper, start_bridge(reaper) as channel:
        tracks = timeline_of(channel.call("timeline", {})).timeline.tracks
        ids = [one.id for each in tracks for one in each.items]
        reads = {"reads": [["item", one, "D_POSITION"] for one in ids]}
        ours, cold = timed(lambda: channel.call("values", reads)["values"])
        _, warm = timed(lambda: channel.call("values", reads))
    rows = [("hanolab, for the first time", cold), ("hanolab, again", warm)]
    if has_reapy():
        with stand_in(folder / "reapy", project) as reaper:
            reapy = start_reapy(reaper)
            with reapy.inside_reaper():
                items = reapy.Project().items
            theirs, plain = timed(lambda: [one.position for one in items])

            def at_once() -> list[float]:
                with reapy.inside_reaper():
                    return [one.position for one in items]

            _, held = timed(at_once)
        assert sorted(ours) == sorted(theirs), "both read the same"
        rows += [("reapy", plain), ("reapy within inside_reaper()", held)]
    print(f"reading {len(ids)} values")
    for name, seconds in rows:
        rate = len(ids) / seconds
        print(
            f"  {name:34} {seconds:8.3f} s {rate:9.0f} values/s  time / ours {seconds / cold:7.1f}"
        )


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = act()
    return result, time.perf_counter() - start


def print_import(folder: Path) -> None:
    """All stems of many regions at once."""
    project = project_of(folder / "project", 40, 200, 600.0)
    plans = [
        plan_of(
            placement(
                folder / "project", 0.5 + 0.15 * n, 0.6 + 0.15 * n, job_id=f"job-{n}", roles=SIX
            )
        )
        for n in range(N_REGIONS)
    ]
    with stand_in(folder / "ours", project) as reaper, start_bridge(reaper) as channel:
        before = len(reaper.tick_times)
        made, seconds = timed(lambda: channel.call("place_many", {"plans": plans, "label": "All"}))
        state = reaper.state
        times, changes = state["tick_seconds"][before:], state["tick_changes"][before:]
        steps = reaper.undo_steps
    assert sum(len(one["tracks"]) for one in made["placed"]) == N_REGIONS * len(SIX)
    changing = [took for took, amount in zip(times, changes, strict=True) if amount]
    print(f"importing {N_REGIONS} regions of {len(SIX)} stems")
    print(f"  {len(times)} ticks ({seconds:.2f} s), {len(changing)} of them change the project")
    print(f"  undo steps: {len(steps)}; {told(changing)} in the tick that changes it")


def told(seconds: Sequence[float]) -> str:
    return ", ".join(f"{1000 * one:.1f} ms" for one in seconds)


def print_idle(folder: Path, n_ticks: int) -> None:
    """Ticks in which nothing is asked, above a script that does nothing in every tick."""

    def idle(name: str, start: Callable[[FakeReaper], Any]) -> list[float]:
        with stand_in(folder / name, {"path": ""}) as reaper:
            held = start(reaper)
            reaper.wait_ticks(10)
            before = len(reaper.tick_times)
            reaper.wait_ticks(n_ticks)
            times = reaper.tick_times[before:]
            if hasattr(held, "close"):
                held.close()
        return times

    rows = [
        ("an empty defer", idle("empty", start_empty_loop)),
        ("hanolab, one client", idle("ours", start_bridge)),
        ("hanolab, no client", idle("alone", lambda reaper: start_bridge(reaper).close())),
    ]
    if has_reapy():
        rows.append(("reapy, one client", idle("reapy", start_reapy)))
    print(f"an idle tick, of {n_ticks}")
    empty = rows[0][1]
    for name, times in rows:
        mean, median = statistics.mean(times), statistics.median(times)
        above = 1000 * (mean - statistics.mean(empty)), 1000 * (median - statistics.median(empty))
        print(
            f"  {name:34} mean {1000 * mean:6.3f} ms, median {1000 * median:6.3f} ms; above an "
            f"empty one {above[0]:6.3f} and {above[1]:6.3f} ms"
        )


def print_large(folder: Path) -> None:
    """A long project: reading it, and placing into it."""
    project = project_of(folder / "project", LARGE_TRACKS - 1, LARGE_ITEMS - 1, LARGE_SECONDS)
    plan = plan_of(placement(folder / "project", 1.0, 2.0, roles=SIX))
    with stand_in(folder / "ours", project) as reaper, start_bridge(reaper) as channel:
        before = len(reaper.tick_times)
        answer, seconds = timed(lambda: channel.call("timeline", {}, timeout_seconds=120.0))
        times = reaper.tick_times[before:]
        tracks = timeline_of(answer).timeline.tracks
        n_items = sum(len(one.items) for one in tracks)
        print(f"a project of 2 h, {len(tracks)} tracks, {n_items} items")
        print(f"  read in {len(times)} ticks ({seconds:.2f} s), the longest {told([max(times)])}")
        before = len(reaper.tick_times)
        asked = {"plan": plan}
        _, seconds = timed(lambda: channel.call("place", asked, timeout_seconds=120.0))
        state = reaper.state
        pairs = zip(state["tick_seconds"][before:], state["tick_changes"][before:], strict=True)
        times = list(pairs)
        changing = [took for took, amount in times if amount]
        others = max(took for took, amount in times if not amount)
        copying = seconds_in_script(
            reaper, 'RPR_Undo_BeginBlock2(0)\nRPR_Undo_EndBlock2(0, "Copy", -1)'
        )
        print(f"  {len(SIX)} stems placed in {len(times)} ticks ({seconds:.2f} s)")
        print(f"  the tick that changes it {told(changing)} (the stand-in's copy of a project for")
        print(f"  undo alone: {told([copying])}), the longest of the others {told([others])}")


def print_batch(folder: Path) -> None:
    """All results of a batch on shared tracks: regions x tracks x presets."""
    folder.mkdir(parents=True)
    source = media(folder / "m.wav", impulses(int(MEDIA_SECONDS * RATE), 10, n_channels=2), RATE)
    ids = [f"{{{n:08X}-0000-4000-8000-000000000000}}" for n in range(1, BATCH_TRACKS + 1)]
    length = BATCH_REGIONS * REGION_SECONDS
    tracks = [track(one, item(source, 0.0, length, guid=one, loop=1)) for one in ids]
    model = placement(folder, 0.0, REGION_SECONDS, roles=SIX[:4])
    assert model.capture is not None
    with (
        stand_in(folder / "ours", project(folder, *tracks)) as reaper,
        start_bridge(reaper) as channel,
    ):
        timeline = timeline_of(channel.call("timeline", {})).timeline
        prints = {one: fingerprint_of(timeline, (one,)) for one in ids}
        cells = product(range(BATCH_REGIONS), ids, range(BATCH_PRESETS))
        landings = []
        for number, (region, one, preset) in enumerate(cells, 1):
            start_frame = int(region * REGION_SECONDS * RATE)
            capture = replace(
                model.capture, start_frame=start_frame, sources=(one,), fingerprint=prints[one]
            )
            shelf = f"{one}, {preset}\nbatch"
            cell = replace(model, job_id=f"batch-{number}", capture=capture, shelf=shelf)
            landings.append((cell, files_of(cell)))
        before = len(reaper.tick_times)
        made, seconds = timed(lambda: place_together(channel, landings, "All"))
        state = reaper.state
        times, changes = state["tick_seconds"][before:], state["tick_changes"][before:]
    n_items = sum(len(one.tracks) for one in made if isinstance(one, Placed))
    changing = [took for took, amount in zip(times, changes, strict=True) if amount]
    print(f"a batch of {BATCH_TRACKS} tracks, {BATCH_REGIONS} regions, {BATCH_PRESETS} presets")
    print(f"  {len(made)} results, {n_items} items in {len(times)} ticks ({seconds:.2f} s)")
    print(f"  {told(changing)} in the tick that changes the project")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=1000)
    parser.add_argument("--idle-ticks", type=int, default=150)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        print_reading(folder / "reading", options.values)
        print_import(folder / "import")
        print_idle(folder / "idle", options.idle_ticks)
        print_large(folder / "large")
        print_batch(folder / "batch")
    if not has_reapy():
        print("without reapy beside it: pip install reapy-next")


if __name__ == "__main__":
    main()
