"""The cells of a batch as the panel shows them: planned ones to be ticked, stored ones at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hanolab_dawtools.jobs.model import JobSummary
from hanolab_dawtools.presenters.batch_progress import CellPhase, phase_of
from hanolab_dawtools.presenters.batch_words import credits_of, engine_of, output_of, wait_text_of
from hanolab_dawtools.presenters.job_words import engine_text
from hanolab_dawtools.presenters.wording import credits_text, percent_text
from hanolab_dawtools.workflows.batch.model import Cell, CellReport, Forecast

_LEFT = {CellPhase.QUEUED: "not begun", CellPhase.READY: "made, not placed"}
_FORECASTS = {Forecast.CACHED: "from the cache", Forecast.DONE: "done already"}


@dataclass(frozen=True, slots=True)
class CellRow:
    """One cell.

    Attributes
    ----------
    source, region, track, preset
        Where it stands in the matrix; empty where there is only one.
    state
        How it stands, in a word or two; before a batch begins, what is to be expected.
    fraction
        How much of its present step is done; None: nobody can tell.
    cost
        What it will cost, or has cost; empty where that is not known yet.
    output
        Where what comes of it goes; empty where it has to be asked for.
    """

    number: int
    source: str
    region: str
    track: str
    preset: str
    seconds: float
    engine: str
    cost: str
    state: str
    output: str = ""
    phase: CellPhase = CellPhase.QUEUED
    forecast: Forecast = Forecast.NEW
    fraction: float | None = None
    message: str = ""
    hint: str = ""
    job_id: str = ""
    is_ticked: bool = False

    @property
    def title(self) -> str:
        """What tells it from the other cells."""
        parts = (self.source, self.region, self.track, self.preset)
        return " · ".join(filter(None, parts))

    @property
    def identity(self) -> tuple[object, ...]:
        """What it is, however it stands."""
        return (self.number, self.job_id, self.source, self.region, self.track, self.preset)

    @property
    def is_planned(self) -> bool:
        """Whether it is no job yet."""
        return not self.job_id

    @property
    def can_tick(self) -> bool:
        """Whether the user decides if it is made: not of what is a job, or was done before."""
        return self.is_planned and self.forecast is not Forecast.DONE

    @property
    def is_cached(self) -> bool:
        """Whether the result cache should answer it."""
        return self.forecast is Forecast.CACHED


def planned_rows(cells: Sequence[Cell]) -> tuple[CellRow, ...]:
    """The cells of a matrix, ticked but for those that are done already."""
    return tuple(
        CellRow(
            cell.number,
            cell.source,
            cell.region,
            cell.track,
            cell.preset,
            cell.seconds,
            engine_of(cell.plan),
            _price(cell),
            _expected(cell),
            output_of(cell.plan),
            forecast=cell.forecast,
            is_ticked=cell.forecast is not Forecast.DONE,
        )
        for cell in cells
    )


def stored_row(
    job: JobSummary, number: int, facts: Mapping[str, Any], report: CellReport
) -> CellRow:
    """A cell of a stored batch; `facts` tell it from the others, `report` is how it stands."""
    row = CellRow(
        number,
        source=str(facts.get("source", "")),
        region=str(facts.get("region", "")),
        track=str(facts.get("track", "")),
        preset=str(facts.get("preset", "")),
        seconds=float(facts.get("seconds", 0.0)),
        engine=engine_text(job),
        cost="",
        state="",
        job_id=job.id,
    )
    return told(row, report)


def told(row: CellRow, report: CellReport) -> CellRow:
    """A cell as a report says that it stands."""
    phase = phase_of(report)
    cost = row.cost
    if phase is CellPhase.DONE:
        cost = "" if report.credits is None else _spent(report.credits)
    return replace(
        row,
        phase=phase,
        state=_state(phase, report),
        fraction=report.fraction if phase is CellPhase.RUNNING else None,
        message=report.message,
        hint=report.hint,
        cost=cost,
    )


def stopped(row: CellRow) -> CellRow:
    """A cell that nobody works on, and whose end has not come."""
    if row.phase.has_ended or row.phase is CellPhase.WAITING or not row.job_id:
        return row
    state = _LEFT.get(row.phase, "interrupted")
    return replace(row, phase=CellPhase.STOPPED, state=state, fraction=None)


def counts_of(rows: Iterable[CellRow]) -> Mapping[CellPhase, int]:
    """How many cells are in each phase."""
    return Counter(row.phase for row in rows)


def _state(phase: CellPhase, report: CellReport) -> str:
    if phase is CellPhase.RUNNING:
        step = report.step or "working"
        return step if report.fraction is None else f"{step}, {percent_text(report.fraction)}"
    if phase is CellPhase.WAITING:
        return f"waiting {wait_text_of(report)}"
    if phase is CellPhase.DONE and report.facts.get("cached"):
        return "done, from the cache"
    return phase.value


def _expected(cell: Cell) -> str:
    return _FORECASTS.get(cell.forecast) or ("to do" if cell.quote.credits == 0 else _price(cell))


def _price(cell: Cell) -> str:
    text = credits_of(cell)
    if text in {"free", "?"}:
        return {"free": "free", "?": "price unknown"}[text]
    if cell.forecast is Forecast.CACHED:
        return "free"
    return credits_text(cell.quote.credits or 0.0)


def _spent(credits_: float) -> str:
    return credits_text(credits_) if credits_ else "free"
