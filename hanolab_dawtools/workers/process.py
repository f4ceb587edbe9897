"""One worker process, seen from its owner: a pool of one, so that a death costs one order alone."""

from __future__ import annotations

import logging
import multiprocessing
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any

from hanolab_dawtools.errors import JobCancelled, WorkerDied
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.workers import inside
from hanolab_dawtools.workers.base import WorkOrder

_log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2  # how often a stop flag is looked at by who waits; results come at once
STOP_SECONDS = 10.0  # a worker that was told to stop and goes on is ended
CLOSE_SECONDS = 2.0  # as this, when all is closed
_PACKAGE = "hanolab_dawtools"


class Died(Exception):
    """The process ended in the middle of an order.

    Attributes
    ----------
    how, hint
        For people: "was killed (SIGKILL)", and what can be done.
    is_for_memory
        It was killed as the system kills when memory ran out.
    """

    def __init__(self, worker: str, exit_code: int | None) -> None:
        self.how, self.hint, self.is_for_memory = _told_exit(exit_code)
        super().__init__(f"{worker} {self.how}")


@dataclass(frozen=True)
class Recipe:
    """How workers are made; see `inside.Start`."""

    maker: str
    setup: Mapping[str, Any]
    nice: int


class WorkerProcess:
    """A worker; its process is started by its first order, and anew by the one after a death.

    Used by one thread at a time, but for `hurry`.
    """

    def __init__(self, name: str, recipe: Recipe) -> None:
        self.name = name
        self.held_bytes = 0
        self._recipe = recipe
        self._living: _Living | None = None
        self._is_closing = threading.Event()

    def do(self, order: WorkOrder, *, stop: Stop, progress: ProgressCallback) -> inside.Told:
        """Have the order done; `progress` is called in this thread.

        Raises
        ------
        Died
        JobCancelled
            It was stopped, or the workers were closed, and it did not end by itself.
        WorkerDied
            The system starts no further process.
        """
        if self._living is not None and not self._living.is_alive:
            self._gone(self._living)  # between two orders, which cost none of them
        living = self._living = self._living or _Living(self.name, self._recipe)
        try:
            told = self._waited(living, order, stop, progress)
        except BrokenProcessPool as error:
            if error.__cause__ is not None:  # what it sent could not be read, for example
                _log.warning("%s: %s", self.name, error.__cause__)
            raise Died(self.name, self._gone(living)) from None
        except BaseException:
            if living.is_at_work:  # whoever waited gave up
                living.kill()
                self._gone(living)
            raise
        self.held_bytes = told.after.held_bytes
        return told

    def hurry(self) -> None:
        """Have the order that runs stopped, and ended if it does not; from any thread."""
        self._is_closing.set()

    def close(self) -> None:
        """End the process; no order may run, and the next one would start it anew."""
        if self._living is not None:
            self._gone(self._living)

    def _waited(
        self, living: _Living, order: WorkOrder, stop: Stop, progress: ProgressCallback
    ) -> inside.Told:
        """What the process gives, handing on what it tells, and that it shall stop."""
        running = living.submit(order)
        stopped_at: float | None = None
        while True:
            with suppress(queue.Empty):
                news = running.news.get(timeout=LOOK_SECONDS)
                if news is None:
                    return running.future.result()
                progress(news)
            is_closing, now = self._is_closing.is_set(), time.monotonic()
            if stopped_at is None and (is_closing or stop.is_set()):
                living.stop(running.number)
                stopped_at = now
            patience = CLOSE_SECONDS if is_closing else STOP_SECONDS
            if stopped_at is not None and now - stopped_at > patience:
                raise JobCancelled(
                    "stopped before the work was finished", hint="Resume the job any time."
                )

    def _gone(self, living: _Living) -> int | None:
        self._living = None
        self.held_bytes = 0
        return living.end()


@dataclass
class _Running:
    """An order on its way.

    `news` ends with None: the worker's last word, behind all progress, or the future has failed.
    """

    number: int
    news: queue.SimpleQueue[Progress | None] = field(default_factory=queue.SimpleQueue)
    future: Future[inside.Told] = field(default_factory=Future)

    def fail(self, future: Future[inside.Told]) -> None:
        """Called with the future when it is done."""
        if future.cancelled() or future.exception() is not None:
            self.news.put(None)


class _Living:
    """A process from its start to its end."""

    def __init__(self, name: str, recipe: Recipe) -> None:
        self._running = _Running(0)
        self._process: BaseProcess | None = None  # as long as that cannot be told
        self._is_known = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"{name} tells", daemon=True)
        try:
            self._start(name, recipe)
        except OSError as error:
            raise WorkerDied(
                f"{name} could not be started: {error.strerror}",
                hint="Close other programs, or have fewer worked on at once by --jobs.",
            ) from error
        self._reader.start()

    def _start(self, name: str, recipe: Recipe) -> None:
        context = multiprocessing.get_context("spawn")
        stops_there, self._stops = context.Pipe(duplex=False)
        self._reports, reports_there = context.Pipe(duplex=False)
        level = logging.getLogger(_PACKAGE).getEffectiveLevel()
        start = inside.Start(
            name,
            **vars(recipe),
            log_name=_PACKAGE,
            log_level=level,
            stops=stops_there,
            reports=reports_there,
        )
        self._pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=inside.begin, initargs=(start,)
        )
        others = multiprocessing.active_children()
        with _without_interrupts():
            self._pool.submit(inside.ready)
        # One of these; others may be started at the same time, so it will say which.
        self._children = [one for one in multiprocessing.active_children() if one not in others]
        if len(self._children) == 1:
            (self._process,) = self._children
        stops_there.close()  # the process has them now, and its end must end the pipes
        reports_there.close()

    @property
    def is_alive(self) -> bool:
        return self._process is None or self._process.is_alive()

    @property
    def is_at_work(self) -> bool:
        return not self._running.future.done()

    def submit(self, order: WorkOrder) -> _Running:
        running = self._running = _Running(self._running.number + 1)
        running.future = self._pool.submit(inside.do, running.number, order)
        running.future.add_done_callback(running.fail)
        return running

    def stop(self, number: int) -> None:
        with suppress(OSError):  # it died, which its future tells
            self._stops.send(number)

    def kill(self) -> None:
        self._is_known.wait()
        if self._process is not None:
            self._process.kill()

    def end(self) -> int | None:
        """Wait for the process's end, which has no order any more; its exit code, if known."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._reader.join()
        self._reports.close()
        self._stops.close()
        if self._process is None:
            return None
        self._process.join()
        return self._process.exitcode

    def _read(self) -> None:
        """Take what the process tells, until its end; a thread's target."""
        with suppress(EOFError, OSError):
            pid = self._reports.recv()
            mine = (one for one in self._children if one.pid == pid)
            self._process = next(mine, self._process)
            self._is_known.set()
            while True:
                news = self._reports.recv()
                if isinstance(news, logging.LogRecord):
                    logging.getLogger(news.name).handle(news)
                elif news[0] == self._running.number:
                    self._running.news.put(news[1])
        self._is_known.set()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process that is started now sees no Ctrl-C before it can ignore it."""
    if sys.platform == "win32":
        yield
    else:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _told_exit(code: int | None) -> tuple[str, str, bool]:
    """How a process ended, and what can be done about it; whether memory may have run out."""
    hint = "Resume the job; if that fails too, report it."
    if code is None:
        return "ended without a word", hint, False
    if code >= 0:
        return f"ended with exit code {code}", hint, False
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal
        name = f"signal {-code}"
    if name == "SIGKILL":
        hint = "Have fewer worked on at once, by --jobs or --memory, then resume."
        return f"was killed ({name}), perhaps because memory ran out", hint, True
    return f"crashed ({name})", hint, False
