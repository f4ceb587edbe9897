"""A listener that says its one piece to whoever connects, before it has read anything."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self


class RudeListener:
    """Accepts connections while it is a context.

    `greeting` is sent at once, then the connection is closed; None: it is held open in silence.
    `received` is what the clients sent within half a second.
    """

    def __init__(self, greeting: bytes | None) -> None:
        self.greeting = greeting
        self.received = b""
        self.n_connections = 0
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10.0)
        assert not self._thread.is_alive()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.n_connections += 1
            with sock, suppress(OSError):
                if self.greeting is None:
                    self._closing.wait()
                    return
                sock.sendall(self.greeting)
                sock.settimeout(0.5)
                self.received += sock.recv(65536)
