"""Proof that a storage works: a small file goes the whole way, and is removed again."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from hanolab_dawtools.cloud import wire
from hanolab_dawtools.cloud.addresses import is_public_host
from hanolab_dawtools.errors import HanolabError, StorageFailed, TransferFailed
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, ignore_progress

_URL_SECONDS = 600
_N_BYTES = 1000
_LINK_SECONDS = 30.0
_FETCH_HINTS = {
    403: "The link must work without a sign-in: check the key's right to read.",
    404: "What was put is not there: check the public URL, and the prefix.",
}


@dataclass(frozen=True)
class StorageCheck:
    """What a check that passed has to say.

    Attributes
    ----------
    steps
        What worked, one sentence each.
    warning
        Why the cloud may fail where this machine did not; empty when nothing speaks for that.
    """

    steps: tuple[str, ...]
    warning: str = ""


class CheckedStorage(Protocol):
    """What a check asks of a storage; see `cloud.storage.Storage`."""

    place: str

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """Upload a file."""
        ...

    def url_for(self, key: str, *, seconds: int) -> str:
        """A URL to fetch it from."""
        ...

    def delete(self, key: str) -> None:
        """Delete it."""
        ...


def check_storage(
    storage: CheckedStorage, *, stop: Stop, progress: ProgressCallback
) -> StorageCheck:
    """Put, fetch through the URL without credentials, compare, delete; see `Storage.check`."""
    content = os.urandom(_N_BYTES)
    name = f"hanolab-check-{os.urandom(6).hex()}.bin"
    progress(Progress("putting a small file"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        key = storage.put(path, name, stop=stop, progress=ignore_progress)
    try:
        progress(Progress("fetching it as the cloud would"))
        url = storage.url_for(key, seconds=_URL_SECONDS)
        _fetch(storage.place, url, content, stop)
    except BaseException:
        _delete_quietly(storage, key)
        raise
    progress(Progress("deleting it"))
    storage.delete(key)
    return StorageCheck(
        (
            f"{storage.place} takes files",
            "the link to a file works without a sign-in",
            "the file was deleted",
        ),
        _warning(url),
    )


def link_status(url: str, *, stop: Stop) -> int:
    """The HTTP status that a link answers with, 0 when nothing answers; a byte of it is fetched.

    Raises
    ------
    JobCancelled
    """
    try:
        with wire.fetch(
            url,
            stop=stop,
            headers={"Range": "bytes=0-0"},
            may_reach=lambda _: True,
            head_seconds=_LINK_SECONDS,
        ) as incoming:
            return incoming.status
    except wire.WireBroken:
        return 0


def _fetch(place: str, url: str, content: bytes, stop: Stop) -> None:
    try:
        answer = wire.send("GET", url, stop=stop)
    except wire.WireBroken as error:
        raise TransferFailed(
            f"{place} took a file, but its link cannot be reached: {error}",
            hint="Check the storage's endpoint, or its public URL: hanolab storage setup.",
        ) from error
    if answer.status != 200:
        raise StorageFailed(
            f"{place} took a file, but its link answers {answer.status}",
            hint=_FETCH_HINTS.get(answer.status, "Open a link to a file there in a browser."),
        )
    if answer.body != content:
        raise StorageFailed(
            f"{place} took a file, but its link gives another one",
            hint="Check the public URL; a page for signing in is no file.",
        )


def _delete_quietly(storage: CheckedStorage, key: str) -> None:
    try:
        storage.delete(key)
    except HanolabError:
        return  # the first failure is the one to tell


def _warning(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if is_public_host(host):
        return ""
    return (
        f"{host} can be reached from this machine or its network alone: the HanoLab cloud cannot"
        " fetch from there (the sandbox on this machine can)"
    )
