"""The table of effects, and what it refuses."""

import math

import pytest

from hanolab_dawtools.audio.effect_table import EFFECTS, checked
from hanolab_dawtools.audio.effects import EffectSpec, Parameter
from hanolab_dawtools.errors import UsageError

EVERY = [
    pytest.param(effect, parameter, id=f"{effect.name}-{parameter.name}")
    for effect in EFFECTS.values()
    for parameter in effect.parameters
    if isinstance(parameter, Parameter)
]


@pytest.mark.parametrize(("effect", "parameter"), EVERY)
def test_every_default_lies_in_its_range(effect, parameter):
    assert parameter.minimum <= parameter.default <= parameter.maximum
    assert EFFECTS[effect.name] is effect


@pytest.mark.parametrize(("effect", "parameter"), EVERY)
def test_both_ends_of_a_range_are_allowed(effect, parameter):
    for value in (parameter.minimum, parameter.maximum):
        spec = checked(EffectSpec(effect.name, {parameter.name: value}))
        assert spec.parameters[parameter.name] == value


@pytest.mark.parametrize(("effect", "parameter"), EVERY)
def test_beyond_a_range_the_range_is_told(effect, parameter):
    for value in (
        math.nextafter(parameter.minimum, -math.inf),
        math.nextafter(parameter.maximum, math.inf),
        math.nan,
    ):
        with pytest.raises(UsageError) as caught:
            checked(EffectSpec(effect.name, {parameter.name: value}))
        assert f"{parameter.minimum:g} to {parameter.maximum:g}" in str(caught.value)
        assert effect.name in str(caught.value)


@pytest.mark.parametrize("value", ["5", True, None, [3.0]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(UsageError, match="gain_db of the effect gain must be -60 to 60 dB"):
        checked(EffectSpec("gain", {"gain_db": value}))


def test_an_unknown_effect_is_refused_with_the_choices():
    with pytest.raises(UsageError, match="there is no effect 'reverse'") as caught:
        checked(EffectSpec("reverse"))
    assert all(name in caught.value.hint for name in EFFECTS)


def test_an_unknown_parameter_is_refused_with_the_choices():
    with pytest.raises(UsageError, match="compressor has no parameter 'knee_db'") as caught:
        checked(EffectSpec("compressor", {"knee_db": 3.0}))
    assert "threshold_db, ratio, attack_ms, release_ms" in caught.value.hint


def test_what_is_not_given_has_its_default():
    assert checked(EffectSpec("compressor", {"ratio": 2})).parameters == {
        "threshold_db": -20.0,
        "ratio": 2.0,
        "attack_ms": 5.0,
        "release_ms": 100.0,
    }
