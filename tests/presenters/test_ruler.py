"""Ruler marks lie at round times and say which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.presenters.ruler import Grid, bar_ticks, clock_text, second_ticks


@pytest.mark.parametrize(
    ("seconds", "n_decimals", "text"),
    [
        (0.0, 0, "0:00"),
        (59.9996, 3, "1:00.000"),
        (61.5, 1, "1:01.5"),
        (3725.0, 0, "1:02:05"),
        (-2.25, 2, "-0:02.25"),
    ],
)
def test_times_are_told_as_on_a_clock(seconds, n_decimals, text):
    assert clock_text(seconds, n_decimals) == text


@given(start=st.floats(0, 7200), length=st.floats(0.001, 7200), n_labels=st.integers(2, 30))
def test_labels_are_as_many_as_fit_and_tell_different_times(start, length, n_labels):
    ticks = second_ticks(start, start + length, n_labels)
    assert len(ticks) <= n_labels + 1
    assert len({tick.label for tick in ticks}) == len(ticks)
    assert all(start - 1e-6 <= tick.seconds <= start + length + 1e-6 for tick in ticks)


def test_bars_are_counted_from_one_with_beats_where_there_is_room():
    grid = Grid(tempo_bpm=120.0, beats_per_bar=4)
    assert [(t.seconds, t.label) for t in bar_ticks(0.0, 4.0, 4, grid)] == [
        (0.0, "1"),
        (2.0, "2"),
        (4.0, "3"),
    ]
    assert [t.label for t in bar_ticks(2.0, 3.0, 8, grid)] == ["2", "2.2", "2.3"]


@given(length=st.floats(1, 7200), bpm=st.floats(20, 400), n_labels=st.integers(2, 30))
def test_bars_never_crowd(length, bpm, n_labels):
    assert len(bar_ticks(0.0, length, n_labels, Grid(bpm))) <= n_labels + 1
