"""What a cell of a batch costs beside its work: store, orders, claims, folders.

    python benchmarks/batch_overhead.py [--cells 200] [--rounds 3]

Cells are short files through a preset of effects alone. In one run, in turn: a batch with one
worker process, and the bare work of the same cells in one loop of one process: the steps of each,
without a store that records them, a claim or a worker. The difference, over the cells, is the
overhead of one. The worker's start is part of the batch.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.batches import EFFECTS, Told, made, run, write_music

from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.steps import StepContext
from hanolab_dawtools.services import Services
from hanolab_dawtools.settings import Folders
from hanolab_dawtools.settings_fields import Settings
from hanolab_dawtools.workflows.batch.model import BatchOptions

WANTED_MS = 50.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    batches, bare = [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            batches.append(batch_seconds(Path(folder), options.cells) / options.cells)
        with tempfile.TemporaryDirectory() as folder:
            bare.append(bare_seconds(Path(folder), options.cells) / options.cells)
    whole, work = statistics.median(batches) * 1e3, statistics.median(bare) * 1e3
    print(f"{options.cells} cells, median of {options.rounds} rounds, ms a cell")
    print(f"batch, one worker   {whole:6.1f}")
    print(f"the bare work       {work:6.1f}")
    print(f"overhead            {whole - work:6.1f}   (wanted: below {WANTED_MS:g})")
    return int(whole - work >= WANTED_MS)


def services_in(folder: Path) -> Services:
    return Services(Settings(), Folders(*(folder / n for n in ("config", "data", "cache", "logs"))))


def batch_seconds(folder: Path, n_cells: int) -> float:
    """A whole batch, planned and stored before."""
    music = write_music(folder / "in", n_cells)
    with services_in(folder) as services:
        batch = made(services, music, [EFFECTS])
        began = time.perf_counter()
        report = run(services, batch, told=Told(), options=BatchOptions(n_jobs=1, nice=0))
        seconds = time.perf_counter() - began
    assert report.count("done") == n_cells
    return seconds


def bare_seconds(folder: Path, n_cells: int) -> float:
    """The steps of the same cells, one after the other; nothing of them is recorded."""
    music = write_music(folder / "in", n_cells)
    with services_in(folder) as services:
        batch = made(services, music, [EFFECTS])
        cells = [services.store.get(cell.id) for cell in services.store.batches.cells(batch.id)]
        steps = services.road.steps()
        began = time.perf_counter()
        for cell in cells:
            job, own = cell, folder / "bare" / cell.id
            own.mkdir(parents=True)
            for step in steps:
                context = StepContext(job, own, NeverStop(), ignore_progress)
                outcome = step.run(context).outcome
                job = replace(job, outcomes={**job.outcomes, step.name: outcome})
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
