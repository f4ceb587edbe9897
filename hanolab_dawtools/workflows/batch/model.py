"""The matrix of a batch: its cells, what is known of each before it runs, and what is told of it.

Plain data. A cell becomes a job; its number, from 1, is its place in the matrix for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from hanolab_dawtools.model import Grouping, Quote, Selection
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.spending import sum_of


class Forecast(StrEnum):
    """What is known of a cell before it runs."""

    NEW = "new"
    CACHED = "cached"  # the result cache has the answer, as far as can be told without a capture
    DONE = "done"  # an earlier job did the same, and its results still lie there


@dataclass(frozen=True)
class BatchAsked:
    """What a batch shall run over.

    Attributes
    ----------
    sources
        As given: projects, audio files, folders, list files, `reaper`, object-store URLs.
    regions, tracks
        Patterns of names (globs) or numbers; no regions: the time selection, else the whole; no
        tracks: the mix of all.
    presets
        Names or files of presets.
    grouping
        Each track alone, or the mix; None: by whether tracks were named.
    output
        Folder, or object-store URL, with wildcards; None: into the projects, beside the files.
    uses_render_matrix
        REAPER's own region render matrix says which track goes with which region.
    """

    sources: tuple[str, ...]
    presets: tuple[str, ...]
    regions: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    grouping: Grouping | None = None
    engine: str | None = None
    output: str | None = None
    keep_source: bool = False
    uses_render_matrix: bool = False
    max_credits: float | None = None
    again: bool = False
    assignments: tuple[str, ...] = ()


@dataclass(frozen=True)
class BatchOptions:
    """How a batch is run, which has no effect on what comes of it.

    Attributes
    ----------
    n_jobs
        Worker processes; None: as many as there are processors.
    memory_bytes
        What all workers together may use; None: a share of what is free.
    cluster
        Address of a scheduler, or "local:N"; "" for workers on this machine alone.
    nice
        How far the workers stand back for other programs, 0 to 19.
    is_patient
        Whether to wait for slots of a service's cap.
    """

    n_jobs: int | None = None
    memory_bytes: int | None = None
    cluster: str = ""
    nice: int = 10
    is_patient: bool = True


@dataclass(frozen=True)
class Cell:
    """One job to be."""

    number: int
    plan: RunPlan
    quote: Quote
    source: str
    region: str
    track: str
    preset: str
    forecast: Forecast = Forecast.NEW

    @property
    def selection(self) -> Selection:
        """What it captures."""
        return self.plan.selection

    @property
    def seconds(self) -> float:
        """Length of its audio."""
        return self.selection.end_seconds - self.selection.start_seconds

    @property
    def title(self) -> str:
        """What tells it from the other cells, in one line: names of files may hold its end."""
        names = (self.source, self.region, self.track, self.preset)
        return " · ".join(" ".join(name.split()) for name in names if name)


@dataclass(frozen=True)
class LeftOut:
    """Something that makes no cell, and why."""

    title: str
    reason: str


@dataclass(frozen=True)
class Matrix:
    """All cells, in the order of sources, regions, tracks and presets, and what made none."""

    cells: tuple[Cell, ...]
    left_out: tuple[LeftOut, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def to_run(self) -> tuple[Cell, ...]:
        """The cells that are not done already."""
        return tuple(cell for cell in self.cells if cell.forecast is not Forecast.DONE)

    @property
    def credits(self) -> float | None:
        """What it will cost as far as is known: None when one quote is unknown.

        A cell that the result cache should know counts nothing.
        """
        return sum_of([c.quote for c in self.cells if c.forecast is Forecast.NEW])

    @property
    def seconds(self) -> float:
        """Length of all the audio that will be worked on."""
        return sum(cell.seconds for cell in self.to_run)


@dataclass(frozen=True)
class CellReport:
    """What came of a cell so far.

    Attributes
    ----------
    state
        A job's state, or "queued", "running", "held" (paid work was stopped before it).
    step, fraction
        What is being done, in a user's words, and how far it is.
    wait_until
        Seconds since 1970 when its slot opens; None when it waits for none.
    files, urls
        What it has made: on this machine, or in a bucket.
    """

    number: int
    job_id: str
    title: str
    state: str
    step: str = ""
    fraction: float | None = None
    message: str = ""
    hint: str = ""
    exit_code: int = 0
    wait_until: float | None = None
    credits: float | None = 0.0
    elapsed_seconds: float = 0.0
    worker: str = ""
    files: tuple[Path, ...] = ()
    urls: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchReport:
    """What came of a batch: one entry for each cell, in their order."""

    batch_id: str
    cells: tuple[CellReport, ...]
    elapsed_seconds: float = 0.0

    def count(self, *states: str) -> int:
        """How many cells are in one of these states."""
        return sum(cell.state in states for cell in self.cells)
