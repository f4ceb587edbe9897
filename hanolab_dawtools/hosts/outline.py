"""What a source holds, as far as a user chooses from it, and what a choice would capture.

Plain values: the surfaces show them, and hand back a `Wanted`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hanolab_dawtools.model import Selection, Wanted


@dataclass(frozen=True)
class RegionLine:
    """A region; `number` is REAPER's own for it."""

    number: int
    name: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class TrackLine:
    """A track.

    `number` is 1-based; `depth` counts the folders around it. `colour` is "#RRGGBB", empty for
    none.
    """

    id: str
    number: int
    name: str
    depth: int = 0
    colour: str = ""
    n_items: int = 0


@dataclass(frozen=True)
class Outline:
    """What can be chosen in a source.

    `sample_rate` and `n_channels` are None where only a capture decides them.
    """

    title: str
    end_seconds: float
    regions: tuple[RegionLine, ...] = ()
    tracks: tuple[TrackLine, ...] = ()
    time_selection: tuple[float, float] | None = None
    tempo_bpm: float | None = None
    sample_rate: int | None = None
    n_channels: int | None = None


@dataclass(frozen=True)
class Meaning:
    """What would be captured: one selection for each job.

    Attributes
    ----------
    mix
        All of it in one, to be looked at and listened to.
    sample_rate, n_channels
        Of the mix, as it would be captured.
    content
        Stands for what sounds, wherever the selection begins and ends: while it stays, a part of a
        capture is the capture of the part.
    media
        Stands for the files that play in the mix.
    remarks
        What the mix would not contain, one sentence each.
    """

    selections: tuple[Selection, ...]
    mix: Selection
    sample_rate: int
    n_channels: int
    content: str = ""
    media: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def span(self) -> tuple[float, float]:
        """From the first start to the last end, seconds."""
        return (
            min(one.start_seconds for one in self.selections),
            max(one.end_seconds for one in self.selections),
        )


class Reading(Protocol):
    """A source as it was when it was read; asked beside the GUI thread."""

    @property
    def outline(self) -> Outline:
        """What can be chosen in it."""
        ...

    def meaning(self, wanted: Wanted) -> Meaning:
        """What a choice would capture, by the rules of the host.

        Raises
        ------
        UsageError, InputError
            Nothing, or nothing that can be captured.
        """
        ...


def track_word(track: TrackLine, tracks: Sequence[TrackLine]) -> str:
    """How `Wanted.tracks` names this track and no other: by its name, else by its number."""
    same = [other for other in tracks if other.name == track.name]
    is_clear = len(same) == 1 and track.name and not track.name.startswith("#")
    return track.name if is_clear else f"#{track.number}"
