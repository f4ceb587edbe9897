"""Peaks of a 48 kHz stereo WAV: ours against a reshape in numpy of the whole file.

`--full` takes an hour. Goal: under 5 s and 150 MB. Also printed: the time to draw 1200 columns.
"""

import tempfile
import time
from pathlib import Path

import soundfile
from support.measured import measured, minutes_of_audio, print_ratios, write_noise

from hanolab_dawtools.audio.peaks import open_peaks

SAMPLE_RATE = 48_000
N_COLUMNS = 1200
REPEATS = 20


def ours(path: Path, folder: Path) -> None:
    open_peaks(path, folder).close()


def numpy_reshape(path: Path, _: Path) -> None:
    frames, _ = soundfile.read(path, dtype="float32")
    cells = frames[: len(frames) // 256 * 256].reshape(-1, 256, 2)
    low, high = cells.min(axis=1), cells.max(axis=1)
    while len(low) >= 4:
        whole = len(low) // 4 * 4
        low = low[:whole].reshape(-1, 4, 2).min(axis=1)
        high = high[:whole].reshape(-1, 4, 2).max(axis=1)


def draw_times(path: Path, folder: Path) -> list[tuple[str, float]]:
    """Milliseconds for one drawing at some zooms, the peaks being cached."""
    times = []
    with open_peaks(path, folder) as peaks:
        for share in (1.0, 0.1, 0.01, 0.0001):
            stop = max(1, int(peaks.n_frames * share))
            start = time.perf_counter()
            for _ in range(REPEATS):
                peaks.columns(0, stop, N_COLUMNS)
            milliseconds = (time.perf_counter() - start) * 1000 / REPEATS
            times.append((f"{stop / SAMPLE_RATE:.2f} s", milliseconds))
    return times


def main() -> None:
    minutes = minutes_of_audio(__doc__)
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        path = folder / "noise.wav"
        write_noise(path, SAMPLE_RATE, minutes)
        rows = [measured(contender, path, folder) for contender in (ours, numpy_reshape)]
        print_ratios(rows, 60.0 * minutes)
        for span, milliseconds in measured(draw_times, path, folder).result:
            print(f"drawing {span:>10} in {N_COLUMNS} columns: {milliseconds:6.2f} ms")


if __name__ == "__main__":
    main()
