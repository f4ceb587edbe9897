"""Storages that take a plain HTTP PUT: WebDAV and its like, and the sandbox's upload area.

The body goes out with credentials of the storage's own. The API key goes to the sandbox's upload
area alone, because that is the API's own host.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from hanolab_dawtools.cloud import wire
from hanolab_dawtools.cloud.credentials import Key, load_storage_secret
from hanolab_dawtools.cloud.http import HttpAnswer
from hanolab_dawtools.cloud.refusals import refusal
from hanolab_dawtools.cloud.storage_base import (
    URL_SECONDS,
    Storage,
    StorageSettings,
    check_name,
    needed,
    needed_secret,
    unreachable,
)
from hanolab_dawtools.errors import HanolabError, StorageFailed, StorageNotSet
from hanolab_dawtools.events import NeverStop, Progress, ProgressCallback, Stop

API_PATH = "/api/v1"
UPLOADS_PATH = f"{API_PATH}/uploads"  # the sandbox's own; the HanoLab API has none

_WAITS_SECONDS = (0.5, 2.0, 5.0)  # before a PUT or DELETE is sent again; both may be repeated
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOVED = ("it has moved", "Correct the URL, perhaps to https: hanolab storage setup.")
_REASONS = {
    301: _MOVED,
    302: _MOVED,
    307: _MOVED,
    308: _MOVED,
    400: ("it calls the request wrong", "Check the storage's URL: it must be a folder."),
    401: ("it wants a sign-in", "Check the user name and set its secret: hanolab storage setup."),
    403: ("this user may not do that", "Give the user the right to write and delete there."),
    404: ("the folder is not there", "Make the folder first, or correct the storage's URL."),
    405: ("it takes no uploads", "The server must allow PUT and DELETE there (WebDAV)."),
    409: ("the folder is not there", "Make the folder first, or correct the storage's URL."),
    413: ("the file is too large for it", "Raise the server's limit, or choose a shorter region."),
    507: ("it is full", "Free some room there."),
}
_NO_FOLDER = frozenset({403, 404, 409})  # for a file in a folder that is not there yet
_NOT_THERE = frozenset({404, 410})
_ABOUT_THE_ACCOUNT = frozenset({401, 403})

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Door:
    """The server that files are put to, for requests and for messages.

    `api_key` where it is the API's own host: what it forbids is about the account then.
    """

    place: str
    headers: Mapping[str, str]
    api_key: str = field(default="", repr=False)

    def ask(
        self,
        method: str,
        url: str,
        *,
        stop: Stop,
        body: Path | bytes = b"",
        progress: ProgressCallback | None = None,
    ) -> wire.Answer:
        """Send a request that may be repeated, with patience for a bad line."""
        told = _told(body, progress) if progress else None
        for wait_seconds in (*_WAITS_SECONDS, None):
            try:
                answer = self._send(method, url, body, stop, told)
            except wire.WireBroken as error:
                if wait_seconds is None:
                    raise unreachable(self.place, str(error)) from error
            else:
                if wait_seconds is None or answer.status not in _TRY_AGAIN:
                    return answer
            _log.info("%s at %s is tried again", method, self.place)
            stop.wait(wait_seconds)
        raise AssertionError("the last try answers or raises")

    def _send(
        self,
        method: str,
        url: str,
        body: Path | bytes,
        stop: Stop,
        told: Callable[[int], None] | None,
    ) -> wire.Answer:
        headers = dict(self.headers)
        if method == "PUT":
            headers["Content-Type"] = "application/octet-stream"
        try:
            return wire.send(method, url, headers=headers, body=body, stop=stop, on_sent=told)
        except wire.WireBroken as error:
            if not body or not error.was_sent:
                raise
            # A server that refuses may hang up on the body, and its answer is lost in that.
            answer = wire.send(method, url, headers=headers, stop=stop)
            if answer.status in _TRY_AGAIN or not 400 <= answer.status < 500:
                raise
            return answer

    def refused(self, what: str, answer: wire.Answer) -> HanolabError:
        """What an answer means, and what to change."""
        status = answer.status
        if self.api_key and status in _ABOUT_THE_ACCOUNT:
            return refusal(
                HttpAnswer(status, answer.headers, answer.body),
                what="the upload",
                key=self.api_key,
                now=time.time(),
            )
        why, hint = _REASONS.get(status, (f"it answered {status}", "Try: hanolab storage check."))
        return StorageFailed(f"{self.place} does not {what}: {why}", hint=hint)


class PutTarget(Storage):
    """A folder of a web server that takes PUT and DELETE.

    Raises
    ------
    StorageNotSet
        The URL, or the secret of the user who is named, is missing.
    """

    def __init__(self, settings: StorageSettings) -> None:
        self._url = needed(settings.url, settings, "url").rstrip("/")
        self._public_url = (settings.public_url or self._url).rstrip("/")
        self._folder = settings.folder
        self.place = self._url
        self._door = _Door(self.place, _authorization(settings))

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """See `Storage.put`."""
        key = f"{self._folder}{check_name(name)}"
        url = f"{self._url}/{quote(key)}"
        answer = self._door.ask("PUT", url, body=path, stop=stop, progress=progress)
        if answer.status in _NO_FOLDER and self._make_folders(stop):
            answer = self._door.ask("PUT", url, body=path, stop=stop, progress=progress)
        if not 200 <= answer.status < 300:
            raise self._door.refused("take the file", answer)
        return key

    def _make_folders(self, stop: Stop) -> bool:
        """Make the prefix's folders, as WebDAV wants it; False when that does not help."""
        url, answer = self._url, None
        for name in filter(None, self._folder.split("/")):
            url = f"{url}/{quote(name)}"
            answer = self._door.ask("MKCOL", f"{url}/", stop=stop)
        return answer is not None and 200 <= answer.status < 300

    def url_for(self, key: str, *, seconds: int = URL_SECONDS) -> str:  # noqa: ARG002 - such URLs do not expire
        """See `Storage.url_for`."""
        return f"{self._public_url}/{quote(key)}"

    def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        _delete(self._door, f"{self._url}/{quote(key)}")


class SandboxTarget(Storage):
    """The upload area of `hanolab sandbox`: the API's own host, so the API key goes there."""

    def __init__(self, base_url: str, key: Key | None) -> None:
        if key is None or not base_url:
            raise StorageNotSet(
                "the sandbox's upload area needs its base URL and key", hint="Run: hanolab login"
            )
        self._url = base_url.rstrip("/").removesuffix(API_PATH) + UPLOADS_PATH
        self.place = f"the upload area of {urlsplit(base_url).netloc}"
        self._door = _Door(self.place, {"Authorization": f"Bearer {key.text}"}, key.text)

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """See `Storage.put`; the key is the name and the URL that the server made of it."""
        url = f"{self._url}/{check_name(name)}"
        answer = self._door.ask("PUT", url, body=path, stop=stop, progress=progress)
        if not 200 <= answer.status < 300:
            raise self._door.refused("take the file", answer)
        return f"{name} {_input_url(answer.body, self.place)}"

    def url_for(self, key: str, *, seconds: int = URL_SECONDS) -> str:  # noqa: ARG002 - the server decides
        """See `Storage.url_for`."""
        return key.partition(" ")[2]

    def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        _delete(self._door, f"{self._url}/{quote(key.partition(' ')[0])}")


def _delete(door: _Door, url: str) -> None:
    answer = door.ask("DELETE", url, stop=_Unstopped())
    if not 200 <= answer.status < 300 and answer.status not in _NOT_THERE:
        raise door.refused("delete the file", answer)


class _Unstopped(NeverStop):
    """For a deletion, which is short, and wanted also after a stop."""

    def wait(self, timeout: float | None = None) -> bool:
        time.sleep(timeout or 0.0)
        return False


def _authorization(settings: StorageSettings) -> dict[str, str]:
    """Basic for a user who is named, else a bearer token if there is a secret."""
    if settings.user:
        pair = base64.b64encode(f"{settings.user}:{needed_secret(settings)}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    token = load_storage_secret(settings.secret_name)
    if token and not token.text.isascii():
        raise StorageNotSet(
            f"the token for {settings.url} holds letters that no token holds",
            hint="Set the user name if it is a password: hanolab storage setup.",
        )
    return {"Authorization": f"Bearer {token.text}"} if token else {}


def _input_url(body: bytes, place: str) -> str:
    nothing = StorageFailed(
        f"{place} took the file but named no URL of it",
        hint="Use the storage kind `sandbox` only with hanolab sandbox.",
    )
    try:
        url = json.loads(body)["input_url"]
    except (ValueError, KeyError, TypeError) as error:
        raise nothing from error
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or " " in url:
        raise nothing
    return url


def _told(body: Path | bytes, progress: ProgressCallback) -> Callable[[int], None]:
    """Progress of a body that is sent."""
    n_total = body.stat().st_size if isinstance(body, Path) and body.is_file() else 0

    def tell(n_bytes: int) -> None:
        progress(Progress("uploading", n_bytes / n_total if n_total else None))

    return tell
