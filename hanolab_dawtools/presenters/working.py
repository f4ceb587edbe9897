"""Work beside the GUI thread: done in a pool, its outcome brought back through the dispatcher.

The GUI thread never waits. A piece of work may be superseded by a newer one of the same `key`: its
stop flag is set, and its outcome is dropped. Progress is a mailbox: only its latest value counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from hanolab_dawtools.errors import HanolabError, JobCancelled
from hanolab_dawtools.presenters.observing import Dispatcher

Outcome = TypeVar("Outcome")
log = logging.getLogger(__name__)

INTERNAL = "an internal error happened; the log has the details"


class Workers:
    """Runs work in the background for presenters; made and used on the GUI thread.

    `on_internal_error` is told of mistakes of the program that work ran into.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        n_threads: int = 4,
        on_internal_error: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.dispatcher = dispatcher
        self._on_internal_error = on_internal_error
        self._pool = ThreadPoolExecutor(n_threads, thread_name_prefix="panel")
        self._latest: dict[str, threading.Event] = {}
        self._is_closed = False

    def run(
        self,
        key: str,
        work: Callable[[threading.Event], Outcome],
        *,
        done: Callable[[Outcome], None],
        failed: Callable[[HanolabError], None],
    ) -> threading.Event:
        """Do `work(stop)` in the background; then `done` or `failed` is called on the GUI thread.

        An earlier piece of work with the same `key` is stopped and its outcome dropped. Returns
        the stop flag of this one; stopped work that raises `JobCancelled` tells `failed` so, unless
        it was superseded.
        """
        self.stop(key)
        stop = threading.Event()
        if self._is_closed:
            return stop
        self._latest[key] = stop
        self._pool.submit(self._work, key, stop, work, done, failed)
        return stop

    def stop(self, key: str) -> None:
        """Stop the work with this key, if there is any, and drop its outcome."""
        if (before := self._latest.pop(key, None)) is not None:
            before.set()

    def close(self) -> None:
        """Stop everything and wait for it; no outcome is told any more."""
        self._is_closed = True
        for key in tuple(self._latest):
            self.stop(key)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(
        self,
        key: str,
        stop: threading.Event,
        work: Callable[[threading.Event], Outcome],
        done: Callable[[Outcome], None],
        failed: Callable[[HanolabError], None],
    ) -> None:
        try:
            outcome = work(stop)
        except HanolabError as error:
            told = error  # the name `error` ends with its block
            self._tell(key, stop, lambda: failed(told))
        except Exception:
            log.exception("work %r in the panel failed", key)
            self._tell(key, stop, lambda: self._fail(failed))
        else:
            self._tell(key, stop, lambda: done(outcome))

    def _fail(self, failed: Callable[[HanolabError], None]) -> None:
        self._on_internal_error(INTERNAL)
        failed(HanolabError(INTERNAL))

    def _tell(self, key: str, stop: threading.Event, tell: Callable[[], None]) -> None:
        def on_gui_thread() -> None:
            if self._latest.get(key) is stop:
                del self._latest[key]
                tell()

        self.dispatcher.post(on_gui_thread)


def is_cancellation(error: HanolabError) -> bool:
    """Whether the user ended it; such an outcome is no failure to show in red."""
    return isinstance(error, JobCancelled)
