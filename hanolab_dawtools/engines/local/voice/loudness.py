"""The loudness of the source put on the result, as RVC does it: frames of a second, every half.

`rms_mix_rate` r gives out · rms(in)^(1 - r) · rms(out)^(r - 1): 0 follows the source, 1 changes
nothing. It is slow on purpose: it follows phrases, not syllables.

Source
------
`change_rms` of the RVC projects, by its formula. (They stretch the frames by a little, so that
the last one lies at the end; here each lies at its time.)
"""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.engines.local.voice.source import Floats, VoiceReader
from hanolab_dawtools.events import Stop, raise_if_stopped

HOP_SECONDS = 0.5
_FLOOR = 1e-6  # of the result's loudness; RVC's


def level_track(reader: VoiceReader, stop: Stop) -> Floats:
    """RMS of the second around every half second, from 0 to the end; shape (n_hops,)."""
    hop = round(HOP_SECONDS * reader.sample_rate)
    n_hops = reader.n_frames // hop + 1
    powers = np.zeros(n_hops + 1)  # of each half second; before the first there is silence
    for number in range(n_hops):
        raise_if_stopped(stop)
        powers[number + 1] = np.mean(np.square(reader.read(number * hop, hop)))
    return np.asarray(np.sqrt((powers[:-1] + powers[1:]) / 2.0))


def loudness_gain(
    source: Floats, result: Floats, rms_mix_rate: float, frames: range, sample_rate: int
) -> Floats:
    """Gain for each of some frames, shape (len(frames),), from two level tracks."""
    hops = np.arange(source.size) * round(HOP_SECONDS * sample_rate)
    at = np.asarray(frames)
    wanted = np.interp(at, hops, source)
    found = np.maximum(np.interp(at, hops, result), _FLOOR)
    return np.asarray((wanted / found) ** (1.0 - rms_mix_rate))
