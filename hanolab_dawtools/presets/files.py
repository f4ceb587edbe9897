"""Presets as TOML text: read with every mistake named, written short.

A preset of an older format is upgraded when it is read: `UPGRADES[n]` makes a table of format
n + 2 out of one of format n + 1. What has its default value is not written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic
import tomlkit

from hanolab_dawtools.errors import PresetInvalid
from hanolab_dawtools.presets.mistakes import told
from hanolab_dawtools.presets.schema import FORMAT, Preset

MAX_BYTES = 50_000_000  # states of plug-ins can be large
UPGRADES: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = ()


def read_preset(path: Path) -> Preset:
    """The preset in a file.

    Raises
    ------
    PresetInvalid
        It cannot be read, is no TOML, has an unknown field, or a value out of its range; the
        message names the field and what is allowed.
    """
    return parse_preset(read_content(path), str(path))


def read_content(path: Path) -> bytes:
    """The bytes of a preset's file, as they are. Raises `PresetInvalid` when it cannot be read."""
    try:
        if not path.is_file() and path.exists():
            raise PresetInvalid(str(path), "", "it is no file")
        if path.stat().st_size > MAX_BYTES:
            raise PresetInvalid(str(path), "", "it is too large to be one")
        return path.read_bytes()
    except OSError as error:
        raise PresetInvalid(str(path), "", error.strerror or str(error)) from error


def parse_preset(content: bytes, where: str) -> Preset:
    """The preset in TOML text; `where` names it in messages. Raises as `read_preset`."""
    preset, mistakes = look_at(content, where)
    if preset is None:
        raise mistakes[0]
    return preset


def look_at(content: bytes, where: str) -> tuple[Preset | None, list[PresetInvalid]]:
    """The preset in TOML text, or None and every mistake in it."""
    try:
        return _checked(_upgraded(_table(content, where), where), where)
    except PresetInvalid as mistake:
        return None, [mistake]


def checked_preset(table: Mapping[str, Any], where: str) -> Preset:
    """The preset that a table of today's format describes. Raises as `read_preset`."""
    preset, mistakes = _checked(table, where)
    if preset is None:
        raise mistakes[0]
    return preset


def preset_text(preset: Preset) -> str:
    """A preset as TOML; reading it gives the same preset, and the same text again."""
    table = preset_table(preset)
    document = tomlkit.document()
    for name, value in table.items():
        document.add(name, tomlkit.item(value))
    return tomlkit.dumps(document)


def chain_text(place: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """Effects as a preset's file holds them at a place, such as `before`."""
    document = tomlkit.document()
    document.add(place, tomlkit.item(list(entries)))
    return tomlkit.dumps(document)


def preset_table(preset: Preset) -> dict[str, Any]:
    """A preset as plain values, without what has its default."""
    table = preset.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    table |= {"format": FORMAT, "name": preset.name}
    if preset.job.kind != "none":
        table["job"] = {"kind": preset.job.kind} | table.get("job", {})
    order = [field.alias or name for name, field in Preset.model_fields.items()]
    return {name: table[name] for name in order if name in table}


def _table(content: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig"))  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PresetInvalid(where, "", f"line {line} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:  # numbers of 5000 digits, brackets 5000 deep
        raise PresetInvalid(where, "", f"it is not TOML: {error}") from error


def _checked(table: Mapping[str, Any], where: str) -> tuple[Preset | None, list[PresetInvalid]]:
    try:
        return Preset.model_validate(table), []
    except pydantic.ValidationError as error:
        return None, told([dict(each) for each in error.errors(include_url=False)], where, table)
    except RecursionError:
        return None, [PresetInvalid(where, "", "it is nested too deep")]


def _upgraded(table: dict[str, Any], where: str) -> dict[str, Any]:
    version = table.get("format", FORMAT)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise PresetInvalid(where, "format", f"it must be a number from 1 to {FORMAT}")
    if version > FORMAT:
        raise PresetInvalid(
            where,
            "format",
            f"it is {version}, and this version reads up to {FORMAT}",
            hint="Update hanolab_dawtools.",
        )
    for upgrade in UPGRADES[version - 1 :]:
        table = upgrade(table)
    return table
