"""What was spent, and what the service was seen to ask for.

A charge is stored in the transaction that records the answer it came with, and never removed: it
outlives its job. An unsure one belongs to a request of which nobody knows whether it was accepted.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime

from hanolab_dawtools.jobs.database import BadRow, Database
from hanolab_dawtools.jobs.model import Charge, JobSummary, LearntPrice, LedgerEntry, Spent
from hanolab_dawtools.jobs.rows import cleaned

_COLUMNS = (
    "at, job_id, title, batch_id, engine, action, billed_seconds, credits, task_id, is_sure"
    " FROM ledger"
)


class Ledger:
    """The charges of a job store, and the prices it learnt; `now` gives a time in ISO 8601."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        self._database = database
        self._now = now

    def entries(self, job_id: str | None = None) -> Sequence[LedgerEntry]:
        """All charges, or those of one job, the oldest first."""
        where = "" if job_id is None else " WHERE job_id = ?"
        return self._entries(where, () if job_id is None else (job_id,))

    def of_batch(self, batch_id: str) -> Sequence[LedgerEntry]:
        """The charges of all jobs of a batch, the oldest first."""
        return self._entries(" WHERE batch_id = ?", (batch_id,))

    def _entries(self, where: str, values: Sequence[str]) -> Sequence[LedgerEntry]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS}{where} ORDER BY number", values)
            return [_entry(*row) for row in rows]

    def total(self) -> Spent:
        """The sum of all charges."""
        with self._database.reading() as connection:
            sure, unsure, n_unknown = connection.execute(
                "SELECT total(CASE WHEN is_sure THEN credits END),"
                " total(CASE WHEN NOT is_sure THEN credits END),"
                " count(*) - count(credits) FROM ledger"
            ).fetchone()
        return Spent(sure, unsure, n_unknown)

    def learn(
        self,
        engine: str,
        action: str,
        billed_seconds: float,
        credits: float,  # noqa: A002 - the word of the service, as in `Quote`
    ) -> None:
        """Remember what the service asked for an action of this length; replaces an older price.

        Raises
        ------
        ValueError
            A number is negative or not finite.
        """
        if not all(math.isfinite(value) and value >= 0 for value in (billed_seconds, credits)):
            raise ValueError(f"{credits} credits for {billed_seconds} s is no price")
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO learnt_prices"
                " (engine, action, billed_seconds, credits, learnt_at) VALUES (?, ?, ?, ?, ?)",
                (engine, action, billed_seconds, credits, self._now()),
            )

    def learnt(self, engine: str, action: str) -> Sequence[LearntPrice]:
        """The prices that are known of an action, the shortest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT billed_seconds, credits FROM learnt_prices"
                " WHERE engine = ? AND action = ? ORDER BY billed_seconds",
                (engine, action),
            )
            return [LearntPrice(*row) for row in rows]


def put(connection: sqlite3.Connection, job: JobSummary, charge: Charge, at: str) -> None:
    """Add a charge, inside the caller's transaction."""
    connection.execute(
        "INSERT INTO ledger (at, job_id, title, batch_id, engine, action, billed_seconds, credits,"
        " task_id, is_sure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            at,
            job.id,
            cleaned(job.title),
            job.batch_id,
            charge.engine,
            charge.action,
            charge.billed_seconds,
            charge.credits,
            cleaned(charge.task_id),
            charge.is_sure,
        ),
    )


def settle(connection: sqlite3.Connection, job: JobSummary, charge: Charge, at: str) -> None:
    """Make a job's newest unsure charge sure, with the task's id; add `charge` if there is none."""
    cursor = connection.execute(
        "UPDATE ledger SET is_sure = 1, task_id = ? WHERE number ="
        " (SELECT max(number) FROM ledger WHERE job_id = ? AND NOT is_sure)",
        (cleaned(charge.task_id), job.id),
    )
    if cursor.rowcount == 0:
        put(connection, job, charge, at)


def _entry(at: str, job_id: str, title: str, batch_id: str, *values: object) -> LedgerEntry:
    engine, action, billed_seconds, n_credits, task_id, is_sure = values
    try:
        charge = Charge(
            str(engine),
            str(action),
            float(billed_seconds),  # type: ignore[arg-type] # what a damaged row holds is caught
            None if n_credits is None else float(n_credits),  # type: ignore[arg-type] # as above
            str(task_id),
            bool(is_sure),
        )
        return LedgerEntry(datetime.fromisoformat(at), job_id, title, charge, batch_id)
    except (ValueError, TypeError) as error:
        raise BadRow(f"a charge of job {job_id}: {error}") from error
