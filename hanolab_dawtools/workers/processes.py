"""Worker processes on this machine, one for each order that is done at the same time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from threading import Condition
from types import TracebackType
from typing import Any, Self

from hanolab_dawtools.errors import JobCancelled, WorkerDied
from hanolab_dawtools.events import ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.workers.base import DoerMaker, WorkDone, WorkOrder
from hanolab_dawtools.workers.process import Died, WorkerProcess

_LOOK_SECONDS = 0.2  # how often somebody who waits for a worker looks at the stop flag


class WorkerProcesses:
    """Workers in processes of their own; implements `Workforce`, and is a context manager.

    Processes are started as orders come, stay warm, and end with this one, however it ends.

    Parameters
    ----------
    make_doer
        A function of a module; it is imported by name in each worker.
    setup
        What each worker is made with, as JSON values.
    nice
        How far workers step back behind the user's programs, 0..19.
    told
        Called with sentences for the user: a worker that died.
    """

    def __init__(
        self,
        make_doer: DoerMaker,
        setup: Mapping[str, Any],
        *,
        n_workers: int,
        memory_bytes: int | None = None,
        nice: int = 10,
        told: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        assert n_workers > 0, "somebody has to work"
        self._maker = f"{make_doer.__module__}:{make_doer.__qualname__}"
        self._setup = setup
        self._n_workers = n_workers
        self._memory_bytes = memory_bytes
        self._nice = nice
        self._told = told
        self._changed = Condition()
        self._free = [
            WorkerProcess(f"worker {at}", self._maker, setup, nice)
            for at in range(n_workers, 0, -1)
        ]
        self._busy: list[WorkerProcess] = []
        self._waiting: deque[object] = deque()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def n_workers(self) -> int:
        """How many orders are done at the same time at most."""
        return self._n_workers

    def do(self, order: WorkOrder, *, stop: Stop, progress: ProgressCallback) -> WorkDone:
        """Wait for a free worker and have it do the order; see `Workforce`.

        `progress` is called in this thread.
        """
        try:
            return self._try(order, stop, progress)
        except Died as death:
            self._told(f"{death.worker} {death.how}; its work is done once more")
        try:
            return self._try(order, stop, progress)
        except Died as death:
            raise WorkerDied(
                f"two workers ended in the middle of the work: the last one {death.how}",
                hint=death.hint,
            ) from None

    def close(self) -> None:
        """End the workers, also in the middle of an order; idempotent."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            for worker in self._busy:
                worker.hurry()
            while self._busy:
                self._changed.wait()
            for worker in self._free:
                worker.close()

    def _try(self, order: WorkOrder, stop: Stop, progress: ProgressCallback) -> WorkDone:
        worker = self._hired(stop)
        try:
            return worker.do(order, stop=stop, progress=progress)
        finally:
            with self._changed:
                self._busy.remove(worker)
                self._free.append(worker)  # the last one that worked is the warmest
                self._changed.notify_all()

    def _hired(self, stop: Stop) -> WorkerProcess:
        """A free worker, in the order in which they were asked for."""
        me = object()
        with self._changed:
            self._waiting.append(me)
            try:
                while not (self._is_closed or (self._free and self._waiting[0] is me)):
                    raise_if_stopped(stop)
                    self._changed.wait(_LOOK_SECONDS)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
            if self._is_closed:
                raise JobCancelled("the workers were ended", hint="Resume the job any time.")
            worker = self._free.pop()
            self._busy.append(worker)
            return worker
