"""The batches of the store as rows of the queue: one each, whatever number of cells they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hanolab_dawtools.jobs.model import Batch, BatchState, Charge, LedgerEntry
from hanolab_dawtools.presenters.batch_standing import counted_text, fraction_done, is_resumable
from hanolab_dawtools.presenters.job_rows import JobRow, RowReader, Stored
from hanolab_dawtools.presenters.job_words import Phase, charges_text

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

WHERE = "batch"
_PHASES = {
    BatchState.RUNNING: Phase.ELSEWHERE,
    BatchState.UNSURE: Phase.UNSURE,
    BatchState.FAILED: Phase.FAILED,
    BatchState.CANCELLED: Phase.CANCELLED,
    BatchState.DONE: Phase.DONE,
}


class QueueReader:
    """Reads the rows of jobs and batches again and again; for one thread at a time."""

    def __init__(self) -> None:
        self._of_jobs = RowReader()
        self._jobs = Stored()
        self._stamp: tuple[int, int] | None = None
        self._marks: Mapping[str, str] = {}
        self._batches: dict[str, Batch] = {}
        self._costs: Mapping[str, str] = {}
        self._rows: dict[str, JobRow] = {}
        self._stored: Stored | None = None

    def read(self, services: Services) -> Stored:
        """The rows now, the newest first; the very same object when nothing is different."""
        stamp = services.store.stamp()  # before reading: what comes between is read twice
        jobs = self._of_jobs.read(services)
        is_other = jobs is not self._jobs or self._stored is None
        changed = self._read_changed(services) if stamp != self._stamp else set()
        changed |= self._taken_up(services)
        if jobs.spent is not self._jobs.spent:
            changed |= self._read_costs(services.store.ledger.entries())
        self._stamp, self._jobs = stamp, jobs
        if is_other or changed:
            self._make_rows(services, changed)
            rows = sorted(
                (*jobs.rows, *(self._rows[id_] for id_ in self._marks if id_ in self._rows)),
                key=lambda row: row.created_at,
                reverse=True,
            )
            self._stored = Stored(tuple(rows) if self._rows else jobs.rows, jobs.spent)
        assert self._stored is not None, "it was made at the first reading"
        return self._stored

    def _read_changed(self, services: Services) -> set[str]:
        before, self._marks = self._marks, services.store.batches.marks()
        differ = {id_ for id_, mark in self._marks.items() if before.get(id_) != mark}
        return differ | (before.keys() - self._marks.keys())

    def _taken_up(self, services: Services) -> set[str]:
        """Batches that a process works on now, or does no more; a dead one changes nothing."""
        return {
            batch.id
            for batch in self._batches.values()
            if (batch.n_open or batch.is_running)
            and services.store.batches.is_claimed(batch.id) != batch.is_running
        }

    def _read_costs(self, entries: Iterable[LedgerEntry]) -> set[str]:
        before, self._costs = self._costs, _costs(entries)
        return {id_ for id_, cost in self._costs.items() if before.get(id_) != cost}

    def _make_rows(self, services: Services, changed: set[str]) -> None:
        read = {batch.id: batch for batch in services.store.batches.some(changed)}
        self._batches.update(read)
        for gone in changed - read.keys():
            self._batches.pop(gone, None)
            self._rows.pop(gone, None)
        for batch in read.values():
            self._rows[batch.id] = batch_row(batch, self._costs.get(batch.id, ""))


def batch_row(batch: Batch, cost: str) -> JobRow:
    """A batch in the list of jobs."""
    phase = _PHASES.get(batch.state, Phase.INTERRUPTED)
    counted = counted_text(batch)
    text = counted if phase is Phase.DONE else f"{phase.value}: {counted}"
    if phase is Phase.ELSEWHERE:
        text = f"in another process: {counted}"
    return JobRow(
        batch.id,
        batch.title,
        phase,
        text,
        counted,
        fraction_done(batch) if batch.is_running else None,
        batch.updated_at,
        batch.created_at,
        WHERE,
        cost,
        can_resume=is_resumable(batch),
        is_batch=True,
    )


def row_here(row: JobRow) -> JobRow:
    """The row of a batch that this panel runs."""
    return replace(row, phase=Phase.RUNNING, state=row.doing)


def _costs(entries: Iterable[LedgerEntry]) -> Mapping[str, str]:
    """What the cells of each batch, and the parts of those, were billed together."""
    charges: defaultdict[str, list[Charge]] = defaultdict(list)
    for entry in entries:
        if entry.batch_id:
            charges[entry.batch_id].append(entry.charge)
    return {batch_id: charges_text(its) for batch_id, its in charges.items()}
