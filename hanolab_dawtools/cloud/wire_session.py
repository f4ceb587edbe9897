"""Sessions of requests for hosts that never see the API key, and their failures in our words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hanolab_dawtools.cloud.http.address import is_loopback

# Told of each new connection, before anything is sent on it.
Watch = Callable[[HTTPConnection, socket.socket], None]

# Classes in an error's chain, what they mean, and whether anything may have been sent; the first
# that fits. `NameResolutionError` is a `NewConnectionError`, and that a `ConnectTimeoutError`.
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, bool], ...] = (
    (urllib3.exceptions.NameResolutionError, "its host name is not known", False),
    (ssl.SSLCertVerificationError, "its certificate is not trusted", False),
    (requests.exceptions.SSLError, "the secure line broke", True),
    (urllib3.exceptions.NewConnectionError, "it takes no connection", False),
    (requests.exceptions.ProxyError, "the proxy does not let us through", False),
    (requests.exceptions.ConnectTimeout, "it does not answer", False),
    (
        (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema),
        "the address makes no sense",
        False,
    ),
    (urllib3.exceptions.ReadTimeoutError, "it fell silent", True),
    (urllib3.exceptions.IncompleteRead, "the body ended before its announced length", True),
)


class WireBroken(Exception):
    """No answer, or not all of one. `was_sent` is False when certainly nothing was sent."""

    def __init__(self, reason: str, *, was_sent: bool = True) -> None:
        super().__init__(reason)
        self.was_sent = was_sent


def session(watch: Watch) -> requests.Session:
    """A session for one request, whose connections are shown to `watch`."""
    made = _PlainSession()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _WatchedAdapter(watch))
    return made


def exempt(url: str) -> dict[str, str]:
    """The host that the environment's proxies do not count for, as requests wants to be told."""
    host = urlsplit(url).hostname or ""
    return {"no_proxy": host} if is_loopback(host) else {}


class _PlainSession(requests.Session):
    """Sees no redirects: requests would read their targets even if it does not go there."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - of none
        return None


class _WatchedAdapter(HTTPAdapter):
    """Shows each new connection before anything is sent on it; a proxy's are not shown."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of connections, with connections that are watched."""
        super().init_poolmanager(*args, **options)
        watch = self._watch

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _watched(self, super()._new_conn(), watch)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _watched(self, super()._new_conn(), watch)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _watched(connection: HTTPConnection, peer: socket.socket, watch: Watch) -> socket.socket:
    watch(connection, peer)
    return peer


def broken(error: Exception) -> WireBroken:
    """The reason in a user's words, by the classes in an error's chain."""
    chain = list(_causes(error))
    for kinds, reason, was_sent in _REASONS:
        if any(isinstance(cause, kinds) for cause in chain):
            return WireBroken(reason, was_sent=was_sent)
    return WireBroken("the connection broke")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it was raised from; requests and urllib3 keep that in three places."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or cause in seen:
            continue
        seen.append(cause)
        yield cause
        inner = [getattr(cause, "reason", None), *cause.args, cause.__cause__, cause.__context__]
        waiting += [each for each in inner if isinstance(each, BaseException)]


def no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Adds nothing: without it, requests would look into `~/.netrc` and the URL."""
    return request
