"""The bridge's sockets: the port where it listens, and which of its clients have something."""

from __future__ import annotations

import selectors
import socket

from hanolab_clients import Client

_BIND_ATTEMPTS = 5
_WAITING = 16  # connections that the system keeps until the next tick


class Listener:
    """A port of 127.0.0.1 that the system chose, and one selector for all; raises OSError.

    Attributes
    ----------
    port
        Its number.
    """

    def __init__(self):
        self._socket = _bound()
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]
        # not select(): REAPER may have more files open than its numbers reach
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ, None)

    def close(self):
        """Listen no more; may be called again."""
        self._socket.close()
        self._selector.close()

    def events(self):
        """Which sockets have something now, for `serve`; nothing, nearly always."""
        return self._selector.select(0)

    def serve(self, found, identity):
        """Move the bytes of the clients that have some now; whether somebody new waits."""
        is_new = False
        for key, events in found:
            client = key.data
            if client is None:
                is_new = True
                continue
            if events & selectors.EVENT_WRITE:
                client.flush()
            if events & selectors.EVENT_READ:
                client.receive(identity)
        return is_new

    def accept(self, clock):
        """The client that waits, watched; None when it is gone again."""
        try:
            client = Client(self._socket.accept()[0], clock)
        except OSError:
            return None
        self._selector.register(client.connection, client.watched, client)
        return client

    def watch(self, client):
        """See to it that a client is served for what it needs now."""
        events = selectors.EVENT_READ if client.takes_requests else 0
        events |= selectors.EVENT_WRITE if client.waits_for_writing else 0
        if events == client.watched:
            return
        if not client.watched:
            self._selector.register(client.connection, events, client)
        elif not events:
            self._selector.unregister(client.connection)
        else:
            self._selector.modify(client.connection, events, client)
        client.watched = events

    def forget(self, client):
        """Hang up on a client."""
        if client.watched:
            self._selector.unregister(client.connection)
        client.connection.close()


def _bound():
    for attempt in range(1, _BIND_ATTEMPTS + 1):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets others take the port, else
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            listening.bind(("127.0.0.1", 0))
            listening.listen(_WAITING)
        except OSError:
            listening.close()
            if attempt == _BIND_ATTEMPTS:
                raise
        else:
            return listening
    return None
