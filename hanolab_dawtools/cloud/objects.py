"""Objects of buckets as sources and targets: `s3://`, `gs://` and `az://` URLs.

A bucket is reached as the settings' storage of the same kind says, else as the usual variables of
that service do (`AWS_ACCESS_KEY_ID`, `GOOGLE_APPLICATION_CREDENTIALS`, …). The container of an
`az://` URL is its first part; the account is that of the settings or the variables.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError, PreconditionError
from obstore.store import AzureStore

from hanolab_dawtools import durable
from hanolab_dawtools.cloud.bucket import Bucket, bucket_named
from hanolab_dawtools.cloud.storage_base import StorageKind, StorageSettings
from hanolab_dawtools.errors import (
    HanolabError,
    InputError,
    StorageFailed,
    StorageNotSet,
    UsageError,
)
from hanolab_dawtools.events import NeverStop, Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.model import ObjectFacts

RANGE_BYTES = 8 << 20  # asked for at once; a stop waits for one of them
_LISTED_AT_ONCE = 1000  # S3's own most
_NO_RANGES = "non-partial response"  # obstore has no type for it

_URL = re.compile(r"(?P<scheme>s3|gs|az)://(?P<bucket>[^/\s]+)(?:/(?P<key>.*))?", re.DOTALL)
_KINDS: dict[str, StorageKind] = {"s3": "s3", "gs": "gcs", "az": "azure"}
_VARIABLES = {
    "s3": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "gs": "Set GOOGLE_APPLICATION_CREDENTIALS.",
    "az": "Set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY.",
}


@dataclass(frozen=True)
class _Place:
    """An address in a bucket."""

    scheme: str
    bucket: str
    key: str


class ObjectStores:
    """The buckets that URLs name; used from several threads.

    Parameters
    ----------
    settings
        The storage of the settings, None when there is none.
    """

    def __init__(self, settings: StorageSettings | None) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def list(self, url: str, *, stop: Stop) -> Iterator[ObjectFacts]:
        """The object with this URL, or all below it, in the order of their keys.

        Raises
        ------
        UsageError
            It is no such URL.
        StorageNotSet, StorageFailed, TransferFailed
        """
        place = _place_of(url)
        bucket = self._bucket(place)
        if place.key and not place.key.endswith("/"):
            found = self._head(place, stop)
            if found is not None:
                yield found
                return
        prefix = place.key.rstrip("/")
        root = f"{place.scheme}://{place.bucket}/"
        try:
            for some in obstore.list(bucket.store, prefix or None, chunk_size=_LISTED_AT_ONCE):
                raise_if_stopped(stop)
                for meta in some:
                    if not meta["path"].endswith("/"):
                        yield _facts(f"{root}{meta['path']}", meta)
        except (BaseError, OSError) as error:
            raise self._explained(place, "GET", "list its objects", error, stop) from error

    def read(self, facts: ObjectFacts, start: int, end: int) -> bytes:
        """Bytes start..end of an object; raises as `fetch`."""
        place = _place_of(facts.url)
        return self._range(place, facts, start, end, NeverStop())

    def fetch(
        self, url: str, tag: str, path: Path, *, stop: Stop, progress: ProgressCallback
    ) -> None:
        """Write an object's content to a file, which appears when it is whole.

        Raises
        ------
        InputError
            It is gone, or its tag is another one by now.
        StorageNotSet, StorageFailed, TransferFailed, DiskFull, NotWritable, JobCancelled
        """
        place = _place_of(url)
        facts = self._head(place, stop)
        if facts is None:
            raise InputError(f"{url} is not there any more", hint="Plan the batch anew.")
        if facts.tag != tag:
            raise _changed(url)
        with durable.translated_os_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with durable.replacing(path) as part, part.open("wb") as stream:
            for start in range(0, facts.n_bytes, RANGE_BYTES):
                raise_if_stopped(stop)
                progress(Progress("fetching", start / facts.n_bytes))
                end = min(start + RANGE_BYTES, facts.n_bytes)
                stream.write(self._range(place, facts, start, end, stop))

    def put(self, path: Path, url: str, *, stop: Stop, progress: ProgressCallback) -> None:
        """Put a file under a URL, replacing what is there; whole or not at all.

        Raises
        ------
        StorageNotSet, StorageFailed, TransferFailed, InputError, JobCancelled
        """
        place = _place_of(url)
        try:
            self._bucket(place).put_as(path, place.key, stop=stop, progress=progress)
        except StorageFailed as error:
            raise self._told(place, error) from error

    def _head(self, place: _Place, stop: Stop) -> ObjectFacts | None:
        bucket = self._bucket(place)
        try:
            meta = obstore.head(bucket.store, place.key)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise self._explained(place, "HEAD", "show the object", error, stop) from error
        return _facts(f"{place.scheme}://{place.bucket}/{place.key}", meta)

    def _range(self, place: _Place, facts: ObjectFacts, start: int, end: int, stop: Stop) -> bytes:
        bucket = self._bucket(place)
        options: Any = {"range": (start, end)}
        if facts.tag.startswith('"'):
            options["if_match"] = facts.tag
        try:
            return bytes(obstore.get(bucket.store, place.key, options=options).bytes())
        except (PreconditionError, FileNotFoundError) as error:
            raise _changed(facts.url) from error
        except (BaseError, OSError) as error:
            if _NO_RANGES in str(error):
                raise StorageFailed(
                    f"{bucket.place} gives objects only as a whole: its server knows no ranges",
                    hint="Copy the files to this machine, or into another storage.",
                ) from error
            raise self._explained(place, "GET", "give the object", error, stop) from error

    def _explained(
        self, place: _Place, method: str, what: str, error: Exception, stop: Stop
    ) -> HanolabError:
        key = place.key or "/"
        return self._told(place, self._bucket(place).explained(method, key, what, error, stop))

    def _told(self, place: _Place, error: HanolabError) -> HanolabError:
        """A bucket that signs nothing lacks a key, which nobody set up."""
        settings = self._settings
        is_set_up = settings is not None and settings.kind == _KINDS[place.scheme]
        if is_set_up or not isinstance(error, StorageFailed):
            return error
        with suppress(StorageFailed):
            self._bucket(place).url_for("any")
            return error
        return StorageFailed(
            f"no key for {place.scheme}://{place.bucket} is known",
            hint=f"{_VARIABLES[place.scheme]} Or set a storage up: hanolab storage setup.",
        )

    def _bucket(self, place: _Place) -> Bucket:
        with self._lock:
            name = (place.scheme, place.bucket)
            if name not in self._buckets:
                kind, settings = _KINDS[place.scheme], self._settings
                if settings is not None and settings.kind == kind:
                    self._buckets[name] = bucket_named(place.bucket, settings)
                else:
                    self._buckets[name] = _by_variables(kind, place)
            return self._buckets[name]


def _by_variables(kind: StorageKind, place: _Place) -> Bucket:
    """A bucket that the service's own variables lead to."""
    if kind == "azure":  # the library reads all of them
        with suppress(BaseError, ValueError):
            store = AzureStore(place.bucket)
            return Bucket(store, f"az://{place.bucket}", "")
        raise StorageNotSet(
            f"the account of az://{place.bucket} is not known",
            hint=_VARIABLES["az"],
        )
    endpoint = region = ""
    if kind == "s3":
        names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
        endpoint = next(filter(None, map(os.environ.get, names)), "")
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    return bucket_named(
        place.bucket, StorageSettings(kind, endpoint=endpoint.rstrip("/"), region=region)
    )


def _facts(url: str, meta: Any) -> ObjectFacts:
    tag = meta.get("e_tag") or f"{meta['size']} {meta['last_modified'].isoformat()}"
    return ObjectFacts(url, meta["size"], tag)


def _place_of(url: str) -> _Place:
    found = _URL.fullmatch(url)
    if found is None:
        raise UsageError(
            f"{url!r} names no bucket", hint="Write: s3://BUCKET/FOLDER, or gs://, az://."
        )
    return _Place(found["scheme"], found["bucket"], found["key"] or "")


def _changed(url: str) -> HanolabError:
    return InputError(f"{url} was changed meanwhile", hint="Plan the batch anew.")
