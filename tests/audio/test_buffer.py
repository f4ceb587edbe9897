"""The one form of audio in memory, and the other that libraries want."""

import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import interleaved


@pytest.mark.parametrize("n_channels", [1, 2, 6])
@pytest.mark.parametrize("n_frames", [0, 1, 1000])
def test_interleaved_frames_hold_the_channels_side_by_side(n_channels, n_frames):
    samples = np.arange(n_channels * n_frames, dtype=np.float32).reshape(n_channels, n_frames)
    frames = interleaved(samples)
    assert frames.flags.c_contiguous
    np.testing.assert_array_equal(frames, samples.T)
    assert frames.shape == (n_frames, n_channels)
    assert frames.dtype == np.float32
