"""The fields of a preset's parts as plain facts: what each may hold, and what it is by default.

Forms are made of them, so that a field which is new in `presets.schema` needs no new form.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presets.schema import Preset, Voice


class FieldKind(StrEnum):
    """What kind of value a field holds."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    TEXT = "text"
    ROLES = "roles"
    COLOURS = "colours"
    VOICE = "voice"


@dataclass(frozen=True)
class PresetField:
    """A field with its value in one preset.

    Attributes
    ----------
    key
        Its path in the file, such as `job.pitch_shift`.
    value, default
        As JSON has them; lists as tuples, tables as tuples of pairs.
    low, high, is_whole
        Of a number.
    longest
        Characters of a text; 0: any number.
    choices
        Of a choice; None stands for "left out".
    """

    key: str
    kind: FieldKind
    value: Any
    default: Any
    meaning: str
    low: float = 0.0
    high: float = 0.0
    is_whole: bool = False
    longest: int = 0
    choices: tuple[Any, ...] = ()


def fields_of(preset: Preset, parts: tuple[str, ...]) -> Iterator[PresetField]:
    """The fields of some parts of a preset: `job`, `capture`, `import`.

    Fields that no kind of form fits are left out.
    """
    for part in parts:
        model = getattr(preset, "import_" if part == "import" else part)
        for name, field in type(model).model_fields.items():
            kind = _kind(field)
            if kind is not None:
                value = plain(getattr(model, name))
                yield _field(f"{part}.{name}", kind, field, value)


def plain(value: Any) -> Any:
    """A value as JSON has it, frozen, so that it can be compared."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return tuple(value.model_dump(mode="json").items())
    if isinstance(value, dict):
        return tuple((plain(name), plain(each)) for name, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(plain, value))
    return value


def _field(key: str, kind: FieldKind, field: FieldInfo, value: Any) -> PresetField:
    return PresetField(
        key,
        kind,
        value,
        plain(field.default),
        field.description or "",
        low=_fact(field, "ge"),
        high=_fact(field, "le"),
        is_whole=_inner(field) is int,
        longest=int(_fact(field, "max_length")),
        choices=_choices(field) if kind is FieldKind.CHOICE else (),
    )


def _kind(field: FieldInfo) -> FieldKind | None:
    inner = _inner(field)
    origin, inside = get_origin(inner), get_args(inner)
    if origin is list and inside == (StemRole,):
        return FieldKind.ROLES
    if origin is dict and inside[0] is StemRole:
        return FieldKind.COLOURS
    if origin is Literal or (isinstance(inner, type) and issubclass(inner, Enum)):
        return FieldKind.CHOICE
    kinds = {
        bool: FieldKind.SWITCH,
        int: FieldKind.NUMBER,
        float: FieldKind.NUMBER,
        str: FieldKind.TEXT,
        Voice: FieldKind.VOICE,
    }
    return kinds.get(inner)


def _inner(field: FieldInfo) -> Any:
    """The type of a field's value where it is not None."""
    return next(each for each in _alternatives(field.annotation) if each is not type(None))


def _choices(field: FieldInfo) -> tuple[Any, ...]:
    inner = _inner(field)
    values = get_args(inner) if get_origin(inner) is Literal else tuple(inner)
    left_out = (None,) if type(None) in _alternatives(field.annotation) else ()
    return (*left_out, *map(plain, values))


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type, without what annotates them."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(inner for each in get_args(annotation) for inner in _alternatives(each))
    if hasattr(annotation, "__metadata__"):
        return _alternatives(annotation.__origin__)
    return (annotation,)


def _fact(field: FieldInfo, name: str) -> float:
    """A limit among a field's facts; 0 where it has none."""
    return next((float(getattr(fact, name)) for fact in field.metadata if hasattr(fact, name)), 0.0)
