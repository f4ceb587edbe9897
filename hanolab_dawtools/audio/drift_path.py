"""The most probable course of a lag that is constant but for a few steps.

Viterbi's algorithm over frames of 20 ms and lags: a change of lag costs `STEP_COST`, when it is a
multiple of 10 ms as voice conversion loses time, and `ODD_STEP_COST` otherwise. So a step is
found only where it explains the conversion that much better, in nats, than any course without it.
Lags are in the steps of `envelopes.py`.

Source
------
Potts' model for piecewise constant signals (Winkler & Liebscher 2002, J. Nonparametric
Statistics 14, 203-222), solved by Viterbi 1967, IEEE Trans. IT 13(2), 260-269.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.audio.drift_evidence import FRAME_STEPS, Costs, Evidence
from hanolab_dawtools.audio.envelopes import STEPS_PER_SECOND

LOST_STEPS = STEPS_PER_SECOND // 100  # 10 ms, one frame of the conversion
STEP_COST = 14.0  # nats; chosen, not fitted: true steps gained 40 and more in trials
ODD_STEP_COST = 25.0
SMALLEST_STEP = 4  # 8 ms; less is what another voice does to an envelope

_SHORTEST_STEPS = 2 * STEPS_PER_SECOND  # of a segment between two others
_AROUND_STEPS = 2 * STEPS_PER_SECOND  # how far from its frame a step is looked for
_QUIET_NATS_PER_DB = 0.115  # a cut is as much less probable as it is louder there
_DEEPEST_DB = 60.0  # below the loudest moment around; what is quieter is alike

_Floats = npt.NDArray[np.float32]
_Best = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Segment:
    """Frames first..last with one lag. `gain` in nats: what its beginning is worth as a step."""

    first: int
    last: int
    lag: int
    gain: float = 0.0


class _Back(NamedTuple):
    """How each lag of a block's frames was come to: bits by (frame, lag), and from where.

    `stepper`: shape (n_frames, LOST_STEPS), the best lag of each remainder of a step.
    """

    stays: npt.NDArray[np.uint8]
    leaps: npt.NDArray[np.uint8]
    stepper: npt.NDArray[np.int32]
    leaper: npt.NDArray[np.int32]


def best_course(blocks: Iterable[Costs]) -> npt.NDArray[np.int64]:
    """Index of the best lag of each frame, from the costs of frames in blocks."""
    best: _Best | None = None
    backs: list[_Back] = []
    for block in blocks:
        best = np.zeros(block.shape[1]) if best is None else best
        best, back = _forward(best, block, is_first=not backs)
        backs.append(back)
    if best is None:
        return np.zeros(0, dtype=np.int64)
    course = [int(best.argmin())]
    for back in reversed(backs):
        stays = np.unpackbits(back.stays, axis=1)
        leaps = np.unpackbits(back.leaps, axis=1)
        for number in reversed(range(stays.shape[0])):
            at = course[-1]
            if stays[number, at]:
                course.append(at)
            elif leaps[number, at]:
                course.append(int(back.leaper[number]))
            else:
                course.append(int(back.stepper[number, at % LOST_STEPS]))
    return np.asarray(course[-2::-1], dtype=np.int64)


def _forward(best: _Best, block: Costs, *, is_first: bool) -> tuple[_Best, _Back]:
    """One block on: the costs, and how they came about."""
    n_frames, n_lags = block.shape
    n_rows = -(-n_lags // LOST_STEPS)
    padded = np.full(n_rows * LOST_STEPS, np.inf)
    stays, leaps = np.ones((2, n_frames, n_lags), dtype=np.bool_)
    steppers = np.zeros((n_frames, LOST_STEPS), dtype=np.int32)
    leapers = np.zeros(n_frames, dtype=np.int32)
    for number in range(n_frames):
        padded[:n_lags] = best
        stepper = padded.reshape(n_rows, LOST_STEPS).argmin(axis=0) * LOST_STEPS
        stepper += np.arange(LOST_STEPS)
        stepped = np.tile(padded[stepper], n_rows)[:n_lags] + STEP_COST
        leaper = int(best.argmin())
        leapt = np.full(n_lags, best[leaper] + ODD_STEP_COST)
        leapt[max(0, leaper - SMALLEST_STEP + 1) : leaper + SMALLEST_STEP] = np.inf
        moved = np.minimum(stepped, leapt)
        if not (is_first and number == 0):
            stays[number], leaps[number] = best <= moved, leapt < stepped
        steppers[number], leapers[number] = stepper, leaper
        best = np.minimum(best, moved) + block[number]
    packed = np.packbits(stays, axis=1), np.packbits(leaps, axis=1)
    return best, _Back(*packed, steppers, leapers)


def segments(course: npt.NDArray[np.int64], earliest: int, evidence: Evidence) -> list[Segment]:
    """The course as segments of `evidence`'s steps; index 0 of the course is lag `earliest`."""
    edges = [0, *(np.flatnonzero(np.diff(course)) + 1).tolist(), course.size]
    spans = pairwise(edges)
    found = [
        Segment(first * FRAME_STEPS, last * FRAME_STEPS, int(course[first]) + earliest)
        for first, last in spans
    ]
    found = _without_short(found)
    return [found[0], *_with_gains(found, evidence)] if found else []


def _without_short(found: list[Segment]) -> list[Segment]:
    """Give up segments on the way from one long one to the next: they are one step.

    Where much is missing, there is a course that makes up for it little by little.
    """
    kept: list[Segment] = []
    for number, segment in enumerate(found):
        is_inner = 0 < number < len(found) - 1
        is_short = is_inner and segment.last - segment.first < _SHORTEST_STEPS
        if is_short or (kept and kept[-1].lag == segment.lag):
            kept[-1] = replace(kept[-1], last=segment.last)
        else:
            kept.append(segment)
    return kept


def _with_gains(found: list[Segment], evidence: Evidence) -> Iterator[Segment]:
    """All but the first segment, each with what its beginning is worth: the weaker side counts."""
    for before, after in pairwise(found):
        kept = _gain(evidence, before, after.lag)
        taken = _gain(evidence, after, before.lag)
        yield Segment(after.first, after.last, after.lag, min(kept, taken))


def _gain(evidence: Evidence, segment: Segment, rival: int) -> float:
    """By how many nats the segment's lag explains it better than `rival`."""
    gain = 0.0
    for first in range(segment.first, segment.last, 20 * STEPS_PER_SECOND):
        last = min(first + 20 * STEPS_PER_SECOND, segment.last)
        gain += float(np.sum(_preference(evidence, first, last, rival, segment.lag)))
    return gain


def _preference(evidence: Evidence, first: int, last: int, old: int, new: int) -> _Floats:
    """By how much each step is explained better by the lag `new` than by `old`."""
    low, high = min(old, new), max(old, new)
    costs = evidence.costs(first, last, range(low, high + 1, high - low or 1))
    return costs[:, 0] - costs[:, -1] if new > old else costs[:, -1] - costs[:, 0]


def place_of(
    step: tuple[Segment, Segment], evidence: Evidence, loudness: tuple[_Floats, _Floats]
) -> int:
    """Where between two segments the lag changes: as the evidence allows, where it is quiet.

    `loudness` in dB at each step, of the source and of the conversion.
    """
    before, after = step
    first = max(after.first - _AROUND_STEPS, before.first)
    last = min(after.first + _AROUND_STEPS, after.last)
    told = _preference(evidence, first, last, before.lag, after.lag)
    cost = -np.cumsum(told[::-1], dtype=np.float64)[::-1]  # of all that follows, with the new lag
    level = np.maximum(
        _levels(loudness[0], first, last),
        _levels(loudness[1], first + before.lag, last + before.lag),
    )
    cost += _QUIET_NATS_PER_DB * np.maximum(level, level.max() - _DEEPEST_DB)
    return first + int(cost.argmin())


def _levels(loudness: _Floats, first: int, last: int) -> _Floats:
    """Levels at steps first..last; the nearest there is, outside."""
    return loudness[np.clip(np.arange(first, last), 0, loudness.size - 1)]
