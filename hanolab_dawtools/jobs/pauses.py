"""What a run tells when it ends before the job does, and how it waits meanwhile."""

from __future__ import annotations

import math
import time

from hanolab_dawtools.errors import Capped, HanolabError, RemoteJobFailed, TryLater, UsageError
from hanolab_dawtools.events import Stop
from hanolab_dawtools.jobs.model import Failure, JobState, JobSummary, Wait

WAYS_OUT = (
    "Look at your account there (what is known here: hanolab jobs show {job_id}), then say how "
    "it is: hanolab jobs resolve {job_id} --task T | --resend | --abandon"
)
_STOP_POLL_SECONDS = 0.05


def paused(job: JobSummary) -> HanolabError:
    """The error that ends the run of a job which is unsure or waits."""
    if job.state is JobState.UNSURE:
        return TryLater(
            f"job {job.id} was sent, but nobody knows whether it was accepted",
            hint=WAYS_OUT.format(job_id=job.id),
        )
    hint = f"Go on then with: hanolab jobs resume {job.id}"
    if job.wait is None:
        return TryLater(f"job {job.id} waits until there is room for it", hint=hint)
    message = f"job {job.id} is {wait_text(job.wait)}"
    if job.wait.until is None:
        return TryLater(message, hint=hint)
    return Capped(message, retry_at=job.wait.until.timestamp(), hint=hint)


def wait_text(wait: Wait) -> str:
    """A wait in a user's words, with the clock time of the next slot."""
    until = f"until {wait.until.astimezone():%H:%M:%S}" if wait.until else "until there is room"
    return f"waiting {until} ({wait.reason})"


def failure_of(step: str, error: HanolabError) -> Failure:
    """What is stored of an error.

    A resume may help after all but two errors: audio can be mended, room made, weights fetched.
    But the plan never changes, so what is wrong in it stays wrong (`UsageError`), and a task that
    failed at the service stays failed (`RemoteJobFailed`).
    """
    return Failure(
        step=step,
        message=str(error),
        hint=error.hint,
        exit_code=error.exit_code,
        can_resume=not isinstance(error, UsageError | RemoteJobFailed),
    )


class EitherStop:
    """Set when either of two flags is; neither needs to know of the other."""

    def __init__(self, first: Stop, second: Stop) -> None:
        self._first = first
        self._second = second

    def is_set(self) -> bool:
        """Whether the work shall end as soon as it can."""
        return self._first.is_set() or self._second.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until stopped or timed out; True when stopped."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._second.wait(min(left, _STOP_POLL_SECONDS))
        return True
