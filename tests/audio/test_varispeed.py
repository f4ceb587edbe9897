"""Sines and pulses read at any speed, against their own formulas."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.varispeed import read_at_speed

AN_HOUR_OF_FRAMES = 3_600 * 48_000
TOLERANCE = 1e-6  # -120 dB of full scale


class Sines:
    """Endless sines, one in each channel, of frequencies in cycles a frame."""

    def __init__(self, *frequencies: float) -> None:
        self._frequencies = np.array(frequencies)[:, np.newaxis]
        self.n_channels = len(frequencies)

    def at(self, positions: np.ndarray) -> np.ndarray:
        return np.sin(2 * np.pi * np.mod(self._frequencies * positions, 1.0))

    def read_at(self, start: int, n_frames: int) -> Samples:
        return self.at(np.arange(start, start + n_frames)).astype(np.float32)


@pytest.mark.parametrize("step", [0.001, 0.3, 0.999_97, 1.0, 1.059_463, 2.0, 3.3, 17.5])
@pytest.mark.parametrize("position", [0.0, 0.37, -20.5, AN_HOUR_OF_FRAMES + 0.25])
def test_sine_is_read_where_it_should_be(step, position):
    high = 0.4 if step < 8 else 0.2  # soxr's ripple grows with the ratio, to 0.01 dB
    sines = Sines(0.01 / max(1, step), high / max(1, step))
    out = read_at_speed(sines, position, step, 20_000)
    expected = sines.at(position + step * np.arange(20_000))
    assert np.abs(out - expected).max() < TOLERANCE


@pytest.mark.parametrize(("step", "frequency"), [(1.3, 0.45), (2.5, 0.3), (6.0, 0.2)])
def test_what_is_too_high_for_the_result_is_gone(step, frequency):
    assert np.abs(read_at_speed(Sines(frequency), 0.3, step, 20_000)).max() < TOLERANCE


@given(st.floats(0.2, 3.0), st.floats(-50, 50), st.lists(st.integers(1, 3_999), max_size=3))
def test_pieces_are_the_whole(step, position, cuts):
    sines = Sines(0.07, 0.13)
    whole = read_at_speed(sines, position, step, 4_000)
    edges = sorted({0, 4_000, *cuts})
    pieces = [
        read_at_speed(sines, position + start * step, step, end - start)
        for start, end in pairwise(edges)
    ]
    assert np.abs(np.concatenate(pieces, axis=1) - whole).max() < TOLERANCE


def test_long_reading_is_as_exact_as_a_short_one():
    sines = Sines(0.2)
    out = read_at_speed(sines, 0.1, 1.02, 300_000)
    assert np.abs(out - sines.at(0.1 + 1.02 * np.arange(300_000))).max() < TOLERANCE


@pytest.mark.parametrize("step", [0.0, -1.0])
def test_step_that_leads_nowhere_is_refused(step):
    with pytest.raises(ValueError, match="positive"):
        read_at_speed(Sines(0.1), 0.0, step, 10)
