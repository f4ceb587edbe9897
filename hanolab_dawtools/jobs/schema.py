"""The tables of the job store, and how a database of an older version becomes one of today.

`UPGRADES[n]` leads from version n to n + 1; a new database runs through all of them. An upgrade
that was ever released is never edited: a change of the tables is a new entry at the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

# Times are UTC in ISO 8601; those that are compared (leases, slots) are seconds since 1970.
_VERSION_1 = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        state TEXT NOT NULL,
        good_state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        plan TEXT NOT NULL,
        failure TEXT,
        is_cancel_requested INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE outcomes (
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        step TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (job_id, step)
    )
    """,
    """
    CREATE TABLE events (
        number INTEGER PRIMARY KEY,
        job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
        at TEXT NOT NULL,
        state TEXT NOT NULL,
        note TEXT NOT NULL
    )
    """,
    "CREATE INDEX events_of_job ON events (job_id)",
    """
    CREATE TABLE claims (
        job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
        token TEXT NOT NULL,
        machine TEXT NOT NULL,
        pid INTEGER NOT NULL,
        process_started TEXT NOT NULL,
        lease_until REAL NOT NULL
    )
    """,
    # Jobs whose rows are gone and whose folder is still to be removed.
    "CREATE TABLE removed (job_id TEXT PRIMARY KEY)",
)

_VERSION_2 = (
    "ALTER TABLE jobs ADD COLUMN wait TEXT",
    # One row for each request that waits for a slot (granted_at is null), has one, or was sent
    # with one. It stays when its job is removed: what was sent counts for an hour.
    """
    CREATE TABLE slots (
        number INTEGER PRIMARY KEY,
        scope TEXT NOT NULL,
        job_id TEXT NOT NULL,
        token TEXT NOT NULL,
        granted_at REAL,
        is_sent INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX slots_of_scope ON slots (scope)",
    "CREATE INDEX slots_of_job ON slots (job_id)",
    """
    CREATE TABLE refusals (
        scope TEXT PRIMARY KEY,
        refused_at REAL NOT NULL,
        retry_at REAL NOT NULL
    )
    """,
    # Outlives the jobs, so it holds what is told of them.
    """
    CREATE TABLE ledger (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        job_id TEXT NOT NULL,
        title TEXT NOT NULL,
        engine TEXT NOT NULL,
        action TEXT NOT NULL,
        billed_seconds REAL NOT NULL,
        credits REAL,
        task_id TEXT NOT NULL,
        is_sure INTEGER NOT NULL
    )
    """,
    "CREATE INDEX ledger_of_job ON ledger (job_id)",
    """
    CREATE TABLE learnt_prices (
        engine TEXT NOT NULL,
        action TEXT NOT NULL,
        billed_seconds REAL NOT NULL,
        credits REAL NOT NULL,
        learnt_at TEXT NOT NULL,
        PRIMARY KEY (engine, action, billed_seconds)
    )
    """,
)

_VERSION_3 = (
    # Many jobs that were asked for at once. `outcomes` holds what acts on all of them left.
    """
    CREATE TABLE batches (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        created_at TEXT NOT NULL,
        plan TEXT NOT NULL,
        outcomes TEXT NOT NULL DEFAULT '{}',
        is_cancel_requested INTEGER NOT NULL DEFAULT 0
    )
    """,
    "ALTER TABLE jobs ADD COLUMN batch_id TEXT REFERENCES batches (id)",
    # Its place in the batch, from 1; null for a part of such a job, and outside of batches.
    "ALTER TABLE jobs ADD COLUMN cell INTEGER",
    # Both columns lie behind the plan; with this, they are known without reading past it.
    "CREATE INDEX jobs_of_batch ON jobs (batch_id, cell)",
    # As before, for the id of a job or of a batch.
    """
    CREATE TABLE holds (
        job_id TEXT PRIMARY KEY,
        token TEXT NOT NULL,
        machine TEXT NOT NULL,
        pid INTEGER NOT NULL,
        process_started TEXT NOT NULL,
        lease_until REAL NOT NULL
    )
    """,
    "INSERT INTO holds SELECT * FROM claims",
    "DROP TABLE claims",
    "ALTER TABLE holds RENAME TO claims",
)

# Outlives the batch as well; "" outside of batches.
_VERSION_4 = ("ALTER TABLE ledger ADD COLUMN batch_id TEXT NOT NULL DEFAULT ''",)

UPGRADES: Sequence[Sequence[str]] = (_VERSION_1, _VERSION_2, _VERSION_3, _VERSION_4)


def version_of(connection: sqlite3.Connection) -> int:
    """Version of an open database; 0 for one without tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def newest_version() -> int:
    """The version that this program writes."""
    return len(UPGRADES)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Whether a database has no tables at all."""
    return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def upgrade(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest version, inside the caller's transaction."""
    _run(connection, UPGRADES[version_of(connection) :])
    connection.execute(f"PRAGMA user_version = {newest_version()}")


def is_sound(connection: sqlite3.Connection) -> bool:
    """Whether every page can be read and the tables are the ones of the database's version."""
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    with closing(sqlite3.connect(":memory:")) as model:
        _run(model, UPGRADES[: version_of(connection)])
        return bool(verdict == "ok" and _tables(connection) == _tables(model))


def _tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def _run(connection: sqlite3.Connection, upgrades: Sequence[Sequence[str]]) -> None:
    for statements in upgrades:
        for statement in statements:
            connection.execute(statement)
