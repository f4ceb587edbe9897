"""Requests and answers, and who sends the ones for the others."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

import requests

from hanolab_dawtools.cloud.http.address import origin
from hanolab_dawtools.cloud.http.connection import current_gate, is_public_only
from hanolab_dawtools.cloud.http.exchange import Exchange, Gate, Head, NoAnswer, Stopped
from hanolab_dawtools.cloud.http.session import Bearer, new_session, proxies_for, translated
from hanolab_dawtools.errors import InputError
from hanolab_dawtools.events import Stop

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0  # between two things that come, not for the whole
TOTAL_SECONDS = 90.0  # for an answer of the API, from the look-up to the last byte
MAX_ANSWER_BYTES = 4 << 20
MAX_REDIRECTS = 3
BLOCK_BYTES = 1 << 16

_MAX_IDLE = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class HttpRequest:
    """What to send.

    Attributes
    ----------
    key
        Sent as the bearer token to `url`'s host; None for none.
    body
        Bytes, or a file that is streamed.
    is_public_only
        Refuse to connect to private addresses (`CloudProtocolError`), whatever name led there. A
        proxy is trusted to know what it does.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Path | None = None
    key: str | None = field(default=None, repr=False)
    is_public_only: bool = False


@dataclass(frozen=True)
class HttpAnswer:
    """What came back; header names are in lower case.

    `fault` says why `body` is only a part: cut off, too long, too slow, stopped. It is empty when
    the body is whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    fault: str = ""
    is_too_long: bool = False


class HttpStream:
    """An answer whose body is still coming."""

    def __init__(self, exchange: Exchange, head: Head, stop: Stop) -> None:
        self._exchange = exchange
        self._stop = stop
        self.status = head.status
        self.headers = head.headers

    def blocks(self) -> Iterator[bytes]:
        """The body, decoded, in blocks of any length.

        Raises
        ------
        NoAnswer
            It was cut off, or took too long.
        Stopped
        """
        while (block := self._exchange.next(self._stop)) is not None:
            if isinstance(block, bytes):
                yield block


class Http:
    """Sends requests; may be used from several threads at once."""

    def __init__(
        self, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self._timeout = (connect_seconds, read_seconds)
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []

    def fetch(
        self,
        request: HttpRequest,
        *,
        stop: Stop,
        max_bytes: int = MAX_ANSWER_BYTES,
        total_seconds: float | None = TOTAL_SECONDS,
        after_stop_seconds: float = 0.0,
        is_fresh: bool = False,
        on_sent: Callable[[int], None] | None = None,
    ) -> HttpAnswer:
        """Send a request and take in its answer; GET follows redirects within its origin.

        Parameters
        ----------
        after_stop_seconds
            How long an answer is still waited for when the user stops after the request was sent.
        is_fresh
            Use a connection of its own, which no server can have closed meanwhile.
        on_sent
            Told how many bytes of a body that is a file have gone, now and then.

        Raises
        ------
        NoAnswer
            No status came; with whether anything was sent.
        Stopped
        CloudProtocolError
            The address is private and `is_public_only`.
        """
        for _ in range(MAX_REDIRECTS + 1):
            with self.stream(
                request,
                stop=stop,
                total_seconds=total_seconds,
                after_stop_seconds=after_stop_seconds,
                is_fresh=is_fresh,
                on_sent=on_sent,
            ) as stream:
                answer = _taken_in(stream, request.url, max_bytes, bears=after_stop_seconds > 0)
            target = _redirect(request, answer)
            if target is None:
                return answer
            request = replace(request, url=target)
        return answer

    @contextmanager
    def stream(
        self,
        request: HttpRequest,
        *,
        stop: Stop,
        total_seconds: float | None = None,
        after_stop_seconds: float = 0.0,
        is_fresh: bool = False,
        on_sent: Callable[[int], None] | None = None,
    ) -> Iterator[HttpStream]:
        """Send a request and give its answer as soon as the head is there.

        Redirects are not followed. Leaving the context before the end breaks the connection.
        Raises as `fetch`.
        """
        exchange = Exchange(
            lambda gate, emit: self._work(request, is_fresh, gate, emit),
            total_seconds=total_seconds,
            after_stop_seconds=after_stop_seconds,
            while_waiting=on_sent,
        )
        try:
            head = exchange.next(stop)
            assert isinstance(head, Head)  # what the thread emits first
            yield HttpStream(exchange, head, stop)
        finally:
            exchange.close()

    def _work(
        self,
        request: HttpRequest,
        is_fresh: bool,
        gate: Gate,
        emit: Callable[[Head | bytes], None],
    ) -> None:
        """One exchange, in its own thread."""
        current_gate.set(gate)
        is_public_only.set(request.is_public_only)
        session = new_session() if is_fresh else self._take()
        try:
            with _opened(request.body, gate) as body, translated(request.url, gate):
                response = session.request(
                    request.method,
                    request.url,
                    headers={"Accept-Encoding": "identity", **request.headers},
                    data=body,
                    auth=Bearer(request.key),
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                    proxies=proxies_for(request.url),
                )
                headers = {name.lower(): value for name, value in response.headers.items()}
                emit(Head(response.status_code, headers))
                for block in response.iter_content(BLOCK_BYTES):
                    emit(block)
        except BaseException:
            session.close()
            raise
        self._give_back(session, is_fresh)

    def _take(self) -> requests.Session:
        with self._lock:
            return self._idle.pop() if self._idle else new_session()

    def _give_back(self, session: requests.Session, is_fresh: bool) -> None:
        with self._lock:
            if not is_fresh and len(self._idle) < _MAX_IDLE:
                self._idle.append(session)
                return
        session.close()


def _taken_in(stream: HttpStream, url: str, max_bytes: int, *, bears: bool) -> HttpAnswer:
    """The whole body, or as much as came; a stop is borne when the status alone is worth a lot."""
    answer = HttpAnswer(stream.status, stream.headers, b"", url)
    blocks: list[bytes] = []
    n_bytes = 0
    try:
        for block in stream.blocks():
            blocks.append(block[: max_bytes - n_bytes])
            n_bytes += len(block)
            if n_bytes > max_bytes:
                too_long = f"it is longer than {max_bytes} bytes"
                return replace(answer, body=b"".join(blocks), fault=too_long, is_too_long=True)
    except (NoAnswer, Stopped) as error:
        if isinstance(error, Stopped) and not bears:
            raise
        return replace(answer, body=b"".join(blocks), fault=str(error))
    return replace(answer, body=b"".join(blocks))


def _redirect(request: HttpRequest, answer: HttpAnswer) -> str | None:
    """Where a GET may follow an answer to; None to stay."""
    location = answer.headers.get("location")
    if request.method != "GET" or answer.status not in _REDIRECTS or not location:
        return None
    with suppress(ValueError):  # a location that is no URL
        target = urljoin(request.url, location)
        if origin(target) == origin(request.url):
            return target
    return None


class _CountedFile(io.FileIO):
    """A file being sent: counts what went, ends when nobody waits any more."""

    gate: Gate

    def read(self, size: int | None = -1, /) -> bytes:
        self.gate.check()
        block = super().read(-1 if size is None else size)
        self.gate.n_body_bytes += len(block)
        return block


@contextmanager
def _opened(body: bytes | Path | None, gate: Gate) -> Iterator[bytes | io.FileIO | None]:
    if not isinstance(body, Path):
        yield body
        return
    try:
        stream = _CountedFile(body, "rb")
    except OSError as error:
        raise InputError(f"cannot read {body}: {error.strerror}") from error
    stream.gate = gate
    with stream:
        yield stream
