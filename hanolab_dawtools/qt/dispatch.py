"""The one door to the GUI thread: a queue of acts that Qt's event loop empties."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, pyqtSignal

log = logging.getLogger(__name__)


class QtDispatcher(QObject):
    """Runs acts on the thread that made it, at the next turn of its loop; see `Dispatcher`.

    An act that raises is logged, and does not keep its neighbours from running.
    """

    _posted = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._is_open = True
        # The stubs know only the first argument.
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def post(self, act: Callable[[], None]) -> None:
        """Run `act` on the GUI thread, soon and in the order of the calls; from any thread."""
        if self._is_open:
            self._posted.emit(act)

    def close(self) -> None:
        """Drop everything that is posted from now on, or has not run yet."""
        self._is_open = False

    def _run(self, act: Callable[[], None]) -> None:
        if not self._is_open:
            return
        try:
            act()
        except Exception:
            log.exception("an act on the GUI thread failed")
