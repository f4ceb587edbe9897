"""Changes to a preset from the command line: `--set job.pitch_shift=3`.

A key is the path in the file: `import.names`, `before[0].threshold_db`, `after.vocals[1].bypass`.
A name that is none of the preset's own means a field of the job. A value is TOML; what is no TOML
is text.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.presets.files import checked_preset, preset_table
from hanolab_dawtools.presets.mistakes import KINDS
from hanolab_dawtools.presets.schema import Preset

_STEP = re.compile(r"([A-Za-z_][\w-]*)((?:\[\d{1,3}\])*)")


def parse_assignment(text: str) -> tuple[str, Any]:
    """Key and value of `key=value`.

    Raises
    ------
    UsageError
        There is no equals sign, or no key.
    """
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise UsageError(f"{text!r} sets nothing", hint="Write: --set key=value")
    return key.strip(), _value(value.strip())


def with_values(preset: Preset, values: Mapping[str, Any]) -> Preset:
    """A preset with some values changed, checked again.

    Raises
    ------
    UsageError
        A key is no path, or leads nowhere.
    PresetInvalid
        A value is wrong there.
    """
    table = preset_table(preset)
    table.setdefault("job", {"kind": preset.job.kind})
    kind = values.get("job.kind", values.get("kind"))
    if isinstance(kind, str) and kind in KINDS:  # first, as it decides what the other names mean
        known = KINDS[kind].model_fields
        kept = {name: value for name, value in table["job"].items() if name in known}
        table["job"] = kept | {"kind": kind}
    job = KINDS[table["job"]["kind"]]
    for key, value in values.items():
        _put(table, _steps(key, job), key, value)
    return checked_preset(table, f"{preset.name!r} as changed")


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        pass
    try:
        return float(text)  # ".5" and "+3" are no TOML, but users write them
    except ValueError:
        return text


def _steps(key: str, job: type[BaseModel]) -> Sequence[str | int]:
    steps: list[str | int] = []
    for part in key.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise UsageError(f"{key!r} is no place in a preset", hint="Like: job.pitch_shift")
        steps.append(match[1])
        steps += [int(number) for number in re.findall(r"\d+", match[2])]
    return ["job", *steps] if _is_of_job(str(steps[0]), job) else steps


def _is_of_job(name: str, job: type[BaseModel]) -> bool:
    """Whether a first name means a field of the job; of a misspelt one the nearest field counts."""
    own = {field.alias or name for name, field in Preset.model_fields.items()}
    near = difflib.get_close_matches(name, [*own, *job.model_fields], n=1)
    return name not in own and not own.intersection(near) and bool(near)


def _put(table: dict[str, Any], steps: Sequence[str | int], key: str, value: Any) -> None:
    place: Any = table
    for step in steps[:-1]:
        if isinstance(step, int):
            place = place[step] if isinstance(place, list) and step < len(place) else None
        else:
            place = place.setdefault(step, {}) if isinstance(place, dict) else None
        if place is None:
            raise _leads_nowhere(key)
    last = steps[-1]
    if isinstance(last, int):
        if not isinstance(place, list) or last >= len(place):
            raise _leads_nowhere(key)
        place[last] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        raise _leads_nowhere(key)


def _leads_nowhere(key: str) -> UsageError:
    return UsageError(
        f"{key!r} leads nowhere in this preset",
        hint="See its file with: hanolab presets show NAME (lists count from 0)",
    )
