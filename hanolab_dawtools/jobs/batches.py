"""The batches of a job store: jobs that were asked for at once, stored, claimed, removed as one.

Each cell of a batch is a job with a row, a claim and a history of its own, and with the id
`BATCH-NUMBER`; how a batch stands is what its cells' states say. As in the store, every method is
one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import JobNotFound
from hanolab_dawtools.jobs import claims, rows
from hanolab_dawtools.jobs.claiming import Holding
from hanolab_dawtools.jobs.claims import Claim, check_claimed, check_unclaimed, living_owner
from hanolab_dawtools.jobs.database import BadRow
from hanolab_dawtools.jobs.model import (
    RESTING_STATES,
    Batch,
    BatchState,
    JobState,
    JobSummary,
    NewJob,
)
from hanolab_dawtools.jobs.removing import forget_batch, sweep

__all__ = ["Batch", "BatchState", "Batches", "NewJob", "cell_id"]

_NOUN = "batch"
_MARKS = """
    SELECT batches.id, count(jobs.id) || ' ' || coalesce(max(jobs.updated_at), '') || ' '
        || length(outcomes)
    FROM batches LEFT JOIN jobs ON batch_id = batches.id
    GROUP BY batches.number ORDER BY batches.number DESC
"""


def cell_id(batch_id: str, number: int) -> str:
    """The id of a cell; numbers start at 1."""
    return f"{batch_id}-{number}"


@dataclass
class _Tally:
    """What is counted of a batch's cells; `updated_at` is "" for a batch without any."""

    counts: dict[JobState, int]
    updated_at: str = ""


class Batches(Holding):
    """The batches in a database."""

    def folder_of(self, batch_id: str) -> Path:
        """Where files of a whole batch may be put; it is there, and goes with the batch."""
        return self._folders.of(batch_id)

    def create(self, title: str, plan: Mapping[str, Any], cells: Sequence[NewJob]) -> Batch:
        """Store a new batch with all its cells, planned. Their folders are made when claimed.

        Raises
        ------
        ValueError, TypeError
            A plan holds no JSON values, or the numbers are not different and from 1.
        """
        numbers = [cell.number for cell in cells]
        if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
            raise ValueError("the cells of a batch have different numbers, from 1")
        plan_text, state, now = rows.to_json(plan), JobState.PLANNED, self._now()
        plans = [rows.to_json(cell.plan) for cell in cells]
        new_id = ""
        try:
            with self._database.writing() as connection:
                new_id = self._folders.make(None)
                connection.execute(
                    "INSERT INTO batches (id, title, created_at, plan) VALUES (?, ?, ?, ?)",
                    (new_id, rows.cleaned(title), now, plan_text),
                )
                ids = [cell_id(new_id, number) for number in numbers]
                connection.executemany(
                    "INSERT INTO jobs (id, kind, title, state, good_state, created_at, updated_at,"
                    " plan, batch_id, cell) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        (
                            *(job_id, cell.kind, rows.cleaned(cell.title), state, state),
                            *(now, now, text, new_id, cell.number),
                        )
                        for job_id, cell, text in zip(ids, cells, plans, strict=True)
                    ),
                )
                connection.executemany(
                    "INSERT INTO events (job_id, at, state, note) VALUES (?, ?, ?, '')",
                    ((job_id, now, state) for job_id in ids),
                )
                return self._read(connection, new_id)
        except BaseException:
            if new_id:
                self._folders.unmake(new_id)
            raise

    def names(self, id_or_prefix: str) -> bool:
        """Whether this means a batch, and not a job; `JobNotFound` when neither or several."""
        with self._database.reading() as connection:
            return rows.named(connection, id_or_prefix)[1]

    def get(self, id_or_prefix: str) -> Batch:
        """The batch with this id, or the only one whose id starts so.

        Raises
        ------
        JobNotFound
            There is none, or more than one, or it is a job.
        """
        with self._database.reading() as connection:
            batch_id, is_batch = rows.named(connection, id_or_prefix)
            if not is_batch:
                raise JobNotFound(
                    f"{batch_id} is a job, and no batch",
                    hint=f"See it with: hanolab jobs show {batch_id}",
                )
            return self._read(connection, batch_id)

    def list(self, limit: int | None = None) -> Sequence[Batch]:
        """The batches, the newest first."""
        with self._database.reading() as connection:
            ids = connection.execute(
                "SELECT id FROM batches ORDER BY number DESC LIMIT ?",
                (-1 if limit is None else limit,),
            )
            return [self._read(connection, batch_id) for (batch_id,) in ids.fetchall()]

    def some(self, batch_ids: Collection[str]) -> Sequence[Batch]:
        """The batches with these ids, as far as they are there, in any order."""
        with self._database.reading() as connection:
            there = {
                batch_id for (batch_id,) in connection.execute("SELECT id FROM batches").fetchall()
            }
            return [self._read(connection, one) for one in batch_ids if one in there]

    def marks(self) -> Mapping[str, str]:
        """By id, the newest first: a text for each batch that is another one when it has changed.

        A wait of a cell that only becomes another one is no change.
        """
        with self._database.reading() as connection:
            return dict(connection.execute(_MARKS).fetchall())

    def cells(self, batch_id: str) -> Sequence[JobSummary]:
        """The cells of a batch, in their order; none when it is gone."""
        with self._database.reading() as connection:
            return rows.read_cells(connection, batch_id)

    def counts(self, batch_id: str) -> Mapping[JobState, int]:
        """How many cells are in each state that one is in."""
        with self._database.reading() as connection:
            return _tally(connection, batch_id).counts

    def claim(self, batch_id: str) -> Claim:
        """Claim a batch for this process; use the claim as a context manager.

        Its `stop` is set when somebody asks to cancel the batch; an older wish is forgotten.

        Raises
        ------
        JobBusy
            Another living process, or another thread of this one, works on it.
        JobNotFound
            There is no such batch.
        """
        claim = Claim(batch_id, self, self._times, _NOUN)
        with self._database.writing() as connection:
            self._read(connection, batch_id)
            check_unclaimed(connection, batch_id, self._clock(), noun=_NOUN)
            claims.put(connection, claim, self._lease_end())
            connection.execute(
                "UPDATE batches SET is_cancel_requested = 0 WHERE id = ?", (batch_id,)
            )
        return claim

    def request_cancel(self, batch_id: str) -> Batch:
        """Ask the process that works on a batch to stop; cancel its open cells when none does."""
        with self._database.writing() as connection:
            if living_owner(connection, batch_id, self._clock()):
                connection.execute(
                    "UPDATE batches SET is_cancel_requested = 1 WHERE id = ?", (batch_id,)
                )
            else:
                self._cancel_open(connection, batch_id)
            return self._read(connection, batch_id)

    def cancel_open(self, claim: Claim) -> Batch:
        """Cancel the cells that neither ended nor are worked on, for one who holds the batch.

        Raises
        ------
        JobBusy
            The claim was lost to another process.
        """
        with self._database.writing() as connection:
            check_claimed(connection, claim)
            self._cancel_open(connection, claim.job_id)
            return self._read(connection, claim.job_id)

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody asked to cancel the batch since it was claimed."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT is_cancel_requested FROM batches WHERE id = ?", (job_id,)
            ).fetchone()
        return row is not None and bool(row[0])

    def note(self, claim: Claim, name: str, value: Mapping[str, Any]) -> Batch:
        """Store what an act on more than one cell left, in place of an older one of that name.

        Raises
        ------
        JobBusy
            The claim was lost to another process.
        ValueError, TypeError
            It holds no JSON values.
        """
        rows.to_json(value)
        with self._database.writing() as connection:
            check_claimed(connection, claim)
            outcomes = dict(self._read(connection, claim.job_id).outcomes)
            connection.execute(
                "UPDATE batches SET outcomes = ? WHERE id = ?",
                (rows.to_json(outcomes | {name: dict(value)}), claim.job_id),
            )
            return self._read(connection, claim.job_id)

    def remove(self, batch_id: str) -> None:
        """Remove a batch with its cells and their files.

        Raises
        ------
        JobBusy
            A living process works on it, or on a cell of it.
        JobNotFound
            There is no such batch.
        """
        with self._database.writing() as connection:
            self._read(connection, batch_id)
            forget_batch(connection, batch_id, self._clock())
        sweep(self._database, self._folders)

    def old(self, older_than: timedelta, states: Collection[JobState]) -> Sequence[Batch]:
        """Batches that did not change for `older_than`, and all of whose cells are in `states`."""
        before = datetime.fromtimestamp(self._clock(), UTC) - older_than
        return [
            batch
            for batch in self.list()
            if batch.updated_at <= before and batch.counts.keys() <= set(states)
        ]

    def _cancel_open(self, connection: sqlite3.Connection, batch_id: str) -> None:
        now = self._now()
        for cell in rows.read_cells(connection, batch_id):
            if cell.state in RESTING_STATES:
                continue
            if living_owner(connection, cell.id, self._clock()):
                connection.execute(
                    "UPDATE jobs SET is_cancel_requested = 1 WHERE id = ?", (cell.id,)
                )
            else:
                rows.move(connection, cell, JobState.CANCELLED, now)

    def _read(self, connection: sqlite3.Connection, batch_id: str) -> Batch:
        row = connection.execute(
            "SELECT title, created_at, plan, outcomes FROM batches WHERE id = ?", (batch_id,)
        ).fetchone()
        if row is None:
            raise JobNotFound(f"there is no batch {batch_id!r}", hint="See `hanolab jobs list`.")
        title, created_at, plan, outcomes = row
        tally = _tally(connection, batch_id)
        try:
            return Batch(
                id=batch_id,
                title=title,
                created_at=datetime.fromisoformat(created_at),
                updated_at=datetime.fromisoformat(tally.updated_at or created_at),
                plan=json.loads(plan),
                outcomes=json.loads(outcomes),
                counts=tally.counts,
                is_running=living_owner(connection, batch_id, self._clock()) is not None,
            )
        except (ValueError, TypeError, RecursionError) as error:
            raise BadRow(f"batch {batch_id}: {error}") from error


def _tally(connection: sqlite3.Connection, batch_id: str) -> _Tally:
    grouped = connection.execute(
        "SELECT state, count(*), max(updated_at) FROM jobs"
        " WHERE batch_id = ? AND cell IS NOT NULL GROUP BY state",
        (batch_id,),
    ).fetchall()
    try:
        counts = {JobState(state): n for state, n, _ in grouped}
    except ValueError as error:
        raise BadRow(f"a cell of batch {batch_id}: {error}") from error
    return _Tally(counts, max((str(at) for _, _, at in grouped), default=""))
