"""Jobs removed from the store: first their rows, in a transaction, then their folders.

The ids of removed rows are kept until the folders are gone, so a crash leaves nothing behind.
"""

from __future__ import annotations

import sqlite3

from hanolab_dawtools.jobs import rows
from hanolab_dawtools.jobs.claims import check_unclaimed
from hanolab_dawtools.jobs.database import Database
from hanolab_dawtools.jobs.folders import JobFolders


def forget_job(connection: sqlite3.Connection, job_id: str, now: float) -> None:
    """Remove the rows of a job; `JobBusy` when a living process works on it."""
    rows.read_job(connection, job_id)
    check_unclaimed(connection, job_id, now)
    connection.execute("INSERT INTO removed (job_id) VALUES (?)", (job_id,))
    connection.execute("DELETE FROM claims WHERE job_id = ?", (job_id,))
    connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))


def forget_batch(connection: sqlite3.Connection, batch_id: str, now: float) -> None:
    """Remove the rows of a batch and its jobs; `JobBusy` when one of them is worked on."""
    check_unclaimed(connection, batch_id, now, noun="batch")
    claimed = connection.execute(
        "SELECT job_id FROM claims JOIN jobs ON id = job_id WHERE batch_id = ?", (batch_id,)
    )
    for (job_id,) in claimed.fetchall():
        check_unclaimed(connection, job_id, now)
        connection.execute("DELETE FROM claims WHERE job_id = ?", (job_id,))
    connection.execute("DELETE FROM claims WHERE job_id = ?", (batch_id,))
    connection.execute(
        "INSERT INTO removed (job_id) SELECT id FROM jobs WHERE batch_id = ?", (batch_id,)
    )
    connection.execute("INSERT INTO removed (job_id) VALUES (?)", (batch_id,))
    connection.execute("DELETE FROM jobs WHERE batch_id = ?", (batch_id,))
    connection.execute("DELETE FROM batches WHERE id = ?", (batch_id,))


def sweep(database: Database, folders: JobFolders) -> None:
    """Remove the folders of removed jobs, and what crashes left of a making or a removal."""
    with database.writing() as connection:
        for (job_id,) in connection.execute("SELECT job_id FROM removed").fetchall():
            folders.put_aside(job_id)
        connection.execute("DELETE FROM removed")
        # Jobs are made in a transaction, so none is just between its folder and its row.
        every = connection.execute("SELECT id FROM jobs UNION ALL SELECT id FROM batches")
        folders.remove_empty_but({job_id for (job_id,) in every})
    folders.remove_put_aside()
