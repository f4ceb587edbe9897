"""A road of eight steps that leave visible traces, and ways to die on it.

Each step writes a line into `journal.txt` of the job's folder when it begins and when it has done
its work, so that a test can count how often each really ran. A *death* is a place where the
process kills itself with SIGKILL: at a step's begin, at its end, or at the n-th SQL statement.
"""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

JOURNAL = "journal.txt"

ROAD = (
    ("capture", JobState.PLANNED, JobState.CAPTURED),
    ("prepare", JobState.CAPTURED, JobState.PREPARED),
    ("start", JobState.PREPARED, JobState.STARTED),
    ("finish", JobState.STARTED, JobState.FINISHED),
    ("align", JobState.FINISHED, JobState.ALIGNED),
    ("polish", JobState.ALIGNED, JobState.POLISHED),
    ("place", JobState.POLISHED, JobState.PLACED),
    ("close", JobState.PLACED, JobState.DONE),
)
STEP_NAMES = tuple(name for name, _, _ in ROAD)

Work = Callable[[StepContext], StepResult]


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def journal_of(folder: Path) -> list[str]:
    path = folder / JOURNAL
    return path.read_text().splitlines() if path.exists() else []


def write_journal(folder: Path, line: str) -> None:
    with (folder / JOURNAL).open("a") as stream:
        stream.write(line + "\n")


def whole_jobs(store: JobStore) -> list[Job]:
    """Everything that a store holds of its jobs, the newest first."""
    return [store.get(job.id) for job in store.list()]


def traced_work(name: str, death: str = "") -> Work:
    """Work that leaves traces; its outcome follows from the plan and the step before."""

    def work(context: StepContext) -> StepResult:
        write_journal(context.folder, f"{name} begins")
        if death == f"begin of {name}":
            die()
        write_journal(context.folder, f"{name} is done")
        if death == f"end of {name}":
            die()
        done = list(context.job.outcomes)
        return StepResult({"step": name, "after": done, "plan": dict(context.job.plan)})

    return work


def road(
    *,
    death: str = "",
    is_start_repeatable: bool = True,
    work: Mapping[str, Work] | None = None,
) -> list[Step]:
    """The steps; `work` replaces what some of them do."""
    return [
        Step(
            name,
            frozenset({before}),
            after,
            (work or {}).get(name) or traced_work(name, death),
            intent=JobState.STARTING if name == "start" else None,
            is_repeatable=is_start_repeatable or name != "start",
        )
        for name, before, after in ROAD
    ]


class StatementCounter:
    """Counts the SQL statements of a store and kills the process when it meets the n-th.

    SQLite tells of a statement before it runs it, so with "COMMIT" the whole transaction is
    written but not yet committed.
    """

    def __init__(self, store: JobStore, fatal_number: int = 0) -> None:
        self.count = 0
        self._fatal_number = fatal_number
        connection: sqlite3.Connection = store._database._connection
        connection.set_trace_callback(self._meet)

    def _meet(self, statement: str) -> None:
        self.count += 1
        if self.count == self._fatal_number:
            die()
