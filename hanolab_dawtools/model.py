"""The few types that every part of the program passes on. Plain data, no input or output.

All are frozen dataclasses of JSON-able values (paths and enums included), so that a job can
store each of them and a later process can go on from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class HostName(StrEnum):
    """Where the music lives."""

    AUDIO_FILE = "audio_file"
    FOLDER = "folder"
    RPP = "rpp"
    REAPER = "reaper"


class CapturePoint(StrEnum):
    """Where in the signal flow a selection is tapped."""

    ITEM = "item"
    TRACK = "track"
    MASTER = "master"


class Width(StrEnum):
    """How a mono result comes back: the same in all channels, or as wide as its source."""

    MONO = "mono"
    SOURCE = "source"


class Grouping(StrEnum):
    """What becomes one job: the mix of a selection, each track of it, or each item."""

    SELECTION = "selection"
    TRACK = "track"
    ITEM = "item"


class RequestKind(StrEnum):
    """What an engine can be asked for."""

    SEPARATE = "separate"
    CONVERT = "convert"
    CONVERT_FLASH = "convert-flash"
    GENERATE = "generate"
    PROCESS = "process"

    @property
    def is_conversion(self) -> bool:
        """Whether a voice becomes another one."""
        return self in {RequestKind.CONVERT, RequestKind.CONVERT_FLASH}


class StemRole(StrEnum):
    """What a returned file is.

    `rest`: all that the stems beside it do not hold. `processed`: the source through a chain of
    effects, without any engine.
    """

    VOCALS = "vocals"
    DRUMS = "drums"
    BASS = "bass"
    GUITAR = "guitar"
    PIANO = "piano"
    OTHER = "other"
    ACCOMPANIMENT = "accompaniment"
    REST = "rest"
    RESIDUAL = "residual"
    CONVERTED = "converted"
    MIX = "mix"
    PROCESSED = "processed"


@dataclass(frozen=True)
class Wanted:
    """What the user asked a host to select.

    `region` is a region's name or number; `range_seconds` is (start, end); `tracks` are name
    patterns or 1-based numbers. With neither region nor range the host's own selection counts
    (time selection of a project, whole of a file). `as_takes`: every selection must be one item
    that can get the stems as takes; by default each item is one.
    """

    region: str | None = None
    range_seconds: tuple[float, float] | None = None
    tracks: tuple[str, ...] = ()
    grouping: Grouping | None = None
    point: CapturePoint = CapturePoint.ITEM
    as_takes: bool = False


@dataclass(frozen=True)
class Selection:
    """A piece of music in a host.

    `track_ids` and `item_ids` name what it covers in the host's own ids; both empty means
    everything that plays. `reason` says why this was chosen ("region 2", "time selection").
    `tab` tells a running host's open projects apart; empty elsewhere.
    """

    host: HostName
    source: Path
    name: str
    start_seconds: float
    end_seconds: float
    reason: str
    track_ids: tuple[str, ...] = ()
    track_names: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    point: CapturePoint = CapturePoint.ITEM
    tab: str = ""


@dataclass(frozen=True)
class ItemNote:
    """Something to tell about one item of a capture: why it is not heard, or not exactly."""

    item: str
    track: str
    position_seconds: float
    reason: str


@dataclass(frozen=True)
class Capture:
    """The audio of a selection on disk.

    Attributes
    ----------
    path
        32-bit float WAV of `n_frames` frames: `lead_frames` of real audio before the selection,
        the selection, `tail_frames` of real audio behind it.
    start_frame
        Frame of the host timeline, at `sample_rate`, where the selection (not the lead) starts.
    digest
        SHA-256, in hex, over rate, channel count and samples, lead and tail included.
    sources
        Ids of the host's items that are heard between the selection's edges.
    fingerprint
        Stands for how those items were when they were captured; empty when the host has none.
    skipped
        Items that should be heard but are not, each with its reason.
    approximate
        Items that are heard, but not sample for sample as the host would play them.
    unheard_effects
        Names of track and take effects that the capture does not contain.
    remarks
        What else a user should know of it, one sentence each.
    """

    path: Path
    sample_rate: int
    n_channels: int
    n_frames: int
    lead_frames: int
    tail_frames: int
    start_frame: int
    digest: str
    point: CapturePoint = CapturePoint.ITEM
    sources: tuple[str, ...] = ()
    fingerprint: str = ""
    skipped: tuple[ItemNote, ...] = ()
    approximate: tuple[ItemNote, ...] = ()
    unheard_effects: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def selection_frames(self) -> int:
        """Frames of the selection itself, without lead and tail."""
        return self.n_frames - self.lead_frames - self.tail_frames

    @property
    def position_seconds(self) -> float:
        """Where the selection starts on the host's timeline, exactly on a frame."""
        return self.start_frame / self.sample_rate


@dataclass(frozen=True)
class Request:
    """What is asked of an engine; `parameters` are JSON values, named as the engine documents.

    `job_id` names what is kept elsewhere for this request; it has no effect on the result.
    `input_path` is an empty path, and `n_frames` 0, for kinds that take no audio (generate).
    """

    kind: RequestKind
    input_path: Path
    sample_rate: int
    n_channels: int
    n_frames: int
    parameters: Mapping[str, Any] = field(default_factory=dict)
    job_id: str = ""


@dataclass(frozen=True)
class Quote:
    """What a request will cost, and what else is to be known before it is made.

    `credits` None: unknown, and `reason` says because of what. `remark` is for the user.
    `action` names what is billed ("separate/4stem"); prices are known and learnt by it.
    """

    credits: float | None
    billed_seconds: float
    reason: str = ""
    remark: str = ""
    action: str = ""


@dataclass(frozen=True)
class Cap:
    """How much an engine takes on at once and per hour; `scope` names who shares the cap."""

    scope: str
    n_in_flight: int
    n_per_hour: int


@dataclass(frozen=True)
class Ticket:
    """Work that an engine has taken on; `text` is all that any later process needs to finish it.

    `task_id` is what a service calls the work, for people; empty where there is no service.
    """

    engine: str
    text: str
    task_id: str = ""


@dataclass(frozen=True)
class Stem:
    """One audio file that came of a job.

    Attributes
    ----------
    guessed
        Its role was concluded, not told.
    is_draft
        It was made by rules about sound, not by a trained separation; a user is always told.
    name
        What its track and file are called, where that is not simply the role.
    """

    role: StemRole
    path: Path
    guessed: bool = False
    is_draft: bool = False
    name: str = ""


@dataclass(frozen=True)
class AlignmentStep:
    """A place in a result from which on it lies `shift_frames` off (positive: late)."""

    at_frame: int
    shift_frames: int
    repaired: bool


@dataclass(frozen=True)
class Alignment:
    """How a result lies against what the engine received, and what was mended.

    Attributes
    ----------
    lag_frames
        Frames by which the result is late, to 0.01 frame, before any repair.
    length_ratio
        Frames of the result over frames of the input, rates taken into account.
    polarity
        1, or -1 when the result is upside down.
    confidence
        0..1; with a low one nothing is repaired.
    null_db
        Level of (input - sum of stems) below the input after repair; None where a null means
        nothing; minus infinity is stored as -300.
    repairs
        What was done, and what stays uncertain, one sentence each; else empty.
    """

    lag_frames: float
    length_ratio: float
    polarity: int
    confidence: float
    null_db: float | None = None
    steps: tuple[AlignmentStep, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectFacts:
    """An object of a bucket; `tag` is another one whenever its content is."""

    url: str
    n_bytes: int
    tag: str
