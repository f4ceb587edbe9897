"""Asking the bridge inside REAPER; one `Channel` belongs to one thread at a time.

REAPER stands still while it renders or shows a dialog. The bridge says so before ("busy"), and
from there until its next message no time-out runs: only the end of the connection, which the
system closes with REAPER's process, ends the waiting, or the stop flag.

When the connection breaks, commands that change nothing are asked again over a new one, once.
For any other the caller gets `HostUnreachable` and must find out whether it was done.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self

from hanolab_dawtools.errors import (
    HostCallFailed,
    HostError,
    HostTimeout,
    HostUnreachable,
    JobCancelled,
    ProtocolMismatch,
)
from hanolab_dawtools.events import NeverStop, Stop
from hanolab_dawtools.hosts.reaper.bridge_file import RUN_AN_ACTION, BridgeFile, read_bridge_file
from hanolab_dawtools.hosts.reaper.link import (
    INSTALL_AGAIN,
    Broken,
    Link,
    shake_hands,
    why_closing,
)
from hanolab_dawtools.hosts.reaper.protocol import TooLarge

Facts = dict[str, Any]
BusyCallback = Callable[[str], None]

TIMEOUT_SECONDS = 10.0
REPEATABLE = frozenset({"ping", "placed", "recall", "state", "status", "timeline", "values"})


class Channel:
    """An open connection to a bridge; a context manager.

    Attributes
    ----------
    bridge
        Where it listens; another one after the bridge was started anew.
    welcome
        What the bridge told of itself: "protocol", "bridge", "reaper", "pid", "resource_path",
        "missing" (names of functions that this REAPER lacks).
    """

    def __init__(self, bridge: BridgeFile, link: Link, welcome: Facts, stop: Stop) -> None:
        self.bridge = bridge
        self.welcome = welcome
        self._link: Link | None = link
        self._stop = stop
        self._last_number = 0

    @classmethod
    def open(
        cls,
        bridge: BridgeFile,
        *,
        stop: Stop | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> Self:
        """Connect and shake hands; `stop` also counts for calls that bring none.

        Raises
        ------
        HostUnreachable, HostTimeout, ProtocolMismatch, JobCancelled
        """
        stop = stop or NeverStop()
        return cls(bridge, *shake_hands(bridge, stop, timeout_seconds), stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; a later call connects anew."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def call(
        self,
        command: str,
        arguments: Facts,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        stop: Stop | None = None,
        on_busy: BusyCallback | None = None,
    ) -> Facts:
        """Have one command done; its result. Raises as `send_many`."""
        return self.send_many(
            [(command, arguments)], timeout_seconds=timeout_seconds, stop=stop, on_busy=on_busy
        )[0]

    def send_many(
        self,
        requests: Sequence[tuple[str, Facts]],
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        stop: Stop | None = None,
        on_busy: BusyCallback | None = None,
    ) -> list[Facts]:
        """Have commands done in this order, sent ahead so that they can share a tick.

        Parameters
        ----------
        requests
            (command, arguments) of each.
        timeout_seconds
            Longest time between two answers, not counting when REAPER says that it is busy.
        on_busy
            Told what REAPER does when it stands still ("rendering").

        Raises
        ------
        HostCallFailed
            One was refused or failed; those after it were still asked for.
        HostUnreachable
            The connection broke. Unless all commands only read, it is unknown what was done.
        HostTimeout, ProtocolMismatch
        JobCancelled
            The stop flag was set; the bridge is told to stop as well.
        """
        waiting = _Waiting(timeout_seconds, stop or self._stop, on_busy)
        may_repeat = all(command in REPEATABLE for command, _ in requests)
        link = self._living_link(waiting)
        try:
            return self._exchanged(link, requests, waiting)
        except Broken as error:
            self.close()
            if not may_repeat:
                raise self._lost(requests, error) from error
        waiting.begin()
        try:
            return self._exchanged(self._living_link(waiting), requests, waiting)
        except Broken as error:
            self.close()
            raise self._lost(requests, error) from error

    def _living_link(self, waiting: _Waiting) -> Link:
        """The link, or a new one when the bridge hung up since the last call.

        Nothing was asked over it yet, so this is safe for every command.
        """
        if self._link is not None:
            try:
                while messages := self._link.exchange(0):
                    for message in messages:
                        waiting.note(message)
            except Broken:
                self.close()
        if self._link is None:
            bridge = read_bridge_file(self.bridge.path)
            self._link, self.welcome = shake_hands(bridge, waiting.stop, waiting.timeout_seconds)
            self.bridge = bridge
        return self._link

    def _exchanged(
        self, link: Link, requests: Sequence[tuple[str, Facts]], waiting: _Waiting
    ) -> list[Facts]:
        numbers: dict[int, int] = {}
        for place, (command, arguments) in enumerate(requests):
            self._last_number += 1
            numbers[self._last_number] = place
            try:
                link.put({"id": self._last_number, "command": command, "arguments": arguments})
            except TooLarge as error:
                self.close()
                raise HostCallFailed(
                    f"{command} is too much for one request: {error}",
                    command=command,
                    code="too_large",
                ) from error
        results: dict[int, Facts] = {}
        while len(results) < len(requests):
            self._check(link, waiting, numbers, len(results))
            for message in link.exchange():
                number = message.get("id")
                if isinstance(number, int) and number in numbers:  # else of a call given up
                    place = numbers[number]
                    results[place] = _result_in(message, requests[place][0])
                elif "closing" in message and len(results) == len(requests):
                    self.close()  # after its last answer; the next call finds a new bridge
                    break
                waiting.note(message)
        return [results[place] for place in range(len(requests))]

    def _check(self, link: Link, waiting: _Waiting, numbers: dict[int, int], n_done: int) -> None:
        """Give up when the user wants it, or when it takes too long."""
        is_stopped = waiting.stop.is_set()
        if not is_stopped and not waiting.is_over():
            return
        for number in list(numbers)[n_done:]:
            link.put({"cancel": number})
        with suppress(Broken):
            link.exchange(0)
        if is_stopped:
            raise JobCancelled("stopped while REAPER was asked", hint="Resume the job any time.")
        raise HostTimeout(
            f"REAPER (process {self.bridge.pid}) does not answer; it may show a dialog",
            hint="Look at REAPER's window, and try again when it is free.",
        )

    def _lost(self, requests: Sequence[tuple[str, Facts]], error: Broken) -> HostUnreachable:
        names = ", ".join(dict.fromkeys(command for command, _ in requests))
        return HostUnreachable(
            f"the connection to REAPER (process {self.bridge.pid}) broke while it was asked to "
            f"{names}, and whether that was done is unknown: {error}",
            hint=RUN_AN_ACTION,
        )


class _Waiting:
    """How long one call waits."""

    def __init__(self, timeout_seconds: float, stop: Stop, on_busy: BusyCallback | None) -> None:
        self.timeout_seconds = timeout_seconds
        self.stop = stop
        self._on_busy = on_busy
        self._deadline: float | None = None
        self.begin()

    def begin(self) -> None:
        """Count from now."""
        self._deadline = time.monotonic() + self.timeout_seconds

    def is_over(self) -> bool:
        """Whether an answer is overdue."""
        return self._deadline is not None and time.monotonic() > self._deadline

    def note(self, message: Facts) -> None:
        """Take account of a message; raises `Broken` when the bridge says goodbye."""
        if "closing" in message:
            raise Broken(why_closing(message) or "the bridge closed")
        if not isinstance(message.get("busy"), dict):
            self.begin()
            return
        self._deadline = None
        if self._on_busy is not None:
            self._on_busy(str(message["busy"].get("doing", "")))


def _result_in(message: Facts, command: str) -> Facts:
    if isinstance(message.get("result"), dict):
        return dict(message["result"])
    error = message.get("error")
    raise _failure(error if isinstance(error, dict) else {}, command)


def _failure(error: Facts, command: str) -> HostError:
    code = str(error.get("code", "internal"))
    if code == "unknown_command":
        return ProtocolMismatch(f"REAPER's scripts do not know {command}", hint=INSTALL_AGAIN)
    failure = HostCallFailed(
        f"REAPER did not {command}: {error.get('message', 'it says no more')}",
        command=command,
        code=code,
        hint=str(error.get("hint", "")),
    )
    if error.get("trace"):
        failure.add_note(str(error["trace"]))  # for the log; what the user reads is the sentence
    return failure
