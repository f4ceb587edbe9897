"""How loud a file is, so that the networks hear everything at the level they are best at.

The networks are not indifferent to level: measured on one song, quality falls from 5.2 dB at
-16 dBFS RMS to 3.4 dB at -28 and 0.7 dB at -40. One gain for the whole file keeps a change of
level a change of level: a file turned up by x dB gives stems turned up by x dB.

The level is that of the loud parts: silence between phrases and a constant offset do not count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.buffer import Samples, silence
from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.units import db_to_gain, seconds_to_frames

NETWORK_LEVEL_DBFS = -15.0  # RMS; the middle of the measured optimum, -16 to -10
WINDOW_SECONDS = 0.4  # as in ITU-R BS.1770; short enough to tell phrases from pauses
GATE_DB = -20.0  # below the mean of all; a window under it is no music
MAX_GAIN = 1e6  # for files that hold nothing but rounding noise
MAX_AMPLITUDE = 1e15  # times full scale; far above, float32 overflows on the way

Powers = npt.NDArray[np.float64]


def measure_gains(
    path: Path, groups: Sequence[Sequence[int]], stop: Stop, progress: ProgressCallback
) -> list[float]:
    """Gain for each group of channels that brings it to `NETWORK_LEVEL_DBFS`; 1 for silence.

    Raises
    ------
    AudioFileError
        Not readable, cut off, or a sample is not a usable number.
    JobCancelled
    """
    with AudioReader(path) as reader:
        info = reader.info
        meter = _Meter(info.n_channels, seconds_to_frames(WINDOW_SECONDS, info.sample_rate))
        done_frames = 0
        for block in reader.blocks():
            raise_if_stopped(stop)
            check_usable(path, block, done_frames)
            meter.push(block)
            done_frames += block.shape[1]
            progress(Progress("measuring the level", done_frames / info.n_frames))
    powers = meter.powers()
    return [_gain(powers[list(group)].mean(axis=0)) for group in groups]


class _Meter:
    """Mean squares of windows, without their constant part; the cut into blocks is no matter."""

    def __init__(self, n_channels: int, window_frames: int) -> None:
        self._window_frames = window_frames
        self._waiting = silence(n_channels, 0)
        self._powers: list[Powers] = []

    def push(self, samples: Samples) -> None:
        """Take frames, shape (n_channels, any)."""
        waiting = np.concatenate([self._waiting, samples], axis=1)
        n_windows = waiting.shape[1] // self._window_frames
        full, self._waiting = np.split(waiting, [n_windows * self._window_frames], axis=1)
        if n_windows:
            self._measure(full.reshape(len(full), n_windows, self._window_frames))

    def powers(self) -> Powers:
        """Shape (n_channels, n_windows); a rest counts as a window only when it is the only one."""
        if not self._powers and self._waiting.shape[1]:
            self._measure(self._waiting[:, np.newaxis])
        nothing = np.zeros((len(self._waiting), 0))
        return np.concatenate([nothing, *self._powers], axis=1)

    def _measure(self, windows: Samples) -> None:
        self._powers.append(np.asarray(np.var(windows, axis=2, dtype=np.float64)))


def _gain(powers: Powers) -> float:
    power = float(powers.mean()) if powers.size else 0.0
    if power <= 0.0:
        return 1.0
    loud_power = float(powers[powers >= power * db_to_gain(2 * GATE_DB)].mean())
    return min(db_to_gain(NETWORK_LEVEL_DBFS) / math.sqrt(loud_power), MAX_GAIN)


def check_usable(path: Path, block: Samples, first_frame: int) -> None:
    """Raise `AudioFileError` if a block, which begins at `first_frame`, holds no usable number."""
    usable = (np.abs(block) <= MAX_AMPLITUDE).all(axis=0)  # false for what is not a number
    if not usable.all():
        raise AudioFileError(
            path,
            f"frame {first_frame + int(np.argmin(usable))} holds no usable number",
            hint="An effect has blown up there; render or export the audio again.",
        )
