"""Requests and answers, and who sends the ones for the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

import requests

from hanolab_dawtools.cloud.http.address import origin
from hanolab_dawtools.cloud.http.connection import current_gate
from hanolab_dawtools.cloud.http.exchange import Exchange, Gate, Head, NoAnswer, Stopped
from hanolab_dawtools.cloud.http.session import Bearer, new_session, proxies_for, translated
from hanolab_dawtools.events import Stop

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0  # between two things that come
TOTAL_SECONDS = 90.0  # from the look-up of the name to the last byte
MAX_ANSWER_BYTES = 4 << 20
MAX_REDIRECTS = 3

_BLOCK_BYTES = 1 << 16
_MAX_IDLE = 4
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class HttpRequest:
    """What to send; `key` goes as the bearer token to the host of `url` alone."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class HttpAnswer:
    """What came back; header names are in lower case.

    `fault` says why `body` is only a part: cut off, too long, too slow, stopped. It is empty when
    the body is whole.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    fault: str = ""
    is_too_long: bool = False


class Http:
    """Sends requests; may be used from several threads at once.

    Parameters
    ----------
    connect_seconds, read_seconds, total_seconds
        How long a connection, the next thing of an answer, and the whole of it may take.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._timeout = (connect_seconds, read_seconds)
        self._total_seconds = total_seconds
        self._max_answer_bytes = max_answer_bytes
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []

    def get(self, request: HttpRequest, *, stop: Stop) -> HttpAnswer:
        """Send a GET; redirects within its origin are followed, any other one is the answer.

        Raises
        ------
        NoAnswer
            No status came.
        Stopped
        """
        answer = self._fetch(request, stop, after_stop_seconds=0.0, is_fresh=False)
        for _ in range(MAX_REDIRECTS):
            target = _redirect(request, answer)
            if target is None:
                break
            request = replace(request, url=target)
            answer = self._fetch(request, stop, after_stop_seconds=0.0, is_fresh=False)
        return answer

    def post_once(
        self, request: HttpRequest, *, stop: Stop, after_stop_seconds: float
    ) -> HttpAnswer:
        """Send a POST on a connection of its own, which no server can have closed meanwhile.

        When the user stops after it was sent, the answer is waited for `after_stop_seconds` more.

        Raises
        ------
        NoAnswer, Stopped
            No status came; `was_sent` False is the proof that nothing was sent.
        """
        return self._fetch(request, stop, after_stop_seconds=after_stop_seconds, is_fresh=True)

    def _fetch(
        self, request: HttpRequest, stop: Stop, *, after_stop_seconds: float, is_fresh: bool
    ) -> HttpAnswer:
        exchange = Exchange(
            lambda gate, emit: self._work(request, is_fresh, gate, emit),
            total_seconds=self._total_seconds,
            after_stop_seconds=after_stop_seconds,
        )
        try:
            head = exchange.next(stop)
            assert isinstance(head, Head)  # it is what `_work` emits first
            answer = HttpAnswer(head.status, head.headers, b"")
            return self._with_body(answer, exchange, stop, bears_stop=after_stop_seconds > 0)
        finally:
            exchange.close()

    def _with_body(
        self, answer: HttpAnswer, exchange: Exchange, stop: Stop, *, bears_stop: bool
    ) -> HttpAnswer:
        """The whole body, or as much as came and may come."""
        body = b""
        try:
            while isinstance(block := exchange.next(stop), bytes):
                body += block
                if len(body) > self._max_answer_bytes:
                    body = body[: self._max_answer_bytes]
                    fault = f"it is longer than {self._max_answer_bytes} bytes"
                    return replace(answer, body=body, fault=fault, is_too_long=True)
        except NoAnswer as error:
            return replace(answer, body=body, fault=str(error))
        except Stopped as error:
            if not bears_stop:
                raise
            return replace(answer, body=body, fault=str(error))
        return replace(answer, body=body)

    def _work(
        self,
        request: HttpRequest,
        is_fresh: bool,
        gate: Gate,
        emit: Callable[[Head | bytes], None],
    ) -> None:
        """One exchange, in its own thread."""
        current_gate.set(gate)
        session = new_session() if is_fresh else self._take()
        try:
            with (
                translated(request.url, gate),
                # Left half read, it is closed here: its socket would live as long as the response.
                session.request(
                    request.method,
                    request.url,
                    headers={"Accept-Encoding": "identity", **request.headers},
                    data=request.body,
                    auth=Bearer(request.key),
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                    proxies=proxies_for(request.url),
                ) as response,
            ):
                headers = {name.lower(): value for name, value in response.headers.items()}
                emit(Head(response.status_code, headers))
                for block in response.iter_content(_BLOCK_BYTES):
                    emit(block)
        except BaseException:
            session.close()
            raise
        gate.release()
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


def _redirect(request: HttpRequest, answer: HttpAnswer) -> str | None:
    """Where an answer leads within the origin; None to stay."""
    location = answer.headers.get("location")
    if answer.status in _REDIRECTS and location:
        with suppress(ValueError):  # a location that is no URL
            target = urljoin(request.url, location)
            if origin(target) == origin(request.url):
                return target
    return None
