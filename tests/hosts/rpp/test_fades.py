from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.timeline import Fade
from hanolab_dawtools.hosts.rpp.fades import (
    control_points,
    fade_in_gain,
    fade_out_gain,
    is_straight,
)

FADES = st.builds(Fade, st.just(1.0), st.integers(0, 7), st.floats(-1, 1))
ALONG = np.linspace(0, 1, 257)


@given(FADES)
def test_every_fade_goes_from_silence_to_full_level_without_turning_back(fade):
    gain = fade_in_gain(ALONG, fade)
    assert gain[0] == 0.0
    assert gain[-1] == 1.0
    assert np.all(np.diff(gain) >= -1e-9)


@given(FADES)
def test_gain_lies_on_the_bezier_curve_of_its_control_points(fade):
    x1, y1, x2, y2 = control_points(fade.shape, fade.curvature)
    t = np.linspace(0.01, 0.99, 41)
    x = 3 * t * (1 - t) ** 2 * x1 + 3 * t**2 * (1 - t) * x2 + t**3
    y = 3 * t * (1 - t) ** 2 * y1 + 3 * t**2 * (1 - t) * y2 + t**3
    steepness = np.gradient(y, x, edge_order=2)
    gentle = np.isfinite(steepness) & (np.abs(steepness) < 50)
    assert np.allclose(fade_in_gain(x, fade)[gentle], y[gentle], atol=1e-6)


@given(FADES)
def test_fade_out_is_a_fade_in_backwards_with_its_curvature_turned(fade):
    turned = Fade(fade.length_seconds, fade.shape, -fade.curvature)
    assert np.array_equal(fade_out_gain(ALONG, fade), fade_in_gain(ALONG, turned))


@given(FADES)
def test_positions_outside_the_fade_are_its_ends(fade):
    assert fade_in_gain(np.array([-3.0, 7.0]), fade).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("shape", "curvature", "expected"),
    [(0, 0.0, True), (2, 0.0, True), (1, 0.0, False), (0, 0.5, False), (5, 0.0, False)],
)
def test_only_a_line_counts_as_straight(shape, curvature, expected):
    fade = Fade(1.0, shape, curvature)
    assert is_straight(fade) is expected
    assert np.array_equal(fade_in_gain(ALONG, fade), ALONG) is expected
