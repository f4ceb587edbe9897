"""Time stretching and pitch shifting, in segments, in bounded memory.

Nothing drifts, and the length is exact to the frame. A lone click lies within 1 ms of its place
at rates from 0.9 to 1.1, within 3 ms from 0.8 to 1.25, within 8 ms at half and double speed
(20 ms at 96 kHz and half speed, where it is drawn out; the middle of its energy is within 3 ms).
Of two channels, what is on one side alone leaks into the other, 27 dB down for noise.

A long stretch is made of segments that overlap and are joined where it is heard least
(`audio.splice`); a join moves what follows it by at most 4 ms, and the next one does not add to
that. Formants move with the pitch.

Samples are float32, shape (n_channels, n_frames). Frames of the vocoder are output frames before
the pitch is shifted, which is done by resampling: it makes `pitch` of them for each output frame.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from fractions import Fraction

import numpy as np

from hanolab_dawtools.audio.buffer import Samples
from hanolab_dawtools.audio.resample import CONTEXT_FRAMES, StreamResampler
from hanolab_dawtools.audio.splice import find_splice, max_lag_frames
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.audio.vocoder import (
    HIGHEST_RATIO,
    LOWEST_RATIO,
    Engine,
    plan_hops,
    vocoded,
)
from hanolab_dawtools.events import Stop, raise_if_stopped

LOWEST_RATE, HIGHEST_RATE = 0.1, 10.0  # source frames by output frames
MAX_SEMITONES = 24.0
SEGMENT_SECONDS = 15.0  # of source or output, whichever is longer
OVERLAP_SECONDS = 0.4
_MAX_SEGMENT_SAMPLES = 4_000_000  # of all channels; 16 MB, and the engine takes several times it
_N_WORKERS = 2  # segments are made side by side
_STOP_SECONDS = 0.2
_MAX_DENOMINATOR = 1000  # of the pitch ratio: within 0.001 cents

ReadSource = Callable[[int, int], Samples]


class TimeStretch:
    """What is asked: which source frame sounds when, and how much higher.

    Raises
    ------
    ValueError
        A rate outside `LOWEST_RATE`..`HIGHEST_RATE`, more than `MAX_SEMITONES`, or a pair of both
        beyond the engine.
    """

    def __init__(self, time_map: TimeMap, semitones: float = 0.0) -> None:
        slowest, fastest = time_map.slowest_and_fastest()
        if not LOWEST_RATE <= slowest <= fastest <= HIGHEST_RATE:
            raise ValueError(f"rates of {slowest} to {fastest}")
        if not abs(semitones) <= MAX_SEMITONES:
            raise ValueError(f"{semitones} semitones")
        self.time_map = time_map
        self.fastest = fastest
        self.pitch = Fraction(2.0 ** (semitones / 12.0)).limit_denominator(_MAX_DENOMINATOR)
        if not (
            self.pitch / Fraction(fastest) >= LOWEST_RATIO
            and self.pitch / Fraction(slowest) <= HIGHEST_RATIO
        ):
            raise ValueError(f"{semitones} semitones at rates of {slowest} to {fastest}")


def stretched_blocks(
    read: ReadSource,
    stretch: TimeStretch,
    sample_rate: int,
    span: range,
    stop: Stop,
) -> Iterator[Samples]:
    """Blocks that hold the output frames `span` of a stretch.

    Parameters
    ----------
    read
        Gives source frames start..stop, shape (n_channels, stop - start); called with frames
        before the source's start and behind its end too. Called by the caller's thread.
    stop
        Looked at every 0.2 s; the segments at work are then left to end by themselves.

    Raises
    ------
    SetupError, JobCancelled
    """
    n_segment = _segment_frames(stretch, sample_rate, read(span.start, span.start).shape[0])
    joiner = _Joiner(sample_rate, len(span), n_segment)
    margin = joiner.margin_frames
    pool = ThreadPoolExecutor(_N_WORKERS)
    waiting: deque[Future[Samples]] = deque()
    try:
        for start in range(span.start, span.stop, n_segment):
            raise_if_stopped(stop)
            end = min(start + n_segment, span.stop) + joiner.overlap_frames
            part = range(start - margin, end + margin)
            waiting.append(pool.submit(_segment(read, stretch, sample_rate, part)))
            if len(waiting) > _N_WORKERS:
                yield from joiner.add(_result(waiting.popleft(), stop))
        while waiting:
            yield from joiner.add(_result(waiting.popleft(), stop))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _Joiner:
    """Joins segments, each `margin` longer at its start and `overlap + margin` at its end."""

    def __init__(self, sample_rate: int, n_frames: int, n_segment: int) -> None:
        self.overlap_frames = round(OVERLAP_SECONDS * sample_rate)
        self.margin_frames = max_lag_frames(sample_rate)
        self._sample_rate = sample_rate
        self._left_frames = n_frames
        self._n_segment = n_segment
        self._held: Samples | None = None  # what of the last one overlaps the next

    def add(self, segment: Samples) -> Iterator[Samples]:
        """Take the next segment; give what is finished."""
        margin = self.margin_frames
        lag = done = 0
        if self._held is not None:
            around = segment[:, : self.overlap_frames + 2 * margin]
            splice = find_splice(self._held, around, self._sample_rate)
            lag, done = splice.lag_frames, splice.start + splice.n_frames
            later = segment[:, margin + lag + splice.start : margin + lag + done]
            yield self._counted(self._held[:, : splice.start])
            yield self._counted(splice.joined(self._held[:, splice.start : done], later))
        whole = segment[:, margin + lag : segment.shape[1] - margin + lag]
        yield self._counted(whole[:, done : self._n_segment])
        self._held = np.ascontiguousarray(whole[:, self._n_segment :])

    def _counted(self, block: Samples) -> Samples:
        kept = np.ascontiguousarray(block[:, : self._left_frames])
        self._left_frames -= kept.shape[1]
        return kept


def _segment_frames(stretch: TimeStretch, sample_rate: int, n_channels: int) -> int:
    """Output frames of a segment; more than its joins take."""
    longest = min(SEGMENT_SECONDS * sample_rate, _MAX_SEGMENT_SAMPLES / max(n_channels, 1))
    shortest = 2.0 * OVERLAP_SECONDS * sample_rate
    return round(max(longest / max(1.0, stretch.fastest), shortest))


def _result(future: Future[Samples], stop: Stop) -> Samples:
    while True:
        raise_if_stopped(stop)
        try:
            return future.result(timeout=_STOP_SECONDS)
        except FutureTimeoutError:
            continue


def _segment(
    read: ReadSource, stretch: TimeStretch, sample_rate: int, part: range
) -> Callable[[], Samples]:
    """Read what the output frames `part` are made of; give the work that makes them."""
    pitch = stretch.pitch
    n_context = 0 if pitch == 1 else math.ceil(CONTEXT_FRAMES * max(1.0, float(1 / pitch)))
    first_step = (part.start - n_context) // pitch.denominator
    made_first = first_step * pitch.numerator  # where output and vocoder both have a frame
    n_lead = Engine(sample_rate).window_frames
    begin = made_first - n_lead
    n_made = math.ceil((part.stop + n_context) * pitch) - begin
    source_first = math.floor(stretch.time_map.source_at(float(begin / pitch)))

    def output_at(source_frame: int) -> float:
        return float(pitch) * stretch.time_map.output_at(source_first + source_frame) - begin

    plan = plan_hops(sample_rate, output_at, n_made)
    read_first = source_first - plan.context_frames
    samples = read(read_first, read_first + plan.n_source_frames)

    def work() -> Samples:
        made = vocoded(samples, sample_rate, plan)[:, n_lead:]
        if pitch != 1:
            resampler = StreamResampler(pitch.numerator, pitch.denominator, made.shape[0])
            made = np.concatenate([resampler.process(made), resampler.flush()], axis=1)
        offset = part.start - first_step * pitch.denominator
        return np.ascontiguousarray(made[:, offset : offset + len(part)])

    return work
