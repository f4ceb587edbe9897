"""Confidence is low where nothing can be known, and high where the truth is only buried."""

import numpy as np
import pytest
from fakes.delays import late, pink_noise, write
from fakes.signals import sine

from hanolab_dawtools.audio.align import CONFIDENT, measure_alignment

SAMPLE_RATE = 44_100
UNRELATED = 0.2  # what is promised for material that has nothing in common
RANGES = (0.05, 0.5, 2.0)


def measured(folder, reference, target, **options):
    return measure_alignment(
        write(folder / "reference.wav", reference, SAMPLE_RATE),
        [write(folder / "target.wav", target, SAMPLE_RATE)],
        **options,
    )


def white_noise(seconds, seed):
    return np.random.default_rng(seed).standard_normal((1, int(seconds * SAMPLE_RATE))) * 0.1


def cut_walk(seconds, seed):
    """Brown noise: almost all of it is bass, and its cut edges are its only treble."""
    return np.cumsum(white_noise(seconds, seed), axis=1) * 0.05


@pytest.mark.parametrize("max_lag_seconds", RANGES)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [white_noise, cut_walk], ids=["white", "brown"])
def test_independent_noise_is_not_confident(tmp_path, make, seed, max_lag_seconds):
    ours, theirs = make(3, seed), make(3, seed + 100)
    found = measured(tmp_path, ours, theirs, max_lag_seconds=max_lag_seconds)
    assert found.confidence < UNRELATED


@pytest.mark.parametrize("max_lag_seconds", RANGES)
def test_noise_against_music_is_not_confident(tmp_path, max_lag_seconds):
    music = pink_noise(5 * SAMPLE_RATE)
    found = measured(tmp_path, music, white_noise(5, 1), max_lag_seconds=max_lag_seconds)
    assert found.confidence < UNRELATED


@pytest.mark.parametrize("n_frames", [1, 2, 50, 3000])
def test_very_short_unrelated_files_are_not_confident(tmp_path, n_frames):
    ours, theirs = white_noise(1, 1)[:, :n_frames], white_noise(1, 2)[:, :n_frames]
    found = measured(tmp_path, ours, theirs)
    assert found.confidence < CONFIDENT


@pytest.mark.parametrize("silent", ["reference", "target", "both"])
def test_silence_gives_confidence_0_and_lag_0(tmp_path, silent):
    music, nothing = pink_noise(SAMPLE_RATE), np.zeros((1, SAMPLE_RATE))
    found = measured(
        tmp_path,
        music if silent == "target" else nothing,
        music if silent == "reference" else nothing,
    )
    assert (found.confidence, found.lag_frames, found.polarity) == (0.0, 0.0, 1)


@pytest.mark.parametrize("frequency_hz", [100, 441, 3000])
@pytest.mark.parametrize("lag", [30, 5000])
def test_a_late_sine_is_not_confident(tmp_path, frequency_hz, lag):
    tone = sine(frequency_hz, SAMPLE_RATE, 10 * SAMPLE_RATE).samples
    found = measured(tmp_path, tone, late(tone, lag))
    nulls_anyway = lag * frequency_hz % SAMPLE_RATE == 0
    assert found.confidence < UNRELATED or (nulls_anyway and abs(found.lag_frames) < 0.02)


def test_two_different_sines_are_not_confident(tmp_path):
    ours, theirs = (sine(hz, SAMPLE_RATE, 5 * SAMPLE_RATE).samples for hz in (440, 600))
    assert measured(tmp_path, ours, theirs).confidence < UNRELATED


@pytest.mark.parametrize("period_seconds", [0.1, 0.5, 2.0])
def test_a_late_loop_gives_its_true_lag_or_no_confidence(tmp_path, period_seconds):
    n_periods = int(20 / period_seconds)
    loop = np.tile(pink_noise(int(period_seconds * SAMPLE_RATE)), (1, n_periods))
    found = measured(tmp_path, loop, late(loop, 700))
    assert found.lag_frames == pytest.approx(700, abs=0.01) or not found.is_confident


@pytest.mark.parametrize("period_frames", [SAMPLE_RATE // 2, 441])
def test_a_loop_that_nulls_as_it_is_is_certain(tmp_path, period_frames):
    loop = np.tile(pink_noise(period_frames), (1, 20 * SAMPLE_RATE // period_frames))
    found = measured(tmp_path, loop, loop.copy())
    assert (found.lag_frames, found.polarity) == (0.0, 1)
    assert found.confidence > 0.99


def test_the_lag_at_which_a_piece_nulls_is_refined_too(tmp_path):
    music = pink_noise(5 * SAMPLE_RATE)
    found = measured(tmp_path, music, late(music, 0.004))
    assert found.lag_frames == pytest.approx(0.004, abs=0.001)


@pytest.mark.parametrize(("noise_db", "tolerance_frames"), [(-10, 0.01), (0, 0.01), (10, 0.02)])
def test_a_lag_under_noise_is_confident(tmp_path, noise_db, tolerance_frames):
    music, hiss = pink_noise(10 * SAMPLE_RATE), pink_noise(10 * SAMPLE_RATE, seed=9)
    noisy = late(music, 500.3) + hiss * 10 ** (noise_db / 20)
    found = measured(tmp_path, music, noisy)
    assert found.confidence > 0.9
    assert found.lag_frames == pytest.approx(500.3, abs=tolerance_frames)


def test_confidence_falls_as_the_noise_rises(tmp_path):
    music, hiss = pink_noise(3 * SAMPLE_RATE), pink_noise(3 * SAMPLE_RATE, seed=9)
    levels = [
        measured(tmp_path, music, late(music, 50) + hiss * 10 ** (level / 20)).confidence
        for level in (0, 20, 35, 60)
    ]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] < UNRELATED
