"""What an effect is: parameters with units, ranges and defaults, and a setting of them.

`audio.effect_table` holds the effects there are. Nothing here knows pedalboard: presets, panels
and help texts read this too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hanolab_dawtools.errors import UsageError

Value = float | str | bool


@dataclass(frozen=True)
class Parameter:
    """A number with its range, both ends included. `unit` is empty for a plain ratio."""

    name: str
    unit: str
    minimum: float
    maximum: float
    default: float
    meaning: str = ""

    @property
    def allowed(self) -> str:
        """What it may be, in a user's words."""
        return f"{self.minimum:g} to {self.maximum:g} {self.unit}".rstrip()

    def checked(self, value: object) -> float | None:
        """The value as a number, or None when it is none of the allowed."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and self.minimum <= float(value) <= self.maximum:  # type: ignore[arg-type]  # narrowed above
            return float(value)  # type: ignore[arg-type]  # narrowed above
        return None


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    name: str
    options: tuple[str, ...]
    default: str
    meaning: str = ""

    @property
    def allowed(self) -> str:
        """What it may be, in a user's words."""
        return "one of " + ", ".join(self.options)

    def checked(self, value: object) -> str | None:
        """The word, or None when it is none of the allowed."""
        return value if isinstance(value, str) and value in self.options else None


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    default: bool
    meaning: str = ""

    @property
    def allowed(self) -> str:
        """What it may be, in a user's words."""
        return "true or false"

    def checked(self, value: object) -> bool | None:
        """The value, or None when it is no truth value."""
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Text:
    """Free text: a name, or the path of a file (`is_file`)."""

    name: str
    default: str = ""
    meaning: str = ""
    max_characters: int = 1000
    is_file: bool = False

    @property
    def allowed(self) -> str:
        """What it may be, in a user's words."""
        return f"text of at most {self.max_characters} characters"

    def checked(self, value: object) -> str | None:
        """The text, or None when it is none, or too long."""
        return value if isinstance(value, str) and len(value) <= self.max_characters else None


Field = Parameter | Choice | Switch | Text


@dataclass(frozen=True)
class Effect:
    """One processor.

    Attributes
    ----------
    plugin
        The class of pedalboard; empty for what is made here.
    meaning
        What it does, in one sentence.
    note
        A warning of what is surprising.
    """

    name: str
    plugin: str
    parameters: tuple[Field, ...]
    meaning: str = ""
    note: str = ""

    def parameter(self, name: str) -> Field:
        """The parameter of this name.

        Raises
        ------
        UsageError
            There is none.
        """
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise UsageError(
            f"the effect {self.name} has no parameter {name!r}",
            hint=f"It has: {', '.join(each.name for each in self.parameters) or 'none'}.",
        )

    def checked(self, values: Mapping[str, object]) -> Mapping[str, Value]:
        """Every parameter with its value, given or default.

        Raises
        ------
        UsageError
            No such parameter, or a wrong value; says what is allowed.
        """
        full: dict[str, Value] = {each.name: each.default for each in self.parameters}
        for name, value in values.items():
            parameter = self.parameter(name)
            good = parameter.checked(value)
            if good is None:
                raise UsageError(
                    f"{name} of the effect {self.name} must be {parameter.allowed}, not {value!r}",
                    hint=f"Its default is {_shown(parameter.default)}.",
                )
            full[name] = good
        return full


@dataclass(frozen=True)
class EffectSpec:
    """An effect to apply and the parameters that differ from the defaults.

    Attributes
    ----------
    branches
        Of a `mix`: chains that run side by side and are summed.
    plugin_values
        Of a `vst3`: parameters of the plug-in, by its own names.
    is_bypassed
        It is kept, and not applied.
    """

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    branches: tuple[tuple[EffectSpec, ...], ...] = ()
    plugin_values: Mapping[str, Value] = field(default_factory=dict)
    is_bypassed: bool = False

    def number(self, name: str) -> float:
        """A parameter that is a number; of a checked effect."""
        return float(self.parameters[name])


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else repr(value)
