"""Which channels of its media an item plays, and where: channel mode and take pan.

A routing has an entry for each channel that comes out: the channels of the media, from 0 on,
whose mean it is.

Source
------
Channel modes: ReaScript's I_CHANMODE. A take's pan is a balance without a pan law: SWS extension,
`BR_Loudness` ("takes have no pan law!"); channels are taken in pairs there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples

Routing = tuple[tuple[int, ...], ...]
Gains = npt.NDArray[np.float64]

NORMAL, SWAPPED, MONO_MIX = 0, 1, 2
_FIRST_MONO, _FIRST_PAIR, _LAST_MODE = 3, 67, 130


def routing_of(mode: int, n_media_channels: int) -> Routing | None:
    """The routing of a channel mode; None for a channel that the media lacks, or no such mode.

    Mono media play as they are in the modes for stereo, but for "right", which they lack.
    """
    if mode == NORMAL or (n_media_channels == 1 and mode in (SWAPPED, MONO_MIX)):
        return tuple((channel,) for channel in range(n_media_channels))
    if mode == SWAPPED:
        return ((1,), (0,), *((channel,) for channel in range(2, n_media_channels)))
    if mode == MONO_MIX:
        return ((0, 1),)
    if _FIRST_MONO <= mode < _FIRST_PAIR:
        routing: Routing = ((mode - _FIRST_MONO,),)
    elif _FIRST_PAIR <= mode <= _LAST_MODE:
        routing = ((mode - _FIRST_PAIR,), (mode - _FIRST_PAIR + 1,))
    else:
        return None
    return routing if all(channel < n_media_channels for (channel,) in routing) else None


def panned(routing: Routing) -> Routing:
    """A routing that can be panned: what is mono plays on both sides."""
    return routing * 2 if len(routing) == 1 else routing


def is_plain(routing: Routing, n_media_channels: int) -> bool:
    """Whether the channels come out as they are."""
    return routing == routing_of(NORMAL, n_media_channels)


def route(samples: Samples, routing: Routing) -> Samples:
    """Samples (n_media_channels, n_frames) with the channels of a routing."""
    if is_plain(routing, samples.shape[0]):
        return samples
    rows = [
        samples[sources[0]]
        if len(sources) == 1
        else np.mean(samples[list(sources)], axis=0, dtype=np.float64).astype(np.float32)
        for sources in routing
    ]
    return np.stack(rows)


def balance(pan: Gains, n_channels: int) -> Gains:
    """Gains of each channel, shape (n_channels, …), for pan -1 (left) to 1 (right).

    The side that is panned away from is lowered in a straight line, the other stays.
    """
    left = 1.0 - np.clip(pan, 0.0, 1.0)
    right = 1.0 + np.clip(pan, -1.0, 0.0)
    return np.stack([right if channel % 2 else left for channel in range(n_channels)])
