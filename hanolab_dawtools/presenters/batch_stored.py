"""Batches of the store, whoever has made them: which there are, and the cells of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import JobError
from hanolab_dawtools.jobs.model import Batch, BatchState, JobState
from hanolab_dawtools.presenters.batch_cells import CellRow, stopped, stored_row
from hanolab_dawtools.workflows.batch.model import BatchAsked
from hanolab_dawtools.workflows.batch.reports import report_of
from hanolab_dawtools.workflows.stored import from_json

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

MOST_BATCHES = 30  # older ones are found by `hanolab jobs list`


@dataclass(frozen=True)
class BatchLine:
    """A batch in the list; `is_running`: in any process."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    state: BatchState
    n_cells: int
    n_done: int
    is_running: bool = False

    @property
    def note(self) -> str:
        """How it stands, in a few words."""
        if self.state is BatchState.DONE:
            return f"done, {self.n_cells:,}"
        return f"{self.state.value}, {self.n_done:,} of {self.n_cells:,}"


@dataclass(frozen=True)
class StoredBatch:
    """A batch with its cells.

    Attributes
    ----------
    asked
        What was asked for; None where a later version asked for more than is known here.
    to_go, failed
        Ids of the cells that going on can help, and of those among them that failed.
    needs_weights
        Whether the local network works for one of them.
    """

    line: BatchLine
    rows: tuple[CellRow, ...]
    asked: BatchAsked | None
    to_go: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    needs_weights: bool = False

    @property
    def id(self) -> str:
        """Its id."""
        return self.line.id


def read_batches(services: Services) -> tuple[BatchLine, ...]:
    """The newest batches."""
    return tuple(_line(batch) for batch in services.store.batches.list(MOST_BATCHES))


def read_batch(services: Services, batch_id: str) -> StoredBatch:
    """A batch with all its cells.

    Raises
    ------
    JobNotFound
    """
    from hanolab_dawtools.workflows.batch.reports import runnable

    batches = services.store.batches
    batch = batches.get(batch_id)
    cells = batches.cells(batch.id)
    facts = {int(one["number"]): one for one in batch.plan["cells"]}
    rows = []
    for job in cells:
        number = job.cell or 0
        its: Mapping[str, object] = facts.get(number, {"region": job.title})
        row = stored_row(job, number, its, report_of(job, number, its))
        rows.append(row if batch.is_running else stopped(row))
    return StoredBatch(
        _line(batch),
        tuple(rows),
        _asked_of(batch),
        frozenset(runnable(cells, only_failed=False)),
        frozenset(runnable(cells, only_failed=True)),
    )


def _asked_of(batch: Batch) -> BatchAsked | None:
    try:
        return from_json(BatchAsked, batch.plan["asked"])
    except JobError:
        return None


def _line(batch: Batch) -> BatchLine:
    return BatchLine(
        batch.id,
        batch.title,
        batch.created_at,
        batch.updated_at,
        batch.state,
        batch.n_cells,
        batch.counts.get(JobState.DONE, 0),
        batch.is_running,
    )
