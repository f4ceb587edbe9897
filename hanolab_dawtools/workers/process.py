"""One worker process, seen from its owner: a pool of one, so that a death costs one order alone."""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import count
from multiprocessing.process import BaseProcess
from typing import Any

from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import Progress, ProgressCallback, Stop
from hanolab_dawtools.workers import inside
from hanolab_dawtools.workers.base import WorkDone, WorkOrder

_LOOK_SECONDS = 0.2  # how often the stop flag is looked at while a worker works
_STOP_SECONDS = 10.0  # a worker that was told to stop and does not is ended
_END_SECONDS = 2.0  # as this, when all is closed


class Died(Exception):
    """The process ended in the middle of an order."""

    def __init__(self, worker: str, how: str, hint: str) -> None:
        super().__init__(f"{worker} {how}")
        self.worker = worker
        self.how = how
        self.hint = hint


class WorkerProcess:
    """A worker; its process is started by its first order, and anew by the one after a death."""

    def __init__(self, name: str, maker: str, setup: Mapping[str, Any], nice: int) -> None:
        self.name = name
        self._maker = maker
        self._setup = setup
        self._nice = nice
        self._living: _Living | None = None
        self._is_closing = threading.Event()

    def do(self, order: WorkOrder, *, stop: Stop, progress: ProgressCallback) -> WorkDone:
        """Have the order done; one at a time.

        Raises
        ------
        Died
        JobCancelled
            It was stopped and did not end by itself, or the workers were closed.
        """
        if self._living is None:
            self._living = _Living(self.name, self._maker, self._setup, self._nice)
        living = self._living
        running = living.submit(order)
        told_at: float | None = None
        while True:
            with suppress(queue.Empty):
                news = running.news.get(timeout=_LOOK_SECONDS)
                if news is None:
                    return self._result(living, running.future)
                progress(news)
            if told_at is None and (stop.is_set() or self._is_closing.is_set()):
                living.stop(running.number)
                told_at = time.monotonic()
            patience = _END_SECONDS if self._is_closing.is_set() else _STOP_SECONDS
            if told_at is not None and time.monotonic() - told_at > patience:
                self._living = None
                living.kill()
                raise JobCancelled("stopped before the work was finished")

    def _result(self, living: _Living, future: Future[WorkDone]) -> WorkDone:
        try:
            return future.result()
        except BrokenProcessPool:
            self._living = None
            how, hint = _told_exit(living.end())
            raise Died(self.name, how, hint) from None

    def hurry(self) -> None:
        """Have the order that runs stopped, or ended; called by another thread."""
        self._is_closing.set()

    def close(self) -> None:
        """End the process; no order may run."""
        if self._living is not None:
            self._living.end()
            self._living = None


class _Running:
    def __init__(self, number: int) -> None:
        self.number = number
        self.news: queue.SimpleQueue[Progress | None] = queue.SimpleQueue()  # None: it is done
        self.future: Future[WorkDone] = Future()


class _Living:
    """A process from its start to its end."""

    def __init__(self, name: str, maker: str, setup: Mapping[str, Any], nice: int) -> None:
        context = multiprocessing.get_context("spawn")
        stops_there, self._stops = context.Pipe(duplex=False)
        self._reports, reports_there = context.Pipe(duplex=False)
        start = inside.Start(name, maker, setup, nice, stops_there, reports_there)
        self._theirs: tuple[inside.PipeEnd, ...] = (stops_there, reports_there)
        self._pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=inside.begin, initargs=(start,)
        )
        self._numbers = count(1)
        self._running = _Running(0)
        self._process: BaseProcess | None = None
        self._reader = threading.Thread(target=self._read, name=f"{name} tells", daemon=True)

    def submit(self, order: WorkOrder) -> _Running:
        running = _Running(next(self._numbers))
        self._running = running
        running.future = self._pool.submit(inside.do, running.number, order)
        if self._theirs:  # the process has them now, and its end must end the pipes
            for end in self._theirs:
                end.close()
            self._theirs = ()
            self._reader.start()
        running.future.add_done_callback(lambda _: running.news.put(None))
        return running

    def stop(self, number: int) -> None:
        with suppress(OSError):  # it died, which its future tells
            self._stops.send(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
        self.end()

    def end(self) -> int | None:
        """Wait for the end of a process that was ended; its exit code, if that is known."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._reader.join()
        self._reports.close()
        self._stops.close()
        return self._process.exitcode if self._process else None

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                number, progress = self._reports.recv()
                if progress is None:
                    self._process = next(
                        (c for c in multiprocessing.active_children() if c.pid == number), None
                    )
                elif self._running.number == number:
                    self._running.news.put(progress)


def _told_exit(code: int | None) -> tuple[str, str]:
    """How a process ended, and what can be done about it, for people."""
    if code is None:
        return "ended without a word", "Look into the log, then resume the job."
    if code < 0:
        name = signal.Signals(-code).name
        if name == "SIGKILL":
            return (
                f"was killed ({name}), perhaps because memory ran out",
                "Give it less to do at once: --jobs 1, or a smaller --memory; then resume.",
            )
        return f"crashed ({name})", "Resume the job; if that fails too, report it."
    return f"ended with exit code {code}", "Resume the job; if that fails too, report it."
