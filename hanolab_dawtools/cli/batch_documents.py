"""What `hanolab batch` prints with --json. The shapes are documented in docs/batch.md: stable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.presenters.batch_matrix import MatrixTotals, counted_by, totals_of
from hanolab_dawtools.presenters.batch_progress import CellPhase, last_phase_of
from hanolab_dawtools.presenters.batch_words import output_of, state_of_batch
from hanolab_dawtools.workflows.batch.model import BatchReport, Forecast

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.batch.model import Cell, CellReport, Matrix

# Of what a finished job tells of itself, what its entry holds besides.
_FACTS = ("source", "region", "track", "preset", "seconds")
_RESULTS = ("cached", "project", "folder", "task_id", "null_db", "lag_frames", "warnings")


def matrix_document(matrix: Matrix) -> dict[str, Any]:
    """A matrix before it runs: every cell, what made none, and totals."""
    return {
        "cells": [cell_document(cell) for cell in matrix.cells],
        "totals": totals_document(totals_of(matrix.cells)),
        "by_preset": _counted(matrix.cells, "preset"),
        "by_source": _counted(matrix.cells, "source"),
        "left_out": left_out_document(matrix),
        "remarks": list(matrix.remarks),
    }


def cell_document(cell: Cell) -> dict[str, Any]:
    """A cell before it runs."""
    from hanolab_dawtools.workflows.parts import leaves

    plan = cell.plan
    return {
        "number": cell.number,
        "title": cell.title,
        **_place_of(cell),
        "forecast": cell.forecast.value,
        "engine": "+".join(dict.fromkeys(run.engine for run in leaves(plan))),
        "credits": cell.quote.credits if cell.forecast is Forecast.NEW else 0.0,
        "cost": cell.quote.reason,
        "output": output_of(plan),
        "start_seconds": cell.selection.start_seconds,
        "end_seconds": cell.selection.end_seconds,
    }


def totals_document(totals: MatrixTotals) -> dict[str, Any]:
    """Sums over cells before they run; unknown amounts are null."""
    return {
        "cells": totals.n_cells,
        "to_run": totals.n_to_run,
        "done": totals.n_done,
        "cached": totals.n_cached,
        "seconds": round(totals.seconds, 3),
        "credits": totals.known_credits,
        "unknown_prices": totals.n_unknown,
    }


def left_out_document(matrix: Matrix) -> list[dict[str, Any]]:
    """What made no cell, each with its reason."""
    return [{"title": one.title, "reason": one.reason} for one in matrix.left_out]


def report_document(report: BatchReport, done_before: Sequence[Cell] = ()) -> dict[str, Any]:
    """What came of a batch: one entry for each cell; `done_before` made no job."""
    entries = [entry_document(one) for one in report.cells] + list(map(_done_entry, done_before))
    entries.sort(key=lambda entry: entry["number"])
    return {
        "batch": report.batch_id,
        "state": state_of_batch(report.cells),
        "elapsed_seconds": round(report.elapsed_seconds, 3),
        "totals": _result_totals(report.cells, len(done_before)),
        "cells": entries,
        "projects": sorted({one.facts["project"] for one in report.cells if _project(one)}),
    }


def done_document(matrix: Matrix) -> dict[str, Any]:
    """What came of a batch none of whose cells had to run: a report without a batch."""
    report = report_document(BatchReport("", ()), matrix.cells)
    extra = {"left_out": left_out_document(matrix), "remarks": list(matrix.remarks)}
    return report | {"batch": None} | extra


def entry_document(report: CellReport) -> dict[str, Any]:
    """What came of a cell; what it does not have is null."""
    phase = last_phase_of(report)
    error = None
    if phase in {CellPhase.FAILED, CellPhase.UNSURE, CellPhase.HELD}:
        error = {
            "message": report.message,
            "hint": report.hint,
            "exit_code": report.exit_code,
        }
    next_slot = None
    if report.wait_until is not None:
        next_slot = datetime.fromtimestamp(report.wait_until, UTC).isoformat()
    return {
        "number": report.number,
        "job": report.job_id,
        "title": report.title,
        **{name: report.facts.get(name) for name in _FACTS},
        "state": phase.value,
        "done_before": _was_done(report),
        "credits": None if report.credits is None else float(report.credits),
        "elapsed_seconds": round(report.elapsed_seconds, 3),
        "worker": report.worker or None,
        "files": [*map(str, report.files), *report.urls],
        **{name: report.facts.get(name) for name in _RESULTS},
        "task_id": report.facts.get("task_id") or None,
        "next_slot_at": next_slot,
        "error": error,
    }


def _done_entry(cell: Cell) -> dict[str, Any]:
    """An entry of the same shape for a cell that was done by an earlier run."""
    return {
        "number": cell.number,
        "job": None,
        "title": cell.title,
        **_place_of(cell),
        "state": CellPhase.DONE.value,
        "done_before": True,
        "credits": 0.0,
        "elapsed_seconds": 0.0,
        "worker": None,
        "files": [],
        **dict.fromkeys(_RESULTS),
        "next_slot_at": None,
        "error": None,
    }


def _place_of(cell: Cell) -> dict[str, Any]:
    return {
        "source": cell.source,
        "region": cell.region,
        "track": cell.track,
        "preset": cell.preset,
        "seconds": round(cell.seconds, 6),
    }


def _was_done(report: CellReport) -> bool:
    """Whether it was done before this run, which then says nothing of its results."""
    return last_phase_of(report) is CellPhase.DONE and "folder" not in report.facts


def _project(report: CellReport) -> bool:
    return bool(report.facts.get("project"))


def _result_totals(reports: Sequence[CellReport], n_done_before: int) -> dict[str, Any]:
    phases = [last_phase_of(report) for report in reports]
    counts = {phase.value: phases.count(phase) for phase in CellPhase if phase.has_ended}
    done = [report for report, phase in zip(reports, phases, strict=True) if phase == "done"]
    unknown = any(report.credits is None for report in reports)
    n_before = n_done_before + sum(map(_was_done, done))
    return {
        "cells": len(reports) + n_done_before,
        **counts,
        "waiting": phases.count(CellPhase.WAITING),
        "done": len(done) + n_done_before,
        "done_before": n_before,
        "cached": sum(bool(report.facts.get("cached")) for report in done),
        "seconds": round(sum(float(report.facts.get("seconds", 0.0)) for report in done), 3),
        "credits": None if unknown else float(sum(report.credits or 0.0 for report in reports)),
    }


def _counted(cells: Iterable[Cell], name: str) -> list[dict[str, Any]]:
    groups = counted_by(cells, lambda cell: str(getattr(cell, name)))
    return [{name: kind, **totals_document(totals)} for kind, totals in groups]
