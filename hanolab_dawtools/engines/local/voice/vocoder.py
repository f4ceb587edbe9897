"""One piece of a voice through WORLD: taken apart, changed, put together again.

Source
------
Morise, Yokomori, Ozawa 2016, "WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications" (CheapTrick for envelopes, D4C for aperiodicity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hanolab_dawtools.engines.local.voice.libraries import world
from hanolab_dawtools.engines.local.voice.pitch import PitchTrack
from hanolab_dawtools.engines.local.voice.source import Floats
from hanolab_dawtools.engines.local.voice.timbre import warped
from hanolab_dawtools.events import Stop, raise_if_stopped

FRAME_MS = 5.0
# WORLD puts noise between two pulses, 2 ms apart, so it comes half of that late; voices come 0.5
# to 2.4 ms late, by pitch and by how they were recorded. This is in the middle of all of them.
LATE_SECONDS = 0.0014
_MASK_SECONDS = 0.010  # voiced and voiceless pass into each other over this
_FRAMES_AT_ONCE = 200  # a second; between them the stop flag is looked at


@dataclass(frozen=True)
class Change:
    """What is done to a voice.

    `gain_db` is a gain for each bin of the envelope; `kept_voiceless`, 0..1, is how much of
    voiceless sounds stays as it was; `lowest_hz` is the lowest pitch that counts as one.
    """

    pitch_ratio: float
    formant_semitones: float
    gain_db: Floats | None
    kept_voiceless: float
    lowest_hz: float


def fft_size(sample_rate: int, lowest_hz: float) -> int:
    """Of WORLD's spectra; they have half as many bins and one more."""
    return int(world().get_cheaptrick_fft_size(sample_rate, lowest_hz))


def frame_seconds(n_frames: int, sample_rate: int) -> Floats:
    """Times of WORLD's frames over a piece."""
    step = FRAME_MS / 1000.0
    return np.asarray(np.arange(int(n_frames / sample_rate / step) + 1) * step, dtype=np.float64)


def envelopes(
    sound: Floats, pitch_hz: Floats, times: Floats, sample_rate: int, lowest_hz: float
) -> Floats:
    """Power envelopes, shape (n_times, n_bins)."""
    size = fft_size(sample_rate, lowest_hz)
    return np.asarray(world().cheaptrick(sound, pitch_hz, times, sample_rate, fft_size=size))


def changed(
    sound: Floats,
    begin_seconds: float,
    track: PitchTrack,
    sample_rate: int,
    change: Change,
    *,
    stop: Stop,
) -> Floats:
    """A piece of a voice that begins at `begin_seconds` of the track; the same length.

    Parameters
    ----------
    sound
        Shape (n_frames,), with surroundings: what comes of its last 2 ms is silence.
    """
    if not sound.any():
        return np.zeros_like(sound)
    times = frame_seconds(sound.size, sample_rate)
    pitch = track.at(times + begin_seconds)
    pitch[pitch < change.lowest_hz] = 0.0
    shape = warped(
        envelopes(sound, pitch, times, sample_rate, change.lowest_hz), change.formant_semitones
    )
    if change.gain_db is not None:
        shape *= 10.0 ** (change.gain_db / 10.0)
    noise = _aperiodicity(sound, pitch, times, sample_rate, change.lowest_hz, stop=stop)
    made = world().synthesize(
        pitch * change.pitch_ratio, np.ascontiguousarray(shape), noise, sample_rate, FRAME_MS
    )
    made = made[round(LATE_SECONDS * sample_rate) :][: sound.size]
    made = np.pad(made, (0, sound.size - made.size))
    if change.kept_voiceless == 0.0:
        return np.asarray(made)
    share = change.kept_voiceless * _voiceless(pitch, times, sound.size, sample_rate)
    # The two are noise, and independent of each other: their powers add up, not their samples.
    mixed = (made * (1.0 - share) + sound * share) / np.hypot(1.0 - share, share)
    return np.asarray(mixed)


def _aperiodicity(
    sound: Floats,
    pitch_hz: Floats,
    times: Floats,
    sample_rate: int,
    lowest_hz: float,
    *,
    stop: Stop,
) -> Floats:
    """The share of noise, shape (n_times, n_bins). It takes most of the time of all."""
    size = fft_size(sample_rate, lowest_hz)
    noise = np.empty((times.size, size // 2 + 1))
    for first in range(0, times.size, _FRAMES_AT_ONCE):
        raise_if_stopped(stop)
        part = slice(first, first + _FRAMES_AT_ONCE)
        noise[part] = world().d4c(sound, pitch_hz[part], times[part], sample_rate, fft_size=size)
    return noise


def _voiceless(pitch: Floats, times: Floats, n_frames: int, sample_rate: int) -> Floats:
    """1 where a voice is voiceless, 0 where it is voiced, smooth between."""
    mask = np.interp(np.arange(n_frames) / sample_rate, times, (pitch == 0.0).astype(float))
    width = max(1, round(_MASK_SECONDS * sample_rate))
    edges = np.pad(mask, (width, width), mode="edge")
    smooth = np.convolve(edges, np.full(width, 1.0 / width), mode="same")[width : width + n_frames]
    return np.asarray(np.clip(smooth, 0.0, 1.0))
