"""The base URL: one way to write it, so that a key stored for it is found again."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from hanolab_dawtools.cloud.http import DEFAULT_PORTS, is_loopback
from hanolab_dawtools.errors import UsageError

API_PATH = "/api/v1"
_SHOWN_CHARACTERS = 100
_HINT = "It looks like https://api.example.com, with or without /api/v1 behind it."


def normal_base_url(text: str) -> str:
    """The base URL in its one normal form: without `/api/v1`, without a slash at the end.

    Without a scheme https is meant, and http for this machine.

    Raises
    ------
    UsageError
        It is no URL; holds a password, a query or a fragment; or the key would travel in the
        clear (http to another machine).
    """
    stripped = text.strip()
    if "://" not in stripped:
        host = urlsplit(f"//{stripped}").hostname or "" if _is_split(f"//{stripped}") else ""
        stripped = f"{'http' if is_loopback(host) else 'https'}://{stripped}"
    parts = _parts(stripped)
    host = _ascii_host(parts)
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"the base URL {stripped} is not secure: the key would travel in the clear",
            hint="Use https://; http:// is for this machine only.",
        )
    shown = f"[{host}]" if ":" in host else host
    if parts.port and parts.port != DEFAULT_PORTS[parts.scheme]:
        shown = f"{shown}:{parts.port}"
    path = parts.path.rstrip("/").removesuffix(API_PATH).rstrip("/")
    return f"{parts.scheme}://{shown}{path}"


def _is_split(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        shown = text.rpartition("@")[2][:_SHOWN_CHARACTERS]  # before an @ may be a password
        raise UsageError(f"the base URL {shown!r} is no http or https URL", hint=_HINT)
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError("the base URL holds more than a place", hint=_HINT)
    return parts


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        return host if ":" in host else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UsageError(f"no machine can be called {host!r}", hint=_HINT) from error
