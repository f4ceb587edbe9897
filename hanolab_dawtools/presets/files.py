"""Presets as TOML text: read with every mistake named, written short.

A preset of an older format is upgraded when it is read: `UPGRADES[n]` makes a table of format
n + 2 out of one of format n + 1. What has its default value is not written.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pydantic
import tomlkit

from hanolab_dawtools import durable
from hanolab_dawtools.errors import PresetInvalid
from hanolab_dawtools.presets.schema import FORMAT, Job, Preset

MAX_BYTES = 50_000_000  # states of plug-ins can be large
UPGRADES: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = ()

_KINDS = {model.model_fields["kind"].default: model for model in get_args(get_args(Job)[0])}


def read_preset(path: Path) -> Preset:
    """The preset in a file.

    Raises
    ------
    PresetInvalid
        It cannot be read, is no TOML, has an unknown field, or a value out of its range; the
        message names the field and what is allowed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PresetInvalid(str(path), "", "it is too large to be one")
        content = path.read_bytes()
    except OSError as error:
        raise PresetInvalid(str(path), "", error.strerror or str(error)) from error
    return parse_preset(content, str(path))


def parse_preset(content: bytes, where: str) -> Preset:
    """The preset in TOML text; `where` names it in messages. Raises as `read_preset`."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))  # some editors write a byte order mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PresetInvalid(where, "", f"line {line} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:  # numbers of 5000 digits, brackets 5000 deep
        raise PresetInvalid(where, "", f"it is not TOML: {error}") from error
    return checked_preset(_upgraded(table, where), where)


def checked_preset(table: Mapping[str, Any], where: str) -> Preset:
    """The preset that a table of today's format describes. Raises as `read_preset`."""
    try:
        return Preset.model_validate(table, strict=False)
    except pydantic.ValidationError as error:
        raise _invalid(error.errors(include_url=False)[0], where, table) from error
    except RecursionError as error:
        raise PresetInvalid(where, "", "it is nested too deep") from error


def preset_text(preset: Preset) -> str:
    """A preset as TOML; reading it gives the same preset, and the same text again."""
    table = preset_table(preset)
    document = tomlkit.document()
    for name, value in table.items():
        document.add(name, tomlkit.item(value))
    return tomlkit.dumps(document)


def preset_table(preset: Preset) -> dict[str, Any]:
    """A preset as plain values, without what has its default."""
    table = preset.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    head = {"format": FORMAT, "name": preset.name}
    job = {"kind": preset.job.kind} | table.pop("job", {})
    table = head | {name: value for name, value in table.items() if name not in head}
    if preset.job.kind != "none":
        table["job"] = job
    return table


def write_preset(preset: Preset, path: Path) -> None:
    """Write a preset, whole or not at all.

    Raises
    ------
    DiskFull, NotWritable
    """
    with durable.replacing(path) as part:
        part.write_text(preset_text(preset), encoding="utf-8", newline="\n")


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


def _invalid(error: Mapping[str, Any], where: str, table: Mapping[str, Any]) -> PresetInvalid:
    """A sentence about the first mistake, with the path that a user sees in the file."""
    place = [part for part in error["loc"] if part not in _KINDS]
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    field = field.lstrip(".")
    if error["type"] == "extra_forbidden":
        known = _fields_at(place[:-1], table)
        close = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
        return PresetInvalid(where, field, "there is no such field", hint=hint)
    if error["type"].startswith("union_tag"):
        kinds = ", ".join(_KINDS)
        return PresetInvalid(where, "job.kind", f"it must be one of {kinds}")
    reason = str(error["msg"]).removeprefix("Value error, ")
    return PresetInvalid(where, field, reason[:1].lower() + reason[1:])


def _fields_at(place: Sequence[Any], table: Mapping[str, Any]) -> list[str]:
    """Names of the fields that a part of a preset may have."""
    if list(place[:1]) == ["job"]:
        job = table.get("job")
        kind = job.get("kind", "none") if isinstance(job, Mapping) else "none"
        model = _KINDS.get(kind, Preset)
        place = place[1:]
    else:
        model = Preset
    for name in place:
        by_alias = {field.alias or key: field for key, field in model.model_fields.items()}
        found = by_alias[name].annotation if name in by_alias else None
        inner = [each for each in (found, *get_args(found)) if isinstance(each, type)]
        models = [each for each in inner if issubclass(each, pydantic.BaseModel)]
        if not models:
            break
        model = models[0]
    return [field.alias or key for key, field in model.model_fields.items()]
