"""Drums and bass out of an accompaniment, by rules about sound: a draft, no trained separation.

Three rules of popular music, none of which always holds: drums are struck, so they lie along
frequency in a spectrogram; bass is pitched and low; both stand in the middle of the stereo
image. What obeys none, or lies aside, is the rest ("other"). A struck sound that is panned, or a
piano's attack, therefore goes the wrong way: docs/local-engine.md has the figures.

The masks are soft, are the same for both channels, and are at most 1 together. They do not
depend on the level.
"""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.engines.local.grid import Grid, Spectrum
from hanolab_dawtools.engines.local.percussive import REACH_WINDOWS, harmonic_part
from hanolab_dawtools.engines.local.tensors import Array
from hanolab_dawtools.events import Stop

# 186 ms: long enough to tell a bass's tones apart; of all sizes tried the best for drums as well
DRAFT_GRID = Grid(8192, 2048, block_windows=256, context_windows=REACH_WINDOWS)
DRAFT_RATE = 44_100  # Hz, at which the grid is meant
N_OUTPUTS = 2  # drums, bass

BASS_HZ, NO_BASS_HZ = 300.0, 700.0  # all of what is pitched and central below; none above
CENTRE_EXPONENT = 4  # how sharply the middle of the stereo image is told from its sides


def draft_block(block: Samples, stop: Stop) -> Samples:
    """Drums, then bass, of a block of one or two channels with its context.

    Shape (2 * n_channels, DRAFT_GRID.sound_frames).

    Raises
    ------
    JobCancelled
    """
    n_channels, grid = len(block), DRAFT_GRID
    sound = np.zeros((N_OUTPUTS * n_channels, grid.sound_frames), dtype=np.float32)
    if block.any():
        spectra = grid.analyse(block)
        power = _power(spectra)
        magnitudes = np.sqrt(power)
        harmonic = harmonic_part(magnitudes, stop)
        own = slice(REACH_WINDOWS, REACH_WINDOWS + grid.block_windows)
        spectra, centre = spectra[:, own], _centre(spectra[:, own], power[own])
        drums, bass = _masks(harmonic, magnitudes[own] - harmonic, centre)
        sound[:n_channels] = grid.synthesise(spectra * drums)
        n_low = bass.shape[1]
        spectra[..., :n_low] *= bass
        spectra[..., n_low:] = 0
        sound[n_channels:] = grid.synthesise(spectra)
    return sound


def _masks(harmonic: Array, percussive: Array, centre: Array) -> tuple[Array, Array]:
    """Masks of drums, all bins, and of bass, only the bins that may hold any."""
    harmonic, percussive = np.square(harmonic), np.square(percussive)
    total = harmonic + percussive
    weight = np.divide(centre, total, out=np.zeros_like(total), where=total > 0)
    low = _low_share()
    bass = harmonic[:, : len(low)] * weight[:, : len(low)] * low
    return percussive * weight, bass


def _low_share() -> Array:
    """How much of each bin may be bass, from 1 to 0 along the logarithm of the frequency."""
    bin_hz = DRAFT_RATE / DRAFT_GRID.window_frames
    frequencies = bin_hz * np.arange(int(NO_BASS_HZ / bin_hz) + 1)
    above = np.log(np.maximum(frequencies, BASS_HZ) / BASS_HZ)
    return np.asarray(1 - above / np.log(NO_BASS_HZ / BASS_HZ), dtype=np.float32)


def _power(spectra: Spectrum) -> Array:
    """Sum of the channels' powers, shape (n_windows, n_bins)."""
    power = np.zeros(spectra.shape[1:], dtype=np.float32)
    for spectrum in spectra:
        power += np.square(spectrum.real)
        power += np.square(spectrum.imag)
    return power


def _centre(spectra: Spectrum, power: Array) -> Array:
    """How central each value is, 0..1: 1 where both channels are alike, or there is only one.

    With the similarity 2 Re(L R*) / (|L|^2 + |R|^2), negative for what is out of phase, as base.

    Source: C. Avendano, "Frequency-domain source identification and manipulation in stereo mixes
    for enhancement, suppression and re-panning applications", WASPAA 2003 (there with |L R*|).
    """
    if len(spectra) == 1:
        return np.ones_like(power)
    left, right = spectra
    similarity: Array = left.real * right.real
    similarity += left.imag * right.imag
    similarity *= 2
    np.divide(similarity, power, out=similarity, where=power > 0)
    np.clip(similarity, 0, 1, out=similarity)
    np.power(similarity, CENTRE_EXPONENT, out=similarity)
    return similarity
