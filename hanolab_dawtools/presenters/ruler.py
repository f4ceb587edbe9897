"""The marks of a time ruler: in seconds, or in bars and beats of one tempo."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS_SECONDS = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0),
)
_MAX_TICKS = 200


@dataclass(frozen=True)
class Tick:
    """A mark of the ruler; minor ones have no label."""

    seconds: float
    label: str = ""


@dataclass(frozen=True)
class Grid:
    """Bars of one tempo: `bar_seconds` each, the first one beginning at 0."""

    tempo_bpm: float = 120.0
    beats_per_bar: int = 4

    @property
    def beat_seconds(self) -> float:
        """Length of a beat."""
        return 60.0 / self.tempo_bpm


def second_ticks(start_seconds: float, end_seconds: float, n_labels: int) -> list[Tick]:
    """Labelled marks at round times, at most about `n_labels`, between two times."""
    step = next(
        (step for step in _STEPS_SECONDS if (end_seconds - start_seconds) / step <= n_labels),
        _STEPS_SECONDS[-1],
    )
    n_decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [
        Tick(at, clock_text(at, n_decimals)) for at in _multiples(start_seconds, end_seconds, step)
    ]


def bar_ticks(start_seconds: float, end_seconds: float, n_labels: int, grid: Grid) -> list[Tick]:
    """Labelled marks at bars, and at beats where there is room, as REAPER numbers them."""
    bar_seconds = grid.beat_seconds * grid.beats_per_bar
    n_bars = (end_seconds - start_seconds) / bar_seconds
    if n_bars * grid.beats_per_bar <= n_labels:
        step_beats = 1
    else:
        step_beats = grid.beats_per_bar
        while n_bars * grid.beats_per_bar / step_beats > n_labels:
            step_beats *= 2
    ticks = []
    step_seconds = step_beats * grid.beat_seconds
    for at in _multiples(start_seconds, end_seconds, step_seconds):
        bar, beat = divmod(round(at / grid.beat_seconds), grid.beats_per_bar)
        ticks.append(Tick(at, f"{bar + 1}" if beat == 0 else f"{bar + 1}.{beat + 1}"))
    return ticks


def clock_text(seconds: float, n_decimals: int) -> str:
    """A time as minutes and seconds, hours where they are needed, with some decimals."""
    sign = "-" if seconds < 0 else ""
    units = round(abs(seconds) * 10**n_decimals)
    whole, fraction = divmod(units, 10**n_decimals)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    decimals = f".{fraction:0{n_decimals}d}" if n_decimals else ""
    if hours:
        return f"{sign}{hours}:{minutes:02d}:{rest:02d}{decimals}"
    return f"{sign}{minutes}:{rest:02d}{decimals}"


def _multiples(start: float, end: float, step: float) -> list[float]:
    first = math.ceil(start / step - 1e-9)
    last = math.floor(end / step + 1e-9)
    return [number * step for number in range(first, min(last, first + _MAX_TICKS) + 1)]
