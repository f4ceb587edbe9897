"""How loud audio is: peak, true peak, RMS and integrated loudness, in one pass over blocks.

Samples are float32, shape (n_channels, n_frames). Levels are in dB; minus infinity is silence,
"not a number" comes of samples that are none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pyloudnorm import Meter
from scipy.signal import sosfilt

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.files import AudioReader
from hanolab_dawtools.audio.resample import StreamResampler
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.units import gain_to_db

OVERSAMPLING = 4  # ITU-R BS.1770-4, annex 2
SEGMENTS_PER_SECOND = 10  # gating blocks start every 100 ms: 400 ms, overlapping by 75 %
SEGMENTS_PER_BLOCK = 4
ABSOLUTE_GATE_LUFS = -70.0  # ITU-R BS.1770-4
RELATIVE_GATE_LU = -10.0  # ITU-R BS.1770-4
LOUDNESS_OFFSET_DB = -0.691  # ITU-R BS.1770-4: undoes the K-weighting's gain at 997 Hz
SURROUND_WEIGHT = 1.41  # ITU-R BS.1770-4, table 3
LOWEST_WEIGHTED_RATE = 4_000  # Hz; the K-weighting's shelf lies at 1682 Hz, below half of it
METER_BLOCK_FRAMES = 65_536


@dataclass(frozen=True)
class Levels:
    """Levels of a piece of audio, over all its channels.

    `loudness_lufs` is None for less than 400 ms, where the standard defines none, and for rates
    below `LOWEST_WEIGHTED_RATE`, which cannot carry what it listens for.
    """

    peak_dbfs: float
    true_peak_dbtp: float
    rms_dbfs: float
    loudness_lufs: float | None


class LevelMeter:
    """Measures a stream of blocks: `add` each of them, then `finish` once.

    Loudness weighs the channels as left, right, centre, left surround, right surround, or with
    six channels as the 5.1 order of WAV files, whose fourth channel (LFE) does not count. With
    more than six all weigh the same: files do not tell where their speakers stand.

    Source
    ------
    ITU-R BS.1770-4; filter coefficients for any rate by De Man, through pyloudnorm.
    """

    def __init__(self, sample_rate: int, n_channels: int) -> None:
        self._peak = np.float64(0.0)
        self._true_peak = np.float64(0.0)
        self._energy = 0.0
        self._n_samples = 0
        self._oversampler = StreamResampler(sample_rate, OVERSAMPLING * sample_rate, n_channels)
        is_weighted = sample_rate >= LOWEST_WEIGHTED_RATE
        self._gate = _LoudnessGate(sample_rate, n_channels) if is_weighted else None

    def add(self, samples: Samples) -> None:
        """Take a block, shape (n_channels, any)."""
        for start in range(0, samples.shape[1], METER_BLOCK_FRAMES):
            block = samples[:, start : start + METER_BLOCK_FRAMES]
            self._peak = np.maximum(self._peak, _largest(block))
            self._true_peak = np.maximum(
                self._true_peak, _largest(self._oversampler.process(block))
            )
            wide = block.astype(np.float64)
            self._energy += float(np.square(wide).sum())  # BLAS threads would slow a dot product
            self._n_samples += block.size
            if self._gate is not None:
                self._gate.add(wide)

    def finish(self) -> Levels:
        """The levels of all that was added."""
        true_peak = np.maximum(self._true_peak, _largest(self._oversampler.flush()))
        mean_square = self._energy / max(self._n_samples, 1)
        return Levels(
            peak_dbfs=_to_db(float(self._peak)),
            true_peak_dbtp=_to_db(float(np.maximum(true_peak, self._peak))),
            rms_dbfs=_to_db(math.sqrt(mean_square)),
            loudness_lufs=self._gate.loudness() if self._gate is not None else None,
        )


class _LoudnessGate:
    """K-weighting, mean squares of 100 ms segments, and the two gates over blocks of four."""

    def __init__(self, sample_rate: int, n_channels: int) -> None:
        stages = Meter(sample_rate, filter_class="DeMan")._filters.values()  # noqa: SLF001 - the only way to pyloudnorm's coefficients
        self._sections = np.array([[*stage.b, *stage.a] for stage in stages])
        self._state = np.zeros((len(self._sections), n_channels, 2))
        self._weights = _channel_weights(n_channels)
        self._sample_rate = sample_rate
        self._segment_energies: list[float] = []
        self._energy = 0.0  # of the segment that is being filled
        self._n_frames = 0

    def add(self, samples: npt.NDArray[np.float64]) -> None:
        weighted, self._state = sosfilt(self._sections, samples, axis=1, zi=self._state)
        power = self._weights @ np.square(weighted)
        start = 0
        while start < len(power):
            stop = min(len(power), start + self._segment_end() - self._n_frames)
            self._energy += float(power[start:stop].sum())
            self._n_frames += stop - start
            start = stop
            if self._n_frames == self._segment_end():
                self._segment_energies.append(self._energy)
                self._energy = 0.0

    def loudness(self) -> float | None:
        """Integrated loudness in LUFS, None when not one block was filled."""
        segments = np.array(self._segment_energies)
        if len(segments) < SEGMENTS_PER_BLOCK:
            return None
        block_frames = SEGMENTS_PER_BLOCK * self._sample_rate / SEGMENTS_PER_SECOND
        blocks = np.convolve(segments, np.ones(SEGMENTS_PER_BLOCK), "valid") / block_frames
        if np.isnan(blocks).any():
            return math.nan
        loud = blocks[blocks >= _power_at(ABSOLUTE_GATE_LUFS)]
        if len(loud) == 0:
            return -math.inf
        gate = loud.mean() * 10.0 ** (RELATIVE_GATE_LU / 10.0)
        return LOUDNESS_OFFSET_DB + 10.0 * math.log10(loud[loud > gate].mean())

    def _segment_end(self) -> int:
        return (len(self._segment_energies) + 1) * self._sample_rate // SEGMENTS_PER_SECOND


def measure_levels(
    path: Path, *, stop: Stop | None = None, progress: ProgressCallback = ignore_progress
) -> Levels:
    """Levels of a whole file, in bounded memory.

    Raises
    ------
    AudioFileError, JobCancelled
    """
    flag = stop or NeverStop()
    with AudioReader(path) as reader:
        meter = LevelMeter(reader.info.sample_rate, reader.info.n_channels)
        done = 0
        for block in reader.blocks():
            raise_if_stopped(flag)
            meter.add(block)
            done += block.shape[1]
            seconds = done / reader.info.sample_rate
            progress(Progress("measuring", done / reader.info.n_frames, seconds))
        return meter.finish()


def _channel_weights(n_channels: int) -> npt.NDArray[np.float64]:
    weights = np.ones(n_channels)
    if n_channels in (4, 5):
        weights[3:] = SURROUND_WEIGHT
    elif n_channels == 6:
        weights[3:] = 0.0, SURROUND_WEIGHT, SURROUND_WEIGHT
    return weights


def _largest(samples: Samples) -> np.float64:
    """Largest magnitude; 0 of no frames."""
    return np.float64(max(samples.max(initial=0.0), -samples.min(initial=0.0)))


def _power_at(loudness_lufs: float) -> float:
    return float(10.0 ** ((loudness_lufs - LOUDNESS_OFFSET_DB) / 10.0))


def _to_db(gain: float) -> float:
    return math.nan if math.isnan(gain) else gain_to_db(gain)
