"""Sessions of requests, as we want them, and what they raise in our words."""

from __future__ import annotations

import http.client
import http.cookiejar
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from hanolab_dawtools import __version__
from hanolab_dawtools.cloud.http.address import is_loopback
from hanolab_dawtools.cloud.http.connection import POOL_CLASSES
from hanolab_dawtools.cloud.http.exchange import Gate, NoAnswer

_CHECK_HINT = "Check the network and the base URL; `hanolab doctor` looks for the cause."
_PROXY_HINT = "Check the variables HTTPS_PROXY and NO_PROXY."

# What is inside of an exception, why that is, what to do; the first that fits counts.
_REASONS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    (
        (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL),
        "the proxy refused",
        _PROXY_HINT,
    ),
    (
        (requests.exceptions.SSLError,),
        "the secure connection failed (its certificate, or this machine's clock)",
        _CHECK_HINT,
    ),
    ((NameResolutionError,), "no machine of this name is known", _CHECK_HINT),
    ((requests.ConnectTimeout,), "no connection came about in time", _CHECK_HINT),
    ((NewConnectionError,), "the connection was refused", _CHECK_HINT),
    ((requests.ReadTimeout,), "nothing came for too long", ""),
)


class Bearer(AuthBase):
    """Sets our key, or nothing; its presence keeps requests from looking into `.netrc`."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests for each request."""
        if self._key is not None:
            prepared.headers["Authorization"] = f"Bearer {self._key}"
        return prepared


class _Adapter(HTTPAdapter):
    """Makes gated connections, through HTTP proxies too."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        if proxy.lower().startswith("socks"):
            raise requests.exceptions.InvalidProxyURL("SOCKS proxies are not supported")
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = POOL_CLASSES
        return manager


def new_session() -> requests.Session:
    """A session for one exchange at a time; keeps connections, but no cookies."""
    session = requests.Session()
    session.headers["User-Agent"] = f"hanolab_dawtools/{__version__}"
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


def proxies_for(url: str) -> dict[str, str] | None:
    """For this machine: none, whatever the environment says; else what it says."""
    host = urlsplit(url).hostname or ""
    return {"no_proxy": host} if is_loopback(host) else None


@contextmanager
def translated(url: str, gate: Gate) -> Iterator[None]:
    """Turn whatever the libraries raise into `NoAnswer`."""
    try:
        yield
    except (
        requests.RequestException,
        HTTPError,  # urllib3's own, which requests lets through here and there
        http.client.HTTPException,
        OSError,
        ValueError,  # hosts and headers that cannot be written down
    ) as error:
        place = urlsplit(url).netloc.rpartition("@")[2]
        reason, hint = _reason(error)
        raise NoAnswer(f"{place}: {reason}", was_sent=gate.was_sent, hint=hint) from error


def _reason(error: BaseException) -> tuple[str, str]:
    """Why an exchange failed, and what a user can do."""
    if type(error) is OSError and error.errno is None:  # certificates that are not where they
        return str(error), _CHECK_HINT  # should be: requests' own words
    causes = [error, *_causes(error)]
    for kinds, reason, hint in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return reason, hint
    return "the connection was cut", ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What lies inside of an exception of requests."""
    inside = error.args[0] if error.args else None
    inside = getattr(inside, "reason", inside)
    if isinstance(inside, BaseException):
        yield inside
        yield from _causes(inside)
