"""REAPER's fade curves.

Positions run 0..1 over the fade, gains 0..1. A fade-out is the fade-in run backwards with its
curvature negated.

Source
------
Control points of the Bézier curves: SWS extension, `GetMediaItemFadeBezParms`, there credited to
Cockos and called "not 100% accurate"; so only straight fades count as exact.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hanolab_dawtools.hosts.project.timeline import Fade

Curve = npt.NDArray[np.float64]
_Points = tuple[float, float, float, float]  # x1, y1, x2, y2 of a cubic from (0, 0) to (1, 1)

_STRAIGHT: _Points = (0.5, 0.5, 0.5, 0.5)
_STEEP_START: _Points = (0.0, 1.0, 0.125, 1.0)
_STEEP_END: _Points = (0.5, 0.0, 0.75, 0.0)
_FAST_START: _Points = (0.25, 0.5, 0.625, 1.0)

# For each shape: the curve at curvature -1, 0 and 1; between them control points are blended.
_SHAPES: dict[int, tuple[_Points, _Points, _Points]] = {
    1: (_STEEP_START, _FAST_START, _STEEP_END),
    2: (_FAST_START, _STRAIGHT, (0.375, 0.0, 0.75, 0.5)),
    5: ((0.25, 0.25, 0.25, 1.0), (0.375, 0.0, 0.625, 1.0), (0.75, 0.0, 0.75, 0.75)),
    6: ((0.375, 0.25, 0.0, 1.0), (0.875, 0.0, 0.125, 1.0), (1.0, 0.0, 0.625, 0.75)),
    7: (_STEEP_START, (0.25, 0.375, 0.625, 1.0), _STEEP_END),
}
_OTHER_SHAPES = ((0.25, 1.0, 0.5, 1.0), _STRAIGHT, _STEEP_END)
_LAST_SHAPE = 7  # an unknown shape is taken for a line
_BISECTIONS = 40  # the curve's parameter to 1e-12


def is_straight(fade: Fade) -> bool:
    """Whether a fade is linear, which is the one shape that is rendered exactly."""
    return control_points(fade.shape, fade.curvature) == _STRAIGHT


def control_points(shape: int, curvature: float) -> _Points:
    """Inner control points (x1, y1, x2, y2) of a fade-in."""
    if not 0 <= shape <= _LAST_SHAPE:
        return _STRAIGHT
    bent_down, middle, bent_up = _SHAPES.get(shape, _OTHER_SHAPES)
    end = bent_down if curvature < 0 else bent_up
    weight = min(abs(curvature), 1.0)
    x1, y1, x2, y2 = ((1.0 - weight) * m + weight * e for m, e in zip(middle, end, strict=True))
    return x1, y1, x2, y2


def fade_in_gain(position: Curve, fade: Fade) -> Curve:
    """Gains of a fade-in at positions 0..1; 0 before, 1 behind."""
    return _curve(np.clip(position, 0.0, 1.0), fade.shape, fade.curvature)


def fade_out_gain(remaining: Curve, fade: Fade) -> Curve:
    """Gains of a fade-out where `remaining` of it, 1..0, is still to come."""
    return _curve(np.clip(remaining, 0.0, 1.0), fade.shape, -fade.curvature)


def cubic_bezier(
    x: Curve, inner_x: tuple[float, float], heights: tuple[float, float, float, float]
) -> Curve:
    """Heights at `x`, 0..1, of a cubic Bézier curve.

    `inner_x` are the places, 0..1, of its two inner points; the outer ones are at 0 and 1.
    """
    low, high = np.zeros_like(x), np.ones_like(x)
    for _ in range(_BISECTIONS):  # x(t) never falls, as 0 <= x1, x2 <= 1
        middle = (low + high) / 2
        is_before = _bernstein(middle, 0.0, *inner_x, 1.0) < x
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    return _bernstein((low + high) / 2, *heights)


def _curve(x: Curve, shape: int, curvature: float) -> Curve:
    points = control_points(shape, curvature)
    if points == _STRAIGHT:
        return x
    x1, y1, x2, y2 = points
    is_end = (x <= 0.0) | (x >= 1.0)
    return np.where(is_end, x, cubic_bezier(x, (x1, x2), (0.0, y1, y2, 1.0)))


def _bernstein(t: Curve, p0: float, p1: float, p2: float, p3: float) -> Curve:
    rest = 1.0 - t
    return rest * rest * (rest * p0 + 3.0 * t * p1) + t * t * (3.0 * rest * p2 + t * p3)
