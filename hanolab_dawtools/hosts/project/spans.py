"""Stretches of a project's timeline that a user means: a region, a range, the time selection."""

from __future__ import annotations

from dataclasses import dataclass

from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.project.choosing import choose_region
from hanolab_dawtools.hosts.project.timeline import Region, Timeline
from hanolab_dawtools.model import Wanted
from hanolab_dawtools.units import format_clock

MAX_SILENCE_SECONDS = 60.0  # of a range behind the last item; more is a slip of the fingers
_RANGE_HINT = "Write the start first, then a later end: --range 0:10..0:20."


@dataclass(frozen=True)
class Span:
    """A stretch of the timeline: what it is called, and why it was chosen."""

    name: str
    start_seconds: float
    end_seconds: float
    reason: str


def named_span(timeline: Timeline, wanted: Wanted) -> Span | None:
    """The region or range that the user asked for; None when neither was given.

    Raises
    ------
    UsageError
        Both were given.
    SelectionError
        There is no such region, or the range is empty or far off.
    """
    if wanted.region is not None and wanted.range_seconds is not None:
        raise UsageError("--region and --range were both given", hint="Leave one of them out.")
    if wanted.region is not None:
        region, reason = choose_region(timeline, wanted.region)
        return region_span(region, reason)
    if wanted.range_seconds is not None:
        start, end = wanted.range_seconds
        if end > timeline.end_seconds + MAX_SILENCE_SECONDS > start:
            raise SelectionError(
                f"the range ends at {format_clock(end)}, long after the project's last item at "
                f"{format_clock(timeline.end_seconds)}",
                hint="Give an end nearer to it.",
            )
        return checked(Span(span_name(timeline, start, end), start, end, "range"))
    return None


def time_selection_span(timeline: Timeline) -> Span | None:
    """The project's time selection; None when it is empty.

    Raises
    ------
    SelectionError
        It begins before the project.
    """
    if timeline.time_selection is None:
        return None
    start, end = timeline.time_selection
    return checked(Span(span_name(timeline, start, end), start, end, "time selection"))


def region_span(region: Region, reason: str) -> Span:
    """A region as a span.

    Raises
    ------
    SelectionError
        It is empty or begins before the project.
    """
    name = region.name or f"region {region.number}"
    return checked(Span(name, region.start_seconds, region.end_seconds, reason))


def span_name(timeline: Timeline, start: float, end: float) -> str:
    """What a stretch without a name is called: the project and its times."""
    return f"{timeline.path.stem} {format_clock(start)}-{format_clock(end)}".replace(":", ".")


def checked(span: Span) -> Span:
    """The span, when it lies within the project and has a length; else SelectionError."""
    start, end = span.start_seconds, span.end_seconds
    what = f"the {span.reason} {format_clock(start)}..{format_clock(end)}"
    if start < 0:
        raise SelectionError(f"{what} begins before the project", hint="Start at 0 or later.")
    if end <= start:
        raise SelectionError(
            f"{what} is {'empty' if end == start else 'reversed'}", hint=_RANGE_HINT
        )
    return span
