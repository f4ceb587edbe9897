"""Takes whose time or pitch is changed apart from each other: what of them sounds when.

Times in a take, `u`, are seconds of the item times its play rate; stretch markers say which
second of the source sounds at which `u`. Between two markers the rate runs evenly from
`(1 - slope)` to `(1 + slope)` times their mean rate; before the first and behind the last it is
the play rate. Without markers the source runs on from the take's offset.

Source
------
Slopes and the scale of `u`: notes and scripts of ReaScript users on `GetTakeStretchMarker` and
`SetTakeStretchMarkerSlope` (X-Raym's "Stretch Markers" and others that agree with it).
"""

from __future__ import annotations

import math
from itertools import pairwise

from hanolab_dawtools.audio.stretch import TimeStretch
from hanolab_dawtools.audio.time_map import TimeMap
from hanolab_dawtools.hosts.project.timeline import Take

NEUTRAL = 1e-9  # what REAPER's 14 written digits can hold of an untouched 0 or 1
_SAME_PLACE_SECONDS = 1e-6
_RAMP_STEP_SECONDS = 0.02
_MAX_RAMP_STEPS = 500

_Knot = tuple[float, float]  # second of the take, second of the source


def keeps_pitch(take: Take) -> bool:
    """Whether its play rate changes the time alone."""
    return take.preserves_pitch and abs(take.play_rate - 1.0) > NEUTRAL


def shifts_pitch(take: Take) -> bool:
    """Whether its pitch is set apart from its play rate."""
    return abs(take.pitch_semitones) > NEUTRAL


def is_marked(take: Take) -> bool:
    """Whether its stretch markers move anything."""
    return any(
        not abs(source - place - take.source_offset_seconds) <= _SAME_PLACE_SECONDS  # or NaN
        or slope != 0.0
        for place, source, slope in take.stretch_markers
    )


def is_stretched(take: Take) -> bool:
    """Whether it must be stretched before it can be played."""
    return keeps_pitch(take) or shifts_pitch(take) or is_marked(take)


def can_be_stretched(take: Take) -> bool:
    """Whether its rates and its pitch are within what the stretcher can do."""
    try:
        time_stretch(take, 48_000)
    except (ValueError, OverflowError):
        return False
    return True


def time_stretch(take: Take, media_rate: int, late_seconds: float = 0.0) -> TimeStretch:
    """What a stretched take plays, in frames of the media's rate on both sides.

    Parameters
    ----------
    late_seconds
        How long after the item's position output frame 0 lies.

    Raises
    ------
    ValueError
        Markers stand still or run backwards, or rates or pitch are beyond the stretcher.
    """
    if take.play_rate <= 0.0:
        raise ValueError(f"a play rate of {take.play_rate}")
    knots = _marked(take) if is_marked(take) else _unmarked(take)
    time_map = TimeMap(
        [
            ((place / take.play_rate - late_seconds) * media_rate, source * media_rate)
            for place, source in knots
        ]
    )
    follows = 0.0 if take.preserves_pitch else 12.0 * math.log2(take.play_rate)
    return TimeStretch(time_map, take.pitch_semitones + follows)


def _unmarked(take: Take) -> list[_Knot]:
    return [(0.0, take.source_offset_seconds), (1.0, take.source_offset_seconds + 1.0)]


def _marked(take: Take) -> list[_Knot]:
    markers = sorted(take.stretch_markers)
    (first, first_source, _), (last, last_source, _) = markers[0], markers[-1]
    knots: list[_Knot] = [(first - 1.0, first_source - 1.0), (first, first_source)]
    for (start, source, slope), (end, end_source, _) in pairwise(markers):
        n_steps = 1
        if slope != 0.0:
            n_steps = min(math.ceil((end - start) / _RAMP_STEP_SECONDS) + 1, _MAX_RAMP_STEPS)
        for step in range(1, n_steps + 1):
            part = step / n_steps
            share = part * (1.0 - slope) + part * part * slope  # the rate's integral
            knots.append((start + part * (end - start), source + share * (end_source - source)))
    return [*knots, (last + 1.0, last_source + 1.0)]
