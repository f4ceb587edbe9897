"""Padding, trimming, moving and fading."""

import numpy as np
import pytest
from fakes.signals import click, error_db, loudest_at, noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio import edit
from hanolab_dawtools.audio.edit import FadeShape

SAMPLE_RATE = 48_000
KERNEL_DB = -120.0  # how exact the band-limited shift is inside its band


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_padding_adds_silence_and_keeps_the_rest(n_channels):
    samples = noise(SAMPLE_RATE, 50, n_channels=n_channels).samples
    padded = edit.pad(samples, 3, 4)
    assert padded.shape == (n_channels, 57)
    assert not padded[:, :3].any()
    assert not padded[:, -4:].any()
    np.testing.assert_array_equal(padded[:, 3:-4], samples)


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


@pytest.mark.parametrize("shape", FadeShape)
@pytest.mark.parametrize("n_frames", [1, 2, 480, 1000])
def test_a_fade_in_begins_at_nothing_and_ends_at_all(shape, n_frames):
    ones = np.ones((2, 1000), dtype=np.float32)
    faded = edit.fade_in(ones, n_frames, shape)
    assert faded[0, 0] == 0.0
    np.testing.assert_array_equal(faded[:, n_frames:], 1.0)
    assert (np.diff(faded, axis=1) >= 0).all()
    np.testing.assert_array_equal(faded[0], faded[1])


@pytest.mark.parametrize("shape", FadeShape)
@pytest.mark.parametrize("n_frames", [1, 2, 480, 1000])
def test_a_fade_out_mirrors_the_fade_in_about_its_middle(shape, n_frames):
    ones = np.ones((1, 1001), dtype=np.float32)
    rising = edit.fade_in(ones, n_frames, shape)
    falling = edit.fade_out(ones, n_frames, shape)
    np.testing.assert_allclose(falling[:, 1:], rising[:, :0:-1], atol=1e-7)
    assert falling[0, -n_frames] == 1.0


@pytest.mark.parametrize("shape", FadeShape)
def test_no_fade_changes_no_bit(shape):
    samples = noise(SAMPLE_RATE, 100).samples
    np.testing.assert_array_equal(edit.fade_in(samples, 0, shape), samples)
    np.testing.assert_array_equal(edit.fade_out(samples, 0, shape), samples)


def test_the_middle_of_a_fade_is_6_db_or_3_db_down():
    assert edit.fade_gain(np.array([0.5]), FadeShape.LINEAR)[0] == 0.5
    assert edit.fade_gain(np.array([0.5]), FadeShape.EQUAL_POWER)[0] ** 2 == pytest.approx(0.5)


@pytest.mark.parametrize("shape", FadeShape)
def test_a_fade_is_held_before_and_behind_it(shape):
    assert list(edit.fade_gain(np.array([-3.0, 0.0, 1.0, 7.0]), shape)) == [0.0, 0.0, 1.0, 1.0]


def test_a_linear_crossfade_of_equal_signals_is_that_signal():
    sound = noise(SAMPLE_RATE, 1000, n_channels=2).samples
    joined = edit.crossfade(sound[:, :600], sound[:, 400:], 200)
    assert error_db(joined, sound) < -140.0


def test_an_equal_power_crossfade_keeps_the_power_of_unlike_signals():
    ones, zeros = np.ones((1, 500), dtype=np.float32), np.zeros((1, 500), dtype=np.float32)
    falling = edit.crossfade(ones, zeros, 500, FadeShape.EQUAL_POWER)
    rising = edit.crossfade(zeros, ones, 500, FadeShape.EQUAL_POWER)
    np.testing.assert_allclose(falling**2 + rising**2, 1.0, atol=1e-6)


def test_a_crossfade_of_no_frames_only_joins():
    first, second = noise(SAMPLE_RATE, 10).samples, noise(SAMPLE_RATE, 5, seed=1).samples
    np.testing.assert_array_equal(
        edit.crossfade(first, second, 0), np.concatenate([first, second], axis=1)
    )


@pytest.mark.parametrize("n_frames", [-1, 6])
def test_a_crossfade_longer_than_a_piece_is_a_mistake(n_frames):
    with pytest.raises(ValueError, match="pieces of 10 and 5 frames"):
        edit.crossfade(np.zeros((1, 10), np.float32), np.zeros((1, 5), np.float32), n_frames)


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
