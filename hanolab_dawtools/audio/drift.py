"""How a converted voice lies against its source: one lag, and steps where time was lost.

A conversion has nothing of its source's waveform. So what is compared is how loud each part of
the spectrum is (`envelopes.py`): a map between the bands is learnt, each lag gets a likelihood at
each moment (`drift_evidence.py`), and the most probable course of lags is found, constant but for
steps that pay for themselves (`drift_path.py`). The lag itself is then measured on how fast the
levels change, over the whole file, with an error of its own (`drift_lag.py`).

A lag is in frames of the reference's rate, positive when the conversion is late.

Confidence is 1 - (rival / peak)^2, where `peak` is the correlation of the patterns along the
course and `rival` the highest one with the whole course moved by more than 50 ms; it is less
where the conversion explains little of its source. Silence, steady sounds and too little sound
have 0, unrelated material stays below 0.2, a loop that fits one beat later, too, has a low one.
Below `CONFIDENT` nothing may be concluded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from hanolab_dawtools.audio.drift_evidence import (
    FRAME_STEPS,
    Costs,
    coarse_lags,
    frame_costs,
    learn,
)
from hanolab_dawtools.audio.drift_lag import confidence_of, tuned
from hanolab_dawtools.audio.drift_path import (
    LOST_STEPS,
    Segment,
    best_course,
    place_of,
    segments,
)
from hanolab_dawtools.audio.envelopes import (
    STEPS_PER_SECOND,
    Envelopes,
    loudness_db,
    make_patterns,
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
from hanolab_dawtools.units import seconds_to_frames

CONFIDENT = 0.5
MAX_LAG_SECONDS = 0.5
SHORTEST_PIECE_SECONDS = 20.0  # between two cuts of a voice conversion: 30 s, 5 either way
SURE_NATS = 50.0  # from which on a step of any size is believed
SMALLEST_ERROR_SECONDS = 0.0002
OTHER_VOICE_ERROR_SECONDS = 0.001  # that no spread tells: another voice moves all its sounds
FEW_SOUNDS_SECONDS_SQUARED = 0.008  # by the length: 4 ms for 2 s (measured)
LONGEST_REPAIR_SECONDS = 0.04  # a longer gap is no lost frame: something is missing

_REACH_STEPS = 30  # around the coarse lags: 60 ms


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
        says whether `repair_drift` takes it out. Empty where nothing may be concluded.
    confidence
        0..1, see the module; `is_confident` when something may be concluded.
    length_ratio
        Length of the conversion over that of the reference in seconds.
    sample_rate
        The reference's rate.
    explained
        Share of the movement in the reference that the conversion follows, 0..1.
    lag_error_frames
        How far the lag may be from the truth: from its spread over the file, what beginnings and
        ends of sounds disagree about, and 1 ms that neither tells, more in clips of a few
        seconds. Four of five errors are below it, all below twice. 0.2 ms for unchanged material.
    """

    lag_frames: float
    steps: tuple[AlignmentStep, ...]
    confidence: float
    length_ratio: float
    sample_rate: int
    explained: float = 0.0
    lag_error_frames: float = 0.0

    @property
    def is_confident(self) -> bool:
        """Whether lag and steps may be acted on."""
        return self.confidence >= CONFIDENT

    @property
    def moved_frames(self) -> int:
        """Frames by which the whole has to be moved earlier; 0 where the lag may be an error."""
        is_late = self.is_confident and abs(self.lag_frames) > self.lag_error_frames
        return round(self.lag_frames) if is_late else 0


class _Sound(NamedTuple):
    """A file as it is compared: its patterns, and its loudness at each step in dB."""

    patterns: Envelopes
    loudness: Envelopes


def measure_drift(
    reference: Path,
    converted: Path,
    *,
    stop: Stop | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Drift:
    """Measure how `converted`, a voice conversion of `reference`, lies against it.

    Rates and channel counts may differ. A first lag of up to `MAX_LAG_SECONDS` is found, and
    10 ms more for each piece that a conversion may have cut.

    Raises
    ------
    AudioFileError
        A file that cannot be read, is empty or holds NaN or infinite samples.

    Notes
    -----
    Time and memory grow with the length: an hour takes about 260 MB and 40 s of one core.
    """
    ours, theirs = probe(reference), probe(converted)
    watched = stop or NeverStop()

    def tick(share: float) -> None:
        raise_if_stopped(watched)
        progress(Progress("aligning", share, share * ours.seconds))

    still = _listen(reference, lambda share: tick(0.3 * share))
    moving = _listen(converted, lambda share: tick(0.3 + 0.3 * share))
    make_patterns(still.patterns, moving.patterns)
    nothing = Drift(0.0, (), 0.0, theirs.seconds / ours.seconds, ours.sample_rate)
    return _compare(still, moving, nothing, lambda share: tick(0.6 + 0.4 * share))


def _listen(path: Path, tick: Callable[[float], None]) -> _Sound:
    levels = read_envelopes(path, tick=tick)
    return _Sound(levels, loudness_db(levels))


def _compare(still: _Sound, moving: _Sound, nothing: Drift, tick: Callable[[float], None]) -> Drift:
    """What is found, or `nothing`."""
    n_steps = still.patterns.shape[1]
    latest = round(MAX_LAG_SECONDS * STEPS_PER_SECOND)
    n_pieces = int(n_steps / (SHORTEST_PIECE_SECONDS * STEPS_PER_SECOND))
    lags = coarse_lags(still.patterns, moving.patterns, -latest - n_pieces * LOST_STEPS, latest)
    tick(0.1)
    evidence = learn(still.patterns, moving.patterns, lags)
    if evidence is None:
        return nothing
    course = best_course(_told(frame_costs(evidence, lags, _REACH_STEPS), n_steps, tick))
    found = segments(course, int(lags.min()) - _REACH_STEPS, evidence)
    if not found:
        return nothing
    confidence = confidence_of(evidence, found, latest)
    in_tune = tuned(evidence, found)
    steps = (
        _step(
            pair,
            size,
            place_of(pair, evidence, (still.loudness, moving.loudness)),
            nothing.sample_rate,
        )
        for pair, size in zip(pairwise(found), in_tune.changes, strict=True)
    )
    per_step = nothing.sample_rate / STEPS_PER_SECOND
    least_error = OTHER_VOICE_ERROR_SECONDS
    least_error += FEW_SOUNDS_SECONDS_SQUARED * STEPS_PER_SECOND / n_steps
    if evidence.is_unchanged:
        least_error = SMALLEST_ERROR_SECONDS
    return replace(
        nothing,
        lag_frames=round(in_tune.lag * per_step, 2) + 0.0,
        steps=tuple(steps) if confidence >= CONFIDENT else (),
        confidence=confidence,
        explained=evidence.explained,
        lag_error_frames=math.hypot(in_tune.error * per_step, least_error * nothing.sample_rate),
    )


def _told(blocks: Iterator[Costs], n_steps: int, tick: Callable[[float], None]) -> Iterator[Costs]:
    """The blocks; before each, `tick` is told the share that is done."""
    done = 0
    for block in blocks:
        tick(0.1 + 0.8 * done * FRAME_STEPS / n_steps)
        yield block
        done += block.shape[0]


def _step(pair: tuple[Segment, Segment], change: float, at: int, sample_rate: int) -> AlignmentStep:
    """A step in frames; `change` and `at` are in steps of the envelopes."""
    seconds = change / STEPS_PER_SECOND
    is_sure = change % LOST_STEPS == 0.0 or pair[1].gain >= SURE_NATS
    return AlignmentStep(
        at_frame=at * sample_rate // STEPS_PER_SECOND,
        shift_frames=seconds_to_frames(seconds, sample_rate),
        repaired=is_sure and abs(seconds) <= LONGEST_REPAIR_SECONDS,
    )
