"""What the source bar shows: where the music is, and what of it is meant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanolab_dawtools.hosts.outline import RegionLine
from hanolab_dawtools.model import CapturePoint, Grouping


class SourceKind(StrEnum):
    """Where the music lives; none: nothing was opened yet."""

    NONE = "none"
    FILE = "file"
    PROJECT = "project"
    REAPER = "reaper"


class PreviewState(StrEnum):
    """How it stands with what can be seen and heard of the source.

    ON_REQUEST: REAPER would have to render it. STALE: shown, but no longer as the source is.
    """

    NONE = "none"
    MAKING = "making"
    READY = "ready"
    STALE = "stale"
    ON_REQUEST = "on request"
    FAILED = "failed"


@dataclass(frozen=True)
class PreviewAudio:
    """An audio file of what is selected, to look at and listen to.

    `start_seconds` is where its first frame lies on the source's own time line.
    """

    path: Path
    start_seconds: float
    sample_rate: int
    n_channels: int
    seconds: float

    @property
    def end_seconds(self) -> float:
        """Where it ends on the source's time line."""
        return self.start_seconds + self.seconds


@dataclass(frozen=True)
class TrackChoice:
    """A track to choose; `depth` counts the folders around it, `colour` is "#RRGGBB" or empty."""

    id: str
    number: int
    name: str
    depth: int = 0
    colour: str = ""
    n_items: int = 0
    is_chosen: bool = False


@dataclass(frozen=True)
class PointChoice:
    """A capture point; `reason` says why it cannot be chosen, empty when it can."""

    point: CapturePoint
    reason: str = ""


@dataclass(frozen=True)
class GroupingChoice:
    """What may become one job; `reason` says why it cannot be chosen, empty when it can."""

    grouping: Grouping
    reason: str = ""


@dataclass(frozen=True)
class ReaperChoice:
    """One of several running REAPERs."""

    pid: int
    name: str


@dataclass(frozen=True)
class SourceView:
    """What is true of the source now.

    Attributes
    ----------
    title, location
        What it is called, and where it lies (a path, or which REAPER).
    selection_text
        One line on what is meant and why, and how many jobs that makes.
    facts_text
        Length, rate and channels of it, as far as they are known.
    range_seconds
        (start, end) of what is meant; None while nothing is.
    end_seconds
        Where the source's music ends.
    region
        `Wanted.region` of the region that is chosen; None: none is.
    is_range, is_whole
        A range is chosen, by hand or in the waveforms; all of it is. Neither, and no region: the
        host's own selection.
    host_choice
        What the host's own selection is called; empty where there is none.
    grouping, point
        None: as the preset says. `groupings` and `points` are all that there are.
    sample_rate, n_channels
        Of what is captured; None while that is not known.
    n_jobs
        How many jobs the selection makes.
    is_loading
        It is being read.
    is_reachable
        False while there is no REAPER to talk to; `note` says what to do.
    is_ready
        Something is meant, and it can be captured.
    problem, hint
        Why not, and the next step.
    note
        What else is to be known: that the file was changed, that REAPER renders.
    preview_fraction
        How much of the preview is made; None where nobody knows.
    """

    kind: SourceKind = SourceKind.NONE
    title: str = ""
    location: str = ""
    selection_text: str = ""
    facts_text: str = ""
    range_seconds: tuple[float, float] | None = None
    end_seconds: float = 0.0
    regions: tuple[RegionLine, ...] = ()
    region: str | None = None
    is_range: bool = False
    is_whole: bool = False
    host_choice: str = ""
    tracks: tuple[TrackChoice, ...] = ()
    grouping: Grouping | None = None
    point: CapturePoint | None = None
    points: tuple[PointChoice, ...] = ()
    groupings: tuple[GroupingChoice, ...] = ()
    sample_rate: int | None = None
    n_channels: int | None = None
    tempo_bpm: float | None = None
    n_jobs: int = 0
    is_loading: bool = False
    is_reachable: bool = True
    is_ready: bool = False
    problem: str = ""
    hint: str = ""
    note: str = ""
    reapers: tuple[ReaperChoice, ...] = ()
    pid: int | None = None
    preview_state: PreviewState = PreviewState.NONE
    preview_fraction: float | None = None
    recent: tuple[Path, ...] = ()
