"""How each cell of a batch stands, kept while it runs and told as it changes."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress, ProgressCallback
from hanolab_dawtools.jobs.model import Job, JobState, JobSummary, LedgerEntry
from hanolab_dawtools.workflows.batch.model import CellReport
from hanolab_dawtools.workflows.doubts import doubts_of, notes_on
from hanolab_dawtools.workflows.outcomes import (
    alignment_of,
    capture_of,
    credits_of,
    is_cached,
    placed_of,
    plan_of,
    task_id_of,
)
from hanolab_dawtools.workflows.parts import leaves
from hanolab_dawtools.workflows.resuming import HERE

_log = logging.getLogger(__name__)

_TOLD_SECONDS = 0.1  # progress of one cell is told at most so often


class Board:
    """The reports of a batch's cells; `told` is called with each that has changed.

    Parameters
    ----------
    cells
        The jobs, in the order of the matrix.
    facts
        For each of them what tells it from the others, as JSON values: source, region, track,
        preset, seconds, and its number in the matrix.
    """

    def __init__(
        self,
        cells: Sequence[JobSummary],
        facts: Sequence[Mapping[str, Any]],
        told: Callable[[CellReport], None],
    ) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._reports = {
            cell.id: report_of(cell, its["number"], its)
            for cell, its in zip(cells, facts, strict=True)
        }

    @property
    def reports(self) -> tuple[CellReport, ...]:
        """How each cell stands, in their order."""
        with self._lock:
            return tuple(self._reports.values())

    def state(self, job_id: str) -> str:
        """A cell's state."""
        with self._lock:
            return self._reports[job_id].state

    def change(self, job_id: str, **changes: Any) -> None:
        """Set fields of a cell's report."""
        with self._lock:
            report = self._reports[job_id] = replace(self._reports[job_id], **changes)
        self._tell(report)

    def progress(self, job_id: str) -> ProgressCallback:
        """What a run tells its progress to."""
        told_at, told_step = 0.0, ""

        def tell(progress: Progress) -> None:
            nonlocal told_at, told_step
            now = time.monotonic()
            if progress.step == told_step and now - told_at < _TOLD_SECONDS:
                return
            told_at, told_step = now, progress.step
            self.change(job_id, step=progress.step, fraction=progress.fraction)

        return tell

    def rest(self, job: Job, elapsed_seconds: float) -> None:
        """A cell has come to where it is left for now, or to its end."""
        before = self._reports[job.id]
        report = replace(
            report_of(job, before.number, before.facts),
            elapsed_seconds=before.elapsed_seconds + elapsed_seconds,
            worker=before.worker,
        )
        with self._lock:
            self._reports[job.id] = report
        self._tell(report)

    def _tell(self, report: CellReport) -> None:
        try:
            self._told(report)
        except Exception:  # noqa: BLE001 - a broken surface ends no work, least of all a paid one
            _log.exception("nobody could be told of cell %s", report.job_id)

    def fail(self, job_id: str, error: HanolabError, *, state: str = "") -> None:
        """A cell has ended with an error, by default as failed."""
        self.change(
            job_id,
            state=state or JobState.FAILED.value,
            message=str(error),
            hint=error.hint,
            exit_code=error.exit_code,
            step="",
            fraction=None,
        )


def report_of(job: JobSummary, number: int, facts: Mapping[str, Any]) -> CellReport:
    """How a stored job stands; with what it has made, when it is a whole `Job` that is done."""
    title = str(facts.get("title") or job.title)
    report = CellReport(number, job.id, title, job.state.value, facts=dict(facts))
    if job.state is JobState.CANCELLED and job.good_state is JobState.UNSURE:
        report.facts["is_abandoned"] = True
    if job.failure is not None:
        report = replace(
            report,
            message=job.failure.message,
            hint=job.failure.hint,
            exit_code=job.failure.exit_code,
        )
    if job.wait is not None:
        until = job.wait.until.timestamp() if job.wait.until else None
        report = replace(report, message=job.wait.reason, wait_until=until)
    if isinstance(job, Job) and "place" in job.outcomes:
        report = _with_results(report, job)
    return report


def _with_results(report: CellReport, job: Job) -> CellReport:
    outcomes, plan = job.outcomes, plan_of(job)
    placed, alignment = placed_of(outcomes), alignment_of(outcomes)
    capture = capture_of(outcomes)
    notes = (*(notes_on(capture) if capture else ()), *doubts_of(outcomes), *placed.warnings)
    is_paid = any(run.engine not in HERE for run in leaves(plan))
    facts = {
        "folder": plan.deliver_to or str(placed.folder),
        "project": str(placed.project) if placed.project else None,
        "cached": is_cached(outcomes),
        "task_id": task_id_of(outcomes),
        "warnings": list(dict.fromkeys(notes)),
        "null_db": alignment.null_db if alignment else None,
        "lag_frames": alignment.lag_frames if alignment else None,
    }
    return replace(
        report,
        credits=credits_of(outcomes, is_paid=is_paid),
        files=tuple(track.path for track in placed.tracks if not track.url),
        urls=tuple(track.url for track in placed.tracks if track.url),
        facts={**report.facts, **facts},
    )


def with_charges(
    reports: Sequence[CellReport], entries: Sequence[LedgerEntry]
) -> tuple[CellReport, ...]:
    """Reports with what was paid for each cell, in all runs of its batch.

    Also one that failed later has cost that. One that is unsure: nobody knows.
    """
    its: dict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        its[entry.job_id].append(entry)
    return tuple(
        _with_charges(one, its[one.job_id]) if one.job_id in its else one for one in reports
    )


def _with_charges(report: CellReport, entries: Sequence[LedgerEntry]) -> CellReport:
    sure = [entry.charge for entry in entries if entry.charge.is_sure]
    known = [charge.credits for charge in sure if charge.credits is not None]
    is_known = len(known) == len(sure) and report.state != JobState.UNSURE
    task_id = report.facts.get("task_id") or next((c.task_id for c in reversed(sure)), None)
    return replace(
        report,
        credits=sum(known) if is_known else None,
        facts={**report.facts, "task_id": task_id},
    )


def runnable(cells: Sequence[JobSummary], *, only_failed: bool) -> Collection[str]:
    """Ids of the cells that going on with a batch can help.

    Left out are those that are done, those that only the user can settle, and those whose failure
    is final.
    """
    return {
        cell.id
        for cell in cells
        if cell.state not in {JobState.DONE, JobState.UNSURE}
        and (cell.state is JobState.FAILED or not only_failed)
        and not (cell.failure is not None and not cell.failure.can_resume)
        and not (cell.state is JobState.CANCELLED and cell.good_state is JobState.UNSURE)
    }
