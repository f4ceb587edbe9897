"""Does the work of accepted tasks, one after the other per thread, and keeps what came of it."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from hanolab_dawtools.errors import AudioFileError, HanolabError, JobCancelled
from hanolab_dawtools.sandbox.conversion import convert, convert_flash
from hanolab_dawtools.sandbox.fetching import InputUnreachable, fetch_input
from hanolab_dawtools.sandbox.ledger import Entry
from hanolab_dawtools.sandbox.options import SandboxOptions
from hanolab_dawtools.sandbox.results import Results
from hanolab_dawtools.sandbox.separation import Separator
from hanolab_dawtools.sandbox.synthesis import generate
from hanolab_dawtools.sandbox.tasks import Outcome, Tasks

_log = logging.getLogger(__name__)

N_THREADS = 2


class Worker:
    """Works on tasks in its own threads, until it is closed."""

    def __init__(self, options: SandboxOptions, tasks: Tasks) -> None:
        self._options = options
        self._tasks = tasks
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(N_THREADS, thread_name_prefix="sandbox-work")
        self._separator = Separator(options.weights_folder)

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
        folder = self._tasks.folder(entry.task_id)
        try:
            outcome = self._outcome(entry, folder)
        except JobCancelled:
            return
        except InputUnreachable as error:
            outcome = Outcome(error=str(error))
        except AudioFileError as error:
            outcome = Outcome(error=f"the input cannot be used: {error.reason}")
        except HanolabError as error:
            outcome = Outcome(error=f"the sandbox cannot do it: {error}")
        (folder / "input").unlink(missing_ok=True)
        self._tasks.end(entry.task_id, outcome)

    def _outcome(self, entry: Entry, folder: Path) -> Outcome:
        """Do what a task asks for, in its folder."""
        if failure := entry.plan.get("failure"):
            return Outcome(error=str(failure))
        results = Results(folder, longer_seconds=float(entry.plan.get("longer_seconds", 0.0)))
        request = entry.request
        if entry.kind == "generate":
            note = generate(request, results, self._stop)
            return Outcome(results.names(), note)
        source = folder / "input"
        fetch_input(
            *(str(request["input_url"]), source),
            max_bytes=self._options.max_input_bytes,
            stop=self._stop,
        )
        results.check_input(source, self._options.max_input_seconds)
        if entry.kind == "separate":
            note = self._separator.separate(source, str(request["mode"]), results, self._stop)
        elif entry.kind == "convert":
            note = convert(source, request, results, self._separator, self._stop)
        else:
            note = convert_flash(source, request, results, self._stop)
        return Outcome(results.names(), note)

    def _tell(self, entry: Entry, done: Future[None]) -> None:
        """A mistake of ours fails the task, and is told."""
        error = None if done.cancelled() else done.exception()
        if error is not None:
            _log.error("task %s of the sandbox broke", entry.task_id, exc_info=error)
            self._tasks.end(entry.task_id, Outcome(error="internal error of the sandbox"))
