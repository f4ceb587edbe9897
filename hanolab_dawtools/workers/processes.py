"""Worker processes on this machine, one for each order that is done at the same time."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition
from types import TracebackType
from typing import Any, Self

from hanolab_dawtools.errors import JobCancelled, WorkerDied
from hanolab_dawtools.events import ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.workers.base import DoerMaker, WorkDone, WorkOrder
from hanolab_dawtools.workers.limits import bytes_text, usable_memory_bytes
from hanolab_dawtools.workers.memory import Needs
from hanolab_dawtools.workers.process import LOOK_SECONDS, Died, Recipe, WorkerProcess

_log = logging.getLogger(__name__)


class WorkerProcesses:
    """Workers in processes of their own; implements `Workforce`, and is a context manager.

    Processes are started as orders come, stay warm, and end with this one, however it ends. As
    they import the main module of this program, a script needs `if __name__ == "__main__":`.

    Parameters
    ----------
    make_doer
        A function of a module; it is imported by name in each worker.
    setup
        What each worker is made with, as JSON values.
    memory_bytes
        What all workers may hold together; an order waits until it fits, and one that never does
        is done alone. None: a share of what is free now.
    nice
        How far workers stand back for the user's programs, 0..19.
    told
        Called with sentences for the user, from the thread that waits: a worker died, memory
        allows no more at once.
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
        if n_workers < 1:
            raise ValueError(f"{n_workers} workers do nothing")
        self._n_workers = n_workers
        self._memory_bytes = usable_memory_bytes() if memory_bytes is None else memory_bytes
        self._told = told
        self._needs = Needs()
        recipe = Recipe(f"{make_doer.__module__}:{make_doer.__qualname__}", setup, nice)
        names = [f"worker {number}" for number in range(n_workers, 0, -1)]
        # The last one that worked is last: it is warm, and others need not start at all.
        self._free = [WorkerProcess(name, recipe) for name in names]
        self._busy: dict[WorkerProcess, int] = {}  # bytes that it may hold
        self._waiting: deque[object] = deque()
        self._changed = Condition()
        self._is_closed = self._is_memory_told = False

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

        `progress` is called in this thread. When the system may have ended the first worker for
        want of memory, the order is done again while no other runs.
        """
        try:
            return self._done(order, stop, progress, is_alone=False)
        except Died as death:
            how = str(death)  # the exception itself holds on to the process
            _log.warning("job %s: %s", order.job_id, how)
            self._told(f"{how}; its work is done once more")
            is_alone = death.is_for_memory
        try:
            return self._done(order, stop, progress, is_alone=is_alone)
        except Died as death:
            raise WorkerDied(
                f"two workers ended in the middle of the work, one after the other: {death}",
                hint=death.hint,
            ) from None

    def close(self) -> None:
        """End the workers, also in the middle of an order; idempotent."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            for worker in self._busy:
                worker.hurry()
            while self._busy:  # whoever waits for it sees to it
                self._changed.wait()
            for worker in self._free:
                worker.close()

    def _done(
        self, order: WorkOrder, stop: Stop, progress: ProgressCallback, *, is_alone: bool
    ) -> WorkDone:
        with self._hired(order, stop, is_alone=is_alone) as worker:
            told = worker.do(order, stop=stop, progress=progress)
        self._needs.learn(order, told.before, told.after)
        return told.done

    @contextmanager
    def _hired(self, order: WorkOrder, stop: Stop, *, is_alone: bool) -> Iterator[WorkerProcess]:
        """A free worker; whoever asks first gets the first."""
        me, n_bytes = object(), self._needs.of(order)
        with self._changed:
            self._waiting.append(me)
            try:
                while not self._is_my_turn(me, n_bytes, is_alone=is_alone):
                    raise_if_stopped(stop)
                    self._changed.wait(LOOK_SECONDS)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
            worker = self._free.pop()
            self._busy[worker] = max(n_bytes, worker.held_bytes)
        try:
            yield worker
        finally:
            with self._changed:
                del self._busy[worker]
                self._free.append(worker)
                self._changed.notify_all()

    def _is_my_turn(self, me: object, n_bytes: int, *, is_alone: bool) -> bool:
        if self._is_closed:
            raise JobCancelled("the workers were ended", hint="Resume the job any time.")
        if self._waiting[0] is not me or not self._free:
            return False
        return not (is_alone and self._busy) and self._has_room(n_bytes)

    def _has_room(self, n_bytes: int) -> bool:
        """Whether the next free worker may hold so many bytes; others that only wait may end."""
        others = self._free[:-1]
        needed = sum(self._busy.values()) + max(n_bytes, self._free[-1].held_bytes)
        if self._busy and needed > self._memory_bytes:
            self._tell_memory(n_bytes)
            return False
        for worker in others:
            if needed + sum(other.held_bytes for other in others) > self._memory_bytes:
                worker.close()
        return True

    def _tell_memory(self, n_bytes: int) -> None:
        if not self._is_memory_told:
            self._is_memory_told = True
            self._told(
                f"a cell needs about {bytes_text(n_bytes)} of memory, and all together may use "
                f"{bytes_text(self._memory_bytes)}: fewer than {self._n_workers} are worked on at "
                "once"
            )
