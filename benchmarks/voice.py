"""The voice preview: speed on one and two threads, and memory for 2 and 10 min.

    python benchmarks/voice.py [--only-memory]

The voice is made of pulses and resonances and sounds three quarters of the time, more than most
singers do; silence is quicker. Processor time is printed too, because it hardly depends on what
else runs: a second of it per `x` seconds of audio.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from hanolab_dawtools.audio.files import AudioWriter
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs
from hanolab_dawtools.engines.local.voice.preview import preview_voice
from hanolab_dawtools.events import NeverStop, ignore_progress

N_ROUNDS = 3
SECONDS = 60
RATES = (44_100, 48_000, 96_000)
WANTED_SPEED = 5.0  # times real time, on two idle cores
WANTED_GROWTH = 1.2  # of the memory, from 2 to 10 min
KNOBS = {"pitch_shift": 3, "formant_shift": 1}
FORMANTS = ((700.0, 90.0), (1200.0, 100.0), (2600.0, 140.0), (3500.0, 200.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-memory", action="store_true")
    parser.add_argument("--memory-of", type=Path, help="one file, in this process")
    options = parser.parse_args()
    if options.memory_of:
        preview(options.memory_of, 2)
        print(peak_mb())
        return
    with tempfile.TemporaryDirectory() as folder:
        if not options.only_memory:
            compare_speed(Path(folder))
        compare_memory(Path(folder))


def compare_speed(folder: Path) -> None:
    for rate in RATES:
        path = write_voice(folder / "voice.wav", rate, SECONDS)
        for n_workers in (1, 2):
            wall, processor = [], []
            for _ in range(N_ROUNDS):
                started, processor_started = time.perf_counter(), time.process_time()
                preview(path, n_workers)
                wall.append(time.perf_counter() - started)
                processor.append(time.process_time() - processor_started)
            speed, best = SECONDS / statistics.median(wall), SECONDS / min(wall)
            print(
                f"{rate} Hz, {n_workers} at once: {speed:4.1f}x real time (best {best:4.1f}), "
                f"{SECONDS / statistics.median(processor):4.1f}x by processor time "
                f"(wanted {WANTED_SPEED} on two idle cores)"
            )


def compare_memory(folder: Path) -> None:
    peaks = []
    for seconds in (120, 600):
        path = write_voice(folder / "voice.wav", 48_000, seconds)
        command = [sys.executable, __file__, "--memory-of", str(path)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        peaks.append(int(printed))
        print(f"peak memory for {seconds} s: {peaks[-1]} MB")
    print(f"growth: {peaks[1] / peaks[0]:.2f} (wanted below {WANTED_GROWTH})")


def preview(path: Path, n_workers: int) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        preview_voice(
            path,
            Path(folder, "made.wav"),
            VoiceKnobs.of(KNOBS),
            n_workers=n_workers,
            stop=NeverStop(),
            progress=ignore_progress,
        )


def write_voice(path: Path, rate: int, seconds: int) -> Path:
    """Ten seconds of a voice that glides, with pauses, over and over."""
    voice = glide(rate)
    with AudioWriter(path, rate, 1, n_frames=rate * seconds) as writer:
        for _ in range(seconds // 10):
            writer.write(voice)
    return path


def glide(rate: int) -> np.ndarray:
    """Shape (1, 10 s)."""
    times = np.arange(10 * rate) / rate
    phase = np.cumsum(180.0 * 2.0 ** (0.25 * np.sin(0.6 * np.pi * times)) / rate)
    sound = np.diff(np.floor(phase), prepend=0.0)
    sound = lfilter([1.0, -1.0], np.convolve([1.0, -0.97], [1.0, -0.9]), sound)
    for centre, width in FORMANTS:
        radius = np.exp(-np.pi * width / rate)
        turn = 2.0 * np.cos(2.0 * np.pi * centre / rate)
        sound = lfilter([1.0], [1.0, -radius * turn, radius**2], sound)
    sound *= 0.5 * (times % 2.5 < 1.9) / np.abs(sound).max()
    sound += np.random.default_rng(0).normal(0.0, 1e-3, sound.size)
    return np.ascontiguousarray(sound[np.newaxis], dtype=np.float32)


def peak_mb() -> int:
    """Peak memory of this process. Linux only: elsewhere nothing tells it without its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main()
