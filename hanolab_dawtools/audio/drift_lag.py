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
from scipy import fft

from hanolab_dawtools.audio.drift_evidence import Evidence
from hanolab_dawtools.audio.drift_path import LOST_STEPS, Segment
from hanolab_dawtools.audio.envelopes import STEPS_PER_SECOND, Envelopes, between, rises

_Floats = npt.NDArray[np.float64]

_AT_ONCE = 20 * STEPS_PER_SECOND
_TUNING_STEPS = 10  # 20 ms either way
_NEARLY_REGULAR = 1.0  # 2 ms: as far may a step be from a multiple of 10 ms and be one
_LOBE_STEPS = 25  # 50 ms: what is nearer to the peak is part of it
_NOISE_MARGIN = 1.15  # over the highest correlation to be expected of unrelated material
_ENOUGH_EXPLAINED = 0.15  # of the patterns; unrelated material has less than 0.02


class Tuned(NamedTuple):
    """The lag before the first step, and by how much it changes at each; all in steps.

    Changes that are multiples of 10 ms are whole multiples of `LOST_STEPS`.
    """

    lag: float
    changes: tuple[float, ...]


def tuned(still: Envelopes, moving: Envelopes, found: list[Segment]) -> Tuned:
    """Measure on the onsets what the segments' lags are; steps of 10 ms are taken as exact."""
    products = [_onset_products(still, moving, segment) for segment in found]
    alone = [segment.lag + _peak(product) for segment, product in zip(found, products, strict=True)]
    changes: list[float | None] = []
    for number, (before, after) in enumerate(pairwise(found)):
        whole = round((after.lag - before.lag) / LOST_STEPS) * LOST_STEPS
        is_regular = whole and (
            after.lag - before.lag == whole
            or abs(alone[number + 1] - alone[number] - whole) <= _NEARLY_REGULAR
        )
        changes.append(float(whole) if is_regular else None)
    return _joined(found, products, changes)


def _joined(found: list[Segment], products: list[_Floats], regular: list[float | None]) -> Tuned:
    """One fraction for all segments that are joined by regular steps."""
    groups: list[list[int]] = [[0]]
    for number, change in enumerate(regular, 1):
        if change is None:
            groups.append([])
        groups[-1].append(number)
    lags = np.zeros(len(found))
    for group in groups:
        fraction = _peak(np.sum([products[number] for number in group], axis=0))
        for number in group:
            lags[number] = found[number].lag + fraction
    changes = [
        lags[number + 1] - lags[number] if change is None else change
        for number, change in enumerate(regular)
    ]
    return Tuned(float(lags[0]), tuple(float(change) for change in changes))


def _onset_products(still: Envelopes, moving: Envelopes, segment: Segment) -> _Floats:
    """Correlation of the onsets at lags around the segment's."""
    products = np.zeros(2 * _TUNING_STEPS + 1)
    for first, last in _runs(segment):
        ours = rises(between(still, first, last))
        start = first + segment.lag - _TUNING_STEPS
        theirs = rises(between(moving, start, start + last - first + 2 * _TUNING_STEPS))
        for number in range(products.size):
            part = theirs[:, number : number + last - first]
            products[number] += float(np.einsum("ij,ij->", ours, part))
    return products


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
        for first, last in _runs(segment):
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


def _runs(segment: Segment) -> Iterator[tuple[int, int]]:
    for first in range(segment.first, segment.last, _AT_ONCE):
        yield first, min(first + _AT_ONCE, segment.last)
