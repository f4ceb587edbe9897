"""A real HTTP server on 127.0.0.1 that answers by a script, well or badly.

Each request takes the next behaviour of the script; the last one is used for all that follow. A
behaviour is a function of the connection and of what was received; `http_behaviours` has them.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

_LOOK_SECONDS = 0.01  # how soon an idle connection notices the end of the test

Behaviour = Callable[["Connection"], None]


@dataclass(frozen=True)
class Received:
    """One request, as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """What a behaviour plays on."""

    def __init__(self, sock: socket.socket, received: Received, closing: threading.Event) -> None:
        self.sock = sock
        self.received = received
        self.closing = closing

    def send(self, content: bytes) -> None:
        self.sock.sendall(content)

    def close(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def reset(self) -> None:
        """End it rudely (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drip(self, content: bytes, seconds: float = 0.02) -> None:
        """Send one byte at a time, until all is sent or the client or the test goes."""
        for byte in content:
            self.send(bytes([byte]))
            if self.closing.wait(seconds):
                return


class ScriptedServer:
    """Serves while it is a context, over TLS when it has the means.

    `received` holds every request in order.
    """

    def __init__(self, *script: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.script = list(script)
        self.received: list[Received] = []
        self.faults: list[BaseException] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # A client that left with its window at zero is not noticed by a sender: end it from here.
        for sock in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10.0)
        assert not any(thread.is_alive() for thread in self._threads)
        assert not self.faults, self.faults

    def posts(self) -> list[Received]:
        return [received for received in self.received if received.method == "POST"]

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock.settimeout(10.0)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            self._sockets.append(sock)
            sock.settimeout(_LOOK_SECONDS)
            with sock:
                while received := self._receive(sock):
                    with self._lock:
                        self.received.append(received)
                        play = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                    sock.settimeout(10.0)
                    play(Connection(sock, received, self._closing))
                    if sock.fileno() < 0:
                        return
                    sock.settimeout(_LOOK_SECONDS)
        except OSError:
            pass  # the client left
        except BaseException as error:  # noqa: BLE001 - a fault of the test; told at the end
            self.faults.append(error)

    def _receive(self, sock: socket.socket) -> Received | None:
        content = b""
        while b"\r\n\r\n" not in content:
            block = self._read(sock)
            if not block:
                return None
            content += block
        head, _, body = content.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            block = self._read(sock)
            if not block:
                return None
            body += block
        return Received(method, path, headers, body)

    def _read(self, sock: socket.socket) -> bytes:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                return sock.recv(65536)
        return b""
