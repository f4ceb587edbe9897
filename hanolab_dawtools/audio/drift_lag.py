"""The lag of a conversion to a fraction of a step, and how surely its course is known.

Lags are in the steps of `envelopes.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import fft, ndimage

from hanolab_dawtools.audio.drift_evidence import Evidence
from hanolab_dawtools.audio.drift_path import LOST_STEPS, Segment
from hanolab_dawtools.audio.envelopes import STEPS_PER_SECOND, Envelopes, between

_Floats = npt.NDArray[np.float64]

_AT_ONCE = 20 * STEPS_PER_SECOND
_SHORTEST_RUN = STEPS_PER_SECOND // 2
_FEWEST_RUNS = 12  # that the spread is estimated from
_SMOOTH_STEPS = 8.0  # 16 ms: features of a network change every 20 ms
_TUNING_STEPS = 12  # 24 ms either way
_NEARLY_REGULAR = 1.0  # 2 ms: as far may a step be from a multiple of 10 ms and be one
_LOBE_STEPS = 25  # 50 ms: what is nearer to the peak is part of it
_NOISE_MARGIN = 1.15  # over the highest correlation to be expected of unrelated material
_ENOUGH_EXPLAINED = 0.15  # of the patterns; unrelated material has less than 0.02


class Tuned(NamedTuple):
    """The lag before the first step, and by how much it changes at each; all in steps.

    Changes that are multiples of 10 ms are whole multiples of `LOST_STEPS`. `error` is how far
    the lag may be from the truth: its standard error, and half of what beginnings and ends of
    sounds disagree about it.
    """

    lag: float
    changes: tuple[float, ...]
    error: float


class _Products(NamedTuple):
    """Correlation at lags around a segment's, of all movement, of its rises, of its falls.

    `moves`: shape (n_runs, n_lags). `rises`, `falls`: shape (n_lags,).
    """

    moves: _Floats
    rises: _Floats
    falls: _Floats


def tuned(evidence: Evidence, found: list[Segment]) -> Tuned:
    """Measure what the segments' lags are on all movement; steps of 10 ms are taken as exact."""
    n_steps = found[-1].last - found[0].first
    at_once = int(np.clip(n_steps // _FEWEST_RUNS, _SHORTEST_RUN, _AT_ONCE))
    products = [_products(evidence, segment, at_once) for segment in found]
    alone = [
        segment.lag + _peak(product.moves.sum(axis=0))
        for segment, product in zip(found, products, strict=True)
    ]
    changes: list[float | None] = []
    for number, (before, after) in enumerate(pairwise(found)):
        whole = round((after.lag - before.lag) / LOST_STEPS) * LOST_STEPS
        is_regular = whole and (
            after.lag - before.lag == whole
            or abs(alone[number + 1] - alone[number] - whole) <= _NEARLY_REGULAR
        )
        changes.append(float(whole) if is_regular else None)
    groups: list[list[int]] = [[0]]
    for number, change in enumerate(changes, 1):
        if change is None:
            groups.append([])
        groups[-1].append(number)
    lags, errors = np.zeros(len(found)), np.zeros(len(found))
    for group in groups:  # of segments that are joined by regular steps
        lag, errors[group] = _fraction(
            [products[number] for number in group], is_unchanged=evidence.is_unchanged
        )
        lags[group] = [found[number].lag + lag for number in group]
    told = (
        lags[number + 1] - lags[number] if change is None else change
        for number, change in enumerate(changes)
    )
    return Tuned(float(lags[0]), tuple(map(float, told)), float(errors[0]))


def _fraction(products: list[_Products], *, is_unchanged: bool) -> tuple[float, float]:
    """The lag from that of the segments, and its error.

    The first pulse of a lower voice comes later in a sound, and its last one earlier: beginnings
    and ends together are right. But a voice that rings longer, or ends in breath, ends its sounds
    later and begins them no earlier: then the beginnings alone are right.
    """
    moves = np.concatenate([product.moves for product in products])
    rises = _peak(np.sum([product.rises for product in products], axis=0))
    falls = _peak(np.sum([product.falls for product in products], axis=0))
    lag = _peak(moves.sum(axis=0))
    if not is_unchanged:
        lag -= 0.5 * max(0.0, falls - rises)
    return lag, math.hypot(_standard_error(moves), 0.5 * (falls - rises))


def _standard_error(moves: _Floats) -> float:
    """Of the peak of all runs together, by the jackknife; one run alone knows none."""
    n_runs = moves.shape[0]
    if n_runs == 1:
        return float(_TUNING_STEPS)
    total = moves.sum(axis=0)
    without = np.array([_peak(total - one) for one in moves])
    return math.sqrt((n_runs - 1) * float(np.var(without)))


def _products(evidence: Evidence, segment: Segment, at_once: int) -> _Products:
    """How alike the movement is at lags around the segment's."""
    reach = _TUNING_STEPS
    runs = list(_runs(segment, at_once))
    moves = np.zeros((len(runs), 2 * reach + 1))
    rises, falls = np.zeros((2, 2 * reach + 1))
    for number, (first, last) in enumerate(runs):
        start = first + segment.lag - reach
        ours = _movement(between(evidence.still, first, last))
        theirs = _movement(between(evidence.moving, start, start + last - first + 2 * reach))
        moves[number] = _correlated(ours, theirs)
        ours, theirs = evidence.in_db(ours), evidence.in_db(theirs)
        rises += _correlated(np.maximum(ours, 0.0), np.maximum(theirs, 0.0))
        falls += _correlated(np.minimum(ours, 0.0), np.minimum(theirs, 0.0))
    return _Products(moves, rises, falls)


def _movement(patterns: Envelopes) -> Envelopes:
    """By how much each band changes, seen over as long as a network's features stay the same."""
    return np.asarray(ndimage.gaussian_filter1d(patterns, _SMOOTH_STEPS, axis=1, order=1))


def _peak(products: _Floats) -> float:
    """Where the highest of some products lies, from their middle, to a fraction."""
    at = int(products.argmax())
    middle = products.size // 2
    if not 0 < at < products.size - 1:
        return 0.0  # there is no peak
    before, here, after = products[at - 1 : at + 2]
    bend = before - 2.0 * here + after
    return at - middle + (0.5 * float((before - after) / bend) if bend < 0.0 else 0.0)


def confidence_of(evidence: Evidence, found: list[Segment], max_lag: int) -> float:
    """How much better the course is than the same course moved by up to `max_lag`, 0..1."""
    products = np.zeros(2 * max_lag + 1)
    energies = np.zeros((2, 2 * max_lag + 1))
    for segment in found:
        for first, last in _runs(segment, _AT_ONCE):
            ours = between(evidence.still, first, last)
            start = first + segment.lag - max_lag
            theirs = between(evidence.moving, start, start + last - first + 2 * max_lag)
            products += _correlated(ours, theirs)
            summed = np.cumsum(np.pad(np.sum(theirs**2, axis=0, dtype=np.float64), (1, 0)))
            energies[0] += float(np.sum(ours**2))
            energies[1] += summed[last - first :] - summed[: first - last]
    heights = products / np.sqrt(np.maximum(energies[0] * energies[1], 1e-12))
    peak = float(heights[max_lag - 1 : max_lag + 2].max())
    if peak <= 0.0:
        return 0.0
    outside = np.concatenate([heights[: max_lag - _LOBE_STEPS], heights[max_lag + _LOBE_STEPS :]])
    rms = math.sqrt(float(np.mean(outside**2)))
    n_independent = outside.size / _LOBE_STEPS
    rival = max(
        float(outside.max()), _NOISE_MARGIN * rms * math.sqrt(2.0 * math.log(n_independent))
    )
    return max(0.0, 1.0 - (rival / peak) ** 2) * min(1.0, evidence.explained / _ENOUGH_EXPLAINED)


def _correlated(ours: Envelopes, theirs: Envelopes) -> _Floats:
    """Sum over the bands of their correlation at each lag at which `theirs` covers `ours`."""
    n_lags = theirs.shape[1] - ours.shape[1] + 1
    n_fft = fft.next_fast_len(theirs.shape[1], real=True)
    cross = np.sum(fft.rfft(ours, n_fft).conj() * fft.rfft(theirs, n_fft), axis=0)
    return np.asarray(fft.irfft(cross, n_fft)[:n_lags], dtype=np.float64)


def _runs(segment: Segment, at_once: int) -> Iterator[tuple[int, int]]:
    for first in range(segment.first, segment.last, at_once):
        yield first, min(first + at_once, segment.last)
