"""The loudness of the source put on the result, as RVC does it: frames of a second, every half.

`rms_mix_rate` r gives out · rms(in)^(1 - r) · rms(out)^(r - 1): 0 follows the source, 1 changes
nothing. It is slow on purpose: it follows phrases, not syllables.

Source
------
`change_rms` of the RVC projects, by its formula.
"""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.engines.local.voice.pitch import Floats, mono_at
from hanolab_dawtools.events import Stop, raise_if_stopped

HOP_SECONDS = 0.5
_FLOOR = 1e-6


def level_track(reader: AudioReader, stop: Stop) -> Floats:
    """RMS of the second around every half second, from 0 to the end; shape (n_hops,)."""
    rate = reader.info.sample_rate
    hop = round(HOP_SECONDS * rate)
    n_hops = reader.info.n_frames // hop + 1
    levels = np.zeros(n_hops)
    for number in range(n_hops):
        raise_if_stopped(stop)
        frame = mono_at(reader, number * hop - hop, 2 * hop)
        levels[number] = np.sqrt(np.mean(np.square(frame)))
    return levels


def loudness_gain(
    source: Floats, result: Floats, rms_mix_rate: float, frames: range, sample_rate: int
) -> Floats:
    """Gain for each of some frames, shape (len(frames),)."""
    hops = np.arange(max(source.size, result.size)) * HOP_SECONDS * sample_rate
    n_hops = min(source.size, result.size)
    ratio = np.maximum(source[:n_hops], _FLOOR) / np.maximum(result[:n_hops], _FLOOR)
    gain: Floats = ratio ** (1.0 - rms_mix_rate)
    return np.asarray(np.interp(np.asarray(frames), hops[:n_hops], gain))
