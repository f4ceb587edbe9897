"""What a render does to the whole file afterwards: RENDER_NORMALIZE and what goes with it.

Levels other than the peak are taken as the mean square, without weighting: the stand-in only has
to make a forgotten setting heard.
"""

from __future__ import annotations

import numpy as np
from fakes.reaper.item_audio import Signal
from fakes.reaper.project import Project

NORMALIZE, BRICKWALL, FADE_IN, FADE_OUT = 1, 64, 512, 1024
KIND, PEAKS = 14, (4, 6)
TRIM_START, TRIM_END = 16384, 32768
DISABLED = 4 << 16
DITHER, NO_DITHER = 1, 16


def is_post_processed(project: Project) -> bool:
    """Whether anything is to be done."""
    flags = int(project.numbers["RENDER_NORMALIZE"])
    wanted = NORMALIZE | BRICKWALL | FADE_IN | FADE_OUT | TRIM_START | TRIM_END
    dither = int(project.numbers["RENDER_DITHER"])
    return bool(flags & wanted and not flags & DISABLED) or dither & (DITHER | NO_DITHER) == DITHER


def post_processed(project: Project, signal: Signal, rate: int) -> Signal:
    """The whole file, changed as the settings say."""
    numbers = project.numbers
    flags = int(numbers["RENDER_NORMALIZE"])
    if not flags & DISABLED:
        signal = _trimmed(signal, flags)
        if flags & NORMALIZE:
            signal = _normalised(signal, flags & KIND, numbers["RENDER_NORMALIZE_TARGET"])
        if flags & BRICKWALL:
            limit = numbers["RENDER_BRICKWALL"]
            signal = np.clip(signal, -limit, limit)
        at = np.arange(signal.shape[1]) / rate
        if flags & FADE_IN and numbers["RENDER_FADEIN"] > 0:
            signal = signal * np.clip(at / numbers["RENDER_FADEIN"], 0, 1)
        if flags & FADE_OUT and numbers["RENDER_FADEOUT"] > 0:
            signal = signal * np.clip(at[::-1] / numbers["RENDER_FADEOUT"], 0, 1)
    if int(numbers["RENDER_DITHER"]) & (DITHER | NO_DITHER) == DITHER:
        noise = np.random.default_rng(7).uniform(-1, 1, signal.shape)
        signal = signal + noise * 2.0**-23
    return signal


def _normalised(signal: Signal, kind: int, target: float) -> Signal:
    level = np.abs(signal).max() if kind in PEAKS else np.sqrt(np.mean(signal**2))
    return signal if level == 0 else signal * (target / level)


def _trimmed(signal: Signal, flags: int) -> Signal:
    heard = np.flatnonzero(np.abs(signal).max(axis=0) > 0)
    if len(heard) == 0:
        return signal
    first = heard[0] if flags & TRIM_START else 0
    last = heard[-1] + 1 if flags & TRIM_END else signal.shape[1]
    return signal[:, first:last]
