"""Runs jobs in processes that die, resumes each in a new process, and reports as JSON.

    python killed_jobs.py FOLDER repeatable|once|paid DEATH…

`once`: a start that must not be repeated and knows nothing of its past; `paid`: one that does.

A process of its own, without threads, so that it may fork: each run is a real process, killed
with SIGKILL, at a hundredth of the price of starting Python anew.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from fakes.job_steps import StatementCounter, journal_of, road
from fakes.paid_steps import n_accepted, paid_road

from hanolab_dawtools.errors import TryLater
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.claims import ClaimTimes
from hanolab_dawtools.jobs.runner import Runner
from hanolab_dawtools.jobs.store import JobStore

QUIET = ClaimTimes(poll_seconds=60.0)  # the claim's thread adds no statements of its own
STATEMENT = "statement "


def open_store(folder: Path) -> JobStore:
    return JobStore(folder, times=QUIET)


def run(folder: Path, job_id: str, death: str, mode: str) -> None:
    """Run a job to its end, or die."""
    with open_store(folder) as store:
        if death.startswith(STATEMENT):
            StatementCounter(store, int(death.removeprefix(STATEMENT)))
        if mode == "paid":
            steps = paid_road(store, death=death)
        else:
            steps = road(death=death, is_start_repeatable=mode == "repeatable")
        try:
            Runner(store, steps).run(job_id, stop=threading.Event(), progress=ignore_progress)
        except TryLater:
            os._exit(TryLater.exit_code)


def run_in_child(folder: Path, job_id: str, death: str, mode: str) -> int:
    """Exit code of a child that runs the job; negative: the signal that killed it."""
    pid = os.fork()
    if pid == 0:
        try:
            run(folder, job_id, death, mode)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def report(folder: Path, death: str, mode: str) -> dict[str, object]:
    job_id = "job"
    with open_store(folder) as store:
        store.create("separate", "a song", {"stems": 2}, job_id=job_id)
    killed = run_in_child(folder, job_id, death, mode)
    with open_store(folder) as store:
        after_death = store.get(job_id)
    resumed = run_in_child(folder, job_id, "", mode)
    with open_store(folder) as store:
        store.check()
        job = store.get(job_id)
        return {
            "was_killed": killed == -signal.SIGKILL,
            "finished_before": list(after_death.outcomes),
            "state_before": after_death.state.value,
            "resumed": resumed,
            "state": job.state.value,
            "outcomes": job.outcomes,
            "journal": journal_of(store.folder_of(job_id)),
            "n_accepted": n_accepted(store.folder_of(job_id)),
            "charges": [
                [entry.charge.task_id, entry.charge.is_sure] for entry in store.ledger.entries()
            ],
            "history": [event.state.value for event in store.events(job_id)],
        }


def main() -> None:
    base, mode, *deaths = sys.argv[1:]
    reports = {
        death: report(Path(base) / str(number), death, mode) for number, death in enumerate(deaths)
    }
    json.dump(reports, sys.stdout)


if __name__ == "__main__":
    main()
