"""What the networks are shown of a spectrum, and what their mask does to it.

The grid is the one that Spleeter was trained on: 44.1 kHz, periodic Hann windows of 4096 frames,
1024 apart, 4096 zeros in front, blocks of 512 windows. Spectra are complex64, shape
(n_channels, 512, 2049).
"""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.engines.local.grid import Grid, Spectrum
from hanolab_dawtools.engines.local.networks import BLOCK_WINDOWS, NETWORK_BINS
from hanolab_dawtools.engines.local.tensors import Array

NETWORK_GRID = Grid(window_frames=4096, hop_frames=1024, block_windows=BLOCK_WINDOWS)


def magnitudes(spectra: Spectrum, gain: float) -> Array:
    """What the networks see: magnitudes of the lower bins, times `gain`, of two channels.

    A single channel is shown as two alike.
    """
    seen = spectra[..., :NETWORK_BINS] * np.float32(gain)
    lengths = np.square(seen.real)
    lengths += np.square(seen.imag)
    np.sqrt(lengths, out=lengths)
    return np.repeat(lengths, 2, axis=0) if len(lengths) == 1 else lengths


def apply_mask(spectra: Spectrum, mask: Array) -> None:
    """Multiply spectra, in place, by a mask of the lower bins; shape (2, 512, 1024).

    Above 11 kHz, where the networks hear nothing, each window's average mask is used; for a
    single channel the average of the two masks.

    Source: `mask_extension: average` of Spleeter (the 2-stem model ships with "zeros", by which
    both stems lose everything above 11 kHz).
    """
    if len(spectra) == 1:
        mask = mask.mean(axis=0, keepdims=True)
    spectra[..., :NETWORK_BINS] *= mask
    spectra[..., NETWORK_BINS:] *= mask.mean(axis=-1, keepdims=True)
