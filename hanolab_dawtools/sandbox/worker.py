"""Works on accepted tasks in threads of its own, and keeps what came of each."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from hanolab_dawtools.errors import AudioFileError, HanolabError, JobCancelled
from hanolab_dawtools.sandbox.fetching import InputUnreachable
from hanolab_dawtools.sandbox.ledger import Entry
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.tasks import Outcome, Tasks

_log = logging.getLogger(__name__)

N_THREADS = 2


class Worker:
    """Works on tasks until it is closed."""

    def __init__(self, options: SandboxOptions, tasks: Tasks) -> None:
        self._options = options
        self._tasks = tasks
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(N_THREADS, thread_name_prefix="sandbox-work")

    def submit(self, entry: Entry) -> None:
        """Take on a task."""
        future = self._pool.submit(self._work, entry)
        future.add_done_callback(lambda done: self._tell(entry, done))

    def close(self) -> None:
        """Stop; what is not done stays open, for the next start."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, entry: Entry) -> None:
        self._tasks.begin(entry.task_id)
        try:
            outcome = self._outcome(entry)
        except JobCancelled:
            return
        except InputUnreachable as error:
            outcome = Outcome(error=str(error))
        except AudioFileError as error:
            outcome = Outcome(error=f"the input cannot be used: {error.reason}")
        except HanolabError as error:
            outcome = Outcome(error=f"the sandbox cannot do it: {error}")
        self._tasks.end(entry.task_id, outcome)

    def _outcome(self, entry: Entry) -> Outcome:
        if failure := entry.faults.get("failure"):
            return Outcome(error=str(failure))
        from hanolab_dawtools.sandbox.work import do_task  # noqa: PLC0415 - loads the audio parts

        folder = self._tasks.folder(entry.task_id)
        return do_task(entry, folder, self._options, self._stop)

    def _tell(self, entry: Entry, done: Future[None]) -> None:
        """A mistake of ours fails the task, and is told."""
        error = None if done.cancelled() else done.exception()
        if error is not None:
            _log.error("task %s of the sandbox broke", entry.task_id, exc_info=error)
            self._tasks.end(entry.task_id, Outcome(error="internal error of the sandbox"))
