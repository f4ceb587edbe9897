import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.time_map import TimeMap

steps = st.lists(st.tuples(st.floats(1.0, 1e6), st.floats(1.0, 1e6)), min_size=1, max_size=8)


def knots_of(pairs):
    knots = [(0.0, 0.0)]
    for output, source in pairs:
        knots.append((knots[-1][0] + output, knots[-1][1] + source))
    return knots


@given(steps, st.floats(-1e6, 1e7))
def test_both_directions_undo_each_other(pairs, output):
    made = TimeMap(knots_of(pairs))
    back = made.output_at(made.source_at(output))
    assert back == pytest.approx(output, abs=1e-3)


@given(steps)
def test_every_knot_is_hit(pairs):
    knots = knots_of(pairs)
    made = TimeMap(knots)
    for output, source in knots:
        assert made.source_at(output) == pytest.approx(source)
        assert made.output_at(source) == pytest.approx(output)


def test_the_outer_lines_go_on():
    made = TimeMap([(0.0, 10.0), (10.0, 30.0), (20.0, 35.0)])
    assert made.source_at(-1.0) == 8.0
    assert made.source_at(22.0) == 36.0
    assert made.slowest_and_fastest() == (0.5, 2.0)


def test_one_rate_is_one_line():
    made = TimeMap.at_rate(0.8, 100.0)
    assert made.source_at(10.0) == pytest.approx(108.0)
    assert made.output_at(100.0) == pytest.approx(0.0)


@pytest.mark.parametrize(
    "knots",
    [
        [(0.0, 0.0)],
        [(0.0, 0.0), (0.0, 1.0)],
        [(0.0, 0.0), (1.0, 0.0)],
        [(0.0, 0.0), (1.0, -1.0)],
        [(0.0, 0.0), (1.0, math.nan)],
        [(0.0, 0.0), (math.inf, 1.0)],
    ],
)
def test_a_map_that_stands_or_runs_back_is_refused(knots):
    with pytest.raises(ValueError, match="both sides rise"):
        TimeMap(knots)
