"""Kills a process at every statement of one act on the job store, and tells what is stored then.

    python killed_acts.py FOLDER ACT

Prints a list in JSON: what the store holds before the act, after each death in it, and, last,
after the act that nothing cut short.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from fakes.job_steps import StatementCounter
from fakes.killed_jobs import open_store
from fakes.paid_steps import CAP, charge

from hanolab_dawtools.jobs.model import JobState, Wait
from hanolab_dawtools.jobs.store import JobStore

JOB_ID = "job"
UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
Act = Callable[[JobStore], object]


def wait(store: JobStore) -> None:
    store.wait(JOB_ID, Wait(UNTIL, "full"), claim=store.claim(JOB_ID))


def charged(store: JobStore) -> None:
    outcome = ("start", {"ticket": "task-1"})
    claim = store.claim(JOB_ID)
    store.record(JOB_ID, JobState.STARTED, claim=claim, outcome=outcome, charge=charge("task-1"))


def never_sent(store: JobStore) -> None:
    store.record(JOB_ID, JobState.PREPARED, claim=store.claim(JOB_ID))


def found(store: JobStore) -> None:
    store.resolve(
        JOB_ID, JobState.STARTED, outcome=("start", {"ticket": "t"}), charge=charge("task-1")
    )


def sent_again(store: JobStore) -> None:
    store.resolve(JOB_ID, JobState.PREPARED)


def acquired(store: JobStore) -> None:
    store.create("generate", "", {}, job_id="other")
    store.claim("other")
    store.caps.acquire("other", CAP)


# Each act, with the state that the job is in before it.
ACTS: dict[str, tuple[JobState, Act]] = {
    "wait": (JobState.STARTING, wait),
    "charged": (JobState.STARTING, charged),
    "never sent": (JobState.STARTING, never_sent),
    "found": (JobState.UNSURE, found),
    "sent again": (JobState.UNSURE, sent_again),
    "acquired": (JobState.STARTING, acquired),
}


def prepare(folder: Path, state: JobState) -> None:
    with open_store(folder) as store:
        store.create("separate", "", {}, job_id=JOB_ID)
        claim = store.claim(JOB_ID)
        for before in (JobState.CAPTURED, JobState.PREPARED):
            store.record(JOB_ID, before, claim=claim)
        store.caps.acquire(JOB_ID, CAP)
        store.record(JOB_ID, JobState.STARTING, claim=claim)
        if state is JobState.UNSURE:
            store.record(JOB_ID, state, claim=claim, charge=charge(""))
        store.release(claim)


def stored(folder: Path) -> dict[str, object]:
    """All that an act may change, but times and claims."""
    with open_store(folder) as store:
        store.check()
        job = store.get(JOB_ID)
        with store._database.reading() as connection:
            rows = connection.execute("SELECT job_id, granted_at IS NULL, is_sent FROM slots")
            slots = rows.fetchall()
        return {
            "state": [job.state, job.good_state, job.wait and job.wait.reason],
            "outcomes": job.outcomes,
            "history": [event.state for event in store.events(JOB_ID)],
            "charges": [vars(entry.charge) for entry in store.ledger.entries()],
            "slots": slots,
        }


def killed_at(folder: Path, act: Act, number: int) -> bool:
    """Whether a child that does the act died at its n-th statement."""
    pid = os.fork()
    if pid == 0:
        try:
            with open_store(folder) as store:
                StatementCounter(store, number)
                act(store)
            os._exit(0)
        finally:
            os._exit(1)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert exit_code in (0, -signal.SIGKILL)
    return exit_code != 0


def main() -> None:
    base, name = Path(sys.argv[1]), sys.argv[2]
    state, act = ACTS[name]
    found_stored, number, is_killed = [], 0, True
    while is_killed:
        folder = base / str(number)
        prepare(folder, state)
        if number:
            is_killed = killed_at(folder, act, number)
        found_stored.append(stored(folder))
        number += 1
    json.dump(found_stored, sys.stdout)


if __name__ == "__main__":
    main()
