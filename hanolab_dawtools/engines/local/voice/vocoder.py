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
# WORLD puts noise between pulses that are 2 ms apart, so it comes half of that late. Voices come
# 0.9 ms late in the middle, from -2.5 (a deep one, deeper) to 2.3 ms.
LATE_SECONDS = 0.001
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
        Shape (n_frames,), with surroundings: what comes of its last 1 ms is silence.
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
    """The share of noise, shape (n_times, n_bins).

    It takes most of the time of all, and changes slowly: D4C hears four periods. So every second
    frame is measured, by the pitch of a neighbour where it has none itself.
    """
    size = fft_size(sample_rate, lowest_hz)
    noise = np.ones((times.size + 2, size // 2 + 1))
    beside = np.pad(pitch_hz, 1)
    pitch = np.where(pitch_hz > 0.0, pitch_hz, np.maximum(beside[:-2], beside[2:]))
    for first in range(0, times.size, _FRAMES_AT_ONCE):
        raise_if_stopped(stop)
        part = slice(first, min(first + _FRAMES_AT_ONCE, times.size), 2)
        noise[part] = world().d4c(
            sound, pitch[part].copy(), times[part].copy(), sample_rate, fft_size=size
        )
    noise[1:-1:2] = (noise[:-2:2] + noise[2::2]) / 2.0
    return noise[: times.size]


def _voiceless(pitch: Floats, times: Floats, n_frames: int, sample_rate: int) -> Floats:
    """1 where a voice is voiceless, 0 where it is voiced, smooth between."""
    mask = np.interp(np.arange(n_frames) / sample_rate, times, (pitch == 0.0).astype(float))
    half = round(_MASK_SECONDS / 2.0 * sample_rate)
    sums = np.concatenate([[0.0], np.cumsum(np.pad(mask, half, mode="edge"))])
    return np.asarray(np.clip((sums[2 * half :] - sums[: -2 * half]) / (2 * half), 0.0, 1.0))[
        :n_frames
    ]
