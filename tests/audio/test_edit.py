"""Trimming and moving."""

import numpy as np
import pytest
from fakes.signals import click, error_db, loudest_at, noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio import edit

SAMPLE_RATE = 48_000
KERNEL_DB = -120.0  # how exact the band-limited shift is inside its band


@given(start=st.integers(-60, 60), n_frames=st.integers(0, 120))
def test_a_trim_is_a_slice_of_endless_silence_around_the_samples(start, n_frames):
    samples = noise(SAMPLE_RATE, 40, n_channels=2).samples
    endless = np.pad(samples, ((0, 0), (200, 200)))
    expected = endless[:, 200 + start : 200 + start + n_frames]
    trimmed = edit.trim(samples, start, start + n_frames)
    np.testing.assert_array_equal(trimmed, expected)
    assert trimmed.dtype == np.float32
    assert trimmed.flags.c_contiguous


@given(shift_frames=st.integers(-150, 150))
def test_a_shift_moves_a_click_by_that_many_frames(shift_frames):
    moved = edit.shift(click(SAMPLE_RATE, 100, 50).samples, shift_frames)
    assert moved.shape == (1, 100)
    if 0 <= 50 + shift_frames < 100:
        assert loudest_at(moved) == 50 + shift_frames
    assert moved.sum() == (0 <= 50 + shift_frames < 100)


@pytest.mark.parametrize("shift_frames", [-3.0, 0.0, 7.0])
def test_a_fractional_shift_by_whole_frames_changes_no_bit(shift_frames):
    samples = noise(SAMPLE_RATE, 100, n_channels=2).samples
    np.testing.assert_array_equal(
        edit.fractional_shift(samples, shift_frames), edit.shift(samples, int(shift_frames))
    )


@pytest.mark.parametrize("share_of_nyquist", [0.01, 0.3, 0.7, 0.9, 0.97])
@pytest.mark.parametrize("shift_frames", [0.5, 0.01, -0.25, 12.75, -300.4])
def test_a_fractional_shift_delays_a_sine_by_exactly_that(share_of_nyquist, shift_frames):
    frequency_hz = share_of_nyquist * SAMPLE_RATE / 2
    moved = edit.fractional_shift(sine(frequency_hz, SAMPLE_RATE, 8000).samples, shift_frames)
    phase = -2 * np.pi * frequency_hz / SAMPLE_RATE * shift_frames
    expected = sine(frequency_hz, SAMPLE_RATE, 8000, phase=phase).samples
    middle = slice(1000, -1000)
    assert error_db(moved[:, middle], expected[:, middle]) < KERNEL_DB


@settings(max_examples=30)
@given(start=st.integers(0, 4000), n_frames=st.integers(1, 900), shift=st.floats(-5, 5))
def test_a_part_with_its_context_is_shifted_as_the_whole_is(start, n_frames, shift):
    whole = noise(SAMPLE_RATE, 5000, n_channels=2).samples
    context = edit.SHIFT_REACH_FRAMES + 6
    part = edit.trim(whole, start - context, start + n_frames + context)
    moved = edit.fractional_shift(part, shift)[:, context : context + n_frames]
    expected = edit.trim(edit.fractional_shift(whole, shift), start, start + n_frames)
    assert error_db(moved, expected) < -130.0


def test_shifting_back_and_forth_gives_the_sound_again():
    sound = sine(3000.0, SAMPLE_RATE, 6000, n_channels=2).samples
    back = edit.fractional_shift(edit.fractional_shift(sound, 0.37), -0.37)
    assert error_db(back[:, 600:-600], sound[:, 600:-600]) < KERNEL_DB


def test_nothing_can_be_shifted():
    assert edit.fractional_shift(np.zeros((2, 0), np.float32), 0.5).shape == (2, 0)
