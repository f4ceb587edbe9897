"""What is wrong in a preset, in a user's words: the place, what is allowed, what is there instead.

The places and the ranges come from the models of `presets.schema`, so that they are said once.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pydantic
from pydantic.fields import FieldInfo

from hanolab_dawtools.errors import PresetInvalid
from hanolab_dawtools.presets.schema import COLOUR_PATTERN, NAME_PATTERN, Job, Preset

KINDS = {model.model_fields["kind"].default: model for model in get_args(get_args(Job)[0])}

_LONGEST_SHOWN = 60
_OF_A_NUMBER = (
    *("greater_than_equal", "less_than_equal", "finite_number"),
    *("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    *("float_type", "float_parsing"),
)
_PATTERNS = {
    COLOUR_PATTERN: 'it must be a colour such as "#56B4E9", or "none"',
    NAME_PATTERN: "it must be one line with something to read in it",
}
_IN_OTHER_WORDS = {
    "bool_type": "it must be true or false",
    "string_type": "it must be text",
    "string_unicode": "it must be text",
    "list_type": "it must be a list",
    "dict_type": "it must be a table",
    "model_type": "it must be a table",
    "model_attributes_type": "it must be a table",
}


def told(
    errors: Sequence[Mapping[str, Any]], where: str, table: Mapping[str, Any]
) -> list[PresetInvalid]:
    """Each mistake that pydantic found in a preset's table; `where` names the file."""
    return [_told(error, where, table) for error in errors]


def _told(error: Mapping[str, Any], where: str, table: Mapping[str, Any]) -> PresetInvalid:
    steps = [step for step in error["loc"] if step not in {*KINDS, "[key]"}]  # pydantic's own marks
    field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    field = field.lstrip(".")
    if error["type"] == "extra_forbidden":
        known = [name for name, _ in _fields_at(steps[:-1], table)]
        close = difflib.get_close_matches(str(steps[-1]), known, n=1, cutoff=0.6)
        hint = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
        return PresetInvalid(where, field, "there is no such field", hint=hint)
    if error["type"].startswith("union_tag"):
        return PresetInvalid(where, "job.kind", f"it must be one of {', '.join(KINDS)}")
    if error["type"] == "missing":
        return PresetInvalid(where, field, "it is missing")
    if error["type"] == "value_error":
        return PresetInvalid(where, field, str(error["msg"]).removeprefix("Value error, "))
    found = dict(_fields_at(steps[:-1], table)).get(str(steps[-1])) if steps else None
    allowed = _range_text(found) if found and error["type"] in _OF_A_NUMBER else ""
    return PresetInvalid(where, field, f"{allowed or _sentence(error)}{_instead(error)}")


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] in _IN_OTHER_WORDS:
        return _IN_OTHER_WORDS[error["type"]]
    if error["type"] == "string_pattern_mismatch":
        return _PATTERNS[error["ctx"]["pattern"]]
    text = str(error["msg"])
    for theirs in ("Input should be ", "String should ", "List should ", "Dictionary should "):
        if text.startswith(theirs):
            verb = "it must be " if theirs.endswith("be ") else "it must "
            return verb + text.removeprefix(theirs)
    return text[:1].lower() + text[1:]


def _instead(error: Mapping[str, Any]) -> str:
    """What is there, unless it is long."""
    shown = _shown(error["input"])
    return f", not {shown}" if len(shown) <= _LONGEST_SHOWN else ""


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)  # as TOML writes them


def _range_text(field: FieldInfo) -> str:
    """What a number between two ends may be; nothing for other fields."""
    low = [fact.ge for fact in field.metadata if hasattr(fact, "ge")]
    high = [fact.le for fact in field.metadata if hasattr(fact, "le")]
    if not low or not high:
        return ""
    kind = "a whole number from " if field.annotation is int else ""
    return f"it must be {kind}{low[0]:g} to {high[0]:g}"


def _fields_at(steps: Sequence[int | str], table: Mapping[str, Any]) -> list[tuple[str, FieldInfo]]:
    """Names, as in the file, and facts of the fields that a part of a preset may have."""
    model: type[pydantic.BaseModel] = Preset
    if list(steps[:1]) == ["job"]:
        job = table.get("job")
        kind = job.get("kind") if isinstance(job, Mapping) else None
        model = KINDS.get(kind, Preset) if isinstance(kind, str) else Preset
        steps = steps[1:]
    for step in steps:
        found = dict(_named(model)).get(str(step))
        annotation = found.annotation if found else None
        inner = [each for each in (annotation, *get_args(annotation)) if isinstance(each, type)]
        models = [each for each in inner if issubclass(each, pydantic.BaseModel)]
        if not models:
            break
        model = models[0]
    return _named(model)


def _named(model: type[pydantic.BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]
