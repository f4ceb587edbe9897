"""`hanolab jobs list`: jobs and batches among each other, cells only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.batch_shown import charges_by_batch, row_of_batch, summary_of_batch
from hanolab_dawtools.cli.job_details import HEADINGS, charges_by_job, row_of, summary_of
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.jobs.model import Batch

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import JobSummary

NONE_YET = "No jobs yet. Start one with: hanolab separate FILE"


def list_all(session: Session, limit: int, *, with_cells: bool) -> None:
    """Show the newest jobs and batches, `limit` of both together."""
    store, screen = session.services.store, session.screen
    both: list[Batch | JobSummary] = [*store.list(limit=limit), *store.batches.list(limit)]
    both = sorted(both, key=lambda one: one.created_at, reverse=True)[:limit]
    if not both and not screen.as_json:
        screen.say(NONE_YET)
        return
    of_jobs, of_batches = charges_by_job(session), charges_by_batch(session)
    rows: list[list[str]] = []
    jobs: list[dict[str, Any]] = []
    batches: list[dict[str, Any]] = []
    for one in both:
        if not isinstance(one, Batch):
            rows.append(row_of(one, of_jobs[one.id]))
            jobs.append(summary_of(one, of_jobs[one.id]))
            continue
        document = summary_of_batch(one, of_batches[one.id])
        rows.append(row_of_batch(one, of_batches[one.id]))
        if with_cells:
            cells = store.batches.cells(one.id)
            rows += [row_of(cell, of_jobs[cell.id]) for cell in cells]
            document["cells"] = [summary_of(cell, of_jobs[cell.id]) for cell in cells]
        batches.append(document)
    screen.table(HEADINGS, rows, below=("task", "what"))
    screen.document({"jobs": jobs, "batches": batches})
