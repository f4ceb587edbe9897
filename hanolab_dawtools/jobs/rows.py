"""Between rows of the job store and the types of `model`: reading, and the one way to move a job.

All functions run inside a transaction of the caller. Values are JSON text in ASCII, so that any
string comes back as it was, also a file name that is no UTF-8; texts for people are cleaned.
Rows that make no sense raise `BadRow`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from hanolab_dawtools.errors import InvalidTransition, JobNotFound
from hanolab_dawtools.jobs.database import BadRow
from hanolab_dawtools.jobs.model import (
    Failure,
    Job,
    JobEvent,
    JobState,
    JobSummary,
    Wait,
    next_states,
)

_COLUMNS = (
    "id, kind, title, state, good_state, created_at, updated_at, plan, failure, wait,"
    " batch_id, cell"
)
_SINGLE = "batch_id IS NULL AND cell IS NULL"  # both, for the index
_RESUMABLE = (JobState.FAILED, JobState.CANCELLED)
_MOST_IDS_TOLD = 5
_BEHIND_ANY_LETTER = "\x7f"  # of an id


def to_json(value: Mapping[str, Any]) -> str:
    """JSON text of a mapping; `ValueError` or `TypeError` for what is no JSON."""
    return json.dumps(dict(value), allow_nan=False)


def cleaned(text: str) -> str:
    """A text for people that any database and terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def named(connection: sqlite3.Connection, id_or_prefix: str) -> tuple[str, bool]:
    """The id that is meant by itself or by a prefix that no other has; whether it is a batch's.

    A prefix means no cell, but `PREFIX-N` may: the one with number N of the batch.
    """
    wanted = id_or_prefix.strip().lower()
    if not wanted:
        raise JobNotFound("no job id was given", hint="See `hanolab jobs list`.")
    if _is_there(connection, "jobs", wanted):
        return wanted, False
    batches = _ids(connection, "batches WHERE", wanted)
    if wanted in batches:
        return wanted, True
    jobs = _ids(connection, f"jobs WHERE {_SINGLE} AND", wanted)
    prefix, dash, number = wanted.partition("-")
    if dash and not jobs:
        cells = [f"{batch}-{number}" for batch in _ids(connection, "batches WHERE", prefix)]
        jobs = [cell for cell in cells if _is_there(connection, "jobs", cell)]
    ids = [*batches, *jobs]
    if not ids:
        raise JobNotFound(f"there is no job {wanted!r}", hint="See `hanolab jobs list`.")
    if len(ids) > 1:
        more = ", …" if len(ids) > _MOST_IDS_TOLD else ""
        raise JobNotFound(
            f"{len(ids)} jobs start with {wanted!r}: {', '.join(ids[:_MOST_IDS_TOLD])}{more}",
            hint="Give more letters of the id.",
        )
    return ids[0], bool(batches)


def full_id(connection: sqlite3.Connection, id_or_prefix: str) -> str:
    """As `named`, for a job; `JobNotFound` when that is a batch."""
    job_id, is_batch = named(connection, id_or_prefix)
    if is_batch:
        raise JobNotFound(
            f"{job_id} is a batch of jobs, and no single one",
            hint=f"See its cells with: hanolab jobs show {job_id}",
        )
    return job_id


def _is_there(connection: sqlite3.Connection, table: str, exact_id: str) -> bool:
    found = connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (exact_id,))  # noqa: S608 - a constant
    return found.fetchone() is not None


def _ids(connection: sqlite3.Connection, where: str, prefix: str) -> list[str]:
    """Ids that start so, the newest first."""
    rows = connection.execute(
        f"SELECT id FROM {where} id >= ? AND id < ? ORDER BY number DESC",  # noqa: S608 - constants
        (prefix, prefix + _BEHIND_ANY_LETTER),
    )
    return [str(row[0]) for row in rows]


def read_job(connection: sqlite3.Connection, job_id: str) -> Job:
    """The job with exactly this id; `JobNotFound` when there is none."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()  # noqa: S608 - a constant
    if row is None:
        raise JobNotFound(f"there is no job {job_id!r}", hint="See `hanolab jobs list`.")
    outcomes = connection.execute(
        "SELECT step, value FROM outcomes WHERE job_id = ? ORDER BY rowid", (job_id,)
    )
    summary = _summary(row)
    try:
        return Job(**vars(summary), outcomes={step: json.loads(value) for step, value in outcomes})
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRow(f"an outcome of job {job_id}: {error}") from error


def read_summaries(
    connection: sqlite3.Connection, states: Collection[JobState] | None, limit: int | None
) -> list[JobSummary]:
    """Jobs outside of batches, in some states (None: in any), the newest first."""
    and_so = "" if states is None else f"AND state IN ({','.join('?' * len(states))})"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE {_SINGLE} {and_so} ORDER BY number DESC LIMIT ?",  # noqa: S608 - constants
        (*(states or ()), -1 if limit is None else limit),
    )
    return [_summary(row) for row in rows]


def read_cells(connection: sqlite3.Connection, batch_id: str) -> list[JobSummary]:
    """The cells of a batch, in their order."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE batch_id = ? AND cell IS NOT NULL ORDER BY cell",  # noqa: S608 - a constant
        (batch_id,),
    )
    return [_summary(row) for row in rows]


def read_marks(connection: sqlite3.Connection) -> dict[str, str]:
    """For each job outside of batches, the newest first, a text that changes when the job does."""
    rows = connection.execute(
        f"SELECT id, updated_at || coalesce(wait, '') FROM jobs WHERE {_SINGLE}"  # noqa: S608 - a constant
        " ORDER BY number DESC"
    )
    return dict(rows.fetchall())


def read_some(connection: sqlite3.Connection, job_ids: Collection[str]) -> list[JobSummary]:
    """The jobs with these ids, those that are there, in any order."""
    found = []
    for job_id in job_ids:
        row = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()  # noqa: S608 - a constant
        if row is not None:
            found.append(_summary(row))
    return found


def read_events(connection: sqlite3.Connection, job_id: str) -> list[JobEvent]:
    """A job's history, oldest first."""
    rows = connection.execute(
        "SELECT at, state, note FROM events WHERE job_id = ? ORDER BY number", (job_id,)
    )
    try:
        return [
            JobEvent(job_id, datetime.fromisoformat(at), JobState(state), note)
            for at, state, note in rows
        ]
    except (ValueError, TypeError) as error:
        raise BadRow(f"an event of job {job_id}: {error}") from error


def add_event(
    connection: sqlite3.Connection, job_id: str, at: str, state: JobState, note: str
) -> None:
    """Add a line to a job's history."""
    connection.execute(
        "INSERT INTO events (job_id, at, state, note) VALUES (?, ?, ?, ?)",
        (job_id, at, state, cleaned(note)),
    )


def put_outcome(connection: sqlite3.Connection, job_id: str, step: str, value_text: str) -> None:
    """Store what a step left, in place of what it left before."""
    connection.execute(
        "INSERT OR REPLACE INTO outcomes (job_id, step, value) VALUES (?, ?, ?)",
        (job_id, step, value_text),
    )


def move(
    connection: sqlite3.Connection,
    job: JobSummary,
    state: JobState,
    at: str,
    *,
    failure: Failure | None = None,
    note: str = "",
    resume_from: JobState | None = None,
) -> None:
    """Move a job along the table of transitions, or raise `InvalidTransition`.

    A resumable end keeps as good state the one that the job was in, unless told another.
    """
    if state not in next_states(job.state, job.good_state):
        raise InvalidTransition(f"job {job.id} cannot go from {job.state} to {state}")
    good_state = resume_from or job.good_state if state in _RESUMABLE else state
    connection.execute(
        "UPDATE jobs SET state = ?, good_state = ?, updated_at = ?, failure = ?, wait = NULL"
        " WHERE id = ?",
        (state, good_state, at, to_json(asdict(failure)) if failure else None, job.id),
    )
    add_event(connection, job.id, at, state, note)


def put_wait(connection: sqlite3.Connection, job_id: str, wait: Wait) -> None:
    """Store why a job waits."""
    until = wait.until.isoformat() if wait.until else None
    text = to_json({"until": until, "reason": cleaned(wait.reason)})
    connection.execute("UPDATE jobs SET wait = ? WHERE id = ?", (text, job_id))


def _wait(text: str | None) -> Wait | None:
    if text is None:
        return None
    stored = json.loads(text)
    until = stored["until"]
    return Wait(datetime.fromisoformat(until) if until else None, stored["reason"])


def _summary(row: Iterable[Any]) -> JobSummary:
    job_id, kind, title, state, good_state, created_at, updated_at, plan, *rest = row
    failure, wait, batch_id, cell = rest
    try:
        return JobSummary(
            id=job_id,
            title=title,
            kind=kind,
            state=JobState(state),
            good_state=JobState(good_state),
            created_at=datetime.fromisoformat(created_at),
            updated_at=datetime.fromisoformat(updated_at),
            plan=json.loads(plan),
            failure=Failure(**json.loads(failure)) if failure else None,
            wait=_wait(wait),
            batch_id=batch_id or "",
            cell=cell,
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadRow(f"job {job_id}: {error}") from error
