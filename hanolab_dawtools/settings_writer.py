"""Puts single values into the settings file and leaves everything else in it as it is.

Comments, order and blank lines of the user's file stay. What would come out is checked like a
file that is read, before anything is written, and the file is replaced whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Table

from hanolab_dawtools import durable
from hanolab_dawtools.errors import SettingsInvalid
from hanolab_dawtools.settings import check_settings_file, folders, read_settings_file

Values = Mapping[str, Any]


def update_settings(values: Values) -> Path:
    """Set values in the settings file, and return its path.

    Parameters
    ----------
    values
        By field; None takes a field out. A mapping sets single fields of that table
        (`{"storage": {"kind": "s3"}}`) and leaves the others of it alone.

    Raises
    ------
    SettingsInvalid
        The file cannot be read, or a value is not allowed; nothing was written.
    DiskFull, NotWritable
    """
    path = folders().settings_file
    text = read_settings_file(path)
    try:
        document = tomlkit.parse(text)
        _merge(document, values)
        new_text = tomlkit.dumps(document)
    except TOMLKitError as error:
        raise SettingsInvalid(
            f"the settings file {path} is not TOML: {error}",
            hint=f"Correct {path}, or remove it to use the defaults.",
        ) from error
    check_settings_file(path, new_text)
    durable.write_text(path, new_text)
    return path


def _merge(table: tomlkit.TOMLDocument | Table | InlineTable, values: Values) -> None:
    for name, value in values.items():
        if value is None:
            table.pop(name, None)
        elif isinstance(value, Mapping):
            inner = table.get(name)
            if not isinstance(inner, Table | InlineTable):
                inner = table[name] = tomlkit.table()
            _merge(inner, value)
        else:
            table[name] = value
