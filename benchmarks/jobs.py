"""What storing every transition costs, against the least that survives a power cut: one fsync.

    python benchmarks/jobs.py [N_JOBS]

Prints milliseconds, and ratios against writing and syncing a small file in the same folder.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

STATES = (
    JobState.PLANNED,
    JobState.CAPTURED,
    JobState.PREPARED,
    JobState.STARTING,
    JobState.STARTED,
    JobState.FINISHED,
    JobState.ALIGNED,
    JobState.POLISHED,
    JobState.PLACED,
    JobState.DONE,
)
PLAN = {"selection": {"name": "Chorus", "tracks": ["Mix"] * 4}, "parameters": {"stems": 2}}
OUTCOME = {"stems": [{"role": "vocals", "path": "/music/song/vocals.wav"}] * 4, "null_db": -120.5}
N_REPEATS = 30


def empty_step(_: StepContext) -> StepResult:
    """Leave an outcome of the usual size, and do nothing else."""
    return StepResult(OUTCOME)


STEPS = [
    Step(f"step {number}", frozenset({old}), new, empty_step)
    for number, (old, new) in enumerate(pairwise(STATES))
]


def median_ms(work: Callable[[], object], n_repeats: int = N_REPEATS) -> float:
    """Median time of a call."""
    times = []
    for _ in range(n_repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000.0


def synced_write(folder: Path) -> None:
    """Append to a file and sync it."""
    with (folder / "peer").open("ab") as stream:
        stream.write(b"x" * 500)
        stream.flush()
        os.fsync(stream.fileno())


def main(n_jobs: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, JobStore(Path(name) / "jobs") as store:
        runner = Runner(store, STEPS)

        def run_one() -> None:
            job = store.create("separate", "Song · Chorus", PLAN)
            runner.run(job.id, stop=threading.Event(), progress=ignore_progress)

        sync_ms = median_ms(lambda: synced_write(Path(name)))
        per_step_ms = median_ms(run_one) / len(STEPS)
        for _ in range(n_jobs - N_REPEATS):
            store.create("separate", "Song · Chorus", PLAN)
        newest = store.list(limit=1)[0].id
        rows = {
            "one synced write (peer)": sync_ms,
            "one step recorded": per_step_ms,
            f"list of {n_jobs} jobs": median_ms(store.list),
            "list of the newest 20": median_ms(lambda: store.list(limit=20)),
            "one job": median_ms(lambda: store.get(newest)),
            "open and close": median_ms(lambda: JobStore(Path(name) / "jobs").close()),
            "check of every page": median_ms(store.check, 3),
        }
    for label, milliseconds in rows.items():
        print(f"{label:28} {milliseconds:9.3f} ms   {milliseconds / sync_ms:8.2f} x one sync")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_jobs", nargs="?", type=int, default=2000)
    main(parser.parse_args().n_jobs)
