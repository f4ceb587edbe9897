"""One connection to the bridge: what came in, what goes out, and what is being done for it.

Nothing here waits: sockets do not block, bytes go out as the client takes them. A client that
does not take them is given no new work (so a slow one only slows itself), and is dropped when
it took nothing for `STALL_SECONDS` or more than `MAX_OUTGOING_BYTES` wait for it.
"""

from __future__ import annotations

import collections
import hmac
import selectors
import socket

from hanolab_protocol import MAX_HELLO_BYTES, MAX_MESSAGE_BYTES, PROTOCOL_VERSION, Frames, encode
from hanolab_work import Request

HELLO_SECONDS = 5.0
STALL_SECONDS = 30.0
MAX_OUTGOING_BYTES = 4 * MAX_MESSAGE_BYTES
FULL_BYTES = 1024 * 1024  # waiting for the client; from there on it gets no new work
MAX_REQUESTS = 1000  # sent ahead; from there on nothing more is read
_RECEIVE_BYTES = 256 * 1024
_RECEIVES_A_TICK = 8


class Client:
    """A connection; `clock` gives the bridge's own time, in seconds.

    Attributes
    ----------
    is_open
        Whether it still counts; a closed one is swept by the bridge.
    is_greeted
        Whether it showed the token.
    requests
        To be answered in this order.
    resume_tick
        Tick before which its command does not go on.
    patience_tick
        Tick before which its command also waits for it to take what was sent.
    watched
        For which events of the selector it is registered.
    """

    def __init__(self, connection, clock):
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self.is_open = True
        self.is_greeted = False
        self.requests = collections.deque()
        self.resume_tick = 0
        self.patience_tick = 0
        self.watched = selectors.EVENT_READ
        self._frames = Frames(MAX_HELLO_BYTES)
        self._outgoing = bytearray()
        self._clock = clock
        self._since = clock()  # when it came, or last took something

    @property
    def waits_for_writing(self):
        """Whether bytes wait for the client to take them."""
        return bool(self._outgoing)

    def is_ready(self, tick):
        """Whether something may be done for it in this tick."""
        if not self.requests or not self.is_open or tick < self.resume_tick:
            return False
        limit_bytes = 1 if tick < self.patience_tick else FULL_BYTES
        return len(self._outgoing) < limit_bytes

    @property
    def is_quiet(self):
        """Whether nothing is to be done until its socket has something."""
        is_idle = not self.requests and not self._outgoing
        return is_idle and self.is_greeted and self.is_open

    @property
    def takes_requests(self):
        """Whether more is read from it."""
        return len(self.requests) < MAX_REQUESTS

    def receive(self, identity):
        """Read what is there and take it in; `identity` holds "token" and "welcome"."""
        for _ in range(_RECEIVES_A_TICK):
            # of a stranger no more than a hello, so that little is read before it is judged
            n_bytes = _RECEIVE_BYTES if self.is_greeted else MAX_HELLO_BYTES
            try:
                received = self.connection.recv(n_bytes)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                received = b""
            if not received:
                self.is_open = False
                return
            for message in self._frames.feed(received):
                self._take(message, identity)
                if not self.is_open:
                    return
            if self._frames.fault:
                self.hang_up(self._frames.fault)
                return
            if len(received) < n_bytes or not self.takes_requests:
                return

    def _take(self, message, identity):
        if not self.is_greeted:
            self._greet(message.get("hello"), identity)
        elif isinstance(message.get("cancel"), int):
            self._cancel(message["cancel"])
        else:
            number, arguments = message.get("id"), message.get("arguments", {})
            command = message.get("command")
            understood = isinstance(command, str) and isinstance(arguments, dict)
            if not (understood and isinstance(number, int)):
                self.hang_up("a message is no request")
                return
            self.requests.append(Request(number, command, arguments))

    def _greet(self, hello, identity):
        if not isinstance(hello, dict):
            self.hang_up("the first message is no hello")
            return
        token = str(hello.get("token")).encode("utf-8", "replace")
        if not hmac.compare_digest(token, identity["token"].encode("ascii")):
            self._refuse("token", "the token is not the one in the bridge's file")
        elif hello.get("protocol") != PROTOCOL_VERSION:
            self._refuse("protocol", "the scripts in REAPER speak another version")
        else:
            self.is_greeted = True
            self._frames.limit_bytes = MAX_MESSAGE_BYTES
            self.send({"welcome": identity["welcome"]})

    def _refuse(self, code, message):
        refusal = {"code": code, "message": message, "protocol": PROTOCOL_VERSION}
        self.send({"refused": refusal})
        self.is_open = False

    def _cancel(self, number):
        for request in self.requests:
            if request.number == number:
                request.is_cancelled = True

    def send(self, message):
        """Put a message into line and give the client what it takes at once.

        Raises what `encode` raises; a broken connection only marks the client.
        """
        frame = encode(message)
        if not self._outgoing and self.is_greeted:
            self._since = self._clock()
        if len(self._outgoing) + len(frame) > MAX_OUTGOING_BYTES:
            self.is_open = False
        if self.is_open:
            self._outgoing += frame
            self.flush()

    def flush(self):
        """Give the client as much as it takes now."""
        while self._outgoing and self.is_open:
            try:
                n_taken = self.connection.send(self._outgoing)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.is_open = False
                return
            del self._outgoing[:n_taken]
            self._since = self._clock()

    def hang_up(self, why):
        """Say why, if the client still listens, and close."""
        self.send({"closing": {"why": why}})
        self.is_open = False

    def is_overdue(self):
        """Whether it owes its hello, or does not take what is sent to it."""
        waited = self._clock() - self._since
        if not self.is_greeted:
            return waited > HELLO_SECONDS
        return self.waits_for_writing and waited > STALL_SECONDS
