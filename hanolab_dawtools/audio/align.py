"""How a result lies against what it was made of: lag, polarity, length, declared rate.

The targets are stems: their sum is compared with the reference, mono against mono. A lag is in
frames of the reference's rate and positive when the targets are late. `lag.py` says how it is
found, `correlate.py` holds the mathematics.

Confidence is 1 - (rival / peak)^2, where `peak` is the height of the whitened correlation at the
lag and `rival` the next highest point elsewhere (or the height that unrelated material would be
expected to reach, if that is more). It says how surely this lag is better than any other within
the range, not how alike the signals are: a lone vocal found in its mix has a high one. Silence
and a few pure tones (less than 2 % of the band) have 0; unrelated material stays below 0.2; below
`CONFIDENT` nothing may be concluded. Material that fits equally well at several lags (an exact
loop) and a clock that drifts by many frames have a low confidence too. But where the two null by
40 dB as they are, the lag is within 2 frames of 0 whatever else would fit, and confidence is 1
minus what is left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools.audio.files import AudioInfo, probe
from hanolab_dawtools.audio.lag import LagEstimate, Tick, estimate_lag
from hanolab_dawtools.audio.mono import MonoSum
from hanolab_dawtools.errors import AudioFileError, InputError
from hanolab_dawtools.events import (
    NeverStop,
    Progress,
    ProgressCallback,
    Stop,
    ignore_progress,
    raise_if_stopped,
)
from hanolab_dawtools.units import seconds_to_frames

CONFIDENT = 0.75  # the peak stands twice as high as its rival
COMMON_RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000)
RATE_TOLERANCE = 0.005  # of the length ratio that a wrongly declared rate would give


@dataclass(frozen=True)
class Measurement:
    """How the sum of some stems lies against a reference.

    Attributes
    ----------
    lag_frames
        Frames of the reference's rate by which the targets are late, to 0.01 frame; 0 when
        nothing was found, and without meaning when not `is_confident`.
    polarity
        1, or -1 when the targets are upside down.
    confidence
        0..1, see the module; `is_confident` when something may be concluded from it.
    length_ratio
        Length of the targets over that of the reference in seconds, rates as declared.
    sample_rate
        The reference's rate.
    declared_rate_suspect
        The rate that the targets seem to have instead of the declared one; None: all is well.
    is_suspect_confirmed
        Whether the audio matches, too, when read at that rate; lag, polarity and confidence
        are then those at that rate.
    drift_frames
        Lag near the end minus lag near the start, within 4 frames, for information; None when
        only one place could be measured.
    """

    lag_frames: float
    polarity: int
    confidence: float
    length_ratio: float
    sample_rate: int
    declared_rate_suspect: int | None = None
    is_suspect_confirmed: bool = False
    drift_frames: float | None = None

    @property
    def is_confident(self) -> bool:
        """Whether lag and polarity may be acted on."""
        return self.confidence >= CONFIDENT


def measure_alignment(
    reference: Path,
    targets: Sequence[Path],
    *,
    max_lag_seconds: float = 2.0,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Measurement:
    """Measure how late the sum of `targets` is against `reference`.

    Parameters
    ----------
    reference, targets
        Audio files; channel counts may differ, the targets' rate may be another than the
        reference's.
    max_lag_seconds
        Search range on either side, > 0. Memory grows with it, not with the length of the files:
        2 s take about 80 MB at 48 kHz.

    Raises
    ------
    InputError
        A file that cannot be read, is empty or holds NaN or infinite samples; targets of
        different rates. The file is named.
    ValueError
        No targets, or a range that is not positive.
    """
    if not targets or not max_lag_seconds > 0.0:
        raise ValueError(f"{len(targets)} targets, {max_lag_seconds=}")
    ours, theirs = probe(reference), [probe(target) for target in targets]
    declared_rate = _common_rate(theirs)
    length_ratio = max(info.seconds for info in theirs) / _seconds(ours)
    suspect = _suspected_rate(declared_rate, length_ratio)

    def measure(rate: int, tick: Tick) -> LagEstimate:
        max_lag = max(1, seconds_to_frames(max_lag_seconds, ours.sample_rate))
        with (
            MonoSum([reference], ours.sample_rate) as still,
            MonoSum(targets, ours.sample_rate, declared_rate=rate) as moving,
        ):
            return estimate_lag(still, moving, max_lag, tick)

    tick = _ticker(ours.seconds, stop or NeverStop(), progress)
    found = measure(declared_rate, lambda share: tick(share / 2 if suspect else share))
    measurement = _measurement(found, length_ratio, ours.sample_rate)
    if suspect is None:
        return measurement
    again = measure(suspect, lambda share: tick((1.0 + share) / 2))
    if again.confidence >= CONFIDENT and again.confidence > found.confidence:
        return replace(
            _measurement(again, length_ratio, ours.sample_rate),
            declared_rate_suspect=suspect,
            is_suspect_confirmed=True,
        )
    is_explained = measurement.is_confident or found.is_silent
    return replace(measurement, declared_rate_suspect=None if is_explained else suspect)


def _measurement(found: LagEstimate, length_ratio: float, sample_rate: int) -> Measurement:
    return Measurement(
        lag_frames=found.lag_frames,
        polarity=found.polarity,
        confidence=found.confidence,
        length_ratio=length_ratio,
        sample_rate=sample_rate,
        drift_frames=found.drift_frames,
    )


def _seconds(info: AudioInfo) -> float:
    if info.n_frames == 0:
        raise AudioFileError(info.path, "it holds no audio, its length is 0")
    return info.seconds


def _common_rate(infos: Sequence[AudioInfo]) -> int:
    first = infos[0]
    for info in infos[1:]:
        if info.sample_rate != first.sample_rate:
            raise InputError(
                f"{info.path} has {info.sample_rate} Hz and {first.path} has "
                f"{first.sample_rate} Hz: stems of one result must have one rate"
            )
    return first.sample_rate


def _suspected_rate(declared_rate: int, length_ratio: float) -> int | None:
    """The common rate that would make the lengths agree when the declared one does not."""
    for rate in COMMON_RATES:
        is_near = abs(length_ratio * declared_rate / rate - 1.0) <= RATE_TOLERANCE
        if rate != declared_rate and is_near:
            return rate
    return None


def _ticker(seconds: float, stop: Stop, progress: ProgressCallback) -> Tick:
    def tick(share: float) -> None:
        raise_if_stopped(stop)
        progress(Progress("aligning", share, share * seconds))

    return tick
