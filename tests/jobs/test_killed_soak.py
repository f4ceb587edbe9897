"""Real processes killed at random moments, over and over, until their jobs are done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from fakes import resumed_process
from fakes.job_steps import STEP_NAMES, journal_of

from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.store import JobStore

N_JOBS = 30
STEP_SECONDS = 0.02
LONGEST_LIFE_SECONDS = 0.25  # a whole run takes about as long


def run_until_killed(folder: Path, job_id: str, life_seconds: float) -> int:
    """Exit code of a process that is killed after a while; 0 when it was done before."""
    root = Path(resumed_process.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, resumed_process.__file__, str(folder), job_id, str(STEP_SECONDS)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{root / 'tests'}{os.pathsep}{root}"},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        timer = threading.Timer(life_seconds, process.kill)
        timer.start()
        process.wait()
        timer.cancel()
        timer.join()
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(N_JOBS))
def test_job_that_is_killed_again_and_again_ends_as_if_nothing_had_been(
    folder: Path, seed: int
) -> None:
    lives = random.Random(seed)
    with JobStore(folder) as store:
        job_id = store.create("separate", "", {"seed": seed}).id
    n_kills = 0
    while run_until_killed(folder, job_id, lives.uniform(0.0, LONGEST_LIFE_SECONDS)) != 0:
        n_kills += 1
    with JobStore(folder) as store:
        store.check()
        job = store.get(job_id)
        journal = journal_of(store.folder_of(job_id))
    assert job.state is JobState.DONE
    assert [job.outcomes[name]["after"] for name in STEP_NAMES] == [
        list(STEP_NAMES[:n]) for n in range(len(STEP_NAMES))
    ]
    times = Counter(line.split()[0] for line in journal if line.endswith("begins"))
    assert set(times) == set(STEP_NAMES)
    assert sum(times.values()) <= len(STEP_NAMES) + n_kills
