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
from hanolab_dawtools.engines.local.voice.pitch import Floats, PitchTrack
from hanolab_dawtools.engines.local.voice.timbre import warped

FRAME_MS = 5.0
_LOWEST_PITCH_HZ = 71.0  # as WORLD has it; lower ones take twice the time
_MASK_SECONDS = 0.010  # voiced and voiceless pass into each other over this


@dataclass(frozen=True)
class Change:
    """What is done to a voice.

    `gain_db` is a gain for each bin of the envelope; `kept_voiceless`, 0..1, is how much of
    voiceless sounds stays as it was.
    """

    pitch_ratio: float
    formant_semitones: float
    gain_db: Floats | None
    kept_voiceless: float


def n_bins(sample_rate: int) -> int:
    """Bins of an envelope at a rate."""
    return int(world().get_cheaptrick_fft_size(sample_rate, _LOWEST_PITCH_HZ)) // 2 + 1


def frame_seconds(n_frames: int, sample_rate: int) -> Floats:
    """Times of WORLD's frames over a piece."""
    step = FRAME_MS / 1000.0
    return np.asarray(np.arange(int(n_frames / sample_rate / step) + 1) * step, dtype=np.float64)


def envelopes(sound: Floats, pitch_hz: Floats, times: Floats, sample_rate: int) -> Floats:
    """Power envelopes, shape (n_times, n_bins)."""
    size = 2 * (n_bins(sample_rate) - 1)
    return np.asarray(
        world().cheaptrick(
            sound, pitch_hz, times, sample_rate, f0_floor=_LOWEST_PITCH_HZ, fft_size=size
        )
    )


def changed(
    sound: Floats, begin_seconds: float, track: PitchTrack, sample_rate: int, change: Change
) -> Floats:
    """A piece of a voice that begins at `begin_seconds` of the track; the same length.

    Parameters
    ----------
    sound
        Shape (n_frames,).
    """
    times = frame_seconds(sound.size, sample_rate)
    pitch = track.at(times + begin_seconds)
    pitch[pitch < _LOWEST_PITCH_HZ] = 0.0
    shape = envelopes(sound, pitch, times, sample_rate)
    noise = world().d4c(sound, pitch, times, sample_rate, fft_size=2 * (shape.shape[1] - 1))
    shape = warped(shape, change.formant_semitones)
    if change.gain_db is not None:
        shape = shape * 10.0 ** (change.gain_db / 10.0)
    made = world().synthesize(
        pitch * change.pitch_ratio, np.ascontiguousarray(shape), noise, sample_rate, FRAME_MS
    )
    made = np.pad(made, (0, max(0, sound.size - made.size)))[: sound.size]
    if change.kept_voiceless == 0.0:
        return np.asarray(made)
    voiceless = change.kept_voiceless * _voiceless(pitch, times, sound.size, sample_rate)
    return np.asarray(made * (1.0 - voiceless) + sound * voiceless)


def _voiceless(pitch: Floats, times: Floats, n_frames: int, sample_rate: int) -> Floats:
    """1 where a voice is voiceless, 0 where it is voiced, smooth between."""
    mask = np.interp(np.arange(n_frames) / sample_rate, times, (pitch == 0.0).astype(float))
    width = max(1, round(_MASK_SECONDS * sample_rate))
    return np.asarray(np.convolve(mask, np.full(width, 1.0 / width), mode="same"))
