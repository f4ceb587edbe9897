"""A known lag is found, to 0.01 frame, whatever the rate, the channels and the material."""

import numpy as np
import pytest
from fakes.delays import late, pink_noise, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import signal

from hanolab_dawtools.audio.align import CONFIDENT, measure_alignment

RATES = (22_050, 44_100, 48_000, 96_000, 192_000)
TOLERANCE_FRAMES = 0.01  # what is promised


def measured(folder, reference, target, sample_rate=48_000, **options):
    return measure_alignment(
        write(folder / "reference.wav", reference, sample_rate),
        [write(folder / "target.wav", target, sample_rate)],
        **options,
    )


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("lag", [0, 1, -1, 0.5, -0.5, 0.01, 333.25, -4097.62])
def test_a_lag_is_found_to_a_hundredth_of_a_frame(tmp_path, sample_rate, lag):
    music = pink_noise(3 * sample_rate, n_channels=2)
    found = measured(tmp_path, music, late(music, lag), sample_rate, max_lag_seconds=0.5)
    assert found.lag_frames == pytest.approx(lag, abs=TOLERANCE_FRAMES)
    assert found.polarity == 1
    assert found.confidence > 0.95


def test_lag_is_positive_when_the_target_is_late(tmp_path):
    music = pink_noise(48_000)
    assert measured(tmp_path, music, late(music, 100)).lag_frames == pytest.approx(100)


@pytest.mark.parametrize("lag", [24_000, -24_000, 23_999.5, -23_999.5])
def test_a_lag_at_the_end_of_the_range_is_found(tmp_path, lag):
    music = pink_noise(3 * 48_000)
    found = measured(tmp_path, music, late(music, lag), max_lag_seconds=0.5)
    assert found.lag_frames == pytest.approx(lag, abs=TOLERANCE_FRAMES)


def test_a_lag_beyond_the_range_is_not_confident(tmp_path):
    music = pink_noise(3 * 48_000)
    found = measured(tmp_path, music, late(music, 30_000), max_lag_seconds=0.5)
    assert found.confidence < 0.2


@pytest.mark.parametrize("lag", [0, 17, 250.5])
def test_a_turned_polarity_is_told(tmp_path, lag):
    music = pink_noise(2 * 48_000)
    found = measured(tmp_path, music, -0.5 * late(music, lag))
    assert (found.polarity, found.confidence > 0.9) == (-1, True)
    assert found.lag_frames == pytest.approx(lag, abs=TOLERANCE_FRAMES)


@pytest.mark.parametrize(
    ("order", "band_hz", "kind"),
    [(4, 1000, "lowpass"), (4, 3000, "lowpass"), (4, 4000, "highpass"), (2, (800, 3000), "band")],
)
def test_a_filter_without_delay_does_not_move_the_lag(tmp_path, order, band_hz, kind):
    music = pink_noise(4 * 48_000)
    sections = signal.butter(order, band_hz, kind, fs=48_000, output="sos")
    filtered = signal.sosfiltfilt(sections, late(music, 40.3))
    found = measured(tmp_path, music, filtered)
    assert found.lag_frames == pytest.approx(40.3, abs=TOLERANCE_FRAMES)
    assert found.is_confident


@pytest.mark.parametrize(("ours", "theirs"), [(1, 2), (2, 1), (6, 2), (2, 6)])
def test_channel_counts_may_differ(tmp_path, ours, theirs):
    music = pink_noise(48_000)
    reference, target = np.tile(music, (ours, 1)), np.tile(late(music, 12.5), (theirs, 1))
    found = measured(tmp_path, reference, target)
    assert found.lag_frames == pytest.approx(12.5, abs=TOLERANCE_FRAMES)


def test_opposite_channels_do_not_cancel(tmp_path):
    side = pink_noise(48_000)
    reference = np.concatenate([side, -side])
    found = measured(tmp_path, reference, late(reference, 9))
    assert found.lag_frames == pytest.approx(9, abs=TOLERANCE_FRAMES)
    assert found.confidence > 0.9


def test_one_stem_is_found_in_its_mix(tmp_path):
    voice, band = pink_noise(4 * 48_000, seed=1), pink_noise(4 * 48_000, seed=2)
    found = measured(tmp_path, 0.3 * voice + band, late(voice, 70.25))
    assert found.lag_frames == pytest.approx(70.25, abs=TOLERANCE_FRAMES)
    assert found.confidence > 0.9


def test_the_sum_of_several_stems_is_what_counts(tmp_path):
    parts = [pink_noise(48_000, n_channels=2, seed=seed) for seed in range(3)]
    reference = write(tmp_path / "mix.wav", sum(parts), 48_000)
    stems = [
        write(tmp_path / f"{number}.wav", late(part, -5.5), 48_000)
        for number, part in enumerate(parts)
    ]
    assert measure_alignment(reference, stems).lag_frames == pytest.approx(-5.5, abs=0.01)


def test_sound_after_a_long_silence_is_found(tmp_path):
    music = np.concatenate([np.zeros((1, 20 * 48_000)), pink_noise(48_000)], axis=1)
    found = measured(tmp_path, music, late(music, -321.5))
    assert found.lag_frames == pytest.approx(-321.5, abs=TOLERANCE_FRAMES)


def test_three_seconds_of_voice_in_five_minutes_are_found(tmp_path):
    sample_rate, second = 22_050, 22_050
    voice = np.zeros((1, 300 * second), dtype=np.float32)
    voice[:, 200 * second : 203 * second] = pink_noise(3 * second, seed=7)
    mix = voice + pink_noise(300 * second, seed=8)
    found = measured(tmp_path, mix, late(voice, 700), sample_rate)
    assert found.lag_frames == pytest.approx(700, abs=TOLERANCE_FRAMES)
    assert found.is_confident


@pytest.mark.parametrize("at_frame", [0, 5000, 47_000])
def test_a_single_click_is_found(tmp_path, at_frame):
    clicks = np.zeros((1, 48_000), dtype=np.float32)
    clicks[0, at_frame] = 1.0
    found = measured(tmp_path, clicks, late(clicks, 31))
    assert found.lag_frames == pytest.approx(31, abs=TOLERANCE_FRAMES)


def test_a_target_behind_the_end_of_the_reference_is_found(tmp_path):
    burst = pink_noise(4000)
    late_burst = np.concatenate([np.zeros((1, 9000), dtype=np.float32), burst], axis=1)
    found = measured(tmp_path, burst, late_burst)
    assert found.lag_frames == pytest.approx(9000, abs=TOLERANCE_FRAMES)


def test_drift_is_told(tmp_path):
    first, last = pink_noise(4 * 48_000, seed=1), pink_noise(4 * 48_000, seed=2)
    music = np.concatenate([first, last], axis=1)
    moved = np.concatenate([first, late(last, 0.5)], axis=1)
    assert measured(tmp_path, music, moved).drift_frames == pytest.approx(0.5, abs=0.02)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lag=st.integers(-12_000, 12_000),
    polarity=st.sampled_from([1, -1]),
    gain=st.floats(1e-4, 100.0),
    seed=st.integers(0, 2**16),
)
def test_a_shift_by_any_whole_number_is_found_as_that_number(tmp_path, lag, polarity, gain, seed):
    music = pink_noise(30_000, seed=seed)
    found = measured(tmp_path, music, polarity * gain * late(music, lag))
    assert found.lag_frames == pytest.approx(lag, abs=TOLERANCE_FRAMES)
    assert found.polarity == polarity
    assert found.confidence >= CONFIDENT
