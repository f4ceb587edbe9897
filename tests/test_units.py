import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools import units
from hanolab_dawtools.errors import UsageError

RATES = st.sampled_from([8_000, 22_050, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000])
DAY_AT_192_KHZ = 24 * 3600 * 192_000


@given(frame=st.integers(-DAY_AT_192_KHZ, DAY_AT_192_KHZ), rate=RATES)
def test_a_frame_survives_the_way_through_seconds(frame, rate):
    assert units.seconds_to_frames(frame / rate, rate) == frame


@given(seconds=st.floats(-86_400, 86_400), rate=RATES)
def test_the_nearest_frame_is_taken(seconds, rate):
    error_frames = units.seconds_to_frames(seconds, rate) - Fraction(seconds) * rate
    half_a_frame_and_rounding = Fraction(1, 2) + Fraction(1, 1_000_000)
    assert abs(error_frames) <= half_a_frame_and_rounding


@given(seconds=st.floats(0, 86_400), later=st.floats(0, 10), rate=RATES)
def test_a_later_time_is_never_an_earlier_frame(seconds, later, rate):
    assert units.seconds_to_frames(seconds, rate) <= units.seconds_to_frames(seconds + later, rate)


@pytest.mark.parametrize(("seconds", "frame"), [(0.25, 1), (0.75, 2), (-0.25, 0), (-0.75, -1)])
def test_half_a_frame_goes_to_the_later_one(seconds, frame):
    assert units.seconds_to_frames(seconds, 2) == frame


@given(n_frames=st.integers(0, DAY_AT_192_KHZ), from_rate=RATES, to_rate=RATES)
def test_a_resampled_length_is_the_nearest(n_frames, from_rate, to_rate):
    exact = Fraction(n_frames * to_rate, from_rate)
    assert -Fraction(1, 2) < units.resampled_length(n_frames, from_rate, to_rate) - exact
    assert units.resampled_length(n_frames, from_rate, to_rate) - exact <= Fraction(1, 2)


@given(n_frames=st.integers(0, DAY_AT_192_KHZ), from_rate=RATES, to_rate=RATES)
def test_a_length_comes_back_from_a_higher_rate(n_frames, from_rate, to_rate):
    higher, lower = max(from_rate, to_rate), min(from_rate, to_rate)
    there = units.resampled_length(n_frames, lower, higher)
    assert units.resampled_length(there, higher, lower) == n_frames


@pytest.mark.parametrize(
    ("gain", "gain_db"), [(1.0, 0.0), (10.0, 20.0), (0.5, -6.0206), (0.1, -20)]
)
def test_decibels_are_twenty_times_the_logarithm(gain, gain_db):
    assert units.gain_to_db(gain) == pytest.approx(gain_db, abs=1e-4)
    assert units.db_to_gain(gain_db) == pytest.approx(gain, rel=1e-5)


@given(st.floats(-300, 300))
def test_a_level_survives_the_way_through_gain(gain_db):
    assert units.gain_to_db(units.db_to_gain(gain_db)) == pytest.approx(gain_db, abs=1e-9)


@pytest.mark.parametrize("gain", [0.0, -1.0])
def test_no_gain_is_minus_infinity(gain):
    assert units.gain_to_db(gain) == -math.inf
    assert units.db_to_gain(-math.inf) == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.5", 12.5),
        ("0", 0.0),
        ("7.", 7.0),
        ("1:02.500", 62.5),
        (" 1:02:03 ", 3723.0),
        ("90:00", 5400.0),
    ],
)
def test_times_are_read(text, seconds):
    assert units.parse_clock(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "abc", "-1", "1:2:3:4", ":30", "1:", "1,5", "1e3", "nan", "inf", "9" * 5000]
)
def test_what_is_no_time_is_told(text):
    with pytest.raises(UsageError, match="is not a time") as caught:
        units.parse_clock(text)
    assert "1:02.500" in caught.value.hint


@given(st.integers(0, 100 * 3600 * 1000))
def test_a_shown_time_can_be_read_again(milliseconds):
    seconds = milliseconds / 1000
    assert units.parse_clock(units.format_clock(seconds)) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0:00.000"),
        (59.9994, "0:59.999"),
        (59.9996, "1:00.000"),
        (3599.9996, "1:00:00.000"),
        (3723.5, "1:02:03.500"),
        (-1.5, "-0:01.500"),
        (-0.0001, "0:00.000"),
    ],
)
def test_times_are_shown_to_the_millisecond(seconds, text):
    assert units.format_clock(seconds) == text
