"""Which channels of a file are separated together.

The networks hear stereo. A pair of channels is heard as left and right, a single one as the
same on both sides. Layouts are those of WAV files (and of REAPER's tracks): a surround file's
centre and low-frequency channels are alone, because the voice is in the one and not in the
other; in a pair the networks would take that for a voice on the left.
"""

from __future__ import annotations

from hanolab_dawtools.errors import EngineCannot

MAX_CHANNELS = 16  # bounds the memory

_LAYOUTS = {
    3: ((0, 1), (2,)),  # L R C
    5: ((0, 1), (2,), (3, 4)),  # L R C Ls Rs
    6: ((0, 1), (2,), (3,), (4, 5)),  # 5.1: L R C LFE Ls Rs
    7: ((0, 1), (2,), (3,), (4,), (5, 6)),  # 6.1: L R C LFE Cs Ls Rs
    8: ((0, 1), (2,), (3,), (4, 5), (6, 7)),  # 7.1: L R C LFE Lb Rb Ls Rs
}


def channel_groups(n_channels: int) -> tuple[tuple[int, ...], ...]:
    """Groups of one or two channels, in order, each channel once.

    Raises
    ------
    EngineCannot
        More channels than `MAX_CHANNELS`.
    """
    if n_channels > MAX_CHANNELS:
        raise EngineCannot(
            f"the local engine separates at most {MAX_CHANNELS} channels, not {n_channels}",
            hint="Separate the tracks or channels in groups.",
        )
    pairs = tuple(
        tuple(range(first, min(first + 2, n_channels))) for first in range(0, n_channels, 2)
    )
    return _LAYOUTS.get(n_channels, pairs)
