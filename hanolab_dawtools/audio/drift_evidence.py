"""How well each lag explains each moment of a conversion.

1. `coarse_lags`: the patterns are correlated in windows of 20 s, and the most probable course of
   lags is taken. That is right to some 10 ms, and lets 2. be learnt.
2. `Evidence`: what the source's patterns become in this conversion is learnt as a linear map
   between the bands (another pitch, other formants move the energy into other bands), with the
   covariance of what it leaves. The cost of a lag at a moment is then the negative logarithm of
   its likelihood, in nats; a Student distribution of the errors keeps single moments, in which
   the conversion did something else, from deciding.

Arrays are as in `envelopes.py`; lags are in its steps, positive when the conversion is late.

Source
------
Lange, Little & Taylor 1989, JASA 84(408), 881-896: the multivariate t model against outliers.
Priestley 1981, Spectral Analysis and Time Series, 5.3.2: how many independent values correlated
errors are worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from hanolab_dawtools.audio.envelopes import STEPS_PER_SECOND, Envelopes, between

FRAME_STEPS = 10  # 20 ms: what one cost is for

_WINDOW_STEPS = 20 * STEPS_PER_SECOND
_HOP_STEPS = _WINDOW_STEPS // 2
_VALUES_PER_SECOND = 10.0  # independent ones in speech or singing, for the coarse search
_CHANGE_COST = 25.0  # nats that a change of the coarse lag has to gain
_LAG_COST = 0.04  # nats a step: of lags that fit alike, the smallest
_FEWEST_STEPS = STEPS_PER_SECOND // 4  # with sound in them, to learn from
_HEARD_DB = 2.0  # from the slow level: a step with sound in it, in the mean over the bands
_RIDGE = 1e-3  # of the variance: the least error that is believed
_DEGREES = 6.0  # of freedom of the t distribution
_LEAST_CORRELATED_STEPS = 10.0  # errors cannot be independent within a window's length
_MOST_CORRELATED_STEPS = 100
_FADED = 0.05  # a correlation that is none
_EDGE_STEPS = 15  # at the ends of a file, where half of a window is outside
_UNCHANGED = 0.97  # of the movement explained
_FORBIDDEN = 1e4  # nats a frame

_Floats = npt.NDArray[np.float64]
Costs = npt.NDArray[np.float32]
Lags = npt.NDArray[np.int32]


def coarse_lags(still: Envelopes, moving: Envelopes, earliest: int, latest: int) -> Lags:
    """The lag at each step of `still`, shape (n_steps,), within earliest..latest."""
    n_steps = still.shape[1]
    starts = range(0, max(1, n_steps - _HOP_STEPS), _HOP_STEPS)
    costs = np.stack([_window_costs(still, moving, start, earliest, latest) for start in starts])
    costs += _LAG_COST * np.abs(np.arange(earliest, latest + 1))
    best, origins = costs[0], []
    for row in costs[1:]:
        at = int(best.argmin())
        is_changed = best > best[at] + _CHANGE_COST
        origins.append(np.where(is_changed, at, np.arange(best.size)))
        best = np.minimum(best, best[at] + _CHANGE_COST) + row
    course = [int(best.argmin())]
    for origin in reversed(origins):
        course.append(int(origin[course[-1]]))
    counts = np.full(len(course), _HOP_STEPS)
    counts[0] += _HOP_STEPS // 2  # each window speaks for its middle, the outer ones for the ends
    counts[-1] = max(0, n_steps - int(counts[:-1].sum()))
    return np.repeat(np.asarray(course[::-1], dtype=np.int32) + np.int32(earliest), counts)


def _window_costs(
    still: Envelopes, moving: Envelopes, start: int, earliest: int, latest: int
) -> _Floats:
    """Negative log-likelihood of each lag for one window, from its correlation."""
    ours = still[:, start : start + _WINDOW_STEPS]
    n_steps, n_lags = ours.shape[1], latest - earliest + 1
    theirs = between(moving, start + earliest, start + latest + n_steps)
    n_fft = fft.next_fast_len(n_steps + n_lags + n_steps, real=True)
    cross = np.sum(fft.rfft(ours, n_fft).conj() * fft.rfft(theirs, n_fft), axis=0)
    products = fft.irfft(cross, n_fft)[:n_lags]
    summed = np.cumsum(np.pad(np.sum(theirs**2, axis=0, dtype=np.float64), (1, 0)))
    energies = (summed[n_steps:] - summed[:-n_steps]) * float(np.sum(ours**2))
    correlation = np.clip(products / np.sqrt(np.maximum(energies, 1e-9)), 0.0, 0.99)
    n_values = n_steps / STEPS_PER_SECOND * _VALUES_PER_SECOND
    return np.asarray(0.5 * n_values * np.log1p(-(correlation**2)))


@dataclass(frozen=True)
class Evidence:
    """What tells one lag from another.

    Attributes
    ----------
    still, moving
        The patterns in which errors are alike in all directions; `moving` is what the map makes
        of the conversion.
    colour
        Turns these patterns back into those of the source, in dB.
    correlated_steps
        Steps that are worth one independent value.
    explained
        Share of the source's patterns that the conversion explains, 0..1.
    """

    still: Envelopes
    moving: Envelopes
    colour: _Floats
    correlated_steps: float
    explained: float

    @property
    def is_unchanged(self) -> bool:
        """Whether this is hardly another voice."""
        return self.explained > _UNCHANGED

    def in_db(self, patterns: Envelopes) -> Envelopes:
        """Patterns of either sound as the source's bands have them."""
        return np.asarray(self.colour @ patterns, dtype=np.float32)

    def costs(self, first: int, last: int, lags: range) -> Costs:
        """Costs of `lags` at steps first..last, shape (last - first, n_lags), in nats."""
        ours = between(self.still, first, last)
        theirs = between(self.moving, first + lags[0], last + lags[-1])
        costs = np.empty((last - first, len(lags)), dtype=np.float32)
        for number, lag in enumerate(lags):
            left = ours - theirs[:, lag - lags[0] : lag - lags[0] + last - first]
            square = np.einsum("ij,ij->j", left, left)
            costs[:, number] = np.log1p(square / np.float32(_DEGREES))
        costs *= np.float32(0.5 * (_DEGREES + ours.shape[0]) / self.correlated_steps)
        low = _EDGE_STEPS - first - min(0, lags[0])
        high = min(self.still.shape[1], self.moving.shape[1] - lags[-1]) - first
        high -= _EDGE_STEPS
        costs[: max(low, 0)] = 0.0  # where one of the two has ended, nothing is known
        costs[max(high, 0) :] = 0.0
        return costs


def learn(still: Envelopes, moving: Envelopes, lags: Lags) -> Evidence | None:
    """Learn what the conversion does, given the lag at each step; None when too little sounds.

    The patterns become those of the evidence in place: there may be an hour of them.
    """
    sounds = np.concatenate([_heard(*pair) for pair in _pairs(still, moving, lags)])
    n_sounding = int(np.count_nonzero(sounds))
    if n_sounding < _FEWEST_STEPS:
        return None
    of_theirs, both, of_ours = np.zeros((3, still.shape[0], still.shape[0]))
    for ours, theirs in _pairs(still, moving, lags, sounds):
        of_theirs += theirs @ theirs.T
        both += theirs @ ours.T
        of_ours += ours @ ours.T
    to_still = np.linalg.solve(_ridged(of_theirs), both).T
    crossed = to_still @ both
    left = of_ours - crossed - crossed.T + to_still @ of_theirs @ to_still.T
    variance = float(np.trace(of_ours))
    colour = np.asarray(np.linalg.cholesky(_ridged(left, variance) / n_sounding))
    whiten = np.linalg.inv(colour)
    _multiply(whiten, still)
    _multiply(whiten @ to_still, moving)
    errors = (ours - theirs for ours, theirs in _pairs(still, moving, lags, sounds))
    return Evidence(
        still=still,
        moving=moving,
        colour=colour,
        correlated_steps=_correlated_steps(errors),
        explained=_explained(float(np.trace(left)) / variance, (left.shape[0], n_sounding)),
    )


def _pairs(
    still: Envelopes, moving: Envelopes, lags: Lags, sounds: npt.NDArray[np.bool_] | None = None
) -> Iterator[tuple[_Floats, _Floats]]:
    """Blocks of both, the lag taken out; only the steps that are chosen, 0 where one has ended."""
    for first in range(0, still.shape[1], _WINDOW_STEPS):
        part = slice(first, first + _WINDOW_STEPS)
        places = np.arange(first, first + lags[part].size) + lags[part]
        is_inside = (places >= 0) & (places < moving.shape[1])
        ours = still[:, part] * is_inside
        theirs = moving[:, np.clip(places, 0, moving.shape[1] - 1)] * is_inside
        chosen = slice(None) if sounds is None else sounds[part]
        yield ours[:, chosen].astype(np.float64), theirs[:, chosen].astype(np.float64)


def _heard(ours: _Floats, theirs: _Floats) -> npt.NDArray[np.bool_]:
    least = ours.shape[0] * _HEARD_DB**2
    is_heard = (np.sum(ours**2, axis=0) > least) | (np.sum(theirs**2, axis=0) > least)
    return np.asarray(is_heard)


def _multiply(matrix: _Floats, patterns: Envelopes) -> None:
    """Map the bands, in place."""
    for first in range(0, patterns.shape[1], _WINDOW_STEPS):
        part = slice(first, first + _WINDOW_STEPS)
        patterns[:, part] = matrix @ patterns[:, part]


def _explained(left: float, shape: tuple[int, ...]) -> float:
    """Explained share, less what a map of so many bands explains of anything by chance."""
    n_values = shape[1] / STEPS_PER_SECOND * _VALUES_PER_SECOND
    return max(0.0, 1.0 - left * (1.0 + shape[0] / n_values))


def _ridged(products: _Floats, total: float | None = None) -> _Floats:
    """A covariance that can be inverted; the ridge is relative to `total`, default its own."""
    n_bands = products.shape[0]
    size = (float(np.trace(products)) if total is None else total) / n_bands
    ridged = products + np.eye(n_bands) * max(_RIDGE * size, 1e-9)
    return np.asarray(ridged, dtype=np.float64)


def _correlated_steps(blocks: Iterable[_Floats]) -> float:
    """1 + 2 * the sum of the autocorrelation of errors up to where it fades."""
    products = np.zeros(_MOST_CORRELATED_STEPS)
    counts = np.full(_MOST_CORRELATED_STEPS, 1e-9)
    for errors in blocks:
        n_steps = errors.shape[1]
        n_fft = fft.next_fast_len(n_steps + _MOST_CORRELATED_STEPS, real=True)
        powers = np.sum(np.abs(fft.rfft(errors, n_fft)) ** 2, axis=0)
        products += fft.irfft(powers, n_fft)[:_MOST_CORRELATED_STEPS]
        counts += np.maximum(n_steps - np.arange(_MOST_CORRELATED_STEPS), 0)
    correlation = products / counts
    correlation /= max(float(correlation[0]), 1e-12)
    faded = np.append(correlation[1:] < _FADED, True)
    total = 1.0 + 2.0 * float(np.sum(correlation[1 : 1 + int(faded.argmax())]))
    return max(total, _LEAST_CORRELATED_STEPS)


def frame_costs(evidence: Evidence, lags: Lags, reach: int) -> Iterator[Costs]:
    """Costs of 20 ms frames, in blocks of shape (n_frames, n_lags).

    The lags are those from `reach` below the smallest of the coarse `lags` to `reach` above the
    largest. In each block, those further than `reach` from what is coarse nearby are forbidden.
    """
    earliest, latest = int(lags.min()) - reach, int(lags.max()) + reach
    n_frames = evidence.still.shape[1] // FRAME_STEPS
    at_once = _HOP_STEPS // FRAME_STEPS
    for first in range(0, n_frames, at_once):
        n_here = min(at_once, n_frames - first)
        start, stop = first * FRAME_STEPS, (first + n_here) * FRAME_STEPS
        nearby = lags[max(0, start - _HOP_STEPS) : stop + _HOP_STEPS]
        low, high = int(nearby.min()) - reach, int(nearby.max()) + reach
        costs = evidence.costs(start, stop, range(low, high + 1))
        block = np.full((n_here, latest - earliest + 1), _FORBIDDEN, dtype=np.float32)
        summed = costs.reshape(n_here, FRAME_STEPS, -1).sum(axis=1)
        block[:, low - earliest : high - earliest + 1] = summed
        yield block
