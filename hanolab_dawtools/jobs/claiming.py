"""The part of the job store that says who works on a job, and who wants it cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hanolab_dawtools.jobs import claims, rows
from hanolab_dawtools.jobs.claims import Claim, ClaimTimes, check_unclaimed, living_owner
from hanolab_dawtools.jobs.database import Database
from hanolab_dawtools.jobs.folders import JobFolders
from hanolab_dawtools.jobs.model import Job, JobState


class Holding:
    """The claims in a database, on jobs and on batches; `clock` gives seconds since 1970."""

    def __init__(
        self,
        database: Database,
        folders: JobFolders,
        times: ClaimTimes,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._folders = folders
        self._times = times
        self._clock = clock

    def is_claimed(self, job_id: str) -> bool:
        """Whether a living process works on a job just now."""
        with self._database.reading() as connection:
            return living_owner(connection, job_id, self._clock()) is not None

    def renew(self, claim: Claim) -> bool:
        """Lengthen a claim's lease; False when the claim is not the job's any more."""
        with self._database.writing() as connection:
            return claims.lengthen(connection, claim, self._lease_end())

    def release(self, claim: Claim) -> None:
        """Let another process claim the job."""
        with self._database.writing() as connection:
            claims.drop(connection, claim)

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="microseconds")

    def _lease_end(self) -> float:
        return self._clock() + self._times.lease_seconds


class Claiming(Holding):
    """The claims on the jobs."""

    def claim(self, job_id: str) -> Claim:
        """Claim a job for this process; use the claim as a context manager.

        An older wish to cancel the job is forgotten: who claims a job wants it done.

        Raises
        ------
        JobBusy
            Another living process, or another thread of this one, works on it.
        """
        claim = Claim(job_id, self, self._times)
        with self._database.writing() as connection:
            job = rows.read_job(connection, job_id)
            check_unclaimed(connection, job_id, self._clock())
            claims.put(connection, claim, self._lease_end())
            if job.cell is not None and job.good_state is JobState.PLANNED:
                self._folders.ensure(job_id)  # later, a folder that is not there was lost
            connection.execute("UPDATE jobs SET is_cancel_requested = 0 WHERE id = ?", (job_id,))
        return claim

    def check_owned(self, job_id: str) -> None:
        """Raise `JobBusy` unless this process works on a job."""
        with self._database.reading() as connection:
            claims.check_owned(connection, job_id)

    def request_cancel(self, job_id: str) -> Job:
        """Ask the process that works on a job to stop; cancel it here when none does.

        Raises
        ------
        InvalidTransition
            The job is done.
        """
        with self._database.writing() as connection:
            job = rows.read_job(connection, job_id)
            if living_owner(connection, job_id, self._clock()):
                connection.execute(
                    "UPDATE jobs SET is_cancel_requested = 1 WHERE id = ?", (job_id,)
                )
            elif job.state is not JobState.CANCELLED:
                connection.execute("DELETE FROM claims WHERE job_id = ?", (job_id,))
                rows.move(connection, job, JobState.CANCELLED, self._now())
            return rows.read_job(connection, job_id)

    def cancel_requested(self, job_id: str) -> bool:
        """Whether somebody asked to cancel the job since it was claimed."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT is_cancel_requested FROM jobs WHERE id = ?", (job_id,)
            ).fetchone()
        return row is not None and bool(row[0])
