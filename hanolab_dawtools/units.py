"""Seconds, frames, decibels: every conversion between units, by one rounding rule."""

from __future__ import annotations

import math
import re

from hanolab_dawtools.errors import UsageError

SILENCE_DB = -math.inf
PERFECT_NULL_DB = -300.0  # stored for minus infinity, which JSON has no number for

_CLOCK = re.compile(
    r"(?:(?P<hours>\d{1,9}):(?=\d+:))?(?:(?P<minutes>\d{1,9}):)?(?P<seconds>\d{1,9}(?:\.\d*)?)"
)


def seconds_to_frames(seconds: float, sample_rate: int) -> int:
    """Frame nearest to a time; a time half-way between two frames goes to the later one.

    The one place where REAPER's seconds become frames.
    """
    return math.floor(seconds * sample_rate + 0.5)


def resampled_length(n_frames: int, from_rate: int, to_rate: int) -> int:
    """Frames that `n_frames` become at another rate: the nearest, half up, exact in integers."""
    return (2 * n_frames * to_rate + from_rate) // (2 * from_rate)


def gain_to_db(gain: float) -> float:
    """Level of a linear factor in dB; minus infinity for 0."""
    return 20.0 * math.log10(gain) if gain > 0.0 else SILENCE_DB


def db_to_gain(gain_db: float) -> float:
    """Linear factor of a level in dB."""
    return float(10.0 ** (gain_db / 20.0))


def parse_clock(text: str) -> float:
    """Seconds of "12.5", "1:02.500" or "1:02:03".

    Raises
    ------
    UsageError
        The text is no time.
    """
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"{text!r} is not a time", hint="Write seconds (12.5) or minutes (1:02.500)."
        )
    hours, minutes = int(match["hours"] or 0), int(match["minutes"] or 0)
    return hours * 3600 + minutes * 60 + float(match["seconds"])


def format_clock(seconds: float) -> str:
    """A time as m:ss.mmm, or h:mm:ss.mmm from one hour on."""
    milliseconds = math.floor(abs(seconds) * 1000 + 0.5)
    minutes, rest = divmod(milliseconds, 60_000)
    sign = "-" if seconds < 0 and milliseconds else ""
    if minutes >= 60:
        return f"{sign}{minutes // 60}:{minutes % 60:02d}:{rest / 1000:06.3f}"
    return f"{sign}{minutes}:{rest / 1000:06.3f}"
