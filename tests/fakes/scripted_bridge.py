"""What a `Channel` may meet at a port: a server that answers as a test says, on a thread."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile, read_bridge_file
from hanolab_dawtools.hosts.reaper.protocol import PROTOCOL_VERSION, Frames, encode

TOKEN = "t" * 64
PATIENCE_SECONDS = 20.0

Message = dict[str, Any]


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE_SECONDS)
        self.socket = connection
        self._frames = Frames()
        self._messages: list[Message] = []

    def receive(self) -> Message | None:
        while not self._messages:
            received = self.socket.recv(65536)
            if not received:
                return None
            self._messages += self._frames.feed(received)
        return self._messages.pop(0)

    def send(self, message: Message) -> None:
        self.socket.sendall(encode(message))

    def welcome(self) -> None:
        assert "hello" in (self.receive() or {})
        self.send({"welcome": {"protocol": PROTOCOL_VERSION, "pid": os.getpid()}})

    def answer(self, **result: Any) -> Message:
        """Answer the next request; gives it."""
        request = self.receive()
        assert request is not None
        self.send({"id": request["id"], "result": result})
        return request


def write_bridge_file(folder: Path, port: int, pid: int | None = None, **changed: Any) -> Path:
    """A file as a bridge writes it."""
    pid = os.getpid() if pid is None else pid
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "protocol": PROTOCOL_VERSION,
        "port": port,
        "token": TOKEN,
        "pid": pid,
        "started": 1.0,
        "reaper": "7.22/linux-x86_64",
        "resource_path": str(folder),
        "bridge": "0.1",
    }
    path = folder / f"bridge-{pid}.json"
    path.write_text(json.dumps(content | changed), "ascii")
    return path


@contextmanager
def scripted_bridge(folder: Path, *acts: Callable[[Peer], None]) -> Iterator[BridgeFile]:
    """A port whose first connection is served by the first act, and so on.

    A fault of an act is raised at the block's end.
    """
    faults: list[BaseException] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_SECONDS)

        def serve() -> None:
            try:
                for act in acts:
                    connection, _ = server.accept()
                    with connection:
                        act(Peer(connection))
            except BaseException as error:  # noqa: BLE001 - raised on the test's thread
                faults.append(error)

        thread = threading.Thread(target=serve)
        thread.start()
        yield read_bridge_file(write_bridge_file(folder, server.getsockname()[1]))
        thread.join()
    if faults:
        raise faults[0]
