"""How a batch's local work grows with worker processes, beside work that only needs processors.

    python benchmarks/batch_scaling.py [--cells 12] [--seconds 30] [--rounds 3]

A whole batch is run: a folder of songs is separated into two stems each, captured, aligned, cut
and written, with every record in the job store, by one worker and by two. In turn with it, the
control: the same worker processes count, which needs neither memory nor disk, for as long as a cell
takes. What two workers gain there is what this machine gives at the time; what the batch
gains is divided by that. Each worker's start is part of both.

Then the peak memory of workers, and what an order costs by itself: sent, done, answered.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes import weights

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import AudioWriter, read_audio
from hanolab_dawtools.events import NeverStop, ProgressCallback, Stop, ignore_progress
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workers.base import Doer, WorkDone, WorkOrder
from hanolab_dawtools.workers.footprint import Footprint
from hanolab_dawtools.workers.memory import CLEAR_GROWTH, Needs
from hanolab_dawtools.workers.processes import WorkerProcesses
from hanolab_dawtools.workflows.batch.model import BatchAsked, BatchOptions, CellReport

WANTED_SHARE = 0.85
WANTED_ORDER_MS = 3.0
N_ORDERS = 500
SWEEP = 100_000  # numbers added between two looks at the clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=30.0, help="of audio in each cell")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    peaks = Peaks()
    with tempfile.TemporaryDirectory() as root:
        bench = Bench(Path(root), options.cells, options.seconds)
        bench.compare(options.rounds)
    peaks.print()
    print_order_overhead()


class Bench:
    """Batches of the same songs, with the data of one user."""

    def __init__(self, root: Path, n_cells: int, seconds: float) -> None:
        self._root = root
        self._n_cells = n_cells
        self._seconds = seconds
        self._songs = root / "songs"
        write_songs(self._songs, read_audio(weights.real_music()), n_cells, seconds)
        (root / "data").mkdir()
        (root / "data" / "weights").symlink_to(weights.real_weights_folder())
        self._where = Folders(**{name: root / name for name in ("data", "cache", "config", "logs")})

    def compare(self, n_rounds: int) -> None:
        """Run all in turn, and print what it took."""
        self.separate(2)  # files into the system's cache
        cell_seconds = self.separate(1) / self._n_cells
        works: dict[str, Callable[[int], float]] = {
            "separation": self.separate,
            "control": lambda n_workers: count_in_workers(n_workers, self._n_cells, cell_seconds),
        }
        taken: dict[tuple[str, int], list[float]] = {}
        for _ in range(n_rounds):
            for n_workers in (1, 2):
                for name, work in works.items():
                    taken.setdefault((name, n_workers), []).append(work(n_workers))
        print(f"{self._n_cells} cells of {self._seconds:.0f} s, {n_rounds} rounds, medians")
        gains = {}
        for name in works:
            one, two = (statistics.median(taken[name, n_workers]) for n_workers in (1, 2))
            gains[name] = one / two
            print(f"{name:12} 1 worker {one:6.2f} s   2 workers {two:6.2f} s   x{one / two:4.2f}")
        share = gains["separation"] / gains["control"]
        print(f"share of the control's gain {share:4.2f} (wanted {WANTED_SHARE})")

    def separate(self, n_workers: int) -> float:
        """Run a batch over all songs; its seconds."""
        asked = BatchAsked(
            (str(self._songs),),
            ("Separate",),
            output=str(self._root / "out"),
            engine="local",
            again=True,
        )
        with Services(Settings(), self._where) as services:
            matrix = services.batching.plan(asked, stop=NeverStop())
            batch = services.batching.create(asked, matrix)
            listener = Listener()
            report = services.batching.run(
                batch.id,
                BatchOptions(n_jobs=n_workers, nice=0),
                stop=NeverStop(),
                listener=listener,
            )
            assert report.count("done") == self._n_cells, [cell.message for cell in report.cells]
        return report.elapsed_seconds


class Listener:
    """Hears only what concerns all of a batch."""

    def changed(self, report: CellReport) -> None:
        """Nothing."""

    def noted(self, sentence: str) -> None:
        """Print it."""
        print(sentence)


def count_in_workers(n_workers: int, n_cells: int, cell_seconds: float) -> float:
    """As many orders as cells, each of which takes a processor as long as a cell; seconds."""
    sweeps = round(cell_seconds * sweeps_per_second())
    order = WorkOrder({"id": "control", "sweeps": sweeps}, Path(), ())
    began = time.monotonic()
    with (
        WorkerProcesses(make_counter, {}, n_workers=n_workers, nice=0) as workforce,
        ThreadPoolExecutor(n_workers + 1) as threads,
    ):
        list(threads.map(lambda _: do(workforce, order), range(n_cells)))
    return time.monotonic() - began


def make_counter(_setup: Mapping[str, Any]) -> Doer:
    """Does nothing but count; see `DoerMaker`."""

    def count(order: WorkOrder, _stop: Stop, _progress: ProgressCallback) -> WorkDone:
        for _ in range(order.job.get("sweeps", 0)):
            sum(range(SWEEP))
        return WorkDone()

    return count


@functools.cache
def sweeps_per_second() -> float:
    """Of a processor's time."""
    began, n_sweeps = time.process_time(), 0
    while time.process_time() - began < 1.0:
        sum(range(SWEEP))
        n_sweeps += 1
    return n_sweeps / (time.process_time() - began)


def print_order_overhead() -> None:
    order = WorkOrder({"id": "trivial"}, Path(), ())
    with WorkerProcesses(make_counter, {}, n_workers=1, nice=0) as workforce:
        do(workforce, order)
        taken = []
        for _ in range(N_ORDERS):
            began = time.perf_counter()
            do(workforce, order)
            taken.append((time.perf_counter() - began) * 1000)
    print(
        f"an order by itself: median {statistics.median(taken):4.2f} ms, "
        f"19 of 20 within {statistics.quantiles(taken, n=20)[-1]:4.2f} ms "
        f"(wanted below {WANTED_ORDER_MS:.0f} ms)"
    )


def do(workforce: WorkerProcesses, order: WorkOrder) -> WorkDone:
    return workforce.do(order, stop=NeverStop(), progress=ignore_progress)


class Peaks:
    """The most that any worker held in each kind of order, as its owner is told."""

    def __init__(self) -> None:
        self._peak_bytes: dict[tuple[str, ...], int] = {}
        learn = Needs.learn

        def listen(needs: Needs, order: WorkOrder, before: Footprint, after: Footprint) -> None:
            known = self._peak_bytes.get(order.steps, 0)
            if after.peak_bytes > CLEAR_GROWTH * before.held_bytes:
                self._peak_bytes[order.steps] = max(known, after.peak_bytes)
            learn(needs, order, before, after)

        Needs.learn = listen  # type: ignore[method-assign]

    def print(self) -> None:
        """One line for each kind of order that has steps."""
        for steps, peak_bytes in self._peak_bytes.items():
            if steps:
                print(f"peak memory of a worker, {', '.join(steps)}: {peak_bytes / 1e6:.0f} MB")


def write_songs(folder: Path, music: AudioBuffer, n_songs: int, seconds: float) -> None:
    """The music over and over, each song a little softer, so that no answer is another's."""
    folder.mkdir()
    for number in range(n_songs):
        left = round(seconds * music.sample_rate)
        path = folder / f"song {number + 1}.wav"
        with AudioWriter(path, music.sample_rate, music.n_channels, n_frames=left) as writer:
            while left:
                block = music.samples[:, :left] * 0.98**number
                writer.write(block)
                left -= block.shape[1]


if __name__ == "__main__":
    main()
