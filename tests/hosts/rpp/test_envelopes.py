from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.timeline import Envelope
from hanolab_dawtools.hosts.rpp.envelopes import envelope_values, is_exact

BEZIER = 5


def volume(*points: tuple[float, float, int, float], **fields) -> Envelope:
    return Envelope("VOLENV", is_active=True, points=points, **fields)


def values(envelope: Envelope, *seconds: float) -> list[float]:
    return envelope_values(envelope, np.array(seconds)).tolist()


def test_value_is_that_of_the_ends_outside_of_them():
    assert values(volume((1, 0.25, 0, 0), (2, 0.75, 0, 0)), -5, 0.999, 2, 9) == [
        0.25,
        0.25,
        0.75,
        0.75,
    ]


def test_of_points_at_one_time_the_last_counts_from_there_on():
    steps = volume((1, 0.0, 0, 0), (2, 1.0, 0, 0), (2, 5.0, 0, 0), (3, 7.0, 0, 0))
    assert values(steps, 1.5, 2, 2.5) == [0.5, 5.0, 6.0]


def test_points_in_any_order_are_the_same_envelope():
    sorted_points = ((0, 0.0, 0, 0), (1, 1.0, 0, 0), (2, 0.5, 1, 0))
    expected = values(volume(*sorted_points), 0.5, 1.5, 3)
    assert values(volume(*sorted_points[::-1]), 0.5, 1.5, 3) == expected


@given(st.floats(-1, 1), st.floats(0, 4), st.floats(0, 4))
def test_bezier_goes_through_its_points(tension, start, end):
    bent = volume((0, start, BEZIER, tension), (1, end, 0, 0.0))
    assert values(bent, 0, 1) == pytest.approx([start, end], abs=1e-9)
    between = envelope_values(bent, np.linspace(0, 1, 33))
    assert between.min() >= min(start, end) - 1e-6
    assert between.max() <= max(start, end) + 1e-6


def test_bezier_without_tension_through_a_line_of_points_is_the_line():
    line = volume(*((t, t / 4, BEZIER, 0.0) for t in range(4)))
    assert values(line, 1.25, 1.5) == pytest.approx([0.3125, 0.375], abs=1e-9)


def test_fader_scale_keeps_the_points_and_bends_between_them():
    scaled = volume((0, 1.0, 0, 0), (1, 0.0, 0, 0), is_fader_scaled=True)
    assert values(scaled, 0, 0.5, 1) == pytest.approx([1.0, 0.5**4, 0.0])


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        (volume((0, 1, 0, 0), (1, 0, 0, 0)), True),
        (volume((0, 1, BEZIER, 0), (1, 0, 0, 0)), False),
        (volume((0, 1, BEZIER, 0), (1, 1, 0, 0)), True),
        (volume((0, 1, 0, 0), (1, 0, 0, 0), is_fader_scaled=True), False),
        (volume((0, 1, 1, 0), (1, 0, 0, 0), is_fader_scaled=True), True),
        (volume((0, 1, BEZIER, 0)), True),
    ],
)
def test_what_is_not_known_for_sure_is_not_called_exact(envelope, expected):
    assert is_exact(envelope) is expected
