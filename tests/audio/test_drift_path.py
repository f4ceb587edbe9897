"""Steps of any number, size and place are found in envelopes whose course is known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hanolab_dawtools.audio.drift_evidence import coarse_lags, frame_costs, learn
from hanolab_dawtools.audio.drift_path import LOST_STEPS, best_course, segments
from hanolab_dawtools.audio.envelopes import N_BANDS, STEPS_PER_SECOND

SECONDS = 60
REACH = 30


def found(still, moving):
    """Frames and changes of the steps that are found, and the first lag."""
    lags = coarse_lags(still, moving, -250, 250)
    evidence = learn(still, moving, lags)
    course = best_course(frame_costs(evidence, lags, REACH))
    parts = segments(course, int(lags.min()) - REACH, evidence)
    changes = [b.lag - a.lag for a, b in pairwise(parts)]
    return [part.first for part in parts[1:]], changes, parts[0].lag


def movement(seed, seconds=SECONDS):
    """Envelopes as lively as those of singing: nothing faster than 10 Hz, 8 dB."""
    random = np.random.default_rng(seed)
    wave = random.standard_normal((N_BANDS, seconds * STEPS_PER_SECOND))
    smooth = ndimage.gaussian_filter1d(wave, 12.0, axis=1)
    return np.asarray(smooth * (8.0 / smooth.std()), dtype=np.float32)


def other_voice(still, seed, noise_db):
    """The same movement in other bands, with errors that are correlated in time."""
    random = np.random.default_rng(seed)
    mixing = np.eye(N_BANDS) * 0.6 + np.eye(N_BANDS, k=1) * 0.4
    return np.asarray(mixing @ still + noise_db / 8.0 * movement(random.integers(2**31)), "f4")


@settings(max_examples=8)
@given(
    gaps=st.lists(st.integers(9, 16), min_size=1, max_size=3),
    sizes=st.lists(st.integers(1, 3), min_size=3, max_size=3),
    lag=st.integers(-100, 100),
    seed=st.integers(0, 2**31),
)
def test_lost_time_is_found_wherever_it_was(gaps, sizes, lag, seed):
    still = movement(seed)
    voice = other_voice(still, seed + 1, noise_db=2.5)
    cuts = [cut * STEPS_PER_SECOND for cut in np.cumsum(gaps)]
    lost = [size * LOST_STEPS for size in sizes[: len(cuts)]]
    kept, at = [], 0
    for cut, size in zip(cuts, lost, strict=True):
        kept.append(voice[:, at : cut - size])
        at = cut
    moving = np.concatenate([*kept, voice[:, at:]], axis=1)
    late = np.zeros((N_BANDS, max(lag, 0)), dtype=np.float32)
    moving = np.concatenate([late, moving[:, max(-lag, 0) :]], axis=1)
    places, changes, first_lag = found(still, moving)
    assert changes == [-size for size in lost]
    assert first_lag == lag
    assert np.abs(np.subtract(places, cuts)).max() < 0.5 * STEPS_PER_SECOND


@settings(max_examples=8)
@given(seed=st.integers(0, 2**31), noise_db=st.floats(0.0, 12.0))
def test_no_step_is_found_where_there_is_none(seed, noise_db):
    still = movement(seed)
    assert found(still, other_voice(still, seed + 1, noise_db))[1:] == ([], 0)


@pytest.mark.parametrize("change", [-13, 22, 33])
def test_a_step_of_another_size_is_found_too(change):
    still = movement(1)
    voice = other_voice(still, 2, noise_db=3.0)
    cut = 30 * STEPS_PER_SECOND
    gap = np.zeros((N_BANDS, max(change, 0)), dtype=np.float32)
    moving = np.concatenate([voice[:, :cut], gap, voice[:, cut - min(change, 0) :]], axis=1)
    assert found(still, moving)[1] == [change]


def test_too_little_sound_teaches_nothing():
    still = np.zeros((N_BANDS, 5000), dtype=np.float32)
    still[:, 100:150] = 9.0
    assert learn(still, still, np.zeros(5000, dtype=np.int64)) is None
