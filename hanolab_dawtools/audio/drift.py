"""How a converted voice lies against its source: one lag, and steps where time was lost.

The waveforms have nothing in common, so the envelopes of some bands are compared
(`envelopes.py`). A lag is in frames of the reference's rate, positive when the conversion is
late. Below `CONFIDENT` nothing may be concluded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import fft

from hanolab_dawtools.audio.envelopes import (
    STEPS_PER_SECOND,
    Envelopes,
    patterns,
    read_envelopes,
)
from hanolab_dawtools.audio.files import probe
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.model import AlignmentStep

CONFIDENT = 0.6


@dataclass(frozen=True)
class Drift:
    """How a conversion lies against its source.

    Attributes
    ----------
    lag_frames
        Frames of the reference's rate by which the conversion is late before its first step.
    steps
        Where the lag changes, in order of time. `at_frame` counts frames of the reference;
        `shift_frames` is the change from there on (-480: 10 ms earlier at 48 kHz); `repaired`
        says whether `repair_drift` will take it out.
    confidence
        0..1, how surely lag and steps are known; `is_confident` when they may be acted on.
    length_ratio
        Length of the conversion over that of the reference in seconds.
    sample_rate
        The reference's rate.
    """

    lag_frames: float
    steps: tuple[AlignmentStep, ...]
    confidence: float
    length_ratio: float
    sample_rate: int

    @property
    def is_confident(self) -> bool:
        """Whether lag and steps may be acted on."""
        return self.confidence >= CONFIDENT


def measure_drift(
    reference: Path,
    converted: Path,
    *,
    max_lag_seconds: float = 0.5,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Drift:
    """Measure how `converted`, a voice conversion of `reference`, lies against it.

    Raises
    ------
    AudioFileError
        A file that cannot be read, is empty or holds NaN or infinite samples.
    """
    ours, theirs = probe(reference), probe(converted)
    watched = stop or NeverStop()

    def tick(share: float) -> None:
        raise_if_stopped(watched)
        progress(Progress("aligning", share, share * ours.seconds))

    still = patterns(read_envelopes(reference, tick=lambda share: tick(0.4 * share)))
    moving = patterns(read_envelopes(converted, tick=lambda share: tick(0.4 + 0.4 * share)))
    lag_steps, confidence = _global_lag(still, moving, round(max_lag_seconds * STEPS_PER_SECOND))
    return Drift(
        lag_frames=lag_steps / STEPS_PER_SECOND * ours.sample_rate,
        steps=(),
        confidence=confidence,
        length_ratio=theirs.seconds / ours.seconds,
        sample_rate=ours.sample_rate,
    )


def _global_lag(still: Envelopes, moving: Envelopes, max_lag: int) -> tuple[float, float]:
    n_fft = fft.next_fast_len(max(still.shape[1], moving.shape[1]) + 2 * max_lag, real=True)
    cross = np.zeros(n_fft // 2 + 1, dtype=np.complex64)
    for ours, theirs in zip(still, moving, strict=True):
        cross += fft.rfft(ours, n_fft).conj() * fft.rfft(theirs, n_fft)
    correlation = np.roll(fft.irfft(cross, n_fft), max_lag)[: 2 * max_lag + 1]
    energy = math.sqrt(float(np.sum(still**2)) * float(np.sum(moving**2)))
    if energy <= 0.0:
        return 0.0, 0.0
    at = int(correlation.argmax())
    lag = float(at - max_lag)
    if 0 < at < correlation.size - 1:
        before, here, after = correlation[at - 1 : at + 2]
        lag += 0.5 * float(before - after) / float(before - 2 * here + after)
    return lag, max(0.0, float(correlation[at]) / energy)
