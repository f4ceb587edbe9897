"""Effects as tables of a preset file, and back; and the JSON Schema of such tables.

::

    [[before]]
    effect = "compressor"
    threshold_db = -18.0

    [[before]]
    effect = "mix"
    branches = [[], [{ effect = "reverb", dry_level = 0.0 }]]

    [[before]]
    effect = "vst3"
    plugin = "ZamComp"
    values = { threshold = -20.0 }
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hanolab_dawtools.audio.effect_table import EFFECTS, MIX, VST3, checked
from hanolab_dawtools.audio.effects import Choice, Effect, EffectSpec, Field, Parameter, Switch
from hanolab_dawtools.errors import UsageError


def effect_from_table(table: Mapping[str, Any]) -> EffectSpec:
    """The effect that a table describes, checked.

    Raises
    ------
    UsageError
        It names no effect, an unknown parameter, or a wrong value.
    """
    return checked(_spec(table))


def table_from_effect(spec: EffectSpec) -> dict[str, Any]:
    """The table of an effect, without what has its default value."""
    effect = EFFECTS[spec.name]
    table: dict[str, Any] = {"effect": spec.name}
    if spec.is_bypassed:
        table["bypass"] = True
    table |= {
        name: value
        for name, value in spec.parameters.items()
        if value != effect.parameter(name).default
    }
    if spec.branches:
        table["branches"] = [
            [table_from_effect(inner) for inner in branch] for branch in spec.branches
        ]
    if spec.plugin_values:
        table["values"] = dict(spec.plugin_values)
    return table


def chain_schema() -> dict[str, Any]:
    """JSON Schema of a chain: a list of effect tables. Refers to itself as `#/$defs/Chain`."""
    return {
        "type": "array",
        "items": {"oneOf": [_effect_schema(effect) for effect in EFFECTS.values()]},
    }


def _spec(table: Mapping[str, Any]) -> EffectSpec:
    if not isinstance(table, Mapping):
        raise UsageError(f"an effect is a table, not {table!r}", hint='Write: effect = "gain".')
    values = dict(table)
    name = values.pop("effect", None)
    if not isinstance(name, str):
        raise UsageError("an effect has no name", hint=f"effect = one of {', '.join(EFFECTS)}.")
    is_bypassed = values.pop("bypass", False)
    if not isinstance(is_bypassed, bool):
        raise UsageError(f"bypass of the effect {name} must be true or false")
    branches = values.pop("branches", []) if name == MIX else []
    plugin_values = values.pop("values", {}) if name == VST3 else {}
    return EffectSpec(name, values, _branches(branches), _plugin_values(plugin_values), is_bypassed)


def _branches(value: object) -> tuple[tuple[EffectSpec, ...], ...]:
    if not _is_list(value) or not all(_is_list(branch) for branch in value):  # type: ignore[attr-defined]  # a list
        raise UsageError(
            "branches of the effect mix must be a list of chains",
            hint='Write: branches = [[], [{ effect = "reverb" }]].',
        )
    return tuple(tuple(_spec(inner) for inner in branch) for branch in value)  # type: ignore[attr-defined]  # a list


def _plugin_values(value: object) -> Mapping[str, float | str | bool]:
    if not isinstance(value, Mapping) or not all(
        isinstance(inner, float | int | str | bool) for inner in value.values()
    ):
        raise UsageError("values of the effect vst3 must be a table of numbers, words, true, false")
    return {
        name: float(inner) if isinstance(inner, int) and not isinstance(inner, bool) else inner
        for name, inner in value.items()
    }


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _effect_schema(effect: Effect) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "effect": {"const": effect.name},
        "bypass": {"type": "boolean", "default": False, "description": "Kept, not applied."},
    }
    properties |= {each.name: _parameter_schema(each) for each in effect.parameters}
    required = ["effect"]
    if effect.name == MIX:
        chain = {"$ref": "#/$defs/Chain"}
        properties["branches"] = {"type": "array", "minItems": 1, "items": chain}
        required.append("branches")
    if effect.name == VST3:
        properties["values"] = {"type": "object", "description": "The plug-in's own parameters."}
    return {
        "type": "object",
        "title": effect.name,
        "description": " ".join(filter(None, (effect.meaning, effect.note))),
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _parameter_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"default": field.default}
    if isinstance(field, Parameter):
        unit = f" ({field.unit})" if field.unit else ""
        schema |= {"type": "number", "minimum": field.minimum, "maximum": field.maximum}
        schema["description"] = f"{field.meaning}{unit}"
    elif isinstance(field, Choice):
        schema |= {"enum": list(field.options), "description": field.meaning}
    elif isinstance(field, Switch):
        schema |= {"type": "boolean", "description": field.meaning}
    else:
        schema |= {"type": "string", "maxLength": field.max_characters}
        schema["description"] = field.meaning
    return schema
