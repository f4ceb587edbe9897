"""REAPER's envelopes of takes: their value at any time.

Times are those of the points: seconds from the item's start, times its play rate. Before the
first point and behind the last the value is that of the point.

Source
------
Curves between points: SWS extension, `BR_Envelope::ValueAtPosition`. The Bézier shape is close to
REAPER's, not equal, there as here.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.hosts.project.timeline import Envelope
from hanolab_dawtools.hosts.rpp.fades import cubic_bezier

Curve = npt.NDArray[np.float64]

SOUNDING_KINDS = frozenset({"VOLENV", "PANENV", "MUTEENV"})  # what a take is rendered with

_HOLD = 1
_SLOW, _FAST_START, _FAST_END, _BEZIER = 2, 3, 4, 5
_SLACK = 0.25  # of a cardinal spline
_FADER_POWER = 4.0  # REAPER's fader moves nearly as the fourth root of the gain


def envelope_values(envelope: Envelope, seconds: Curve) -> Curve:
    """Values of an envelope with at least one point at times that never fall.

    With a fader's scale (VOLTYPE 1) the steps between points are even in the fader's position.
    """
    times = np.array([point[0] for point in envelope.points])
    values = np.array([point[1] for point in envelope.points])
    if envelope.is_fader_scaled:
        values = np.maximum(values, 0.0) ** (1.0 / _FADER_POWER)
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    after = np.searchsorted(times, seconds, side="right")
    result = np.where(after == 0, values[0], values[after - 1])
    for index in range(max(1, int(after[0])), min(len(times) - 1, int(after[-1])) + 1):
        span = slice(int(np.searchsorted(after, index)), int(np.searchsorted(after, index + 1)))
        if span.start == span.stop:
            continue
        _, _, shape, tension = envelope.points[order[index - 1]]
        if shape == _BEZIER:
            result[span] = _bezier(seconds[span], times, values, index, tension)
        else:
            x = (seconds[span] - times[index - 1]) / (times[index] - times[index - 1])
            result[span] += (values[index] - values[index - 1]) * _bent(x, shape)
    return result**_FADER_POWER if envelope.is_fader_scaled else result


def is_exact(envelope: Envelope) -> bool:
    """Whether an envelope's values are REAPER's own: no Bézier, no slope in a fader's scale."""
    for (_, value, shape, _), (_, following, _, _) in zip(
        envelope.points, envelope.points[1:], strict=False
    ):
        is_flat = shape == _HOLD or value == following
        if not is_flat and (envelope.is_fader_scaled or shape == _BEZIER):
            return False
    return True


def _bent(x: Curve, shape: int) -> Curve:
    """How far between two points the value is, 0..1, at 0 <= x < 1."""
    if shape == _HOLD:
        return np.zeros_like(x)
    if shape == _SLOW:
        return x * x * (3.0 - 2.0 * x)
    if shape == _FAST_START:
        return 1.0 - (1.0 - x) ** 3
    if shape == _FAST_END:
        return x**3
    return x


def _bezier(seconds: Curve, times: Curve, values: Curve, index: int, tension: float) -> Curve:
    """Values between points `index - 1` and `index`; the points around them bend the curve."""
    before, behind = max(index - 2, 0), min(index + 1, len(times) - 1)
    t1, t2, v1, v2 = times[index - 1], times[index], values[index - 1], values[index]
    x1 = t1 + _SLACK * (t2 - times[before])
    x2 = t2 - _SLACK * (times[behind] - t1)
    y1 = v1 + _SLACK * (v2 - values[before])
    y2 = v2 - _SLACK * (values[behind] - v1)
    x1 += tension * (t2 - x1 if tension > 0 else x1 - t1)
    x2 += tension * (t2 - x2 if tension > 0 else x2 - t1)
    y1 -= tension * (y1 - v1 if tension > 0 else v2 - y1)
    y2 -= tension * (y2 - v1 if tension > 0 else v2 - y2)
    x1, x2 = ((np.clip(x, t1, t2) - t1) / (t2 - t1) for x in (x1, x2))
    return cubic_bezier((seconds - t1) / (t2 - t1), (x1, x2), (v1, y1, y2, v2))
