"""The words that the bridge inside REAPER and the program outside exchange.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON, which is one object.
This file lies twice in the project, equal byte for byte: as `hanolab_protocol.py` beside the
scripts that run inside REAPER, and as `hosts/reaper/protocol.py`. So it keeps to Python 3.7 and
ASCII, and imports the standard library only.

Messages, client to bridge::

    {"hello": {"protocol": 2, "token": "<hex>", "client": "<who>"}}       first of all
    {"id": n, "command": "<name>", "arguments": {...}}
    {"cancel": n}                                   ends a command that is spread over ticks

and bridge to client::

    {"welcome": {"protocol", "bridge", "reaper", "pid", "resource_path", "missing"}}
    {"refused": {"code": "token" | "protocol", "message", "protocol"}}    and it hangs up
    {"id": n, "result": {...}}
    {"id": n, "error": {"code", "message", "hint", "trace"}}
    {"busy": {"doing": "<what>", "id": n | null}}   REAPER stands still until the next message
    {"closing": {"why": "<sentence>"}}              and it hangs up

Requests of one client are answered in order; a client may send ahead.
"""

from __future__ import annotations

import json
import struct
from typing import Any

PROTOCOL_VERSION = 2
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
MAX_HELLO_BYTES = 4096  # a stranger is not given the memory of a friend

_HEAD = struct.Struct(">I")


class TooLarge(ValueError):
    """A message does not fit into one frame."""


def encode(message: dict[str, Any]) -> bytes:
    """One frame.

    Raises
    ------
    TooLarge
        The message has more than `MAX_MESSAGE_BYTES`.
    TypeError, ValueError
        It holds what JSON does not know.
    """
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    if len(body) > MAX_MESSAGE_BYTES:
        raise TooLarge(
            f"a message of {len(body)} bytes is longer than the {MAX_MESSAGE_BYTES} allowed"
        )
    return _HEAD.pack(len(body)) + body


class Frames:
    """Takes bytes as they come and gives the whole messages in them.

    Attributes
    ----------
    limit_bytes
        Longest message taken.
    fault
        Why nothing more can be read from this peer, in words; empty while all is well.
    """

    def __init__(self, limit_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self.fault = ""
        self._kept = bytearray()

    def feed(self, received: bytes) -> list[dict[str, Any]]:
        """The messages that `received` completes, oldest first; never raises.

        After a fault the messages before it are still given, and all that follows is ignored.
        """
        messages: list[dict[str, Any]] = []
        if not self.fault:
            self._kept += received
        while not self.fault:
            message = self._next()
            if message is None:
                break
            messages.append(message)
        return messages

    def _next(self) -> dict[str, Any] | None:
        """The next whole message; None when there is none, or on a fault."""
        if len(self._kept) < _HEAD.size:
            return None
        (length,) = _HEAD.unpack_from(self._kept)
        if length > self.limit_bytes:
            return self._fail(f"a message of {length} bytes was announced")
        end = _HEAD.size + length
        if len(self._kept) < end:
            return None
        body = bytes(self._kept[_HEAD.size : end])
        del self._kept[:end]
        try:
            message = json.loads(body.decode("utf-8"))
        except (ValueError, RecursionError):
            return self._fail("a message is not JSON")
        if not isinstance(message, dict):
            return self._fail("a message is not an object")
        return message

    def _fail(self, fault: str) -> dict[str, Any] | None:
        self.fault = fault
        self._kept = bytearray()
        return None


class Busy:
    """Yielded by a command before a slice that makes REAPER stand still.

    The bridge tells every client, flushes, and goes on with the command in the next tick.

    Attributes
    ----------
    doing
        What REAPER does meanwhile, in a user's words ("rendering").
    """

    def __init__(self, doing: str) -> None:
        self.doing = doing


class NextTick:
    """Yielded by a command whose next slice must wait for a tick of its own."""
