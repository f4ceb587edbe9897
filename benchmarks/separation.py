"""Separating a file, against the bare network on the same blocks, with two threads.

    python benchmarks/separation.py [--full] [--only-memory]

The peer is onnxruntime alone, given ready-made magnitudes, in the faster of its two ways: one
block on two threads, or two blocks at once on one thread each. (The published programs around
these networks cannot be installed side by side any more: they pin old versions of TensorFlow,
or fail on today's PyTorch.) Each round measures all in turn, so that a busy machine hits all
alike; processor time is printed too, because it hardly depends on what else runs.

Then the peak memory of a process of its own, for 2 and 10 min; with `--full` for an hour.
Downloads the weights and a piece of music on the first run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import platformdirs

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import AudioWriter, read_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.engines.local.demo_music import fetch_demo_music
from hanolab_dawtools.engines.local.networks import MaskNetwork
from hanolab_dawtools.engines.local.pipeline import INNER_RATE
from hanolab_dawtools.engines.local.separation import separate_file
from hanolab_dawtools.engines.local.transform import NETWORK_GRID, magnitudes
from hanolab_dawtools.engines.local.weights import WeightsStore
from hanolab_dawtools.events import NeverStop, ignore_progress

N_ROUNDS = 3
SECONDS = 118.0  # ten blocks, nearly full
WANTED_RATIO = 0.7
MEMORY_LIMIT_MB = 900
FOLDER = Path(
    os.environ.get("HANOLAB_TEST_WEIGHTS")
    or platformdirs.user_cache_path("hanolab_dawtools-tests") / "weights"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="an hour of audio")
    parser.add_argument("--only-memory", action="store_true")
    parser.add_argument("--memory-of", type=Path, help="one file, in this process")
    options = parser.parse_args()
    if options.memory_of:
        separate(options.memory_of, load_network(1))
        print(peak_mb())
        return
    music = read_audio(fetch_demo_music(FOLDER, weights=WeightsStore(FOLDER)))
    with tempfile.TemporaryDirectory() as folder:
        if not options.only_memory:
            compare_speed(music, Path(folder))
        compare_memory(music, Path(folder), 3600 if options.full else 600)


def compare_speed(music: AudioBuffer, folder: Path) -> None:
    files = {rate: write_song(folder, music, rate, SECONDS) for rate in (44_100, 48_000)}
    seen = block_magnitudes(music)
    n_blocks = round(SECONDS * INNER_RATE / NETWORK_GRID.block_hop_frames)
    one, two = load_network(1), load_network(2)
    works: dict[str, Callable[[], object]] = {
        "bare, 1 block on 2 threads": lambda: run_bare(two, seen, n_blocks, 1),
        "bare, 2 blocks on 1 thread each": lambda: run_bare(one, seen, n_blocks, 2),
        "file to files, 44.1 kHz": lambda: separate(files[44_100], one),
        "file to files, 48 kHz": lambda: separate(files[48_000], one),
    }
    wall: dict[str, list[float]] = {name: [] for name in works}
    processor: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(N_ROUNDS):
        for name, work in works.items():
            started, processor_started = time.perf_counter(), time.process_time()
            work()
            wall[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - processor_started)
    bare = [name for name in works if name.startswith("bare")]
    best = min(statistics.median(wall[name]) for name in bare)
    best_processor = min(statistics.median(processor[name]) for name in bare)
    print(f"{n_blocks} blocks, {SECONDS:.0f} s of music, {N_ROUNDS} rounds, medians")
    for name in works:
        seconds, cost = statistics.median(wall[name]), statistics.median(processor[name])
        print(
            f"{name:32} {seconds:6.2f} s = {SECONDS / seconds:4.0f}x real time, "
            f"{best / seconds:4.2f} of the bare speed ({best_processor / cost:4.2f} by processor "
            f"time; wanted {WANTED_RATIO})"
        )


def compare_memory(music: AudioBuffer, folder: Path, long_seconds: float) -> None:
    for seconds in (120, long_seconds):
        path = write_song(folder, music, 48_000, seconds)
        command = [sys.executable, __file__, "--memory-of", str(path)]
        peak = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        print(f"peak memory for {seconds:5.0f} s: {peak} MB (wanted below {MEMORY_LIMIT_MB})")


def peak_mb() -> int:
    """Peak memory of this process. Linux only: elsewhere nothing tells it without its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def separate(path: Path, network: MaskNetwork) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        stems = [Path(folder, name) for name in ("vocals.wav", "accompaniment.wav")]
        separate_file(
            path, *stems, network, n_workers=2, stop=NeverStop(), progress=ignore_progress
        )


def run_bare(network: MaskNetwork, seen: np.ndarray, n_blocks: int, n_at_once: int) -> None:
    with ThreadPoolExecutor(n_at_once) as pool:
        list(pool.map(network.vocal_mask, [seen] * n_blocks))


def block_magnitudes(music: AudioBuffer) -> np.ndarray:
    block = np.tile(music.samples, 2)[:, : NETWORK_GRID.block_frames]
    return magnitudes(NETWORK_GRID.analyse(block), 1.0)


def write_song(folder: Path, music: AudioBuffer, rate: int, seconds: float) -> Path:
    """The music over and over, `seconds` long."""
    path = folder / f"{rate}-{seconds:.0f}.wav"
    samples = resample(music, rate).samples
    left = round(seconds * rate)
    with AudioWriter(path, rate, music.n_channels, n_frames=left) as writer:
        while left:
            writer.write(samples[:, :left])
            left -= min(left, samples.shape[1])
    return path


def load_network(n_threads: int) -> MaskNetwork:
    return WeightsStore(FOLDER).network(n_threads=n_threads)


if __name__ == "__main__":
    main()
