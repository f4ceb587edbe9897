"""A bridge with commands that misbehave, and clients that do: raw sockets at its port."""

from __future__ import annotations

import socket
import struct
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile, read_bridge_file
from hanolab_dawtools.hosts.reaper.protocol import PROTOCOL_VERSION, Frames, encode

PATIENCE_SECONDS = 30.0
SCRIPT = "bridge_with_faults.py"
_TEXT = """
from reaper_python import *
import time
import hanolab_commands
import hanolab_start
from hanolab_protocol import Busy, NextTick

def exits(face, arguments):
    raise SystemExit(7)

def interrupts(face, arguments):
    raise KeyboardInterrupt

def exits_late(face, arguments):
    yield NextTick()
    raise SystemExit(8)

def endless(face, arguments):
    try:
        while True:
            yield NextTick()
    finally:
        face.api.SetExtState("test", "closed", "yes", False)

def stubborn(face, arguments):
    try:
        while True:
            yield NextTick()
    finally:
        yield

def counts(face, arguments):
    for number in range(arguments["n"]):
        yield
    return {"n": arguments["n"]}

def freezes(face, arguments):
    yield Busy("rendering")
    time.sleep(arguments["seconds"])
    return {}

def large(face, arguments):
    return {"text": "x" * arguments["n"]}

def odd(face, arguments):
    return {"what": object()}

for command in (exits, interrupts, exits_late, endless, stubborn, counts, freezes, large, odd):
    hanolab_commands.COMMANDS[command.__name__] = command
hanolab_start.run_bridge()
"""


def start_bridge(reaper: FakeReaper) -> BridgeFile:
    """Run a bridge that also knows the commands above."""
    reaper.install()
    reaper.run_text(_TEXT, SCRIPT)
    return bridge_of(reaper)


def bridge_of(reaper: FakeReaper) -> BridgeFile:
    """What the running bridge wrote."""
    return read_bridge_file(port_file_of(reaper))


def port_file_of(reaper: FakeReaper) -> Path:
    return reaper.runtime_folder / f"bridge-{reaper.pid}.json"


class RawClient:
    """A connection to a port that sends what it is told and nothing else."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self._frames = Frames()
        self._messages: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, message: dict[str, Any]) -> None:
        self.socket.sendall(encode(message))

    def hello(self, bridge: BridgeFile, **changed: Any) -> None:
        hello = {"protocol": PROTOCOL_VERSION, "token": bridge.token, "client": "test"}
        self.send({"hello": hello | changed})

    def ask(self, number: int, command: str, **arguments: Any) -> None:
        self.send({"id": number, "command": command, "arguments": arguments})

    def receive(self) -> dict[str, Any] | None:
        """The next message; None when the bridge hung up."""
        while not self._messages:
            try:
                received = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not received:
                return None
            self._messages += self._frames.feed(received)
            assert not self._frames.fault
        return self._messages.pop(0)

    def receive_all(self) -> list[dict[str, Any]]:
        """Everything until the bridge hangs up."""
        messages = []
        while (message := self.receive()) is not None:
            messages.append(message)
        return messages

    def reset(self) -> None:
        """Go away as a killed process does whose answers nobody read."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def friend(bridge: BridgeFile) -> RawClient:
    """A client that has been welcomed."""
    client = RawClient(bridge.port)
    client.hello(bridge)
    message = client.receive()
    assert message is not None
    assert "welcome" in message
    return client
