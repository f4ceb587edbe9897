"""A dispatcher whose acts the test runs on its own thread, as an event loop would."""

from __future__ import annotations

import queue
from collections.abc import Callable

DEADLINE_SECONDS = 20


class Acts:
    """Implements `presenters.observing.Dispatcher`."""

    def __init__(self) -> None:
        self._acts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def post(self, act: Callable[[], None]) -> None:
        self._acts.put(act)

    def run_next(self) -> None:
        """Run the next act, waiting for it if there is none yet."""
        self._acts.get(timeout=DEADLINE_SECONDS)()

    def run_until(self, is_done: Callable[[], object]) -> None:
        """Run acts until something is true."""
        while not is_done():
            self.run_next()

    @property
    def is_empty(self) -> bool:
        return self._acts.empty()
