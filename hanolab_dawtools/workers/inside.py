"""What runs inside a worker process: its start, the orders it does, and what it hears of the owner.

Two one-way pipes lead to the owner besides the pool's own: on one the owner says which order to
stop, on the other the worker tells its progress and what is to be logged. The first one ends when
the owner's process does, however it ended, and then the worker ends itself.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from logging.handlers import QueueHandler
from typing import Any, Protocol

from hanolab_dawtools.events import Progress, ProgressCallback
from hanolab_dawtools.workers.base import Doer, WorkDone, WorkOrder
from hanolab_dawtools.workers.footprint import Footprint, footprint, forget_peak, step_back

PROGRESS_SECONDS = 0.05  # between two reports of one step; nobody sees more
OWNER_IS_GONE = 70  # exit code of a worker whose owner ended
# What numeric libraries read once, when they are loaded: one thread, since there is a worker for
# each core.
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


class PipeEnd(Protocol):
    """An end of a pipe of `multiprocessing`, whose class differs between systems."""

    def send(self, thing: Any) -> None:
        """Write one thing."""
        ...

    def recv(self) -> Any:
        """Wait for one thing; `EOFError` when the other end is gone."""
        ...

    def close(self) -> None:
        """Close this end, in this process."""
        ...


@dataclass(frozen=True)
class Start:
    """What a worker process is told when it starts; picklable while a process is spawned.

    Attributes
    ----------
    maker
        Module and name of the `DoerMaker`, joined by a colon: it is imported after the number of
        threads is set, which is why it is no function.
    nice
        See `footprint.step_back`.
    log_name, log_level
        The logger whose records the owner gets, and from which level on.
    stops, reports
        The worker's ends of the two pipes; the first report is the process's id.
    """

    name: str
    maker: str
    setup: Mapping[str, Any]
    nice: int
    log_name: str
    log_level: int
    stops: PipeEnd
    reports: PipeEnd


@dataclass(frozen=True)
class Told:
    """What came of an order, and what the process held before it and at its end."""

    done: WorkDone
    before: Footprint
    after: Footprint


class _Here:
    """What this process does orders with, and the order that it does."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._send_lock = threading.Lock()
        self._stops: dict[int, threading.Event] = {}
        self._doer: Doer | None = None

    @property
    def doer(self) -> Doer:
        """Made when the first order comes."""
        if self._doer is None:
            module, _, name = self._start.maker.partition(":")
            self._doer = getattr(import_module(module), name)(self._start.setup)
        return self._doer

    def stop_of(self, number: int) -> threading.Event:
        """The stop flag of an order, which may be asked for before the order comes."""
        with self._lock:
            return self._stops.setdefault(number, threading.Event())

    def listen(self) -> None:
        """Set the flags that the owner names; end the process when the owner is gone."""
        while True:
            try:
                number = self._start.stops.recv()
            except (EOFError, OSError):
                os._exit(OWNER_IS_GONE)
            self.stop_of(number).set()

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Send a log record to the owner; called by `QueueHandler`."""
        self._tell(record)

    def do(self, number: int, order: WorkOrder) -> Told:
        """Do one order."""
        forget_peak()
        before = footprint()
        try:
            done = self.doer(order, self.stop_of(number), self._reporter(number))
        finally:
            with self._lock:  # earlier orders' flags, too, that were set too late
                self._stops = {at: stop for at, stop in self._stops.items() if at > number}
        self._tell((number, None))
        done = replace(done, worker=done.worker or self._start.name)
        return Told(done, before, footprint())

    def _reporter(self, number: int) -> ProgressCallback:
        """Send reports on to the owner, but not more than it can show."""
        sent, sent_at = Progress(""), 0.0

        def report(progress: Progress) -> None:
            nonlocal sent, sent_at
            now = time.monotonic()
            if progress.step != sent.step or now - sent_at >= PROGRESS_SECONDS:
                sent, sent_at = progress, now
                self._tell((number, progress))

        return report

    def _tell(self, news: Any) -> None:
        with self._send_lock:
            self._start.reports.send(news)


_here: _Here | None = None


def begin(start: Start) -> None:
    """Prepare this process; the initializer of its pool."""
    global _here  # noqa: PLW0603 - a pool's initializer has no other way to hand something on
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's, who stops what runs
    _here = _Here(start)
    start.reports.send(os.getpid())
    threading.Thread(target=_here.listen, name="owner's life", daemon=True).start()
    os.environ.update(dict.fromkeys(_THREAD_VARIABLES, "1"))
    step_back(start.nice)
    logger = logging.getLogger(start.log_name)
    logger.setLevel(start.log_level)
    logger.propagate = False
    logger.addHandler(QueueHandler(_here))  # type: ignore[arg-type]  # it puts, nothing else


def ready() -> None:
    """Nothing: a pool starts its process with the first call."""


def do(number: int, order: WorkOrder) -> Told:
    """Do an order in this process, after `begin`."""
    assert _here is not None, "a pool begins before it works"
    return _here.do(number, order)
