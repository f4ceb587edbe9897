"""What an effect lets the user set, ready for a slider, a box, a list or a switch.

Everything comes from the effects table, or from what a plug-in says of itself: an effect that is
new there needs nothing here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hanolab_dawtools.audio.effects import Choice, Field, Parameter, Switch, Value

KnobValue = Value
LOG_FROM = 50.0  # a range with ends so far apart is felt as ratios
STEPS = 1000  # of a slider
MAX_DECIMALS = 4
_UNIT_ENDING = re.compile(r"_(db|hz|ms|seconds)$")


class KnobKind(StrEnum):
    """How a value is set."""

    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    TEXT = "text"
    FILE = "file"


@dataclass(frozen=True)
class Knob:
    """A value with what it may be. `minimum`, `maximum` and `unit` are those of a number."""

    name: str
    label: str
    kind: KnobKind
    value: Value
    default: Value
    meaning: str = ""
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 1.0
    options: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether there is nothing to be reset."""
        return self.value == self.default

    @property
    def is_log(self) -> bool:
        """Whether equal ways on a slider are equal ratios."""
        if self.minimum <= 0:
            return False
        return self.unit == "Hz" or self.maximum / self.minimum >= LOG_FROM

    @property
    def decimals(self) -> int:
        """Digits behind the point that are worth showing."""
        finest = self.minimum / 10 if self.is_log else (self.maximum - self.minimum) / STEPS
        if finest <= 0:
            return MAX_DECIMALS
        return min(max(math.ceil(-math.log10(finest) - 1e-9), 0), MAX_DECIMALS)

    @property
    def position(self) -> int:
        """Where a slider of `STEPS` steps stands."""
        value, low, high = float(self.value), self.minimum, self.maximum
        if high <= low:
            return 0
        if self.is_log:
            value, low, high = math.log(max(value, low)), math.log(low), math.log(high)
        return round(min(max((value - low) / (high - low), 0.0), 1.0) * STEPS)

    def value_at(self, position: int) -> float:
        """The number that a slider's position stands for, no finer than can be seen."""
        if position <= 0 or position >= STEPS:
            return self.minimum if position <= 0 else self.maximum
        share = position / STEPS
        if self.is_log:
            value = self.minimum * math.exp(share * math.log(self.maximum / self.minimum))
            digits = 2 - math.floor(math.log10(value))
        else:
            value, digits = self.minimum + share * (self.maximum - self.minimum), self.decimals
        return min(max(round(value, digits), self.minimum), self.maximum)

    @property
    def default_text(self) -> str:
        """What it is by itself."""
        return value_text(self.default, self.unit)

    @property
    def range_text(self) -> str:
        """What a number may be."""
        return f"{self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()

    @property
    def description(self) -> str:
        """What it does, what it may be, and how it is by itself."""
        parts = [self.meaning]
        if self.kind is KnobKind.NUMBER:
            parts.append(f"{self.range_text}; by default {self.default_text}.")
        return " ".join(filter(None, parts))


def value_text(value: Value, unit: str = "") -> str:
    """A value in a few characters."""
    if isinstance(value, bool):
        return "on" if value else "off"
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{shown} {unit}".rstrip()


def label_of(name: str) -> str:
    """A parameter's name as a user reads it; its unit stands elsewhere."""
    text = _UNIT_ENDING.sub("", name).replace("_", " ")
    return text[:1].upper() + text[1:]


def knob_of(field: Field, value: Value) -> Knob:
    """The knob of a parameter in the effects table."""
    shared: dict[str, Any] = {
        "name": field.name,
        "label": label_of(field.name),
        "value": value,
        "default": field.default,
        "meaning": field.meaning,
    }
    if isinstance(field, Parameter):
        return Knob(
            kind=KnobKind.NUMBER,
            unit=field.unit,
            minimum=field.minimum,
            maximum=field.maximum,
            **shared,
        )
    if isinstance(field, Choice):
        return Knob(kind=KnobKind.CHOICE, options=field.options, **shared)
    if isinstance(field, Switch):
        return Knob(kind=KnobKind.SWITCH, **shared)
    return Knob(kind=KnobKind.FILE if field.is_file else KnobKind.TEXT, **shared)


def plugin_knobs(
    parameters: Mapping[str, Mapping[str, Any]], values: Mapping[str, Value]
) -> tuple[Knob, ...]:
    """The knobs of a plug-in's own parameters; `values` are those that the preset sets."""
    return tuple(
        _plugin_knob(name, told, values.get(name, told["value"]))
        for name, told in parameters.items()
        if _makes_sense(told)
    )


def _makes_sense(told: Mapping[str, Any]) -> bool:
    """Whether it can be set: a number needs a range, all others a value."""
    if isinstance(told["value"], bool | str):
        return True
    ends = told["value"], told["minimum"], told["maximum"]
    if not all(isinstance(each, int | float) and math.isfinite(each) for each in ends):
        return False
    return bool(told["minimum"] < told["maximum"])


def _plugin_knob(name: str, told: Mapping[str, Any], value: Value) -> Knob:
    words, stored = tuple(told["words"]), told["value"]
    if isinstance(stored, bool):
        return Knob(name, label_of(name), KnobKind.SWITCH, value, stored)
    if isinstance(stored, str):
        kind = KnobKind.CHOICE if words else KnobKind.TEXT
        return Knob(name, label_of(name), kind, value, stored, options=words)
    low, high, unit = float(told["minimum"]), float(told["maximum"]), str(told["unit"])
    return Knob(
        name,
        label_of(name.removesuffix(f"_{unit.lower()}")),
        KnobKind.NUMBER,
        float(value) if isinstance(value, int | float) else float(stored),
        float(stored),
        unit=unit,
        minimum=low,
        maximum=high,
    )
