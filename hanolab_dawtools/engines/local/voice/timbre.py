"""Timbre as a long-term envelope, and how to bring one near to another.

Envelopes are power spectra, shape (n_bins,), from 0 Hz to half the sample rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.engines.local.voice.source import Floats

LOWEST_HZ = 100.0
_FLOOR_DB = -60.0  # below the loudest third of an octave nothing counts as the reference's band
_MOST_DB = 15.0
_SMOOTH_OCTAVES = 1.0 / 3.0


@dataclass(frozen=True)
class Voiceprint:
    """What a clip sounds like on average: middle pitch, and smoothed envelope up to its band."""

    pitch_hz: float
    envelope_db: Floats
    sample_rate: int

    @property
    def bandwidth_hz(self) -> float:
        """Where the clip's sound ends; above it, its envelope is only a floor."""
        over = np.flatnonzero(self.envelope_db > self.envelope_db.max() + _FLOOR_DB)
        return float(_frequencies(self.envelope_db.size, self.sample_rate)[over[-1]])


def voiceprint(pitch_hz: float, envelope: Floats, sample_rate: int) -> Voiceprint:
    """The print of a clip with this middle pitch and mean envelope of its voiced frames."""
    level_db = 10.0 * np.log10(np.maximum(envelope, 1e-20))
    return Voiceprint(pitch_hz, smoothed_db(level_db, sample_rate), sample_rate)


def smoothed_db(envelope_db: Floats, sample_rate: int) -> Floats:
    """An envelope averaged over a third of an octave around each frequency."""
    frequencies = _frequencies(envelope_db.size, sample_rate)
    half = 2.0 ** (_SMOOTH_OCTAVES / 2.0)
    low = np.searchsorted(frequencies, frequencies / half)
    high = np.maximum(np.searchsorted(frequencies, frequencies * half, side="right"), low + 1)
    sums = np.concatenate([[0.0], np.cumsum(envelope_db)])
    return np.asarray((sums[high] - sums[low]) / (high - low))


def match_db(source: Voiceprint, reference: Voiceprint, amount: float) -> Floats:
    """Gain in dB for each bin of the source's envelopes that brings it near to the reference.

    Only in the band that the reference has: beyond it an equaliser would chase a noise floor.
    The middle gain is 0, so that the loudness stays.
    """
    n_bins = source.envelope_db.size
    frequencies = _frequencies(n_bins, source.sample_rate)
    theirs = np.interp(
        frequencies,
        _frequencies(reference.envelope_db.size, reference.sample_rate),
        reference.envelope_db,
    )
    gain = theirs - source.envelope_db
    highest = min(reference.bandwidth_hz, source.bandwidth_hz)
    inside = (frequencies >= LOWEST_HZ) & (frequencies <= highest)
    if not inside.any():
        return np.zeros(n_bins)
    gain -= np.median(gain[inside])
    gain = np.clip(gain, -_MOST_DB, _MOST_DB)
    edges = np.interp(
        np.log2(np.maximum(frequencies, 1.0)),
        np.log2([LOWEST_HZ / 2, LOWEST_HZ, max(highest * 0.8, LOWEST_HZ), highest]),
        [0.0, 1.0, 1.0, 0.0],
    )
    return np.asarray(amount * gain * edges)


def warped(envelopes: Floats, semitones: float) -> Floats:
    """Envelopes with every formant moved by some semitones; shape (n_frames, n_bins)."""
    if semitones == 0.0:
        return envelopes
    n_bins = envelopes.shape[1]
    places = np.minimum(np.arange(n_bins) * 2.0 ** (-semitones / 12.0), n_bins - 1.0)
    low = places.astype(int)
    high = np.minimum(low + 1, n_bins - 1)
    part = places - low
    logs = np.log(np.maximum(envelopes, 1e-20))
    return np.asarray(np.exp(logs[:, low] * (1.0 - part) + logs[:, high] * part))


def _frequencies(n_bins: int, sample_rate: int) -> Floats:
    return np.linspace(0.0, sample_rate / 2.0, n_bins)
