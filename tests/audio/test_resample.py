"""Resampling: the right length, place, frequency and level, and nothing that was not there."""

import math

import numpy as np
import pytest
from fakes.signals import click, error_db, noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.resample import StreamResampler, resample
from hanolab_dawtools.units import resampled_length

RATES = [22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
PAIRS = [(a, b) for a in RATES for b in RATES if a != b]
EDGE_SECONDS = 0.05  # where a signal begins or ends abruptly, every filter rings
ALIAS_DB = -120.0


def streamed(buffer, to_rate, cuts):
    resampler = StreamResampler(buffer.sample_rate, to_rate, buffer.n_channels)
    parts = [resampler.process(part) for part in np.split(buffer.samples, cuts, axis=1)]
    return np.concatenate([*parts, resampler.flush()], axis=1)


def without_edges(buffer):
    edge = round(EDGE_SECONDS * buffer.sample_rate)
    return buffer.samples[:, edge:-edge]


def fitted(samples, frequency_hz, sample_rate):
    """Lag in frames, gain in dB and largest rest in dB of samples against a sine of 0.5."""
    edge = round(EDGE_SECONDS * sample_rate)
    frames = np.arange(edge, samples.shape[1] - edge)
    angle = 2 * np.pi * ((frames * frequency_hz / sample_rate) % 1.0)
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    made = samples[0, frames].astype(np.float64)
    (in_phase, quadrature), *_ = np.linalg.lstsq(basis, made, rcond=None)
    rest = np.abs(made - basis @ (in_phase, quadrature)).max()
    lag_frames = -math.atan2(quadrature, in_phase) / (2 * np.pi) * sample_rate / frequency_hz
    gain_db = 20 * math.log10(math.hypot(in_phase, quadrature) / 0.5)
    return lag_frames, gain_db, 20 * math.log10(rest)


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
@pytest.mark.parametrize("share_of_nyquist", [0.05, 0.5, 0.88])
def test_a_sine_keeps_frequency_place_and_level(from_rate, to_rate, share_of_nyquist):
    frequency_hz = share_of_nyquist * min(from_rate, to_rate) / 2
    made = resample(sine(frequency_hz, from_rate, from_rate // 4), to_rate)
    lag_frames, gain_db, rest_db = fitted(made.samples, frequency_hz, to_rate)
    assert abs(lag_frames) < 1e-4
    assert abs(gain_db) < 0.01
    assert rest_db < -130.0


@pytest.mark.parametrize(("from_rate", "to_rate"), [pair for pair in PAIRS if pair[0] > pair[1]])
def test_what_the_lower_rate_cannot_hold_is_gone(from_rate, to_rate):
    frequency_hz = min(0.55 * to_rate, 0.49 * from_rate)
    made = resample(sine(frequency_hz, from_rate, from_rate // 4, amplitude=1.0), to_rate)
    assert error_db(without_edges(made), np.zeros_like(without_edges(made))) < ALIAS_DB


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_a_click_stays_at_its_time(from_rate, to_rate):
    step = from_rate // math.gcd(from_rate, to_rate)  # frames at which both grids meet
    at_frame = step * (from_rate // 5 // step)
    made = resample(click(from_rate, 2 * at_frame + 1, at_frame), to_rate).samples[0]
    expected = at_frame * to_rate // from_rate
    assert int(np.argmax(np.abs(made))) == expected
    reach = min(expected, len(made) - expected - 1, 2000)
    before, after = made[expected - reach : expected], made[expected + 1 : expected + reach + 1]
    np.testing.assert_allclose(before[::-1], after, atol=1e-6)  # no lag of any fraction


@settings(max_examples=150)
@given(
    n_frames=st.integers(0, 3000),
    from_rate=st.sampled_from([8_000, 11_025, *RATES, 44_056, 47_952]),
    to_rate=st.sampled_from([8_000, 11_025, *RATES, 44_056, 47_952]),
)
def test_the_length_follows_the_one_rule(n_frames, from_rate, to_rate):
    made = resample(noise(from_rate, n_frames, n_channels=2), to_rate)
    assert made.n_frames == resampled_length(n_frames, from_rate, to_rate)
    assert made.sample_rate == to_rate
    assert made.samples.dtype == np.float32


@settings(max_examples=60)
@given(
    cuts=st.lists(st.integers(0, 20_000), max_size=8).map(sorted),
    rates=st.sampled_from(
        [(44_100, 48_000), (96_000, 48_000), (22_050, 192_000), (44_056, 48_000)]
    ),
)
def test_the_cut_into_blocks_changes_no_bit(cuts, rates):
    sound = noise(rates[0], 20_000, n_channels=2)
    np.testing.assert_array_equal(
        streamed(sound, rates[1], cuts), resample(sound, rates[1]).samples
    )


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_channels_do_not_touch_each_other(n_channels):
    sound = noise(44_100, 5000, n_channels=n_channels)
    together = resample(sound, 48_000).samples
    for channel in range(n_channels):
        alone = resample(AudioBuffer(sound.samples[channel : channel + 1], 44_100), 48_000)
        np.testing.assert_array_equal(together[channel], alone.samples[0])


def test_equal_rates_touch_no_bit():
    odd = np.array([[np.nan, np.inf, -0.0, 5.0, 1e-40]], dtype=np.float32)
    made = resample(AudioBuffer(odd, 48_000), 48_000).samples
    np.testing.assert_array_equal(made.view(np.uint32), odd.view(np.uint32))


def test_levels_over_full_scale_stay():
    loud = sine(1000.0, 44_100, 20_000, amplitude=4.0)
    assert np.abs(resample(loud, 48_000).samples).max() == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize(("from_rate", "to_rate"), [(44_056, 48_000), (44_100, 44_099)])
def test_odd_rates_drift_less_than_a_hundredth_of_a_frame_an_hour(from_rate, to_rate):
    seconds = 60
    made = resample(sine(1000.0, from_rate, seconds * from_rate), to_rate)
    start = made.n_frames - made.n_frames % to_rate - to_rate  # a whole number of periods
    lag_frames, _, _ = fitted(made.samples[:, start:], 1000.0, to_rate)
    assert abs(lag_frames) * 3600 / seconds < 0.01


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_a_start_in_full_swing_is_as_exact_as_one_after_silence(from_rate, to_rate):
    step = from_rate // math.gcd(from_rate, to_rate)
    lead_frames = step * (20_000 // step + 1)
    sound = noise(from_rate, 3000)
    later = AudioBuffer(np.pad(sound.samples, ((0, 0), (lead_frames, 0))), from_rate)
    made, made_later = resample(sound, to_rate).samples, resample(later, to_rate).samples
    assert error_db(made, made_later[:, lead_frames * to_rate // from_rate :]) < -140.0
