"""A piece of audio through Rubber Band's finer engine, held to the frame. Loads pedalboard.

Driven as pedalboard drives it, this engine plays up to 0.3 % too fast or too slow (measured with
pedalboard 0.9.26: 33 ms lost in 20 s at rate 1.03): it rounds the step of its synthesis once for
each call, and pedalboard makes calls of up to 524288 frames. Its pitch and level are right to a
hundredth of a cent and of a decibel; those of the other engine are not (100 cents at 60 Hz).

So the rate is given as an array, which ends a call wherever its value changes, and holds only
values whose steps need no rounding. `plan_hops` chooses them so that the output stays within one
call's rounding (some frames) of where it shall be, at any changing rate.

Samples are float32, shape (n_channels, n_frames). A hop is one step of the analysis.

Source
------
Step sizes: Rubber Band 3.3, `R3Stretcher::calculateHop`, and `Limits` and `Guide` beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.pedalboards import load_pedalboard

LOWEST_RATIO, HIGHEST_RATIO = 1 / 16, 16.0  # output by source frames
_MIN_CALL_FRAMES = 1024  # pedalboard ends no call sooner
_READ_AHEAD_RATIO = 2  # windows of output beyond the end, so that the last one is whole


@dataclass(frozen=True)
class HopPlan:
    """What to give the engine: a rate for each source frame, the first at `-context_frames`."""

    rates: npt.NDArray[np.float64]
    context_frames: int
    n_frames: int

    @property
    def n_source_frames(self) -> int:
        """Source frames that the piece needs, context included."""
        return len(self.rates)


class Engine:
    """The engine's step sizes at a sample rate."""

    def __init__(self, sample_rate: int) -> None:
        self.window_frames = 2 * max(1024, _power_of_two(sample_rate / 32))
        self._lowest_step = _power_of_two(sample_rate / 512)
        self._highest_step = _power_of_two(sample_rate / 128)
        self._highest_hop = _power_of_two(sample_rate / 32)

    def hop(self, rate: float) -> int:
        """Source frames from one window to the next at a rate; in the engine's own arithmetic."""
        ratio = 1.0 / rate
        step = 256.0
        if ratio > 1.5:
            step = 2.0 ** (8.0 + 2.0 * math.log10(ratio - 0.5))
        elif ratio < 1.0:
            step = 2.0 ** (8.0 + 2.0 * math.log10(ratio))
        step = min(max(step, self._lowest_step), self._highest_step)
        return math.floor(min(max(step / ratio, 1.0), self._highest_hop))

    def nearest_steps(self, ratio: float) -> tuple[int, int]:
        """The hop and the step (its output frames) that come nearest to a ratio, unrounded."""
        middle = self.hop(1.0 / ratio)
        best, best_error = (0, 0), math.inf
        for hop in range(max(1, middle - 2), middle + 3):
            low = math.floor(hop * ratio)
            for step in (max(low, 1), low + 1):
                error = abs(step / hop - ratio)
                if error < best_error and self.hop(hop / step) == hop:
                    best, best_error = (hop, step), error
        if best_error == math.inf:  # unreachable within the ratios that are allowed (tested)
            raise AssertionError(f"no steps for a ratio of {ratio}")
        return best


def plan_hops(sample_rate: int, output_at: Callable[[int], float], n_frames: int) -> HopPlan:
    """Choose the rates that make `n_frames` of output.

    Parameters
    ----------
    output_at
        The output frame at which a source frame shall sound; rises, at a slope between
        `LOWEST_RATIO` and `HIGHEST_RATIO`. Source frame 0 sounds near output frame 0.
    """
    engine = Engine(sample_rate)
    window = engine.window_frames
    rates: list[npt.NDArray[np.float64]] = []
    source = output = 0
    wait_frames = window  # until the next window is full
    hop = 0
    while output < n_frames + _READ_AHEAD_RATIO * window:
        # As far as this call will reach: looking less far ahead would mend errors too hard.
        span = max(_MIN_CALL_FRAMES, hop)
        wanted = (output_at(source + span) - output) / span
        hop, step = engine.nearest_steps(min(max(wanted, LOWEST_RATIO), HIGHEST_RATIO))
        n_hops = max(1, math.ceil((_MIN_CALL_FRAMES - wait_frames) / hop) + 1)
        rates.append(np.full(wait_frames + (n_hops - 1) * hop, hop / step))
        source, output, wait_frames = source + n_hops * hop, output + n_hops * step, hop
    return HopPlan(np.concatenate(rates), window // 2, n_frames)


def vocoded(samples: Samples, sample_rate: int, plan: HopPlan) -> Samples:
    """Output frames 0..`plan.n_frames` of a piece, which begins `plan.context_frames` early.

    The first window's worth of output fades in; begin earlier by as much.

    Raises
    ------
    SetupError
        pedalboard cannot be loaded.
    """
    made = load_pedalboard().time_stretch(
        samples, float(sample_rate), stretch_factor=plan.rates, preserve_formants=False
    )
    start = plan.context_frames
    return np.ascontiguousarray(made[:, start : start + plan.n_frames], dtype=np.float32)


def _power_of_two(least: float) -> int:
    """The first power of two that is not below `least`."""
    return 1 << max(0, math.ceil(math.log2(least)))
