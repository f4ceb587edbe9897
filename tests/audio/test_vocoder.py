"""The rates that the engine is given are those that its hops need not round."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.vocoder import (
    HIGHEST_RATIO,
    LOWEST_RATIO,
    Engine,
    plan_hops,
    vocoded,
)
from hanolab_dawtools.errors import SetupError

rates = st.sampled_from([8_000, 22_050, 44_100, 48_000, 96_000, 192_000, 768_000])
ratios = st.floats(LOWEST_RATIO, HIGHEST_RATIO)


@given(rates, ratios)
def test_steps_are_whole_and_near_at_every_ratio(sample_rate, ratio):
    engine = Engine(sample_rate)
    hop, step = engine.nearest_steps(ratio)
    assert engine.hop(hop / step) == hop
    assert step / hop == pytest.approx(ratio, rel=0.02)


@given(rates, ratios, st.integers(0, 20_000))
def test_a_plan_covers_its_output(sample_rate, ratio, n_frames):
    plan = plan_hops(sample_rate, lambda source: source * ratio, n_frames)
    assert np.sum(1.0 / plan.rates) >= n_frames + plan.context_frames


@settings(max_examples=50)
@given(rates, ratios)
def test_a_long_plan_has_the_ratio_that_was_asked_for(sample_rate, ratio):
    """In the long run: each call makes good what the one before was off by."""
    plan = plan_hops(sample_rate, lambda source: source * ratio, 100_000)
    made = np.sum(1.0 / plan.rates)
    assert made / plan.rates.size == pytest.approx(ratio, rel=0.02)


def test_the_ends_of_calls_are_where_pedalboard_lets_them_be():
    plan = plan_hops(48_000, lambda source: source * 0.9123, 200_000)
    ends = np.flatnonzero(np.diff(plan.rates)) + 1
    assert np.diff(ends).min() >= 1_024


def test_a_missing_system_library_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pedalboard", None)
    plan = plan_hops(48_000, float, 1_000)
    samples = np.zeros((1, plan.n_source_frames), np.float32)
    with pytest.raises(SetupError, match="pedalboard cannot be loaded"):
        vocoded(samples, 48_000, plan)
