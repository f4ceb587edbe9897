"""A join is laid where it is heard least, and keeps the level."""

import math

import numpy as np
import pytest

from hanolab_dawtools.audio.splice import find_splice, max_lag_frames

RATE = 48_000
N_FRAMES = RATE // 2
MARGIN = max_lag_frames(RATE)


def sine(hz, phase=0.0, n_channels=1, start=0, n_frames=N_FRAMES):
    angles = 2 * np.pi * hz * (start + np.arange(n_frames)) / RATE + phase
    return np.repeat(np.sin(angles)[None], n_channels, axis=0).astype(np.float32)


def joined(earlier, later):
    """The whole overlap, joined where `find_splice` says."""
    splice = find_splice(earlier, later, RATE)
    stop = splice.start + splice.n_frames
    moved = later[:, MARGIN + splice.lag_frames :]
    middle = splice.joined(earlier[:, splice.start : stop], moved[:, splice.start : stop])
    return np.concatenate(
        [earlier[:, : splice.start], middle, moved[:, stop : earlier.shape[1]]], axis=1
    )


@pytest.mark.parametrize("n_channels", [1, 2, 6])
@pytest.mark.parametrize("hz", [130.0, 440.0, 3_000.0])
@pytest.mark.parametrize("phase", [0.0, 1.0, math.pi])
def test_waves_out_of_phase_are_brought_together(n_channels, hz, phase):
    earlier = sine(hz, n_channels=n_channels)
    later = sine(hz, phase, n_channels, -MARGIN, N_FRAMES + 2 * MARGIN)
    made = joined(earlier, later)
    assert made.shape == earlier.shape
    rms = np.sqrt(np.convolve(made[-1].astype(float) ** 2, np.ones(2_400) / 2_400, "valid"))
    assert np.abs(20 * np.log10(rms * math.sqrt(2))).max() < 0.5


def test_the_level_of_noise_that_does_not_match_stays():
    rng = np.random.default_rng(0)
    earlier = rng.normal(size=(1, N_FRAMES)).astype(np.float32)
    later = rng.normal(size=(1, N_FRAMES + 2 * MARGIN)).astype(np.float32)
    splice = find_splice(earlier, later, RATE)
    made = joined(earlier, later)[0, splice.start : splice.start + splice.n_frames]
    assert np.sqrt(np.mean(made.astype(float) ** 2)) == pytest.approx(1.0, abs=0.1)


def test_a_quiet_place_is_taken():
    rng = np.random.default_rng(0)
    earlier = rng.normal(size=(1, N_FRAMES)).astype(np.float32)
    later = rng.normal(size=(1, N_FRAMES + 2 * MARGIN)).astype(np.float32)
    quiet = slice(N_FRAMES // 2, N_FRAMES // 2 + 6_000)
    earlier[:, quiet] *= 1e-3
    later[:, quiet.start : quiet.stop + 2 * MARGIN] *= 1e-3
    splice = find_splice(earlier, later, RATE)
    assert quiet.start <= splice.start <= quiet.stop - splice.n_frames


def test_what_matches_already_is_not_moved():
    rng = np.random.default_rng(0)
    later = rng.normal(size=(2, N_FRAMES + 2 * MARGIN)).astype(np.float32)
    earlier = np.ascontiguousarray(later[:, MARGIN : MARGIN + N_FRAMES])
    assert find_splice(earlier, later, RATE).lag_frames == 0
    assert np.abs(joined(earlier, later) - earlier).max() < 1e-5


def test_silence_is_joined_to_silence():
    made = joined(
        np.zeros((1, N_FRAMES), np.float32), np.zeros((1, N_FRAMES + 2 * MARGIN), np.float32)
    )
    assert not made.any()
