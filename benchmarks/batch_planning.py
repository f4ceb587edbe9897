"""Planning a batch of 10,000 cells: seconds and memory, each case in a process of its own.

    python benchmarks/batch_planning.py [--check]

Cases: a project of 100 tracks x 50 regions with two presets; the same with 10,000 jobs of an
earlier batch in the store, which forecasts look through; a folder of 10,000 short files, whose
headers are all read. Times do not hold the start of Python and the imports, memory holds all.
`--check` ends with 1 when a project takes 3 s or 500 MB.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.batch_songs import write_noise
from fakes.projects import DIALECTS, ItemText, ProjectText, TrackText, region_lines

from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.batch.model import BatchAsked

N_TRACKS, N_REGIONS, N_FILES = 100, 50, 10_000
MOST_SECONDS, MOST_MEGABYTES = 3.0, 500.0
CASES = ("project", "project, 10,000 earlier jobs", "folder of files")
PRESETS = ("separate", "karaoke")
REGION_SECONDS, ITEM_SECONDS = 10.0, 8.0


def write_project(folder: Path) -> Path:
    dialect = DIALECTS["7.18"]
    lines: list[str] = []
    for k in range(N_REGIONS):
        start = k * REGION_SECONDS
        lines += region_lines(dialect, k + 1, start, start + ITEM_SECONDS, f'"Region {k + 1}"')
    tracks = tuple(
        TrackText(
            f'"Track {n + 1}"',
            100_000 + n,
            tuple(
                ItemText(k * REGION_SECONDS, ITEM_SECONDS, 1_000_000 + n * 2 * N_REGIONS + k)
                for k in range(N_REGIONS)
            ),
        )
        for n in range(N_TRACKS)
    )
    path = folder / "song.rpp"
    path.write_bytes(ProjectText(tracks, dialect, selection="0 0", markers=tuple(lines)).content())
    return path


def write_files(folder: Path) -> Path:
    first = write_noise(folder / "in" / "0.wav", 0.1)
    for number in range(1, N_FILES):
        target = folder / "in" / str(number % 100) / f"{number}.wav"
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(first, target)
    return folder / "in"


def measure(case: str, folder: Path) -> tuple[int, float, float]:
    """Cells, seconds and megabytes of one case."""
    home = folder / "home"
    with Services(Settings(), Folders(*(home / n for n in ("c", "d", "k", "l")))) as services:
        if case == CASES[2]:
            asked = BatchAsked((str(write_files(folder)),), PRESETS[:1])
        else:
            asked = BatchAsked((str(write_project(folder)),), PRESETS, ("*",), ("*",))
        stop = threading.Event()
        if case == CASES[1]:
            services.batching.create(asked, services.batching.plan(asked, stop=stop))
        small = write_noise(folder / "warm" / "a.wav", 1.0)
        services.batching.plan(BatchAsked((str(small),), PRESETS[:1]), stop=stop)  # the imports
        began = time.perf_counter()
        matrix = services.batching.plan(asked, stop=stop)
        seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return len(matrix.cells), seconds, used / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        with tempfile.TemporaryDirectory() as folder:
            print(*measure(options.case, Path(folder)))
        return 0
    is_within = True
    for case in CASES:
        command = [sys.executable, __file__, "--case", case]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        n_cells, seconds, megabytes = int(told[0]), float(told[1]), float(told[2])
        print(f"{case:30} {n_cells:6} cells {seconds:6.2f} s {megabytes:6.0f} MB")
        if case != CASES[2]:
            is_within &= seconds < MOST_SECONDS and megabytes < MOST_MEGABYTES
    return int(options.check and not is_within)


if __name__ == "__main__":
    sys.exit(main())
