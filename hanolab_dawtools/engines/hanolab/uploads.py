"""The input where the cloud can fetch it: put there, looked at before it is paid for, removed.

Between the upload and the request lie minutes or weeks, in which a bucket may have cleaned up,
the settings may name another one, or a link may have run out. The cloud would accept the request
all the same, bill it and fail. So the link is followed first, and a dead one means a new upload.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from hanolab_dawtools import durable
from hanolab_dawtools.cloud.storage import URL_SECONDS, Storage
from hanolab_dawtools.cloud.storage_check import link_status
from hanolab_dawtools.engines.hanolab.upload import Prepared, UploadFormat, encode
from hanolab_dawtools.errors import HanolabError, StorageFailed
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.model import Request

_GONE = frozenset({404, 410})
_DEAD = frozenset({401, 403}) | _GONE  # some storages call what is gone forbidden

_log = logging.getLogger(__name__)


class Uploads:
    """Uploads of one storage, which is asked for when it is needed, and not before.

    Parameters
    ----------
    are_kept
        Nothing is deleted.
    """

    def __init__(
        self, storage: Callable[[], Storage], wanted: UploadFormat, *, are_kept: bool
    ) -> None:
        self._storage = storage
        self._wanted: UploadFormat = wanted
        self._are_kept = are_kept

    def put(
        self,
        request: Request,
        base_url: str,
        *,
        wanted: UploadFormat | None = None,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Prepared:
        """Encode and upload the input of a request; `wanted` overrides the format.

        Raises
        ------
        StorageNotSet, StorageFailed, TransferFailed, AudioFileError
        DiskFull, NotWritable, JobCancelled
        """
        storage = self._storage()
        path, gain, suffix = encode(
            request.input_path,
            request.input_path.parent,
            wanted or self._wanted,
            stop=stop,
            progress=progress,
        )
        with durable.translated_os_errors(path):
            digest = durable.file_digest(path)  # hard to guess, and the same each time
        name = f"{request.job_id or 'run'}-{digest[:24]}.{suffix}"
        key = storage.put(path, name, stop=stop, progress=progress)
        with durable.translated_os_errors(path):
            path.unlink(missing_ok=True)
        return Prepared(base_url, key=key, gain=gain, format=suffix, place=storage.place)

    def linked(
        self, ready: Prepared, request: Request, *, stop: Stop, progress: ProgressCallback
    ) -> tuple[Prepared, str]:
        """What was prepared and its URL, put anew when it is not there any more.

        Raises
        ------
        StorageFailed
            Also what was just put cannot be fetched.
        StorageNotSet, TransferFailed, AudioFileError, DiskFull, NotWritable, JobCancelled
        """
        if not ready.key:
            return ready, ready.url
        storage = self._storage()
        if ready.place in {"", storage.place}:
            url = storage.url_for(ready.key, seconds=URL_SECONDS)
            if link_status(url, stop=stop) not in _DEAD:
                return ready, url
        _log.info("the upload is not where it was put; it is put anew")
        wanted: UploadFormat | None = "wav" if ready.format == "wav" else None
        ready = self.put(request, ready.base_url, wanted=wanted, stop=stop, progress=progress)
        url = storage.url_for(ready.key, seconds=URL_SECONDS)
        status = link_status(url, stop=stop)
        if status in _GONE:
            raise StorageFailed(
                f"{storage.place} took the audio, but its link answers {status}",
                hint="Nothing was sent or billed. Find out with: hanolab storage check",
            )
        return ready, url

    def discard(self, prepared: str) -> str:
        """Delete an upload, unless they are kept; a sentence for the user when that failed."""
        if self._are_kept or not prepared:
            return ""
        name = place = ""
        try:
            ready = Prepared.from_text(prepared)
            if not ready.key:
                return ""
            name, place = ready.key.partition(" ")[0], ready.place  # behind a space: its URL
            self._storage().delete(ready.key)
        except HanolabError as error:
            _log.warning("an upload could not be deleted: %s", error)
            where = f"{name} in {place or 'your storage'}" if name else "one in your storage"
            return f"the upload could not be deleted ({error}). Delete it yourself: {where}"
        return ""
