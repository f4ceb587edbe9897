"""A connection to a bridge: bytes there and back, without knowing what they ask for."""

from __future__ import annotations

import os
import selectors
import socket
import sys
import time
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import HostTimeout, HostUnreachable, ProtocolMismatch
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.hosts.reaper.bridge_file import RUN_AN_ACTION, BridgeFile
from hanolab_dawtools.hosts.reaper.protocol import PROTOCOL_VERSION, Frames, encode

POLL_SECONDS = 0.05  # how late a stop flag may be seen
INSTALL_AGAIN = "Run hanolab reaper install, then restart REAPER."
_RECEIVE_BYTES = 256 * 1024
_CONNECT_SECONDS = 5.0

Message = dict[str, Any]


class Broken(Exception):
    """The connection is gone; the text says why, in words."""


class Link:
    """A socket with the messages in both directions.

    Sending never waits for the peer alone: what it sends meanwhile is read, so that two full
    pipes cannot hold each other up.
    """

    def __init__(self, port: int) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS)
        except OSError as error:
            raise Broken(error.strerror or str(error)) from error
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._frames = Frames()
        self._outgoing = bytearray()

    def close(self) -> None:
        """Hang up; may be called again."""
        self._selector.close()
        self._socket.close()

    def put(self, message: Message) -> None:
        """Have a message sent by the next `exchange`; raises `TooLarge`."""
        self._outgoing += encode(message)

    def exchange(self, wait_seconds: float = POLL_SECONDS) -> list[Message]:
        """Send and receive what is possible now, waiting a little for the first of it.

        Raises
        ------
        Broken
            The peer hung up or sends what is no message.
        """
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._socket, events)
        messages: list[Message] = []
        for _, ready in self._selector.select(wait_seconds):
            try:
                if ready & selectors.EVENT_READ:
                    messages = self._received()
                if ready & selectors.EVENT_WRITE:
                    del self._outgoing[: self._socket.send(self._outgoing)]
            except BlockingIOError:
                continue
            except OSError as error:
                if messages:  # the last words count; the next exchange finds the end again
                    break
                raise Broken(error.strerror or str(error)) from error
        return messages

    def _received(self) -> list[Message]:
        received = self._socket.recv(_RECEIVE_BYTES)
        if not received:
            raise Broken("the bridge hung up")
        messages = self._frames.feed(received)
        if self._frames.fault and not messages:
            raise Broken(self._frames.fault)
        return messages


def shake_hands(bridge: BridgeFile, stop: Stop, timeout_seconds: float) -> tuple[Link, Message]:
    """Connect to a bridge; the link, and what the bridge told of itself.

    Raises
    ------
    HostUnreachable
        Nobody answers there, or not the bridge that wrote the file.
    HostTimeout
        It took the connection and does not answer; REAPER may be busy.
    ProtocolMismatch
    JobCancelled
    """
    try:
        link = Link(bridge.port)
    except Broken as error:
        raise HostUnreachable(
            f"no bridge answers in REAPER (process {bridge.pid}): {error}", hint=RUN_AN_ACTION
        ) from error
    try:
        return link, _welcomed(link, bridge, stop, time.monotonic() + timeout_seconds)
    except Broken as error:
        link.close()
        raise HostUnreachable(
            f"what answers at the port of REAPER's bridge is not the bridge: {error}",
            hint=RUN_AN_ACTION,
        ) from error
    except BaseException:
        link.close()
        raise


def _welcomed(link: Link, bridge: BridgeFile, stop: Stop, deadline: float) -> Message:
    client = f"{Path(sys.argv[0]).name} ({os.getpid()})"
    link.put({"hello": {"protocol": PROTOCOL_VERSION, "token": bridge.token, "client": client}})
    while True:
        for message in link.exchange():
            if isinstance(message.get("welcome"), dict):
                return dict(message["welcome"])
            if isinstance(message.get("refused"), dict):
                raise _refusal(message["refused"], bridge)
            if "closing" in message:
                raise HostUnreachable(
                    f"the bridge in REAPER takes no connection: {why_closing(message)}",
                    hint="Close what you do not need of HanoLab, and try again.",
                )
            if "busy" not in message:
                raise Broken("it sends something else than a welcome")
        raise_if_stopped(stop)
        if time.monotonic() > deadline:
            raise HostTimeout(
                f"REAPER (process {bridge.pid}) does not answer; it may be rendering or show "
                "a dialog",
                hint="Look at REAPER's window, and try again when it is free.",
            )


def _refusal(refused: Message, bridge: BridgeFile) -> HostUnreachable | ProtocolMismatch:
    if refused.get("code") == "protocol":
        return ProtocolMismatch(
            f"the scripts in REAPER (process {bridge.pid}) speak protocol "
            f"{refused.get('protocol')}, this program {PROTOCOL_VERSION}",
            hint=INSTALL_AGAIN,
        )
    return HostUnreachable(
        f"the bridge in REAPER does not take the token in {bridge.path}", hint=RUN_AN_ACTION
    )


def why_closing(message: Message) -> str:
    """What a bridge says when it hangs up."""
    closing = message.get("closing")
    return str(closing.get("why", "")) if isinstance(closing, dict) else ""
