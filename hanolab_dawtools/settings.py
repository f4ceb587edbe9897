"""What the user set once, and which folders the program uses.

Settings come from `settings.toml` in the config folder; a variable `HANOLAB_<FIELD>` beats the
file, and a command's options beat both. Folders are the platform's own unless
`HANOLAB_CONFIG_DIR`, `HANOLAB_DATA_DIR`, `HANOLAB_CACHE_DIR` or `HANOLAB_LOG_DIR` name others.
Nothing is created here. An empty variable counts as none. The tables `[pricing]` and `[storage]`
are set in the file alone, and the API key is no setting: see `cloud.credentials`.

Importing this module costs the import of pydantic (about 0.15 s), so programs that must start
fast import it where they need it.
"""

from __future__ import annotations

import difflib
import functools
import operator
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pydantic

from hanolab_dawtools.errors import SettingsInvalid
from hanolab_dawtools.settings_fields import (
    BilledAction,
    PriceSettings,
    Settings,
    StorageSettings,
)

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
    from_file = check_settings_file(path, read_settings_file(path))
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


def read_settings_file(path: Path) -> str:
    """The text of a settings file; empty when there is no file.

    Raises
    ------
    SettingsInvalid
        It cannot be read, or is no text.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise SettingsInvalid(
            f"cannot read the settings file {path}: {error.strerror}",
            hint="Make the file readable, or remove it to use the defaults.",
        ) from error
    try:
        return content.decode("utf-8-sig")  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsInvalid(
            f"the settings file {path} is not UTF-8 text: line {line}", hint=_correct(path)
        ) from error


def check_settings_file(path: Path, text: str) -> dict[str, Any]:
    """The values in the text of a settings file, all of them allowed.

    Raises
    ------
    SettingsInvalid
        It is no TOML, a field does not exist, or a value is out of range; `path` is named.
    """
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # numbers of 5000 digits, brackets 5000 deep
        raise SettingsInvalid(
            f"the settings file {path} is not TOML: {error}", hint=_correct(path)
        ) from error
    _check(values, origins=dict.fromkeys(values, str(path)), is_typed=True)
    return values


def _correct(path: Path) -> str:
    return f"Correct {path}, or remove it to use the defaults."


def _read_variables(variables: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Values by field, and the variable that each came from.

    Variables of this prefix that no field has may belong to another version, so only those that
    look like a misspelt field are refused.
    """
    known = list(Settings.model_fields)
    values: dict[str, str] = {}
    origins: dict[str, str] = {}
    for variable, text in variables.items():
        if not variable.startswith(VARIABLE_PREFIX) or variable in FOLDER_VARIABLES.values():
            continue
        field = variable.removeprefix(VARIABLE_PREFIX).lower()
        if text and (field in known or _similar(field, known)):
            values[field] = text
            origins[field] = variable
    return values, origins


def _check(values: Mapping[str, object], *, origins: Mapping[str, str], is_typed: bool) -> None:
    """Raise `SettingsInvalid` about the first wrong field; text is converted unless `is_typed`."""
    try:
        Settings.model_validate(values, strict=is_typed)
    except pydantic.ValidationError as error:
        place = [str(part) for part in error.errors(include_url=False)[0]["loc"]]
        raise _invalid(place, values, origins[place[0]]) from error


def _invalid(place: Sequence[str], values: Mapping[str, Any], origin: str) -> SettingsInvalid:
    """The error about a field, `place` being its table, if any, and its name in it."""
    names = [name for name in place if name != "[key]"]  # pydantic's mark for a wrong key
    where = ".".join(names)
    allowed, known = _allowed(names)
    if allowed is None or names != list(place):
        similar = _similar(names[-1], known)
        suggestion = f"Did you mean {similar}?" if similar else f"There are: {', '.join(known)}."
        return SettingsInvalid(
            f"{origin} names the setting {where!r}, which does not exist", hint=suggestion
        )
    shown = repr(functools.reduce(operator.getitem, names, values))
    if len(shown) > _SHOWN_VALUE_CHARACTERS:
        shown = f"{shown[:_SHOWN_VALUE_CHARACTERS]}…"
    told = f"{origin} holds" if origin.startswith(VARIABLE_PREFIX) else f"{origin} sets {where} to"
    return SettingsInvalid(f"{told} {shown}, but it must be {allowed}", hint=f"Correct {origin}.")


def _allowed(names: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """What the field at `names` may hold, None when there is none; and the fields beside it."""
    fields = Settings.model_fields
    if names[0] == "pricing" and len(names) > 1:
        if len(names) == 2:
            return fields["pricing"].description, get_args(BilledAction)
        fields = PriceSettings.model_fields
    elif names[0] == "storage" and len(names) > 1:
        fields = StorageSettings.model_fields
    name = names[-1]
    return (fields[name].description if name in fields else None), list(fields)


def _similar(name: str, known: Sequence[str]) -> str:
    """The one of the known names that `name` looks like a misspelling of, or nothing."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=_MISSPELT_RATIO)
    return close[0] if close else ""
