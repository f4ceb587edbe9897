"""Plain HTTP to hosts that never see the API key: output files, storage, presigned URLs.

One request at a time, on a thread of its own, so that a stop is heard within a quarter of a second
whatever name servers, handshakes and slow bodies do. Nothing is interpreted here: redirects are
not followed, bodies not unpacked, no cookies kept, and `~/.netrc` is not asked. Proxies of the
environment are used, but not for this machine.
"""

from __future__ import annotations

import io
import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO, Self

import requests
import urllib3
from urllib3.connection import HTTPConnection

from hanolab_dawtools.cloud.wire_session import WireBroken, broken, exempt, no_auth, session
from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import Stop, raise_if_stopped

__all__ = ["AddressRefused", "Answer", "Incoming", "WireBroken", "fetch", "send"]

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0  # of silence
BLOCK_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 64 * 1024  # of an answer that is no file; the rest is not read
USER_AGENT = "hanolab-dawtools"

_TICK_SECONDS = 0.1  # a stop is looked at this often
_BLOCKS_AHEAD = 8

# Whether an address may be talked to; asked with the peer's, on the request's own thread.
AddressRule = Callable[[str], bool]


class AddressRefused(Exception):
    """The host's address is one that must not be talked to; nothing was sent."""


@dataclass(frozen=True)
class Answer:
    """An answer whose body is short; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Incoming:
    """An answer whose body comes in blocks, as the server sent it; None: none came for a while."""

    status: int
    headers: Mapping[str, str]
    blocks: Iterator[bytes | None]


def send(
    method: str,
    url: str,
    *,
    stop: Stop,
    headers: Mapping[str, str] | None = None,
    body: Path | bytes = b"",
    on_sent: Callable[[int], None] | None = None,
) -> Answer:
    """Send a request and take its short answer; `on_sent` is told how many bytes have gone.

    Raises
    ------
    WireBroken, JobCancelled
    InputError
        The file cannot be read.
    """
    with _opened(body) as (reader, n_bytes), _Line(None) as line:
        upload = _Upload(reader, n_bytes, line.closed) if n_bytes else None
        line.start(method, url, headers or {}, upload)

        def tell() -> None:
            if on_sent and upload:
                on_sent(upload.n_sent)

        head = line.head(stop, on_tick=tell)
        content = bytearray()
        for block in line.blocks(stop):
            content += block or b""
            if len(content) >= MAX_ANSWER_BYTES:
                break
        return Answer(head.status_code, _lowered(head), bytes(content[:MAX_ANSWER_BYTES]))


@contextmanager
def fetch(
    url: str,
    *,
    stop: Stop,
    headers: Mapping[str, str],
    may_reach: AddressRule,
    head_seconds: float,
) -> Iterator[Incoming]:
    """A GET whose body is streamed; the connection ends with the block.

    Parameters
    ----------
    head_seconds
        From the start of the request to the end of the answer's headers.

    Raises
    ------
    WireBroken
        Also while the blocks are read: the body ended before its announced length.
    AddressRefused, JobCancelled
    """
    with _Line(may_reach) as line:
        line.start("GET", url, headers, None)
        head = line.head(stop, within_seconds=head_seconds)
        yield Incoming(head.status_code, _lowered(head), line.blocks(stop))


class _Abandoned(OSError):
    """Nobody listens to a request any more."""


class _Line:
    """One request on its own thread, and what comes back of it in a short queue."""

    def __init__(self, may_reach: AddressRule | None) -> None:
        self.closed = threading.Event()
        self._may_reach = may_reach
        self._items: queue.Queue[Any] = queue.Queue(_BLOCKS_AHEAD)
        self._connections: list[HTTPConnection] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        for connection in self._connections:
            if connection.sock is not None:
                with suppress(OSError):  # wakes a thread that reads or writes
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def start(
        self, method: str, url: str, headers: Mapping[str, str], upload: _Upload | None
    ) -> None:
        """Begin the request."""
        threading.Thread(
            target=self._run, args=(method, url, headers, upload), name="wire", daemon=True
        ).start()

    def head(
        self,
        stop: Stop,
        *,
        within_seconds: float = math.inf,
        on_tick: Callable[[], object] = lambda: None,
    ) -> requests.Response:
        """Status and headers, as soon as they are there; `on_tick` is called while they are not."""
        began = time.monotonic()
        while time.monotonic() - began < within_seconds:
            item = self._next(stop)
            on_tick()
            if item is not None:
                assert isinstance(item, requests.Response)
                return item
        raise WireBroken(f"no answer came within {within_seconds:g} s")

    def blocks(self, stop: Stop) -> Iterator[bytes | None]:
        """The body; None when a tick went by without any of it."""
        while (item := self._next(stop)) != b"":
            yield item

    def _next(self, stop: Stop) -> Any:
        raise_if_stopped(stop)
        try:
            item = self._items.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            return None
        if isinstance(item, BaseException):
            raise item
        return item

    def _run(
        self, method: str, url: str, headers: Mapping[str, str], upload: _Upload | None
    ) -> None:
        try:
            with session(self._watch) as requesting:
                response = requesting.request(
                    method,
                    url,
                    headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers},
                    data=upload,
                    auth=no_auth,
                    allow_redirects=False,
                    stream=True,
                    proxies=exempt(url),
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                )
                self._put(response)
                while block := response.raw.read1(BLOCK_BYTES, decode_content=False):
                    self._put(block)
                self._put(b"")
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
            self._put(broken(error))
        except (OSError, ValueError) as error:  # ValueError: a socket that was closed under it
            self._put(broken(error))
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            self._put(error)

    def _put(self, item: object) -> None:
        while not self.closed.is_set():
            with suppress(queue.Full):
                self._items.put(item, timeout=_TICK_SECONDS)
                return
        if not isinstance(item, BaseException):
            raise _Abandoned

    def _watch(self, connection: HTTPConnection, peer: socket.socket) -> None:
        self._connections.append(connection)
        address = str(peer.getpeername()[0])
        if self._may_reach and not self._may_reach(address):
            peer.close()
            raise AddressRefused(address)


class _Upload:
    """A body that is read in blocks, counted, and ended when nobody waits any more."""

    def __init__(
        self,
        reader: BinaryIO,
        n_bytes: int,
        closed: threading.Event,
    ) -> None:
        self._reader, self._n_bytes, self._closed = reader, n_bytes, closed
        self.n_sent = 0

    def __len__(self) -> int:
        return self._n_bytes

    def read(self, size: int = -1) -> bytes:
        if self._closed.is_set():
            raise _Abandoned
        block = self._reader.read(BLOCK_BYTES if size < 0 else min(size, BLOCK_BYTES))
        self.n_sent += len(block)
        return block


@contextmanager
def _opened(body: Path | bytes) -> Iterator[tuple[BinaryIO, int]]:
    if isinstance(body, bytes):
        yield io.BytesIO(body), len(body)
        return
    try:
        reader = body.open("rb")
        n_bytes = body.stat().st_size
    except OSError as error:
        raise InputError(f"cannot read {body}: {error.strerror}") from error
    with reader:
        yield reader, n_bytes


def _lowered(response: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
