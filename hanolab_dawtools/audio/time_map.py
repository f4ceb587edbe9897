"""Which moment of a source sounds at which moment of what is made of it.

Both sides are counted in frames of one rate, as real numbers. A map is made of straight lines;
outside its knots the first and the last line go on.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


class TimeMap:
    """Straight lines through `(output frame, source frame)` knots; both sides rise.

    Raises
    ------
    ValueError
        Fewer than two knots, a knot that is no finite number, or a side that does not rise.
    """

    def __init__(self, knots: Sequence[tuple[float, float]]) -> None:
        self._outputs = [output for output, _ in knots]
        self._sources = [source for _, source in knots]
        for side in (self._outputs, self._sources):
            rises = all(a < b for a, b in pairwise(side))
            if len(side) < 2 or not rises or not all(map(math.isfinite, side)):
                raise ValueError(f"a time map needs two knots or more, and both sides rise: {side}")

    @classmethod
    def at_rate(cls, rate: float, source_start: float = 0.0) -> TimeMap:
        """`rate` source frames for each output frame; output frame 0 plays `source_start`."""
        return cls([(0.0, source_start), (1.0, source_start + rate)])

    def source_at(self, output_frame: float) -> float:
        """The source frame that sounds at an output frame."""
        return _along(self._outputs, self._sources, output_frame)

    def output_at(self, source_frame: float) -> float:
        """The output frame at which a source frame sounds."""
        return _along(self._sources, self._outputs, source_frame)

    def slowest_and_fastest(self) -> tuple[float, float]:
        """Smallest and greatest rate: source frames for each output frame."""
        lines = zip(pairwise(self._outputs), pairwise(self._sources), strict=True)
        rates = [(d - c) / (b - a) for (a, b), (c, d) in lines]
        return min(rates), max(rates)


def _along(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    at = min(max(bisect_right(xs, x) - 1, 0), len(xs) - 2)
    slope = (ys[at + 1] - ys[at]) / (xs[at + 1] - xs[at])
    return ys[at] + (x - xs[at]) * slope
