"""Audio at any speed, as tape: pitch follows, and every position is exact.

Positions and steps are in source frames and need not be whole. They are computed anew for each
block, so nothing drifts: after an hour a frame still lies where multiplication puts it.

Method
------
The source is brought to its double rate (soxr), where a short windowed sinc reads between the
frames. Faster than the source, the reading is denser than the result and is then decimated by a
whole factor, so that nothing folds down. What is left of errors is below -120 dB of full scale.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.resample import CONTEXT_FRAMES, StreamResampler

_TAPS = 20  # of the double rate; with this window 140 dB between pass and stop band
_KAISER_BETA = 15.0
_PHASES = 4_096  # weights between two of them are interpolated: error below -140 dB
_CHUNK_FRAMES = 16_384  # read at once, so that the weights stay in the processor's cache
_MAX_FACTOR = 64  # beyond, six octaves up, what folds down is nobody's music


class FrameSource(Protocol):
    """Frames to be read from anywhere; outside of what there is it gives silence."""

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        ...

    def read_at(self, start: int, n_frames: int) -> Samples:
        """Frames start..start + n_frames, shape (n_channels, n_frames)."""
        ...


def read_at_speed(source: FrameSource, position: float, step: float, n_frames: int) -> Samples:
    """Frames of `source` at `position`, `position + step`, …, shape (n_channels, n_frames).

    Parameters
    ----------
    step
        Source frames from one frame of the result to the next, > 0.

    Raises
    ------
    ValueError
        `step` is not positive.
    """
    if step <= 0.0:
        raise ValueError(f"step must be positive, not {step}")
    result = silence(source.n_channels, n_frames)
    factor = min(math.ceil(step), _MAX_FACTOR)
    margin = CONTEXT_FRAMES if factor > 1 else 0  # of result frames, for the decimator
    chunk = max(CONTEXT_FRAMES, 4 * _CHUNK_FRAMES // factor)
    for start in range(0, n_frames, chunk):
        count = min(chunk, n_frames - start)
        dense = _read_between(
            source,
            position + (start - margin) * step,
            step / factor,
            (count + 2 * margin) * factor,
        )
        if factor > 1:
            decimator = StreamResampler(factor, 1, source.n_channels)
            dense = np.concatenate([decimator.process(dense), decimator.flush()], axis=1)
        result[:, start : start + count] = dense[:, margin : margin + count]
    return result


def _read_between(source: FrameSource, position: float, step: float, n_frames: int) -> Samples:
    """Frames at positions that are close together, at most one source frame apart."""
    first = math.floor(position)
    last = math.ceil(position + n_frames * step)
    margin = CONTEXT_FRAMES + _TAPS
    doubled = _doubled(source.read_at(first - margin, last - first + 2 * margin))
    windows = np.lib.stride_tricks.sliding_window_view(doubled, _TAPS, axis=1)
    weights, slopes = _weights()
    result = silence(source.n_channels, n_frames)
    for start in range(0, n_frames, _CHUNK_FRAMES):
        stop = min(start + _CHUNK_FRAMES, n_frames)
        places = 2.0 * ((position - first) + step * np.arange(start, stop) + margin)
        below = np.floor(places)
        phases = (places - below) * _PHASES
        rows = phases.astype(np.intp)
        rest = (phases - rows).astype(np.float32)[:, np.newaxis]
        kernel = weights[rows] + rest * slopes[rows]
        taps = windows[:, below.astype(np.intp) - (_TAPS // 2 - 1)]
        np.einsum("cnt,nt->cn", taps, kernel, out=result[:, start:stop])
    return result


def _doubled(samples: Samples) -> Samples:
    doubler = StreamResampler(1, 2, samples.shape[0])
    return np.concatenate([doubler.process(samples), doubler.flush()], axis=1)


@cache
def _weights() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weights of the taps for each phase, and what they change by up to the next phase."""
    phases = np.arange(_PHASES + 1)[:, np.newaxis] / _PHASES
    distance = np.arange(_TAPS)[np.newaxis, :] - (_TAPS // 2 - 1) - phases
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1.0 - (2.0 * distance / _TAPS) ** 2, 0.0, None)))
    table = np.sinc(distance) * window
    table /= table.sum(axis=1, keepdims=True)
    return table[:-1].astype(np.float32), np.diff(table, axis=0).astype(np.float32)
