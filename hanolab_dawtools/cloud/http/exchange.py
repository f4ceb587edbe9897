"""An exchange with a server in a thread of its own, which can be given up at any moment.

The caller waits for what the thread hands over, and looks at its stop flag and at the time while
nothing comes: so a look-up of a name, a handshake or a server that drips one byte a minute holds
nobody up. Giving up closes the connection, which ends the thread soon after.

`Gate` is what makes this safe for requests that cost money: once an exchange is given up before
anything was sent, nothing will be sent any more, however late the connection stands.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import Stop

_LOOK_SECONDS = 0.05  # how soon a stop is noticed; what the server sends wakes at once
_WAITING_ITEMS = 8  # blocks that may wait for a slow reader


class NoAnswer(Exception):
    """No whole answer came; with `was_sent` the server may have received the request.

    `hint` is what a user can do, as in our errors.
    """

    def __init__(self, message: str, *, was_sent: bool, hint: str = "") -> None:
        super().__init__(message)
        self.was_sent = was_sent
        self.hint = hint


class Stopped(JobCancelled):
    """The user stopped an exchange; with `was_sent` the server may have received the request."""

    def __init__(self, *, was_sent: bool) -> None:
        super().__init__("stopped while a server was asked", hint="Resume the job any time.")
        self.was_sent = was_sent


class GivenUp(Exception):
    """Raised in an exchange's thread after the caller has left."""


class Gate:
    """Stands between an exchange's thread and the network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_given_up = False
        self._was_sent = False

    @property
    def was_sent(self) -> bool:
        """Whether the first byte of the request may have left this machine."""
        return self._was_sent

    def connected(self, connection: socket.socket) -> None:
        """Tell of a connection, so that giving up can close it."""
        with self._lock:
            self._socket = connection
        self.check()

    def release(self) -> None:
        """Leave the connection to the next exchange: giving up shall not close it any more."""
        with self._lock:
            self._socket = None

    def begin_sending(self) -> None:
        """Ask to send; after this returns, the request counts as sent."""
        with self._lock:
            if self._is_given_up:
                raise GivenUp
            self._was_sent = True

    def check(self) -> None:
        """Raise `GivenUp` when nobody waits any more."""
        with self._lock:
            if self._is_given_up:
                raise GivenUp

    def give_up(self) -> None:
        """Send nothing more and break the connection."""
        with self._lock:
            self._is_given_up = True
            connection = self._socket
        if connection is not None:
            with suppress(OSError):  # it is closed already
                # The plain socket's way: that of TLS would talk to a server that does not answer.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


@dataclass(frozen=True)
class Head:
    """The beginning of an answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]


class Exchange:
    """Runs `work` in a thread and hands over what it emits: one `Head`, then blocks.

    Parameters
    ----------
    work
        Called in the thread with the gate and with a function that takes what came.
    total_seconds
        After that the exchange is given up.
    after_stop_seconds
        How long a stop is borne once the request was sent: an answer tells what became of it.
    """

    def __init__(
        self,
        work: Callable[[Gate, Callable[[Head | bytes], None]], None],
        *,
        total_seconds: float,
        after_stop_seconds: float = 0.0,
    ) -> None:
        self.gate = Gate()
        self._work = work
        self._items: queue.Queue[Head | bytes | BaseException | None] = queue.Queue(_WAITING_ITEMS)
        self._total_seconds = total_seconds
        self._after_stop_seconds = after_stop_seconds
        self._began = time.monotonic()
        self._stopped_at: float | None = None
        threading.Thread(target=self._run, name="hanolab-http", daemon=True).start()

    def next(self, stop: Stop) -> Head | bytes | None:
        """The next thing that came; None at the end.

        Raises
        ------
        Stopped
        NoAnswer
            The whole took longer than `total_seconds`; or what `work` raised.
        """
        while True:
            self._look(stop)
            with suppress(queue.Empty):
                item = self._items.get(timeout=_LOOK_SECONDS)
                if isinstance(item, BaseException):
                    raise item
                return item

    def close(self) -> None:
        """Give up what is not over yet."""
        self.gate.give_up()

    def _look(self, stop: Stop) -> None:
        now = time.monotonic()
        if stop.is_set():
            self._stopped_at = self._stopped_at or now
            bearing = self._after_stop_seconds if self.gate.was_sent else 0.0
            if now - self._stopped_at >= bearing:
                self.gate.give_up()  # from here on `was_sent` does not change any more
                raise Stopped(was_sent=self.gate.was_sent)
        if now - self._began > self._total_seconds:
            self.gate.give_up()
            raise NoAnswer(
                f"no whole answer came within {self._total_seconds:g} s",
                was_sent=self.gate.was_sent,
            )

    def _run(self) -> None:
        try:
            self._work(self.gate, self._emit)
            self._emit(None)
        except GivenUp:
            pass
        except BaseException as error:  # noqa: BLE001 - the caller's thread raises it
            with suppress(GivenUp):
                self._emit(error)

    def _emit(self, item: Head | bytes | BaseException | None) -> None:
        while True:
            self.gate.check()
            with suppress(queue.Full):
                self._items.put(item, timeout=_LOOK_SECONDS)
                return
