"""The clock of work that is not ready yet: when a task is asked after again.

It is another clock than that of `retry`: here nothing failed. Whoever waits asks in a thread of
their own, but all of a process take turns at one `Poller`, which keeps the questions apart.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from hanolab_dawtools.cloud.answers import Task
from hanolab_dawtools.cloud.http import is_loopback
from hanolab_dawtools.cloud.retry import Transient
from hanolab_dawtools.errors import PollTimeout, RemoteJobFailed, RemoteNotFound
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PollSchedule:
    """When a task is asked after.

    Attributes
    ----------
    first_seconds, factor, longest_seconds
        From one question to the next; the reference asks for 2 to 5 seconds.
    apart_seconds
        Between the questions of all who wait in this process.
    give_up_seconds
        After that waiting ends, while the task goes on there.
    missing_seconds
        How long a task that is not found is taken for one that is not there yet.
    survive_seconds
        How long a server that fails or cannot be reached is borne, since its last answer.
    longest_wish_seconds
        How long a failing server may ask us to wait (`Retry-After`); more is not heeded.
    """

    first_seconds: float = 2.0
    factor: float = 1.25
    longest_seconds: float = 5.0
    apart_seconds: float = 0.1
    give_up_seconds: float = 6 * 3600.0
    missing_seconds: float = 30.0
    survive_seconds: float = 600.0
    longest_wish_seconds: float = 120.0


# Nobody is burdened by questions to one's own machine: the sandbox.
_HERE = PollSchedule(first_seconds=0.1, longest_seconds=1.0, apart_seconds=0.02)


def schedule_for(base_url: str) -> PollSchedule:
    """The schedule that is polite to the API at a base URL."""
    return _HERE if is_loopback(urlsplit(base_url).hostname or "") else PollSchedule()


class Poller:
    """Waits for tasks; one for a process, used by any number of threads.

    Parameters
    ----------
    ask
        Asks once after a task; raises `Transient` for what may pass.
    monotonic
        Seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        ask: Callable[[str, Stop], Task],
        schedule: PollSchedule,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._schedule = schedule
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._next_free = float("-inf")

    def wait(
        self,
        task_id: str,
        *,
        stop: Stop,
        progress: ProgressCallback,
        give_up_seconds: float | None = None,
    ) -> Task:
        """Wait until a task is completed. The first question is asked at once.

        Raises
        ------
        RemoteJobFailed
            It failed there; with the server's words.
        PollTimeout
            Waiting was given up; the task goes on.
        RemoteNotFound
            It is still not there after `missing_seconds`.
        CloudError
            What kept failing for `survive_seconds`, or what cannot pass.
        JobCancelled
        """
        schedule = self._schedule
        patience = schedule.give_up_seconds if give_up_seconds is None else give_up_seconds
        began = answered_at = self._monotonic()
        interval = schedule.first_seconds
        delay, status = 0.0, "asked"
        while True:
            self._wait_for_turn(delay, stop)
            try:
                task = self._ask(task_id, stop)
            except RemoteNotFound:
                if self._monotonic() - began >= schedule.missing_seconds:
                    raise
                delay = interval
            except Transient as failure:
                _log.info("task %s: %s", task_id, failure)
                if self._monotonic() - answered_at >= schedule.survive_seconds:
                    raise failure.error from failure
                delay = max(
                    interval, min(failure.retry_after or 0.0, schedule.longest_wish_seconds)
                )
            else:
                if task.is_completed:
                    return task
                _raise_if_failed(task)
                answered_at, delay, status = self._monotonic(), interval, task.status
            elapsed = self._monotonic() - began
            progress(Progress(f"waiting for HanoLab: {status}, {elapsed:.0f} s"))
            if elapsed + delay > patience:
                raise _given_up(task_id, elapsed)
            interval = min(interval * schedule.factor, schedule.longest_seconds)

    def _wait_for_turn(self, delay: float, stop: Stop) -> None:
        """Wait `delay` seconds, then until nobody else has just asked."""
        raise_if_stopped(stop)
        if delay > 0:
            stop.wait(delay)
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next_free)
            self._next_free = turn + self._schedule.apart_seconds
        if turn > now:
            stop.wait(turn - now)
        raise_if_stopped(stop)


def _raise_if_failed(task: Task) -> None:
    if task.is_failed:
        said = f": {task.error}" if task.error else ", without saying why"
        raise RemoteJobFailed(
            f"HanoLab's task {task.id} ended as {task.status}{said}",
            hint="Run the command again: that makes a new task, which may be paid again. If that "
            "fails the same way, try another selection or ask HanoLab.",
        )


def _given_up(task_id: str, elapsed: float) -> PollTimeout:
    return PollTimeout(
        f"HanoLab's task {task_id} is not ready after {elapsed:.0f} s; it still runs there",
        task_id=task_id,
        hint="Resume any time; nothing is billed again.",
    )
