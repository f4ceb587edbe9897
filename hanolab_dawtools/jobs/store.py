"""The job store: what is known of every job, in one SQLite database with a folder per job.

`FOLDER/jobs.sqlite3` holds the records, `FOLDER/ID/` the files of a job's steps. Every method is
one transaction: after it returned, its effect survives a crash; when it raised, nothing changed.
Several threads and processes may use a store at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from hanolab_dawtools.errors import InvalidTransition, JobBusy, JobNotFound
from hanolab_dawtools.jobs import caps, ledger, rows
from hanolab_dawtools.jobs.batches import Batches
from hanolab_dawtools.jobs.claiming import Claiming
from hanolab_dawtools.jobs.claims import Claim, ClaimTimes, check_claimed, check_unclaimed
from hanolab_dawtools.jobs.database import Database
from hanolab_dawtools.jobs.folders import JobFolders
from hanolab_dawtools.jobs.model import (
    Charge,
    Failure,
    Job,
    JobEvent,
    JobState,
    JobSummary,
    Wait,
)
from hanolab_dawtools.jobs.removing import forget_job, sweep

DATABASE_NAME = "jobs.sqlite3"
_SETTLED = (JobState.STARTED, JobState.PREPARED, JobState.CANCELLED)


class JobStore(Claiming):
    """The jobs in `folder`; a context manager that closes the database.

    Attributes
    ----------
    batches
        Jobs that were asked for at once; the other methods list none of those.
    caps
        How many requests a service takes, and who is next.
    ledger
        What was spent.

    Parameters
    ----------
    times
        Patience of the claims.
    clock
        Seconds since 1970; tests pass their own.
    busy_seconds
        How long to wait for another process that writes.

    Raises
    ------
    StoreCorrupt, StoreLocked, DiskFull, NotWritable, JobError
        See `Database`; every method may raise them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        times: ClaimTimes | None = None,
        clock: Callable[[], float] = time.time,
        busy_seconds: float = 5.0,
    ) -> None:
        folders = JobFolders(folder)
        database = Database(
            folder / DATABASE_NAME,
            may_be_empty=not folders.is_any(),
            busy_seconds=busy_seconds,
        )
        super().__init__(database, folders, times or ClaimTimes(), clock)
        self.batches = Batches(database, folders, times or ClaimTimes(), clock)
        self.caps = caps.Caps(database, clock)
        self.ledger = ledger.Ledger(database, self._now)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database; idempotent."""
        self._database.close()

    def seconds_until(self, moment: datetime) -> float:
        """How far off a moment is, by the store's clock; negative when it is past."""
        return moment.timestamp() - self._clock()

    def stamp(self) -> tuple[int, int]:
        """Two numbers that differ from earlier ones when anybody has changed the store since."""
        with self._database.reading() as connection:
            (by_others,) = connection.execute("PRAGMA data_version").fetchone()
            return by_others, connection.total_changes

    def check(self) -> None:
        """Read the whole database and raise `StoreCorrupt` when a page is damaged."""
        self._database.check()

    def folder_of(self, job_id: str) -> Path:
        """Where the files of a job's steps are."""
        return self._folders.of(job_id)

    def create(
        self,
        kind: str,
        title: str,
        plan: Mapping[str, Any],
        *,
        job_id: str | None = None,
        part_of: str | None = None,
    ) -> Job:
        """Store a new job, planned, with an empty folder.

        `part_of`: the job that it does a part of; it belongs to the same batch, if to any.

        Raises
        ------
        JobError
            `job_id` is taken.
        ValueError, TypeError
            `job_id` cannot be one, or `plan` holds no JSON values.
        """
        plan_text, state, now = rows.to_json(plan), JobState.PLANNED, self._now()
        new_id = ""
        try:
            with self._database.writing() as connection:
                new_id = self._folders.make(job_id)
                connection.execute(
                    "INSERT INTO jobs (id, kind, title, state, good_state, created_at, updated_at,"
                    " plan, batch_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?,"
                    " (SELECT batch_id FROM jobs WHERE id = ?))",
                    (new_id, kind, rows.cleaned(title), state, state, now, now, plan_text, part_of),
                )
                connection.execute("DELETE FROM removed WHERE job_id = ?", (new_id,))
                rows.add_event(connection, new_id, now, state, "")
                return rows.read_job(connection, new_id)
        except BaseException:
            if new_id:
                self._folders.unmake(new_id)
            raise

    def get(self, id_or_prefix: str) -> Job:
        """The job with this id, or the only one whose id starts so.

        Raises
        ------
        JobNotFound
            There is none, or more than one.
        """
        with self._database.reading() as connection:
            return rows.read_job(connection, rows.full_id(connection, id_or_prefix))

    def list(
        self, states: Collection[JobState] | None = None, limit: int | None = None
    ) -> Sequence[JobSummary]:
        """Jobs outside of batches, in some states (None: in any), the newest first."""
        with self._database.reading() as connection:
            return rows.read_summaries(connection, states, limit)

    def marks(self) -> Mapping[str, str]:
        """By id, the newest first: a text for each job that is another one when it has changed.

        Jobs of batches are left out.
        """
        with self._database.reading() as connection:
            return rows.read_marks(connection)

    def some(self, job_ids: Collection[str]) -> Sequence[JobSummary]:
        """The jobs with these ids, as far as they are there, in any order."""
        with self._database.reading() as connection:
            return rows.read_some(connection, job_ids)

    def ids(self) -> frozenset[str]:
        """The ids of all jobs, also of those in batches."""
        with self._database.reading() as connection:
            return frozenset(id_ for (id_,) in connection.execute("SELECT id FROM jobs"))

    def events(self, job_id: str) -> Sequence[JobEvent]:
        """A job's history, oldest first; `JobNotFound` when there is no such job."""
        with self._database.reading() as connection:
            rows.read_job(connection, job_id)
            return rows.read_events(connection, job_id)

    def record(
        self,
        job_id: str,
        state: JobState,
        *,
        claim: Claim,
        outcome: tuple[str, Mapping[str, Any]] | None = None,
        failure: Failure | None = None,
        note: str = "",
        resume_from: JobState | None = None,
        charge: Charge | None = None,
    ) -> Job:
        """Move a job to a state and store what the step left, both or nothing.

        Parameters
        ----------
        outcome
            Name of the finished step and JSON values; replaces an older one of the same step.
        resume_from
            With a failure or cancellation: where a resume goes on, when that is not the last
            good state.
        charge
            What the step was billed; put into the ledger.

        Raises
        ------
        InvalidTransition
            There is no way from the job's state to `state`.
        JobBusy
            The claim was lost to another process; what this one does counts no more.
        ValueError, TypeError
            The outcome holds no JSON values.
        """
        step, value_text = (outcome[0], rows.to_json(outcome[1])) if outcome else ("", "")
        with self._database.writing() as connection:
            check_claimed(connection, claim)
            job = rows.read_job(connection, job_id)
            if outcome:
                rows.put_outcome(connection, job_id, step, value_text)
            rows.move(
                connection,
                job,
                state,
                self._now(),
                failure=failure,
                note=note,
                resume_from=resume_from,
            )
            if charge:
                ledger.put(connection, job, charge, self._now())
            after = rows.read_job(connection, job_id)
            caps.follow(connection, job, after)
            return after

    def wait(self, job_id: str, wait: Wait, *, claim: Claim) -> Job:
        """Let a job wait, or change what a waiting one waits for.

        Raises
        ------
        InvalidTransition, JobBusy
            As `record`.
        """
        with self._database.writing() as connection:
            check_claimed(connection, claim)
            job = rows.read_job(connection, job_id)
            if job.state is not JobState.WAITING:
                rows.move(connection, job, JobState.WAITING, self._now(), note=wait.reason)
            if job.wait != wait:
                rows.put_wait(connection, job_id, wait)
            after = rows.read_job(connection, job_id)
            caps.follow(connection, job, after)
            return after

    def resolve(
        self,
        job_id: str,
        state: JobState,
        *,
        outcome: tuple[str, Mapping[str, Any]] | None = None,
        charge: Charge | None = None,
        note: str = "",
    ) -> Job:
        """Settle the doubt about a job by what the user found out.

        Parameters
        ----------
        state
            STARTED: the work was taken on; needs the `outcome` of the step that was in doubt, and
            its `charge`. PREPARED: it was not, send it again; the next admission forgets what the
            first one left. CANCELLED: leave it; the doubt stays, also for a resume.
        charge
            With STARTED. An unsure charge of the job becomes sure and gets this one's task id;
            if there is none, this one is stored. In the other two ways an unsure charge stays as
            it is: nobody knows whether it was billed.

        Raises
        ------
        InvalidTransition
            Nothing is in doubt about the job.
        JobBusy
            A living process works on it.
        ValueError, TypeError
            It cannot be settled so, or the outcome holds no JSON values.
        """
        is_found = state is JobState.STARTED
        if state not in _SETTLED or (is_found, is_found) != (bool(outcome), bool(charge)):
            raise ValueError(f"a doubt cannot be settled as {state} with {outcome} and {charge}")
        step, value_text = (outcome[0], rows.to_json(outcome[1])) if outcome else ("", "")
        with self._database.writing() as connection:
            job = rows.read_job(connection, job_id)
            check_unclaimed(connection, job_id, self._clock())
            if JobState.UNSURE not in (job.state, job.good_state):
                raise InvalidTransition(
                    f"job {job_id} is {job.state}; there is no doubt about it to resolve",
                    hint=f"See it with: hanolab jobs show {job_id}",
                )
            now = self._now()
            if job.state is not JobState.UNSURE:  # cancelled in doubt
                rows.move(connection, job, JobState.UNSURE, now)
                job = rows.read_job(connection, job_id)
            if outcome:
                rows.put_outcome(connection, job_id, step, value_text)
            rows.move(connection, job, state, now, note=note)
            if charge:
                ledger.settle(connection, job, charge, now)
            return rows.read_job(connection, job_id)

    def note(
        self, job_id: str, note: str, *, claim: Claim, outcome: tuple[str, Mapping[str, Any]]
    ) -> Job:
        """Add a line to a job's history, and what an act outside of its steps left.

        Raises
        ------
        JobBusy
            The claim was lost to another process.
        ValueError, TypeError
            The outcome holds no JSON values.
        """
        name, value_text = outcome[0], rows.to_json(outcome[1])
        with self._database.writing() as connection:
            check_claimed(connection, claim)
            job = rows.read_job(connection, job_id)
            rows.put_outcome(connection, job_id, name, value_text)
            rows.add_event(connection, job_id, self._now(), job.state, note)
            return rows.read_job(connection, job_id)

    def remove(self, job_id: str) -> None:
        """Remove a job with its files.

        Raises
        ------
        JobBusy
            A living process works on it.
        """
        self._forget(job_id)
        sweep(self._database, self._folders)

    def clean(
        self,
        older_than: timedelta,
        states: Collection[JobState],
        *,
        spared: Collection[str] = (),
    ) -> Sequence[JobSummary]:
        """Remove jobs in `states` that did not change for `older_than`, and return them.

        Jobs that a living process works on are left alone, and so are those with `spared` ids,
        and those of batches.
        """
        before = datetime.fromtimestamp(self._clock(), UTC) - older_than
        removed = []
        for job in self.list(states):
            if job.updated_at <= before and job.id not in spared:
                with suppress(JobBusy, JobNotFound):  # taken up, or removed, by another process
                    self._forget(job.id)
                    removed.append(job)
        sweep(self._database, self._folders)
        return removed

    def _forget(self, job_id: str) -> None:
        with self._database.writing() as connection:
            forget_job(connection, job_id, self._clock())
