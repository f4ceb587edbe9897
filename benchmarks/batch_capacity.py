"""What work on a cluster takes for each minute of audio, and so what a catalogue takes.

    python benchmarks/batch_capacity.py [--seconds 60] [--songs 10000] [--song-seconds 210]

For each kind of work one order is done by one worker of a cluster on this machine, through a shared
folder: processor time, peak memory of the worker, and bytes that went out to it and came back. From
that follows what a catalogue of songs needs. The network is not part of it: divide the bytes by the
speed of yours.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes import weights

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import AudioWriter, read_audio
from hanolab_dawtools.clustering import ClusterMeans, open_cluster
from hanolab_dawtools.engines.base import Journal
from hanolab_dawtools.engines.local.engine import LocalEngine
from hanolab_dawtools.engines.through import ThroughEngine
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.model import Capture, HostName, Request, RequestKind, Selection
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workers.base import WorkDone, WorkOrder
from hanolab_dawtools.workers.cluster.force import Cluster
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import to_json

CHAIN = tuple(EffectSpec(name, {}) for name in ("highpass", "compressor", "reverb"))
MEGABYTE, TERABYTE = 1e6, 1e12


@dataclass(frozen=True)
class Work:
    """One kind of work, as a user calls it."""

    name: str
    kind: RequestKind
    engine: str
    parameters: Mapping[str, Any]
    before: tuple[EffectSpec, ...] = ()


WORKS = (
    Work("two stems", RequestKind.SEPARATE, "local", {"stems": 2}),
    Work("four stems (draft)", RequestKind.SEPARATE, "local", {"stems": 4}),
    Work("voice preview", RequestKind.CONVERT, "local", {"pitch_shift": 3.0}),
    Work("three effects", RequestKind.PROCESS, "none", {}, CHAIN),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of audio in each order")
    parser.add_argument("--songs", type=int, default=10_000)
    parser.add_argument("--song-seconds", type=float, default=210.0)
    options = parser.parse_args()
    catalogue_minutes = options.songs * options.song_seconds / 60
    print("for each minute of 44.1 kHz stereo:")
    print(
        "work                CPU s   wall s   peak MB   MB out   MB back   a catalogue of", end=""
    )
    print(f" {options.songs} songs of {options.song_seconds:g} s")
    for work in WORKS:
        with tempfile.TemporaryDirectory() as root:
            _print(work, _measured(work, Path(root), options.seconds), catalogue_minutes)


def _print(work: Work, found: Mapping[str, float], minutes: float) -> None:
    core_days = found["cpu_seconds"] * minutes / 86_400
    terabytes = (found["n_out"] + found["n_in"]) * minutes / TERABYTE
    print(
        f"{work.name:18} {found['cpu_seconds']:6.1f} {found['wall_seconds']:8.1f}"
        f" {found['peak_bytes'] / MEGABYTE:9.0f} {found['n_out'] / MEGABYTE:8.1f}"
        f" {found['n_in'] / MEGABYTE:9.1f}   {core_days:.1f} core days, {terabytes:.2f} TB"
    )


def _measured(work: Work, root: Path, seconds: float) -> Mapping[str, float]:
    """All per minute of audio, but the peak."""
    folder = weights.real_weights_folder()
    means = ClusterMeans(Settings(), folder, root / "cache")
    with closing(open_cluster("local:1", means, name="b", nice=0, stop=NeverStop())) as cluster:
        _did(cluster, _order(work, root / "first", 5.0, folder))  # libraries and networks load
        before = (cluster.moved.n_out, cluster.moved.n_in)
        order, began = _order(work, root / "job", seconds, folder), time.perf_counter()
        done = _did(cluster, order)
        wall_seconds = time.perf_counter() - began
        peak_bytes = max(cluster._line.everywhere(_peak_bytes).values())  # noqa: SLF001 - to look at it
        moved = (cluster.moved.n_out - before[0], cluster.moved.n_in - before[1])
    minutes = seconds / 60
    return {
        "cpu_seconds": done.cpu_seconds / minutes,
        "wall_seconds": wall_seconds / minutes,
        "peak_bytes": peak_bytes,
        "n_out": moved[0] / minutes,
        "n_in": moved[1] / minutes,
    }


def _did(cluster: Cluster, order: WorkOrder) -> WorkDone:
    done = cluster.do(order, stop=NeverStop(), progress=ignore_progress)
    if done.failure is not None:
        raise done.failure
    return done


def _order(work: Work, folder: Path, seconds: float, weights_folder: Path) -> WorkOrder:
    """What a cell sends when its capture is done."""
    music = read_audio(weights.real_music())
    rate, n_frames = music.sample_rate, int(seconds * music.sample_rate)
    samples = np.resize(music.samples.T, (n_frames, music.n_channels)).T.copy()
    path = folder / "capture" / "capture.wav"
    with AudioWriter(path, rate, music.n_channels, n_frames=n_frames) as writer:
        writer.write(AudioBuffer(samples, rate).samples)
    selection = Selection(HostName.AUDIO_FILE, path, "song", 0.0, seconds, "all of it")
    plan = RunPlan(selection, work.kind, work.engine, work.parameters, before=work.before)
    shape = (rate, music.n_channels, n_frames)
    request = Request(work.kind, path, *shape, work.parameters, "J")
    engine = ThroughEngine() if work.engine == "none" else LocalEngine(weights_folder)
    ticket = engine.start(request, "", Journal(folder), NeverStop(), ignore_progress)
    outcomes = {
        "capture": {"capture": to_json(Capture(path, *shape, 0, 0, 0, ""))},
        "prepare": {"request": to_json(request), "cached": False},
        "start": {"ticket": to_json(ticket)},
    }
    state, now = JobState.STARTED, datetime.now(UTC)
    job = Job("J", "", "", state, state, now, now, to_json(plan), outcomes=outcomes)
    return WorkOrder(to_json(job), folder, ("work", "align", "polish"), (path,))


def _peak_bytes() -> int:
    """Of the worker's process, since it began; Linux tells kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
