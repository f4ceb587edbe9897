"""Knobs: where a slider stands for a number, and what a plug-in's own parameters become."""

import pytest

from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import Parameter
from hanolab_dawtools.presenters.knobs import STEPS, KnobKind, knob_of, label_of, plugin_knobs

NUMBERS = [
    (effect.name, field)
    for effect in EFFECTS.values()
    for field in effect.parameters
    if isinstance(field, Parameter)
]


def number(minimum, maximum, unit="", value=None):
    field = Parameter("x", unit, minimum, maximum, minimum)
    return knob_of(field, minimum if value is None else value)


@pytest.mark.parametrize(("effect", "field"), NUMBERS)
def test_a_slider_reaches_both_ends_and_never_leaves_the_range(effect, field):
    knob = knob_of(field, field.default)
    assert knob.value_at(0) == field.minimum
    assert knob.value_at(STEPS) == field.maximum
    values = [knob.value_at(at) for at in range(STEPS + 1)]
    assert values == sorted(values)
    assert all(field.checked(value) is not None for value in values)


@pytest.mark.parametrize(("effect", "field"), NUMBERS)
def test_a_slider_stands_where_its_value_puts_it(effect, field):
    for at in range(0, STEPS + 1, 50):
        value = knob_of(field, field.default).value_at(at)
        assert abs(knob_of(field, value).position - at) <= 3  # values are rounded for the eye


def test_frequencies_move_by_ratios():
    knob = number(20.0, 20_000.0, "Hz")
    assert knob.is_log
    assert knob.value_at(STEPS // 3) == pytest.approx(200, rel=0.01)
    assert knob.value_at(2 * STEPS // 3) == pytest.approx(2_000, rel=0.01)


def test_decibels_move_evenly():
    knob = number(-60.0, 60.0, "dB")
    assert not knob.is_log
    assert knob.value_at(STEPS // 2) == 0.0


def test_a_value_out_of_the_range_puts_the_slider_at_its_end():
    assert number(1.0, 2.0, value=5.0).position == STEPS
    assert number(10.0, 20_000.0, "Hz", value=0.0).position == 0


@pytest.mark.parametrize(
    ("minimum", "maximum", "decimals"), [(0.0, 1.0, 3), (-60.0, 60.0, 1), (0.0, 4_000.0, 0)]
)
def test_a_box_shows_as_many_digits_as_a_slider_can_set(minimum, maximum, decimals):
    assert number(minimum, maximum).decimals == decimals


def test_labels_are_words_without_units():
    assert label_of("cutoff_frequency_hz") == "Cutoff frequency"
    assert label_of("delay_seconds") == "Delay"


def test_an_impulse_response_is_a_file():
    field = EFFECTS["convolution"].parameter("impulse_response")
    assert knob_of(field, "").kind is KnobKind.FILE


def told(value, minimum=0.0, maximum=1.0, unit="", words=()):
    return {"value": value, "minimum": minimum, "maximum": maximum, "unit": unit, "words": words}


def test_a_plugins_own_parameters_become_knobs_of_their_kinds():
    parameters = {
        "gain_db": told(0.0, -20.0, 20.0, "dB"),
        "fast": told(True),
        "mode": told("warm", None, None, words=["warm", "cold"]),
    }
    gain, fast, mode = plugin_knobs(parameters, {"gain_db": 3.0})
    assert (gain.value, gain.default, gain.unit, gain.label) == (3.0, 0.0, "dB", "Gain")
    assert fast.kind is KnobKind.SWITCH
    assert mode.options == ("warm", "cold")


@pytest.mark.parametrize(
    "broken",
    [
        told(None),
        told(0.0, None, None),
        told(float("nan")),
        told(0.0, 0.0, float("inf")),
        told(1.0, 1.0, 1.0),
    ],
)
def test_a_parameter_without_a_range_cannot_be_set(broken):
    assert plugin_knobs({"odd": broken}, {}) == ()
