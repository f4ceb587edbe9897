"""The fields of the settings: what each may hold, what it is by default, and how that is told.

Importing this module costs the import of pydantic (about 0.15 s).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pydantic
from pydantic import BaseModel, ConfigDict, Field

BilledAction = Literal[
    "separate/2stem",
    "separate/4stem",
    "separate/6stem",
    "convert",
    "convert/full_song",
    "convert-flash",
    "generate/draft",
    "generate/studio",
    "generate/signature",
    "generate/maestro",
]
Credits = Annotated[float, Field(ge=0.0, le=1_000_000.0, allow_inf_nan=False)]
_WEB_ADDRESS = r"^(https?://[^\s/?#]+\S*)?$"
_WEB_ADDRESS_WORDS = "a web address that starts with https:// (or http:// on this machine)"
_CREDITS = "a number of credits from 0 to 1000000"


def _whole_path(path: object) -> Path:
    if not isinstance(path, str | Path) or "\0" in str(path):
        raise ValueError("no path")
    try:
        whole = Path(path).expanduser()
    except RuntimeError as error:  # the home folder of a user who has none
        raise ValueError("no such home folder") from error
    if not whole.is_absolute():
        raise ValueError("no whole path")
    return whole


def _whole_path_if_any(path: object) -> Path | None:
    return None if path is None else _whole_path(path)


def _whole_paths(value: object) -> object:
    """Folders of a list, or of one text as in the variable PATH."""
    paths = value.split(os.pathsep) if isinstance(value, str) else value
    return tuple(map(_whole_path, paths)) if isinstance(paths, list | tuple) else paths


class PriceSettings(BaseModel):
    """What one billed action costs, in credits; what is set adds up.

    The length that counts is that of the audio in seconds, rounded up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_call: Credits = Field(default=0.0, description=_CREDITS)
    per_minute: Credits = Field(default=0.0, description=_CREDITS)
    per_second: Credits = Field(default=0.0, description=_CREDITS)

    @pydantic.model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("empty")
        return self


def _text(description: str, pattern: str = r"^[^\s]*$") -> Any:
    """A setting that is a text, empty by default."""
    return Field(
        default="",
        max_length=2000,
        pattern=pattern,
        description=f"{description}, or be left out",
    )


class StorageSettings(BaseModel):
    """The place that audio is put to so that the cloud can fetch it; secrets are never set here.

    What each field means is told at `cloud.storage.StorageSettings`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["s3", "gcs", "azure", "http", "sandbox"] | None = Field(
        default=None,
        description='one of "s3", "gcs", "azure", "http" and "sandbox", or be left out',
    )
    bucket: str = _text("a bucket's or container's name")
    prefix: str = Field(
        default="hanolab/",
        max_length=500,
        pattern=r"^[A-Za-z0-9._/-]*$",
        description="letters, digits, dots, hyphens, underscores and slashes",
    )
    endpoint: str = _text(_WEB_ADDRESS_WORDS, _WEB_ADDRESS)
    region: str = _text("letters, digits and hyphens", r"^[A-Za-z0-9-]*$")
    path_style: bool = Field(default=True, description="true or false")
    access_key_id: str = _text("a key's id")
    account: str = _text("a storage account's name")
    credentials_file: str = _text("the path of a file", r"^[^\x00-\x1f]*$")
    url: str = _text(_WEB_ADDRESS_WORDS, _WEB_ADDRESS)
    public_url: str = _text(_WEB_ADDRESS_WORDS, _WEB_ADDRESS)
    user: str = _text("a user's name", r"^[^\x00-\x1f]*$")


def wrong_storage_field(values: Mapping[str, object]) -> tuple[str, str] | None:
    """The first field of `[storage]` that may not hold its value, and what it may; None: all do."""
    try:
        StorageSettings.model_validate(values, strict=True)
    except pydantic.ValidationError as error:
        name = str(error.errors(include_url=False)[0]["loc"][0])
        return name, str(StorageSettings.model_fields[name].description)
    return None


class Settings(BaseModel):
    """The user's settings. Each field's description completes "it must be …".

    `plugin_folders`: VST3 plug-ins are loaded from these folders and those inside them alone; the
    variable holds them as PATH does. `exchange_folder`: a folder that the workers of a cluster see,
    too, for files to and from them; without it they go through the storage.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["local", "hanolab"] = Field(
        default="local",
        description='"local" or "hanolab"',
    )
    base_url: str | None = Field(
        default=None,
        pattern=_WEB_ADDRESS,
        max_length=2000,
        description=f"{_WEB_ADDRESS_WORDS}, or be left out",
    )
    ask_above_credits: Credits = Field(default=0.0, description=_CREDITS)
    upload_format: Literal["flac", "wav"] = Field(
        default="flac",
        description='"flac" or "wav"',
    )
    keep_uploads: bool = Field(default=False, description="true or false")
    pricing: Mapping[BilledAction, PriceSettings] = Field(
        default_factory=dict,
        description="a table of the file, with lines such as "
        '"separate/2stem" = { per_minute = 1.5 } or { per_call = 10 }',
    )
    storage: StorageSettings = Field(
        default_factory=StorageSettings,
        description='a table of the file, with lines such as kind = "s3" and bucket = "recordings"',
    )
    plugin_folders: Annotated[tuple[Path, ...], pydantic.BeforeValidator(_whole_paths)] = Field(
        default=(),
        description='a list of whole paths of folders, such as ["/usr/lib/vst3"]',
    )
    exchange_folder: Annotated[Path | None, pydantic.BeforeValidator(_whole_path_if_any)] = Field(
        default=None,
        description="the whole path of a folder, or be left out",
    )
    cache_limit_gb: float = Field(
        default=20.0,
        ge=0.0,
        le=100_000.0,
        allow_inf_nan=False,
        description="a number of GB from 0 to 100000",
    )
    n_threads: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="a whole number from 1 to 256, or be left out to use every core",
    )
    log: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description='one of "debug", "info", "warning" and "error"',
    )
