"""Where audio is put so that the cloud can fetch it: one interface, several kinds of place.

The API takes no uploads; it fetches `input_url`. So a storage of the user's takes the file, gives
a URL that works for a while without any credentials, and deletes the file when the task has ended.
Names are made by us and deterministic: putting the same file again replaces it.
"""

from __future__ import annotations

from hanolab_dawtools.cloud.credentials import Key
from hanolab_dawtools.cloud.put_target import PutTarget, SandboxTarget
from hanolab_dawtools.cloud.storage_base import (
    SETUP_HINT,
    STORAGE_KINDS,
    URL_SECONDS,
    Storage,
    StorageKind,
    StorageSettings,
)
from hanolab_dawtools.cloud.storage_check import StorageCheck
from hanolab_dawtools.errors import StorageNotSet

__all__ = [
    "STORAGE_KINDS",
    "URL_SECONDS",
    "Storage",
    "StorageCheck",
    "StorageKind",
    "StorageSettings",
    "open_storage",
]


def open_storage(
    settings: StorageSettings | None, *, base_url: str = "", key: Key | None = None
) -> Storage:
    """The storage that is set up. Nothing is sent yet.

    Parameters
    ----------
    base_url, key
        Of the API; only the kind "sandbox" needs them.

    Raises
    ------
    StorageNotSet
        There is none, or a needed setting or secret is missing; the message names it.
    """
    if settings is None:
        raise StorageNotSet(
            "the cloud fetches audio from a URL, and no storage is set up", hint=SETUP_HINT
        )
    if settings.kind == "http":
        return PutTarget(settings)
    if settings.kind == "sandbox":
        return SandboxTarget(base_url, key)
    from hanolab_dawtools.cloud.bucket import open_bucket  # noqa: PLC0415 - 16 MB of obstore

    return open_bucket(settings)
