"""What the user set once, and which folders the program uses.

Settings come from `settings.toml` in the config folder; a variable `HANOLAB_<FIELD>` beats the
file, and a command's options beat both. Folders are the platform's own unless
`HANOLAB_CONFIG_DIR`, `HANOLAB_DATA_DIR`, `HANOLAB_CACHE_DIR` or `HANOLAB_LOG_DIR` name others.
Nothing is created here. An empty variable counts as none.

Importing this module costs the import of pydantic (about 0.15 s), so programs that must start
fast import it where they need it.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pydantic
from pydantic import BaseModel, ConfigDict, Field

from hanolab_dawtools.errors import SettingsInvalid

SETTINGS_FILE_NAME = "settings.toml"
VARIABLE_PREFIX = "HANOLAB_"
FOLDER_VARIABLES = {
    "config": "HANOLAB_CONFIG_DIR",
    "data": "HANOLAB_DATA_DIR",
    "cache": "HANOLAB_CACHE_DIR",
    "logs": "HANOLAB_LOG_DIR",
}

_APP_NAME = "hanolab"
_MISSPELT_RATIO = 0.8  # two swapped or two missing letters of a field's name, but no other word
_SHOWN_VALUE_CHARACTERS = 60


class Settings(BaseModel):
    """The user's settings. Each field's description completes "it must be …"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: Literal["local"] = Field(
        default="local",
        description='"local": the only engine that this version has',
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


@dataclass(frozen=True)
class Folders:
    """Where the program keeps its things; absolute, none of them created yet.

    Attributes
    ----------
    config
        The settings file.
    data
        The job store, which cannot be made again, and weights, which take long to fetch.
    cache
        What can be made or fetched again: results of earlier jobs, the demo's music.
    logs
        Log files.
    """

    config: Path
    data: Path
    cache: Path
    logs: Path

    @property
    def settings_file(self) -> Path:
        """The file that `load_settings` reads."""
        return self.config / SETTINGS_FILE_NAME


def folders() -> Folders:
    """Find this user's folders.

    Raises
    ------
    SettingsInvalid
        A variable starts with the home folder of a user who has none.
    """
    from platformdirs import PlatformDirs  # noqa: PLC0415 - not needed to read a model's defaults

    own = PlatformDirs(_APP_NAME, appauthor=False)
    return Folders(
        config=_folder("config", own.user_config_path),
        data=_folder("data", own.user_data_path),
        cache=_folder("cache", own.user_cache_path),
        logs=_folder("logs", own.user_log_path),
    )


def load_settings() -> Settings:
    """Read the settings file and the variables over it; defaults where neither says anything.

    Raises
    ------
    SettingsInvalid
        The file cannot be read as TOML, a field does not exist, or a value is out of range. The
        message names the file or the variable, the field and what is allowed.
    """
    path = folders().settings_file
    from_file = _read_toml(path)
    _check(from_file, origins=dict.fromkeys(from_file, str(path)), is_typed=True)
    from_variables, origins = _read_variables(os.environ)
    _check(from_variables, origins=origins, is_typed=False)
    return Settings.model_validate({**from_file, **from_variables})


def _folder(kind: str, default: Path) -> Path:
    variable = FOLDER_VARIABLES[kind]
    text = os.environ.get(variable, "")
    if not text:
        return default
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:  # pathlib's answer to a ~name it cannot resolve
        raise SettingsInvalid(
            f"{variable} is {text!r}, but no such home folder is known",
            hint=f"Set {variable} to a whole path.",
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    """Values of the settings file; none when there is no file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsInvalid(
            f"cannot read the settings file {path}: {error.strerror}",
            hint="Make the file readable, or remove it to use the defaults.",
        ) from error
    hint = f"Correct {path}, or remove it to use the defaults."
    try:
        return tomllib.loads(content.decode("utf-8-sig"))  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid(
            f"the settings file {path} is not UTF-8 text: line {line}", hint=hint
        ) from error
    except (ValueError, RecursionError) as error:  # numbers of 5000 digits, brackets 5000 deep
        raise SettingsInvalid(
            f"the settings file {path} is not TOML: {error}", hint=hint
        ) from error


def _read_variables(variables: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Values by field, and the variable that each came from.

    Variables of this prefix that no field has may belong to another version, so only those that
    look like a misspelt field are refused.
    """
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for variable, text in variables.items():
        if not variable.startswith(VARIABLE_PREFIX) or variable in FOLDER_VARIABLES.values():
            continue
        field = variable.removeprefix(VARIABLE_PREFIX).lower()
        if text and (field in Settings.model_fields or _similar_field(field)):
            values[field] = text
            origins[field] = variable
    return values, origins


def _check(values: Mapping[str, object], *, origins: Mapping[str, str], is_typed: bool) -> None:
    """Raise `SettingsInvalid` about the first wrong field; text is converted unless `is_typed`."""
    try:
        Settings.model_validate(values, strict=is_typed)
    except pydantic.ValidationError as error:
        field = str(error.errors(include_url=False)[0]["loc"][0])
        raise _invalid(field, values[field], origins[field]) from error


def _invalid(field: str, value: object, origin: str) -> SettingsInvalid:
    where = f"{origin} holds" if origin.startswith(VARIABLE_PREFIX) else f"{origin} sets {field} to"
    if field in Settings.model_fields:
        shown = repr(value)
        if len(shown) > _SHOWN_VALUE_CHARACTERS:
            shown = f"{shown[:_SHOWN_VALUE_CHARACTERS]}…"
        allowed = Settings.model_fields[field].description
        return SettingsInvalid(
            f"{where} {shown}, but it must be {allowed}", hint=f"Correct {origin}."
        )
    similar = _similar_field(field)
    suggestion = f"Did you mean {similar}?" if similar else f"There are: {_field_names()}."
    return SettingsInvalid(
        f"{origin} names the setting {field!r}, which does not exist", hint=suggestion
    )


def _similar_field(field: str) -> str:
    """The field that `field` looks like a misspelling of, or nothing."""
    close = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=_MISSPELT_RATIO)
    return close[0] if close else ""


def _field_names() -> str:
    return ", ".join(Settings.model_fields)
