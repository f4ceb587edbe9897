"""Finding a lag in 5 minutes of stereo: ours against two peers, each in its own process.

Peers: `scipy.signal.correlate` over the full length (method "fft"), and a plain GCC-PHAT in
numpy over the full length. All three read the same three files (a reference and two stems, late
by 1234.37 frames). Printed: time and peak memory of each, the ratio to ours, the error in frames.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import signal

from hanolab_dawtools.audio.align import measure_alignment
from hanolab_dawtools.audio.edit import fractional_shift
from hanolab_dawtools.audio.files import AudioWriter, read_audio

SAMPLE_RATE = 48_000
SECONDS = 300
LAG_FRAMES = 1234.37
MAX_LAG = 2 * SAMPLE_RATE


def ours(reference: Path, stems: list[Path]) -> float:
    return measure_alignment(reference, stems).lag_frames


def scipy_correlate(reference: Path, stems: list[Path]) -> float:
    still = read_audio(reference).samples.mean(axis=0)
    moving = sum(read_audio(stem).samples.mean(axis=0) for stem in stems)
    correlation = signal.correlate(moving, still, method="fft")
    middle = still.size - 1
    return float(np.argmax(np.abs(correlation[middle - MAX_LAG : middle + MAX_LAG + 1])) - MAX_LAG)


def numpy_gcc_phat(reference: Path, stems: list[Path]) -> float:
    still = read_audio(reference).samples.mean(axis=0)
    moving = sum(read_audio(stem).samples.mean(axis=0) for stem in stems)
    n_fft = still.size + moving.size
    cross = np.fft.rfft(still, n_fft).conj() * np.fft.rfft(moving, n_fft)
    correlation = np.fft.irfft(cross / (np.abs(cross) + 1e-15), n_fft)
    around_zero = np.concatenate([correlation[-MAX_LAG:], correlation[: MAX_LAG + 1]])
    return float(np.argmax(np.abs(around_zero)) - MAX_LAG)


METHODS = {method.__name__: method for method in (ours, scipy_correlate, numpy_gcc_phat)}


def make_files(folder: Path) -> list[Path]:
    """A reference and two stems whose sum it is, the stems late; written in one-second blocks."""
    paths = [folder / name for name in ("reference.wav", "a.wav", "b.wav")]
    random = np.random.default_rng(0)
    stems = [
        np.float32(0.1) * random.standard_normal((2, SAMPLE_RATE * SECONDS), dtype=np.float32)
        for _ in paths[1:]
    ]
    for path, samples in zip(
        paths, [sum(stems), *(fractional_shift(stem, LAG_FRAMES) for stem in stems)], strict=True
    ):
        with AudioWriter(path, SAMPLE_RATE, 2) as writer:
            writer.write(samples)
    return paths


def measure(name: str, paths: list[Path]) -> None:
    """Run one method twice (the first run warms the caches) and print what it took as JSON."""
    for _ in range(2):
        started = time.perf_counter()
        lag_frames = METHODS[name](paths[0], paths[1:])
        seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "peak_mb": peak / 1024, "lag_frames": lag_frames}))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__]
        subprocess.run([*command, "make", folder], check=True)
        first = None
        for name in METHODS:
            output = subprocess.check_output([*command, name, folder])
            result = json.loads(output)
            first = first or result
            seconds, peak_mb = result["seconds"], result["peak_mb"]
            print(
                f"{name:16} {seconds:7.2f} s ({seconds / first['seconds']:4.1f}x)"
                f"  {peak_mb:6.0f} MB ({peak_mb / first['peak_mb']:4.1f}x)"
                f"  error {abs(result['lag_frames'] - LAG_FRAMES):.4f} frames"
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder]:
            make_files(Path(folder))
        case [name, folder]:
            measure(name, [Path(folder) / file for file in ("reference.wav", "a.wav", "b.wav")])
        case _:
            main()
