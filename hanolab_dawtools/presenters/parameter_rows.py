"""Rows for the parameters of a preset, made from the fields of its models.

Ranges, defaults and meanings are those of `presets.schema`: a field that is new there needs
nothing here. Which knobs change nothing is asked of `presets.words`, with the least and the most
that each may be: where the reason is the same for all of them, the knob is idle.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.parameter_words import label_of, option_text, unit_of
from hanolab_dawtools.presets.schema import ConvertJob, Preset, Voice
from hanolab_dawtools.presets.words import idle_knobs, idle_values

SECTIONS = ("job", "capture", "import")
_ELSEWHERE = {"kind", "engine"}  # shown in a form of their own


class RowKind(StrEnum):
    """How a value is set."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    FILE = "file"
    ROLES = "roles"
    COLOURS = "colours"
    VOICE = "voice"


@dataclass(frozen=True)
class ParameterRow:
    """One parameter.

    Attributes
    ----------
    key
        Its path in the file, as `PresetPresenter.edit` takes it.
    value, default
        Plain values; lists as tuples, tables as tuples of pairs.
    low, high, step
        Of a number; `is_whole` when there is nothing between whole ones.
    options
        Values of a choice with their words; None stands for what is left out.
    is_idle
        It changes nothing, whatever it is set to; `reason` says why. Where only the value that it
        has now does nothing, or less than it seems, `reason` stands alone.
    """

    key: str
    section: str
    label: str
    kind: RowKind
    value: Any
    default: Any
    meaning: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    is_whole: bool = False
    options: tuple[tuple[Any, str], ...] = ()
    is_idle: bool = False
    reason: str = ""

    @property
    def is_default(self) -> bool:
        """Whether there is nothing to reset."""
        return bool(self.value == self.default)


def rows_of(preset: Preset, engine: str) -> tuple[ParameterRow, ...]:
    """The rows of a preset; `engine` is the user's own, for presets that name none."""
    told = _sentences(idle_knobs(preset, engine))
    parts: Mapping[str, BaseModel] = {
        "job": preset.job,
        "capture": preset.capture,
        "import": preset.import_,
    }
    made = []
    for section in SECTIONS:
        part = parts[section]
        for name, field in type(part).model_fields.items():
            if name in _ELSEWHERE:
                continue
            row = _row(section, name, field, getattr(part, name))
            if row is not None:
                made.append(_judged(row, preset, engine, told))
    return tuple(made)


def _row(section: str, name: str, field: FieldInfo, value: Any) -> ParameterRow | None:
    """The row of a field; None for a kind of field that has none."""
    key = f"{section}.{name}"
    facts = _facts(key, name, field)
    if facts is None:
        return None
    kind, more = facts
    return ParameterRow(
        key,
        section,
        label_of(name),
        kind,
        _plain(value),
        _plain(field.default),
        field.description or "",
        unit_of(name),
        **more,
    )


def _facts(key: str, name: str, field: FieldInfo) -> tuple[RowKind, dict[str, Any]] | None:
    """How a field's value is set, and what it may be."""
    types_ = _alternatives(field.annotation)
    may_be_none = type(None) in types_
    inner = next(each for each in types_ if each is not type(None))
    if get_origin(inner) is Literal or (isinstance(inner, type) and issubclass(inner, Enum)):
        values = get_args(inner) if get_origin(inner) is Literal else tuple(inner)
        plain = [None] * may_be_none + [_plain(value) for value in values]
        return RowKind.CHOICE, {"options": tuple((each, option_text(key, each)) for each in plain)}
    if inner is bool:
        return RowKind.SWITCH, {}
    if inner in {int, float}:
        return RowKind.NUMBER, _range(field, is_whole=inner is int)
    if inner is str:
        return (RowKind.FILE if name == "reference" else RowKind.TEXT), {}
    if inner is Voice:
        return RowKind.VOICE, {}
    if get_origin(inner) is list and get_args(inner) == (StemRole,):
        return RowKind.ROLES, {"options": tuple((role.value, role.value) for role in StemRole)}
    if get_origin(inner) is dict and get_args(inner)[0] is StemRole:
        return RowKind.COLOURS, {"options": tuple((role.value, role.value) for role in StemRole)}
    return None


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type; what annotates them stripped."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(inner for each in get_args(annotation) for inner in _alternatives(each))
    if hasattr(annotation, "__metadata__"):
        return _alternatives(annotation.__origin__)
    return (annotation,)


def _range(field: FieldInfo, *, is_whole: bool) -> dict[str, Any]:
    low = next(fact.ge for fact in field.metadata if hasattr(fact, "ge"))
    high = next(fact.le for fact in field.metadata if hasattr(fact, "le"))
    step = 1.0 if is_whole else (0.1 if high - low > 2 else 0.01)
    return {"low": float(low), "high": float(high), "step": step, "is_whole": is_whole}


def _plain(value: Any) -> Any:
    """A value that can be compared and shown, as JSON has it, frozen."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return tuple(value.model_dump(mode="json").items())
    if isinstance(value, dict):
        return tuple((_plain(name), _plain(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return value


def _judged(
    row: ParameterRow, preset: Preset, engine: str, told: Mapping[str, str]
) -> ParameterRow:
    """The row with what there is to say about its effect."""
    reasons = [_reason(row, value, preset, engine) for value in _probes(row)]
    if reasons and all(reasons):
        return ParameterRow(**{**row.__dict__, "is_idle": True, "reason": reasons[0]})
    reason = told.get(row.key.removeprefix("job.")) or told.get(row.key) or ""
    return ParameterRow(**{**row.__dict__, "reason": reason})


def _probes(row: ParameterRow) -> Iterator[Any]:
    """Values of a knob of a conversion between which every other one lies."""
    if row.section != "job":
        return
    if row.kind is RowKind.NUMBER:
        yield int(row.low) if row.is_whole else row.low
        yield int(row.high) if row.is_whole else row.high
    elif row.kind is RowKind.SWITCH:
        yield True
    elif row.kind in {RowKind.FILE, RowKind.TEXT}:
        yield "x"
    elif row.kind is RowKind.VOICE:
        yield Voice(id="x")


def _reason(row: ParameterRow, value: Any, preset: Preset, engine: str) -> str:
    """Why a knob does nothing at a value; empty when it does something."""
    job = preset.job
    if not isinstance(job, ConvertJob):
        return ""
    name = row.key.removeprefix("job.")
    given = {other: getattr(job, other) for other in type(job).model_fields} | {name: value}
    return _sentences(list(idle_values(given, is_local=(job.engine or engine) == "local"))).get(
        name, ""
    )


def _sentences(told: list[str]) -> dict[str, str]:
    """Sentences by the name in front of them."""
    return {name: reason for name, _, reason in (sentence.partition(": ") for sentence in told)}
