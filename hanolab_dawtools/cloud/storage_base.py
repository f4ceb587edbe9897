"""What every kind of storage is: its settings, its interface, the names it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from hanolab_dawtools.cloud.credentials import STORAGE_VARIABLE, load_storage_secret
from hanolab_dawtools.cloud.storage_check import StorageCheck, check_storage
from hanolab_dawtools.errors import StorageNotSet, TransferFailed
from hanolab_dawtools.events import ProgressCallback, Stop

URL_SECONDS = 24 * 3600  # outlives every task; what is kept longer is signed anew
MAX_URL_SECONDS = 7 * 24 * 3600  # the longest that S3 signs for

StorageKind = Literal["s3", "gcs", "azure", "http", "sandbox"]
STORAGE_KINDS: tuple[StorageKind, ...] = get_args(StorageKind)

SETUP_HINT = "Set one up with: hanolab storage setup. Or give --input-url with a link to the audio."
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True)
class StorageSettings:
    """The section `[storage]` of the settings; no secret is in it.

    Attributes
    ----------
    kind
        "s3" (everything S3-compatible), "gcs", "azure", "http" (plain PUT or WebDAV) or "sandbox"
        (the upload area of `hanolab sandbox`).
    bucket
        s3, gcs: the bucket. azure: the container.
    prefix
        The folder in the bucket, or below `url`, that everything is put into; may be empty.
    endpoint
        s3: URL of a service that is not Amazon's, with its scheme. gcs, azure: of one that speaks
        their language, rarely needed.
    region
        s3: the bucket's region; most other services take any.
    path_style
        s3 with an endpoint: the bucket stands in the path (`host/bucket`), not in the host's name.
    access_key_id
        s3: the key's id; empty to use the usual `AWS_*` variables.
    account
        azure: the storage account's name.
    credentials_file
        gcs: path of the service account's JSON file; empty to use the usual variable.
    url
        http: files are PUT to this URL plus their name.
    public_url
        http: the cloud fetches from this URL plus the name; empty when it is `url`.
    user
        http: name for basic authentication; empty for a bearer token, or for none.
    """

    kind: StorageKind
    bucket: str = ""
    prefix: str = "hanolab/"
    endpoint: str = ""
    region: str = ""
    path_style: bool = True
    access_key_id: str = ""
    account: str = ""
    credentials_file: str = ""
    url: str = ""
    public_url: str = ""
    user: str = ""

    @property
    def folder(self) -> str:
        """The prefix as it stands before a name: empty, or with a slash at its end."""
        folder = self.prefix.strip("/")
        return f"{folder}/" if folder else ""

    @property
    def secret_name(self) -> str:
        """What the keychain keeps the secret of this storage under."""
        place = self.url or "/".join(filter(None, (self.endpoint, self.account, self.bucket)))
        return f"{self.kind}:{self.user or self.access_key_id}@{place}"


class Storage(Protocol):
    """A place that takes files and lends URLs to them."""

    place: str  # in a user's words, for messages

    def put(self, path: Path, name: str, *, stop: Stop, progress: ProgressCallback) -> str:
        """Upload a file as `name`, replacing what is there; the key that the others take.

        Parameters
        ----------
        name
            Made by us: letters, digits, dot, hyphen and underscore.

        Raises
        ------
        StorageFailed
            The storage refused; the hint says what to change.
        TransferFailed
            It could not be reached, or the line broke for good.
        InputError
            The file cannot be read.
        JobCancelled
        """
        ...

    def url_for(self, key: str, *, seconds: int = URL_SECONDS) -> str:
        """A URL that anybody can fetch the file from, for this long where the kind can limit it.

        Raises
        ------
        StorageFailed
        """
        ...

    def delete(self, key: str) -> None:
        """Delete the file; one that is not there is no error.

        Raises
        ------
        StorageFailed, TransferFailed
        """
        ...

    def check(self, *, stop: Stop, progress: ProgressCallback) -> StorageCheck:
        """Prove it: put a small file, fetch it as the cloud would, compare, delete it.

        Raises
        ------
        StorageFailed, TransferFailed
            Of the first step that fails; the message says which.
        JobCancelled
        """
        return check_storage(self, stop=stop, progress=progress)


def needed(value: str, settings: StorageSettings, field: str) -> str:
    """A setting that its kind of storage cannot do without.

    Raises
    ------
    StorageNotSet
        It is empty.
    """
    if not value:
        raise StorageNotSet(
            f"the storage of kind {settings.kind!r} needs the setting {field!r}", hint=SETUP_HINT
        )
    return value


def needed_secret(settings: StorageSettings) -> str:
    """The secret that belongs to the account that the settings name.

    Raises
    ------
    StorageNotSet
        It is not known.
    NoKeychain
    """
    secret = load_storage_secret(settings.secret_name)
    if secret is None:
        raise StorageNotSet(
            f"the secret of the storage of kind {settings.kind!r} is not known",
            hint=f"Give it with: hanolab storage setup. Or set {STORAGE_VARIABLE}.",
        )
    return secret.text


def check_name(name: str) -> str:
    """The name itself; `ValueError` when it is not one that every kind of storage takes."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for an upload")
    return name


def unreachable(place: str, reason: str) -> TransferFailed:
    """The error to raise when no answer came."""
    return TransferFailed(
        f"cannot reach {place}: {reason}",
        hint="Check the connection and the storage's address: hanolab storage setup.",
    )
