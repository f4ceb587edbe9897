"""How loud a voice is at each frame: volumes, fades, envelopes, pan, and gaps where others play.

Frames are those of the timeline at the capture's rate.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.hosts.rpp.channels import balance
from hanolab_dawtools.hosts.rpp.envelopes import envelope_values
from hanolab_dawtools.hosts.rpp.fades import fade_in_gain, fade_out_gain
from hanolab_dawtools.hosts.rpp.voices import Voice

Gains = npt.NDArray[np.float64]

_UNMUTED = 0.25  # a mute envelope from here on lets sound (SWS, `BR_Envelope::FormatValue`)
_ROUNDING_SECONDS = 1e-9  # so that a point that lies on a frame counts from that frame on


def even_spans(voice: Voice, first: int, last: int) -> list[tuple[int, int]]:
    """Frames first..last, cut where fades and gaps begin and end; gaps are left out."""
    if voice.envelopes:
        cuts = {first, last}
    else:
        fade_in_end = voice.start_frame + math.ceil(voice.fade_in_frames)
        cuts = {first, last, fade_in_end, voice.end_frame - math.ceil(voice.fade_out_frames)}
    cuts.update(edge for gap in voice.gaps for edge in gap)
    edges = sorted(edge for edge in cuts if first <= edge <= last)
    return [
        (start, stop)
        for start, stop in pairwise(edges)
        if not any(gap[0] <= start < gap[1] for gap in voice.gaps)
    ]


def voice_gains(voice: Voice, first: int, last: int) -> Gains | None:
    """Factors for frames first..last outside of gaps.

    Shape (n_frames,), (n_channels, n_frames), or where they stay the same (1,) or (n_channels, 1);
    None where nothing is changed.
    """
    fades_in = voice.fade_in_frames > 0 and first < voice.start_frame + voice.fade_in_frames
    fades_out = voice.fade_out_frames > 0 and last > voice.end_frame - voice.fade_out_frames
    if not (fades_in or fades_out or voice.envelopes):
        if voice.pan:
            return voice.gain * balance(np.array([voice.pan]), voice.n_channels)
        return None if voice.gain == 1.0 else np.array([voice.gain])
    gains = np.full(last - first, voice.gain)
    frames = np.arange(first, last)
    if fades_in:
        gains *= fade_in_gain((frames - voice.start_frame) / voice.fade_in_frames, voice.fade_in)
    if fades_out:
        remaining = (voice.end_frame - frames) / voice.fade_out_frames
        gains *= fade_out_gain(remaining, voice.fade_out)
    pan = np.full(last - first, voice.pan)
    played = np.arange(first - voice.start_frame, last - voice.start_frame, dtype=np.float64)
    seconds = (
        voice.envelope_origin_seconds + _ROUNDING_SECONDS + played * voice.envelope_step_seconds
    )
    for envelope in voice.envelopes:
        values = envelope_values(envelope, seconds)
        if envelope.kind == "VOLENV":
            gains *= values
        elif envelope.kind == "MUTEENV":
            gains *= values >= _UNMUTED
        elif envelope.kind == "PANENV":
            pan -= values  # which has left at +1
    return gains * balance(pan, voice.n_channels) if pan.any() else gains
