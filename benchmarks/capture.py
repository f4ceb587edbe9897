"""How fast a project is captured: 10 tracks of plain items, beside a naive mix in memory.

    python benchmarks/capture.py [--seconds 300] [--tracks 10]

The peer reads every file whole with soundfile, adds it in numpy and writes the sum with
soundfile: what a script would do, with neither digest, nor checks, nor bounded memory. Each side
runs in a process of its own, so that its peak memory can be told.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from hanolab_dawtools.audio.files import AudioWriter
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import Wanted

RATE = 48_000
ITEM_SECONDS = 20.0
SLOT_SECONDS = 19.5  # items overlap by half a second, crossfaded


def build_project(folder: Path, n_tracks: int, seconds: float) -> Path:
    """Stereo files of noise as long as the project, one for each track, cut into items."""
    lines = ['<REAPER_PROJECT 0.1 "7.18/linux" 0', f"  SAMPLERATE {RATE} 1 0"]
    for number in range(n_tracks):
        block = np.random.default_rng(number).uniform(-0.1, 0.1, (2, RATE)).astype(np.float32)
        with AudioWriter(folder / f"{number}.wav", RATE, 2, subtype="PCM_24") as writer:
            for _ in range(int(seconds)):
                writer.write(block)
        lines += ["  <TRACK", f"    NAME T{number}"]
        position = 0.0
        while position < seconds:
            length = min(ITEM_SECONDS, seconds - position)
            lines += [
                "    <ITEM",
                f"      POSITION {position}",
                f"      LENGTH {length}",
                "      FADEIN 0 0 0.5 0 1 0 0",
                "      FADEOUT 0 0 0.5 0 1 0 0",
                f"      SOFFS {position}",
                "      <SOURCE WAVE",
                f"        FILE {number}.wav",
                "      >",
                "    >",
            ]
            position += SLOT_SECONDS
        lines.append("  >")
    path = folder / "song.rpp"
    path.write_text("\n".join([*lines, ">", ""]), encoding="utf-8")
    return path


def run_ours(folder: Path, seconds: float) -> float:
    host = RppHost(folder / "song.rpp")
    began = time.perf_counter()
    (selection,) = host.selections(Wanted(range_seconds=(0.0, seconds)))
    host.capture(selection, folder, handle_seconds=10.0, stop=NeverStop(), progress=ignore_progress)
    return time.perf_counter() - began


def run_peer(folder: Path, n_tracks: int, seconds: float) -> float:
    began = time.perf_counter()
    mix = np.zeros((int(seconds * RATE), 2), dtype=np.float32)
    for number in range(n_tracks):
        samples, _ = soundfile.read(folder / f"{number}.wav", dtype="float32")
        mix += samples[: len(mix)]
    soundfile.write(folder / "peer.wav", mix, RATE, subtype="FLOAT")
    return time.perf_counter() - began


def run_apart(side: str, folder: Path, n_tracks: int, seconds: float) -> tuple[float, float]:
    """Seconds taken and peak memory in MB of one side, in a fresh process."""
    command = [sys.executable, __file__, "--side", side, "--folder", str(folder)]
    command += ["--tracks", str(n_tracks), "--seconds", str(seconds)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    taken, peak = json.loads(answer.stdout)
    return float(taken), float(peak)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--tracks", type=int, default=10)
    parser.add_argument("--side", choices=("ours", "peer"))
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.side:
        if options.side == "ours":
            taken = run_ours(options.folder, options.seconds)
        else:
            taken = run_peer(options.folder, options.tracks, options.seconds)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([taken, peak_mb]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_project(folder, options.tracks, options.seconds)
        run_apart("peer", folder, options.tracks, options.seconds)  # files are in the cache now
        print(f"{options.tracks} tracks, {options.seconds:.0f} s, stereo, {RATE} Hz")
        speeds = {}
        for side in ("ours", "peer"):
            taken, peak_mb = run_apart(side, folder, options.tracks, options.seconds)
            speeds[side] = options.seconds / taken
            print(f"{side}: {taken:6.2f} s, {speeds[side]:6.0f} x real time, {peak_mb:6.0f} MB")
        print(f"speed, ours / peer: {speeds['ours'] / speeds['peer']:.2f}")


if __name__ == "__main__":
    main()
