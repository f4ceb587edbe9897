import numpy as np
import pytest

from hanolab_dawtools.engines.local import transform
from hanolab_dawtools.engines.local.pipeline import INNER_RATE
from hanolab_dawtools.engines.local.transform import NETWORK_GRID

BLOCK_FRAMES = NETWORK_GRID.block_frames


def _noise(n_channels: int, n_frames: int) -> np.ndarray:
    generator = np.random.default_rng(n_frames)
    return generator.uniform(-1, 1, (n_channels, n_frames)).astype(np.float32)


def test_a_sine_is_in_its_bin_at_its_level() -> None:
    frequency_bin, window = 93, 300
    times = np.arange(BLOCK_FRAMES) / NETWORK_GRID.window_frames
    sine = 0.5 * np.sin(2 * np.pi * frequency_bin * times)[np.newaxis].astype(np.float32)
    seen = transform.magnitudes(NETWORK_GRID.analyse(sine), 1.0)
    assert seen[0, window].argmax() == frequency_bin
    # a sine of amplitude a gives a / 2 times the window's sum, which is 2048
    assert seen[0, window, frequency_bin] == pytest.approx(0.5 / 2 * 2048, rel=1e-5)


def test_the_gain_multiplies_magnitudes() -> None:
    spectra = NETWORK_GRID.analyse(_noise(2, BLOCK_FRAMES))
    np.testing.assert_allclose(
        transform.magnitudes(spectra, 4.0), 4 * transform.magnitudes(spectra, 1.0), rtol=1e-6
    )


def test_magnitudes_of_enormous_sound_do_not_overflow() -> None:
    spectra = NETWORK_GRID.analyse(_noise(1, BLOCK_FRAMES) * np.float32(1e15))
    assert np.isfinite(transform.magnitudes(spectra, 1e-15)).all()


def test_one_channel_is_shown_as_two_alike() -> None:
    seen = transform.magnitudes(NETWORK_GRID.analyse(_noise(1, BLOCK_FRAMES)), 1.0)
    assert seen.shape == (2, 512, 1024)
    np.testing.assert_array_equal(seen[0], seen[1])


def test_above_eleven_kilohertz_the_average_of_the_mask_counts() -> None:
    spectra = np.ones((2, 512, 2049), dtype=np.complex64)
    mask = np.random.default_rng(1).random((2, 512, 1024), dtype=np.float32)
    transform.apply_mask(spectra, mask)
    np.testing.assert_array_equal(spectra[..., :1024], mask)
    np.testing.assert_allclose(
        spectra[..., 1024:].real, np.broadcast_to(mask.mean(-1, keepdims=True), (2, 512, 1025))
    )
    assert 1024 * INNER_RATE / NETWORK_GRID.window_frames == 11_025


def test_one_channel_gets_the_average_of_both_masks() -> None:
    spectra = np.ones((1, 512, 2049), dtype=np.complex64)
    mask = np.stack([np.full((512, 1024), share, dtype=np.float32) for share in (0.25, 0.75)])
    transform.apply_mask(spectra, mask)
    np.testing.assert_array_equal(spectra, 0.5)
