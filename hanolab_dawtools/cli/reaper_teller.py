"""Talks with the user in REAPER, on a thread of its own: a render there holds up no job here.

What is told is told in order, and dropped when REAPER is gone; what is asked waits for its answer.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self

from hanolab_dawtools.errors import HanolabError, HostUnreachable
from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile
from hanolab_dawtools.hosts.reaper.connections import Connections

TITLE = "HanoLab"
MOST_LETTERS = 4000  # of one text that is told; the bridge cuts longer ones
TELLING_SECONDS = 30.0
LOOK_SECONDS = 5.0  # between looks whether anybody is left to answer
ANSWER_SECONDS = 24 * 3600.0  # a question may stand until the user comes back
CLOSING_SECONDS = 600.0  # the last words wait for a render, not for ever

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Request:
    """One command on its way; `answer` is None for what is only told."""

    command: str
    arguments: dict[str, Any]
    timeout_seconds: float
    answer: Future[dict[str, Any]] | None = None


class Teller:
    """A connection to the bridge of one REAPER for words alone; a context manager.

    It stays open while the teller lives, so the bridge does too.
    """

    def __init__(self, bridge: BridgeFile) -> None:
        self._bridge = bridge
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._newest_tooltip: _Request | None = None
        self._thread = threading.Thread(target=self._work, name="teller", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._requests.put(None)
        self._thread.join(CLOSING_SECONDS)

    def tooltip(self, text: str) -> None:
        """Show a line at the mouse; only the newest, when REAPER is slow to take them."""
        self._tell(text, "tooltip")

    def console(self, text: str) -> None:
        """Open REAPER's console with a text."""
        self._tell(text, "console")

    def quiet_console(self, text: str) -> None:
        """Add a text to REAPER's console without opening it."""
        self._tell(text, "quiet_console")

    def ask(self, text: str, buttons: str) -> str:
        """Show a message box with "ok" or "yes_no"; which button was pressed.

        Raises
        ------
        HostError
            REAPER is gone, or does not answer.
        """
        arguments = {"title": TITLE, "text": text, "buttons": buttons}
        return str(self.call("ask", arguments, ANSWER_SECONDS)["answer"])

    def prompt(self, caption: str, text: str = "") -> str | None:
        """Ask for a line of text; None when the box was closed. Raises as `ask`."""
        arguments = {"title": TITLE, "caption": caption, "text": text}
        answer = self.call("prompt", arguments, ANSWER_SECONDS)["text"]
        return None if answer is None else str(answer)

    def call(
        self, command: str, arguments: dict[str, Any], timeout_seconds: float = TELLING_SECONDS
    ) -> dict[str, Any]:
        """Have a command done behind all that was told before. Raises as `ask`."""
        answer: Future[dict[str, Any]] = Future()
        self._requests.put(_Request(command, arguments, timeout_seconds, answer))
        while True:
            try:
                return answer.result(LOOK_SECONDS)
            except TimeoutError:
                if not self._thread.is_alive():
                    raise HostUnreachable("the connection to REAPER has ended") from None

    def _tell(self, text: str, kind: str) -> None:
        _log.info("%s: %s", kind, text)
        for piece in _pieces(text):
            request = _Request("tell", {"text": piece, "kind": kind}, TELLING_SECONDS)
            if kind == "tooltip":
                self._newest_tooltip = request
            self._requests.put(request)

    def _work(self) -> None:
        with Connections(self._bridge.path.parent) as connections:
            connections.prefer(self._bridge.path)
            while (request := self._requests.get()) is not None:
                is_tooltip = request.arguments.get("kind") == "tooltip"
                if not is_tooltip or request is self._newest_tooltip:
                    _do(connections, request)


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of whole lines that the bridge takes."""
    piece = ""
    for line in text.splitlines():
        if piece and len(piece) + len(line) >= MOST_LETTERS:
            yield piece
            piece = ""
        piece = f"{piece}\n{line}" if piece else line
    yield piece


def _do(connections: Connections, request: _Request) -> None:
    try:
        channel = connections.channel()
        result = channel.call(
            request.command, request.arguments, timeout_seconds=request.timeout_seconds
        )
    except HanolabError as error:
        if request.answer is None:
            _log.warning("not told in REAPER: %s", error)
        else:
            request.answer.set_exception(error)
    else:
        if request.answer is not None:
            request.answer.set_result(result)
