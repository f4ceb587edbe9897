"""A patient sound device: it asks a player only for what is ready."""

from __future__ import annotations

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.presenters.player import Player

DEADLINE_SECONDS = 20


def pull(player: Player, n_frames: int) -> Samples:
    """Frames as a patient device gets them: it asks only for what is ready."""
    heard = []
    while n_frames:
        with player._changed:
            assert player._changed.wait_for(
                lambda: n_ready(player) or player.has_ended, DEADLINE_SECONDS
            )
            n = min(n_frames, 700, n_ready(player) or n_frames)
        heard.append(player.render(n))
        n_frames -= n
    return np.concatenate(heard, axis=1)


def n_ready(player: Player) -> int:
    ready = player._ready
    return sum(block.n_frames for block in ready.blocks) - ready.taken_frames
