"""Running jobs in threads of this process: local separations one at a time, others two at a time.

The local network takes all cores that it may have, so two at once only take turns; what a service
works on costs no time here. The threads are not those of the panel's other work, so that a long
job does not hold up reading. Every run has services of its own: connections to a running REAPER
belong to one thread.

A job that has to wait for a slot gives its thread back, and is asked again later. One that is made
of others waits in its thread, because only that knows which of its parts waits.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import CloudTryLater, HanolabError, JobCancelled, TryLater
from hanolab_dawtools.events import Progress, raise_if_stopped
from hanolab_dawtools.jobs.model import JobState, JobSummary
from hanolab_dawtools.presenters.observing import Dispatcher
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.resuming import separates_here

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

N_OTHERS = 2
RE_ASK_SECONDS = (2.0, 30.0)  # between two questions for a slot: at least, and at most
PER_WAITING_SECONDS = 0.5  # many that wait ask less often each

Ended = Callable[[str, HanolabError | None], None]


class JobRuns:
    """The jobs that this process runs; made and used on the GUI thread.

    `ended` is told of each job that ended, well (None) or badly; not of one that waits.
    """

    def __init__(
        self,
        new_services: Callable[[], Services],
        dispatcher: Dispatcher,
        *,
        ended: Ended,
        on_internal_error: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._new_services = new_services
        self._ended = ended
        self._clock = clock
        self._local = Workers(dispatcher, n_threads=1, on_internal_error=on_internal_error)
        self._others = Workers(dispatcher, n_threads=N_OTHERS, on_internal_error=on_internal_error)
        self._lock = threading.Lock()
        self._mailbox: dict[str, Progress] = {}  # under the lock; the threads fill it
        self._stops: dict[str, threading.Event] = {}
        self._waiting: dict[str, tuple[JobSummary, float]] = {}

    @property
    def progress(self) -> Mapping[str, Progress | None]:
        """The jobs that run here, with the last that was heard of each; None: in the queue."""
        with self._lock:
            return {job_id: self._mailbox.get(job_id) for job_id in self._stops}

    @property
    def waiting(self) -> frozenset[str]:
        """The jobs that are asked again when there may be a slot."""
        return frozenset(self._waiting)

    @property
    def ids(self) -> frozenset[str]:
        """All jobs that this panel looks after."""
        return frozenset(self._stops) | self.waiting

    def run(self, job: JobSummary) -> None:
        """Run a job as soon as a thread is free; nothing new for one that is here already."""
        if job.id in self._stops:
            return
        self._waiting.pop(job.id, None)
        pool = self._local if separates_here(job) else self._others
        self._stops[job.id] = pool.run(
            job.id,
            lambda stop: self._work(job, stop),
            done=lambda wait_seconds: self._end(job, None, wait_seconds),
            failed=lambda error: self._end(job, error, None),
        )

    def stop(self, job_id: str) -> None:
        """End a job's run, or its waiting; what is stored stays resumable."""
        self._waiting.pop(job_id, None)
        if (stop := self._stops.get(job_id)) is not None:
            stop.set()

    def tick(self) -> None:
        """Ask again for those whose time has come."""
        now = self._clock()
        for job, at in tuple(self._waiting.values()):
            if now >= at:
                self.run(job)

    def stop_all(self) -> None:
        """End all runs, without waiting for that."""
        for job_id in self.ids:
            self.stop(job_id)

    def close(self) -> None:
        """End all runs and wait for them; nobody is told of an end any more."""
        self.stop_all()
        self._local.close()
        self._others.close()

    def _work(self, job: JobSummary, stop: threading.Event) -> float | None:
        """Run a job in a thread; seconds until it is to be asked again, None when it is done."""

        def on_progress(progress: Progress) -> None:
            with self._lock:
                self._mailbox[job.id] = progress

        raise_if_stopped(stop)
        on_progress(Progress(""))
        is_patient = bool(job.plan.get("parts"))
        with self._new_services() as services:
            try:
                services.run_job(job.id, stop=stop, progress=on_progress, is_patient=is_patient)
            except (TryLater, CloudTryLater):
                wait = services.store.get(job.id)
                if wait.state is not JobState.WAITING:
                    raise
                until = wait.wait.until if wait.wait else None
                return services.store.seconds_until(until) if until else 0.0
        return None

    def _end(self, job: JobSummary, error: HanolabError | None, wait_seconds: float | None) -> None:
        stop = self._stops.pop(job.id)
        with self._lock:
            self._mailbox.pop(job.id, None)
        if wait_seconds is not None and stop.is_set():
            error = JobCancelled("stopped while it waited", hint="Resume the job any time.")
        elif wait_seconds is not None:
            least, most = RE_ASK_SECONDS
            least = max(least, PER_WAITING_SECONDS * len(self._waiting))
            seconds = min(max(wait_seconds, least), max(least, most))
            self._waiting[job.id] = (job, self._clock() + seconds)
            return
        self._ended(job.id, error)
