"""Buckets: S3 and everything compatible, Google Cloud Storage, Azure. The only user of obstore.

Files go up in parts that are retried one by one; a stop ends the upload and removes its parts.
URLs are signed here, without asking the server. When a bucket refuses, obstore says so in prose;
so the same question is asked once more through a signed URL, and the answer's own code decides
what the user is told (`cloud.bucket_refusals`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from hanolab_dawtools.cloud import bucket_refusals, wire
from hanolab_dawtools.cloud.storage_base import (
    MAX_URL_SECONDS,
    URL_SECONDS,
    Storage,
    StorageSettings,
    check_name,
    needed,
    needed_secret,
    unreachable,
)
from hanolab_dawtools.errors import (
    HanolabError,
    InputError,
    JobCancelled,
    StorageFailed,
    StorageNotSet,
)
from hanolab_dawtools.events import NeverStop, Progress, ProgressCallback, Stop, raise_if_stopped

if TYPE_CHECKING:
    from obstore.store import RetryConfig  # there for type checkers alone

PART_BYTES = 5 << 20  # S3's smallest; small parts make a bad line lose little
PARTS_AT_ONCE = 4

_CLIENT = {
    "connect_timeout": timedelta(seconds=10),
    "timeout": timedelta(minutes=10),  # of one part: bears 35 kB/s with four under way
}
_RETRY: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(minutes=15)}
_TICK_SECONDS = 0.1
_REMOVAL_SECONDS = 0.5  # that a stop waits for the removal of parts; then it goes on by itself
_EXPLAINED_SECONDS = 900  # the signature of the one request that explains a failure
_MAX_PARTS = 10_000  # of S3
_AT_ONCE = 1000  # files that are deleted with one request, S3's own most

_log = logging.getLogger(__name__)
_Store = S3Store | GCSStore | AzureStore


def open_bucket(settings: StorageSettings) -> Bucket:
    """The bucket of a storage of kind s3, gcs or azure; nothing is sent yet.

    Raises
    ------
    StorageNotSet
    """
    name = needed(settings.bucket, settings, "bucket")
    return bucket_named(name, settings, settings.folder)


def bucket_named(name: str, settings: StorageSettings, folder: str = "") -> Bucket:
    """A bucket of this name, reached as the settings say; its own name there does not matter.

    Raises
    ------
    StorageNotSet
    """
    make = {"s3": _s3, "gcs": _gcs, "azure": _azure}[settings.kind]
    place = f"{settings.kind}://{name}/{folder}".rstrip("/")
    try:
        store = make(name, settings)
    except (BaseError, ValueError) as error:
        raise StorageNotSet(
            f"the storage {place} is not set up right: {bucket_refusals.first_line(error)}",
            hint="Set it up anew with: hanolab storage setup.",
        ) from error
    return Bucket(store, place, folder)


class Bucket(Storage):
    """One folder of one bucket; empty, or with a slash at its end."""

    def __init__(self, store: _Store, place: str, folder: str) -> None:
        self.place = place
        self.store = store
        self._folder = folder

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """See `Storage.put`."""
        key = self.key_for(name)
        self.put_as(path, key, stop=stop, progress=progress)
        return key

    def key_for(self, name: str) -> str:
        """The key of a file that is put as `name`."""
        return f"{self._folder}{check_name(name)}"

    def put_as(self, path: Path, key: str, *, stop: Stop, progress: ProgressCallback) -> None:
        """Upload a file under any key; raises as `Storage.put`."""
        upload = _Upload(path)
        try:
            _until_stopped(lambda: self._put(key, upload), stop, upload, progress)
        except (BaseError, OSError) as error:
            raise self.explained("PUT", key, "take the file", error, stop) from error

    def _put(self, key: str, upload: _Upload) -> None:
        is_small = upload.n_bytes <= PART_BYTES
        obstore.put(
            self.store,
            key,
            b"".join(upload) if is_small else upload,
            attributes={"Content-Type": "application/octet-stream"},
            use_multipart=not is_small,
            max_concurrency=PARTS_AT_ONCE,
        )

    def url_for(self, key: str, *, seconds: int = URL_SECONDS) -> str:
        """See `Storage.url_for`; no longer than seven days."""
        return self._signed("GET", key, min(seconds, MAX_URL_SECONDS))

    def put_url(self, key: str, *, seconds: int) -> tuple[str, Mapping[str, str]]:
        """A URL that anybody can put one file of up to 5 GB to, with the headers that it needs.

        Raises
        ------
        StorageFailed
        """
        return self._signed("PUT", key, min(seconds, MAX_URL_SECONDS)), self._put_headers

    @property
    def _put_headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/octet-stream"}
        if isinstance(self.store, AzureStore):
            headers["x-ms-blob-type"] = "BlockBlob"  # else it refuses for the lack of that alone
        return headers

    def delete_all(self) -> None:
        """Delete every file in the folder.

        Raises
        ------
        StorageFailed, TransferFailed
        """
        assert self._folder, "a whole bucket is nobody's to delete"
        try:
            for some in obstore.list(self.store, self._folder.rstrip("/"), chunk_size=_AT_ONCE):
                obstore.delete(self.store, [meta["path"] for meta in some])
        except (BaseError, OSError) as error:
            raise self.explained(
                "GET", self._folder, "list its files", error, NeverStop()
            ) from error

    def delete(self, key: str) -> None:
        """See `Storage.delete`."""
        try:
            obstore.delete(self.store, key)
        except FileNotFoundError:
            pass
        except (BaseError, OSError) as error:
            raise self.explained("DELETE", key, "delete the file", error, NeverStop()) from error

    def _signed(self, method: Any, key: str, seconds: int) -> str:
        try:
            return obstore.sign(self.store, method, key, timedelta(seconds=seconds))
        except (BaseError, OSError, ValueError) as error:
            raise StorageFailed(
                f"{self.place} gives no signed URLs: {bucket_refusals.first_line(error)}",
                hint="Signing needs a key of your own: hanolab storage setup.",
            ) from error

    def explained(
        self, method: str, key: str, what: str, error: Exception, stop: Stop
    ) -> HanolabError:
        """What to tell about a failure: what the server answers to the same request, signed."""
        _log.info("%s did not %s", self.place, what, exc_info=error)
        try:
            url = self._signed(method, key, _EXPLAINED_SECONDS)
            answer = wire.send(method, url, stop=stop, headers=self._put_headers)
        except wire.WireBroken as broken:
            return unreachable(self.place, str(broken))
        except StorageFailed as unsigned:
            return unsigned
        if method == "PUT" and answer.status < 300:  # it took nothing's worth; do not leave that
            with suppress(BaseError, OSError):
                obstore.delete(self.store, key)
        return bucket_refusals.explain(self.place, what, answer)


def _s3(bucket: str, settings: StorageSettings) -> _Store:
    options: dict[str, Any] = {"virtual_hosted_style_request": "." not in bucket}
    if settings.endpoint:
        options["endpoint"] = settings.endpoint
        options["virtual_hosted_style_request"] = False
        if not settings.path_style:
            scheme, _, host = settings.endpoint.partition("://")
            options["endpoint"] = f"{scheme}://{bucket}.{host}"
            options["virtual_hosted_style_request"] = True
    if settings.region or settings.endpoint:
        options["region"] = settings.region or "us-east-1"
    if settings.access_key_id:
        options["access_key_id"] = settings.access_key_id
        options["secret_access_key"] = needed_secret(settings)
    return S3Store(bucket, **options, client_options=_client(settings), retry_config=_RETRY)


def _gcs(bucket: str, settings: StorageSettings) -> _Store:
    options: dict[str, Any] = {}
    if settings.credentials_file:
        options["service_account"] = str(Path(settings.credentials_file).expanduser())
    if settings.endpoint:
        options["base_url"] = settings.endpoint
    return GCSStore(bucket, **options, client_options=_client(settings), retry_config=_RETRY)


def _azure(container: str, settings: StorageSettings) -> _Store:
    options: dict[str, Any] = {
        "account_name": needed(settings.account, settings, "account"),
        "account_key": needed_secret(settings),
    }
    if settings.endpoint:
        options["endpoint"] = settings.endpoint
    return AzureStore(container, **options, client_options=_client(settings), retry_config=_RETRY)


def _client(settings: StorageSettings) -> Any:
    """An open line only to this machine or when the endpoint's scheme says so."""
    return {**_CLIENT, "allow_http": (settings.endpoint or "").startswith("http://")}


class _Upload:
    """A file in parts. A stop surfaces in it, and obstore then removes the parts that went up.

    Raises
    ------
    InputError
        The file cannot be read; also later, while it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.given_up = threading.Event()
        self.n_read = 0
        with self._reading():
            self.n_bytes = path.stat().st_size
            with path.open("rb"):
                pass

    def __iter__(self) -> Iterator[bytes]:
        part_bytes = max(PART_BYTES, -(-self.n_bytes // _MAX_PARTS))
        with self._reading(), self._path.open("rb") as stream:
            while block := stream.read(part_bytes):
                self._raise_if_given_up()
                yield block
                self.n_read += len(block)
        self._raise_if_given_up()

    def _raise_if_given_up(self) -> None:
        if self.given_up.is_set():
            raise JobCancelled("the upload was stopped")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(f"cannot read {self._path}: {error.strerror}") from error


def _until_stopped(
    work: Callable[[], None], stop: Stop, upload: _Upload, progress: ProgressCallback
) -> None:
    """Do blocking work on a thread of its own, and leave it behind when stopped."""
    failure: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="bucket", daemon=True).start()
    try:
        while not done.wait(_TICK_SECONDS):
            raise_if_stopped(stop)
            progress(Progress("uploading", upload.n_read / max(upload.n_bytes, 1)))
    except BaseException:
        upload.given_up.set()
        done.wait(_REMOVAL_SECONDS)
        raise
    if failure:
        raise failure[0]
