"""Which effects there are: names, parameters, units, ranges and defaults, in one table.

Parameters have the names of pedalboard's arguments, so the table is all that `chain` needs.
Nothing here knows pedalboard itself: settings, panels and help texts read this table too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from hanolab_dawtools.errors import UsageError


@dataclass(frozen=True)
class Parameter:
    """A number with its range, both ends included. `unit` is empty for a plain ratio."""

    name: str
    unit: str
    minimum: float
    maximum: float
    default: float


@dataclass(frozen=True)
class Effect:
    """One processor. `plugin` is the class of pedalboard; `note` warns of what is surprising."""

    name: str
    plugin: str
    parameters: tuple[Parameter, ...]
    note: str = ""

    def parameter(self, name: str) -> Parameter:
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
            hint=f"It has: {', '.join(each.name for each in self.parameters)}.",
        )


@dataclass(frozen=True)
class EffectSpec:
    """An effect to apply and the parameters that differ from the defaults."""

    name: str
    parameters: Mapping[str, float] = field(default_factory=dict)


_GAIN = Parameter("gain_db", "dB", -60.0, 60.0, 0.0)
_Q = Parameter("q", "", 0.1, 20.0, math.sqrt(0.5))
_ATTACK = Parameter("attack_ms", "ms", 0.1, 500.0, 5.0)
_RELEASE = Parameter("release_ms", "ms", 1.0, 5000.0, 100.0)


def _cutoff(default_hz: float) -> Parameter:
    return Parameter("cutoff_frequency_hz", "Hz", 10.0, 20_000.0, default_hz)


def _threshold(default_db: float) -> Parameter:
    return Parameter("threshold_db", "dB", -100.0, 0.0, default_db)


EFFECTS: Mapping[str, Effect] = {
    effect.name: effect
    for effect in (
        Effect("gain", "Gain", (_GAIN,)),
        Effect("highpass", "HighpassFilter", (_cutoff(80.0),)),
        Effect("lowpass", "LowpassFilter", (_cutoff(16_000.0),)),
        Effect("low_shelf", "LowShelfFilter", (_cutoff(200.0), _GAIN, _Q)),
        Effect("high_shelf", "HighShelfFilter", (_cutoff(4_000.0), _GAIN, _Q)),
        Effect("peak", "PeakFilter", (_cutoff(1_000.0), _GAIN, _Q)),
        Effect(
            "compressor",
            "Compressor",
            (_threshold(-20.0), Parameter("ratio", "", 1.0, 100.0, 4.0), _ATTACK, _RELEASE),
        ),
        Effect(
            "noise_gate",
            "NoiseGate",
            (_threshold(-60.0), Parameter("ratio", "", 1.0, 100.0, 10.0), _ATTACK, _RELEASE),
        ),
        Effect(
            "limiter",
            "Limiter",
            (_threshold(-1.0), _RELEASE),
            note="It adds 3.75 dB minus the threshold to quiet audio and then cuts hard at 0 dBFS.",
        ),
    )
}


def checked(spec: EffectSpec) -> EffectSpec:
    """The same effect with every parameter given, each in its range.

    Raises
    ------
    UsageError
        No such effect or parameter, no number, or out of range; says what is allowed.
    """
    effect = EFFECTS.get(spec.name)
    if effect is None:
        raise UsageError(
            f"there is no effect {spec.name!r}", hint=f"There are: {', '.join(EFFECTS)}."
        )
    values = {parameter.name: parameter.default for parameter in effect.parameters}
    for name, value in spec.parameters.items():
        values[name] = _in_range(effect, effect.parameter(name), value)
    return EffectSpec(spec.name, values)


def _in_range(effect: Effect, parameter: Parameter, value: float) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and parameter.minimum <= value <= parameter.maximum:
        return float(value)
    allowed = f"{parameter.minimum:g} to {parameter.maximum:g} {parameter.unit}".rstrip()
    raise UsageError(
        f"{parameter.name} of the effect {effect.name} must be {allowed}, not {value!r}",
        hint=f"Its default is {parameter.default:g}.",
    )
