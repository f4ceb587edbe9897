"""Gains glide without steps, lanes add up exactly, and channels are fitted at equal level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.presenters.mixing import GLIDE_SECONDS, Glide, LaneMixer, fitted

RATE = 48_000
GLIDE_FRAMES = int(GLIDE_SECONDS * RATE)


@given(
    targets=st.lists(st.floats(0, 8), min_size=1, max_size=6),
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=12),
)
def test_a_gain_never_jumps_and_arrives(targets, sizes):
    glide, heard = Glide(RATE), [np.zeros((1, 1), np.float32)]
    for number, target in enumerate(targets):
        glide.target = target
        heard += [glide.next(size) for size in sizes[number::2] or [1]]
    gains = np.concatenate(heard, axis=1)[0]
    assert np.abs(np.diff(gains)).max() <= 8 / GLIDE_FRAMES + 1e-5
    assert glide.next(GLIDE_FRAMES + 1)[0, -1] == np.float32(targets[-1])
    assert glide.is_still


@given(cuts=st.lists(st.integers(1, 500), min_size=1, max_size=10))
def test_the_cut_into_blocks_is_not_heard(cuts):
    whole, parts = Glide(RATE), Glide(RATE)
    whole.target = parts.target = 0.7
    expected = whole.next(sum(cuts))
    heard = np.concatenate([parts.next(cut) for cut in cuts], axis=1)
    assert np.allclose(heard, expected, atol=1e-6)


def test_lanes_at_full_gain_add_up_exactly():
    mixer = LaneMixer(RATE, 2)
    mixer.set_gains({"a": 1.0, "b": 1.0})
    rng = np.random.default_rng(3)
    lanes = {key: rng.standard_normal((2, 512)).astype(np.float32) for key in "ab"}
    assert np.array_equal(mixer.mix(lanes, 512), lanes["a"] + lanes["b"])


def test_switching_between_equal_lanes_is_not_heard():
    """A to B where both are the same: the sum of the two glides is the lane itself."""
    mixer = LaneMixer(RATE, 2)
    tone = np.sin(np.arange(4 * GLIDE_FRAMES) * 0.05).astype(np.float32)
    tone = np.repeat(tone[None], 2, axis=0)
    mixer.set_gains({"a": 1.0, "b": 0.0})
    first = mixer.mix(dict.fromkeys("ab", tone[:, :100]), 100)
    mixer.set_gains({"a": 0.0, "b": 1.0})
    second = mixer.mix(dict.fromkeys("ab", tone[:, 100:]), tone.shape[1] - 100)
    assert np.allclose(np.concatenate([first, second], axis=1), tone, atol=1e-6)


def test_a_lane_that_is_named_no_more_fades_out():
    mixer = LaneMixer(RATE, 2)
    ones = np.ones((2, 2 * GLIDE_FRAMES), np.float32)
    mixer.set_gains({"a": 1.0})
    mixer.mix({"a": ones}, ones.shape[1])
    mixer.set_gains({})
    heard = mixer.mix({"a": ones}, ones.shape[1])
    assert heard[0, 0] == pytest.approx(1.0, abs=0.01)
    assert np.all(heard[:, GLIDE_FRAMES + 1 :] == 0.0)


@pytest.mark.parametrize("n_channels", [1, 2, 3, 6, 7])
def test_equal_channels_keep_their_level(n_channels):
    samples = np.full((n_channels, 10), 0.5, np.float32)
    assert np.array_equal(fitted(samples, 2), np.full((2, 10), 0.5, np.float32))
