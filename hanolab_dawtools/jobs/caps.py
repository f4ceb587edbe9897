"""How many requests a service takes at once and in an hour, shared by all processes of a store.

A request asks for a slot before it is sent. While there is none, its job stands in a queue, in
the order of first asking; a place in the queue, and a slot that was granted and not yet used, are
worth as much as the claim they were asked under, so a dead process holds nobody up. Once sent, a
slot counts for an hour, and as in flight while its job is being started, is started or unsure; a
request that provably came to nothing gives its slot back and keeps its place in the queue.

Others may use the same key from elsewhere, so a slot here is no promise there: the service's
refusal closes the whole scope until the time it names.

Times are seconds since 1970 by the clock passed in. If that was set back, what was granted "in
the future" counts as granted now.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hanolab_dawtools.jobs.claims import living_token
from hanolab_dawtools.jobs.database import Database
from hanolab_dawtools.jobs.model import JobState, JobSummary, Wait
from hanolab_dawtools.model import Cap

HOUR_SECONDS = 3600.0
_CLOCK_SLACK_SECONDS = 60.0  # by which the clocks of two machines may differ
_UNSENT = frozenset({JobState.PREPARED, JobState.WAITING})
_IN_FLIGHT = frozenset({JobState.STARTING, JobState.STARTED, JobState.UNSURE})


@dataclass(frozen=True)
class _Slot:
    """A row of the table; `state` is its job's, None when that was removed."""

    number: int
    job_id: str
    token: str
    granted_at: float | None
    is_sent: bool
    state: str | None

    @property
    def is_in_flight(self) -> bool:
        return self.granted_at is not None and (not self.is_sent or self.state in _IN_FLIGHT)


class Caps:
    """The slots of a job store."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def acquire(self, job_id: str, cap: Cap) -> Wait | None:
        """Take a slot for a job that this process works on; None when it has one now.

        Asking again with a slot that was not used yet takes no second one. Asking again without
        keeps the place in the queue.

        Raises
        ------
        ValueError
            Nobody has claimed the job.
        """
        now = self._clock()
        with self._database.writing() as connection:
            token = living_token(connection, job_id, now)
            if token is None:
                raise ValueError(f"job {job_id} is not claimed, so it cannot wait for a slot")
            _let_time_pass(connection, cap.scope, now)
            slots = _living_slots(connection, cap.scope, now)
            mine = next((s for s in slots if s.job_id == job_id and not s.is_sent), None)
            if mine is None:
                mine = _enqueue(connection, job_id, token, cap.scope)
            if mine.granted_at is not None:
                return None
            wait = _obstacle(connection, cap, slots, mine, now)
            if wait is None:
                connection.execute(
                    "UPDATE slots SET granted_at = ? WHERE number = ?", (now, mine.number)
                )
            return wait

    def refused(self, scope: str, retry_at: float) -> None:
        """The service has refused a request for want of room: nobody asks before `retry_at`."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO refusals (scope, refused_at, retry_at) VALUES (?, ?, ?)",
                (scope, self._clock(), retry_at),
            )


def follow(connection: sqlite3.Connection, before: JobSummary, after: JobSummary) -> None:
    """Keep a job's slot in step with its move, inside the caller's transaction."""
    if after.state is JobState.STARTING:
        connection.execute(
            "UPDATE slots SET is_sent = 1"
            " WHERE job_id = ? AND granted_at IS NOT NULL AND NOT is_sent",
            (after.id,),
        )
    elif before.state is JobState.STARTING and after.good_state in _UNSENT:
        connection.execute(
            "UPDATE slots SET is_sent = 0, granted_at = NULL WHERE number ="
            " (SELECT max(number) FROM slots WHERE job_id = ? AND is_sent)",
            (after.id,),
        )


def _let_time_pass(connection: sqlite3.Connection, scope: str, now: float) -> None:
    connection.execute(
        "UPDATE slots SET granted_at = ? WHERE scope = ? AND granted_at > ?", (now, scope, now)
    )
    connection.execute(
        "DELETE FROM refusals WHERE retry_at <= ? OR refused_at > ?",
        (now, now + _CLOCK_SLACK_SECONDS),
    )


def _living_slots(connection: sqlite3.Connection, scope: str, now: float) -> Sequence[_Slot]:
    """The slots of a scope in order of asking, without those that count no more."""
    rows = connection.execute(
        "SELECT slots.number, job_id, token, granted_at, is_sent, jobs.state FROM slots"
        " LEFT JOIN jobs ON jobs.id = slots.job_id WHERE scope = ? ORDER BY slots.number",
        (scope,),
    )
    living = []
    for slot in [_Slot(*row) for row in rows.fetchall()]:
        if _counts(connection, slot, now):
            living.append(slot)
        else:
            connection.execute("DELETE FROM slots WHERE number = ?", (slot.number,))
    return living


def _counts(connection: sqlite3.Connection, slot: _Slot, now: float) -> bool:
    if not slot.is_sent:
        return living_token(connection, slot.job_id, now) == slot.token
    assert slot.granted_at is not None
    # Nobody looks after an old task any more unless a process still waits for it.
    return slot.granted_at > now - HOUR_SECONDS or (
        slot.is_in_flight and living_token(connection, slot.job_id, now) is not None
    )


def _enqueue(connection: sqlite3.Connection, job_id: str, token: str, scope: str) -> _Slot:
    connection.execute("DELETE FROM slots WHERE job_id = ? AND NOT is_sent", (job_id,))
    cursor = connection.execute(
        "INSERT INTO slots (scope, job_id, token) VALUES (?, ?, ?)", (scope, job_id, token)
    )
    assert cursor.lastrowid is not None
    return _Slot(cursor.lastrowid, job_id, token, None, is_sent=False, state=None)


def _obstacle(
    connection: sqlite3.Connection, cap: Cap, slots: Sequence[_Slot], mine: _Slot, now: float
) -> Wait | None:
    """What keeps a request from being sent, the one that lasts longest; None for nothing."""
    obstacles: list[tuple[float, str]] = []
    n_ahead = sum(slot.granted_at is None and slot.number < mine.number for slot in slots)
    behind = f", behind {n_ahead} other{'s' * (n_ahead > 1)}" if n_ahead else ""

    in_flight = {slot.job_id for slot in slots if slot.is_in_flight}
    if len(in_flight) + n_ahead >= cap.n_in_flight:
        obstacles.append((0.0, f"{len(in_flight)} of {cap.n_in_flight} in flight{behind}"))

    taken = sorted(
        slot.granted_at
        for slot in slots
        if slot.granted_at is not None and slot.granted_at > now - HOUR_SECONDS
    )
    n_too_many = len(taken) + n_ahead + 1 - cap.n_per_hour
    if n_too_many > 0:
        free_at = taken[min(n_too_many, len(taken)) - 1] + HOUR_SECONDS if taken else 0.0
        obstacles.append((free_at, f"{len(taken)} of {cap.n_per_hour} per hour used{behind}"))

    refusal = connection.execute(
        "SELECT retry_at FROM refusals WHERE scope = ?", (cap.scope,)
    ).fetchone()
    if refusal is not None:
        obstacles.append((refusal[0], f"the service takes no more for now{behind}"))
    if not obstacles:
        return None
    until, reason = max(obstacles)
    return Wait(datetime.fromtimestamp(until, UTC) if until else None, reason)
