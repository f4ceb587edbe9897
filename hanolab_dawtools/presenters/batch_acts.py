"""What the user may do with a stored batch in the queue, and what is known of it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.model import Batch, JobState, JobSummary, Spent
from hanolab_dawtools.presenters.batch_standing import counted_text
from hanolab_dawtools.presenters.batch_words import n_cells_text
from hanolab_dawtools.presenters.job_details import Fact, JobDetails
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE, spent_text
from hanolab_dawtools.workflows.resuming import goes_into_project, runs_elsewhere
from hanolab_dawtools.workflows.undo import is_undone

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

MOST_TROUBLES = 5  # kinds of failures
_ASKED = ("presets", "sources", "regions", "tracks")
_UNSURE = "Nobody here knows whether HanoLab accepted these cells; settle each by its id: {}"


def cancel(services: Services, batch_id: str) -> str:
    """Stop a batch, wherever it runs; what the user should know of it."""
    batches = services.store.batches
    batch = batches.get(batch_id)
    if not batch.n_open and not batch.is_running:
        raise UsageError(f"batch {batch.id} is {batch.state.value}; there is nothing to cancel")
    goes_on_there = any(map(runs_elsewhere, batches.cells(batch.id)))
    batches.request_cancel(batch.id)
    return GOES_ON_THERE if goes_on_there else ""


def remove(services: Services, batch_id: str) -> str:
    """Forget a batch with its cells; what they have left elsewhere is deleted, or named."""
    left: list[str] = []
    services.cleaner.remove_batch(batch_id, warn=left.append)
    return "; ".join(dict.fromkeys(left))


def undone(services: Services, batch_id: str) -> str:
    """Restore the projects of a batch; what was done, in words.

    Raises
    ------
    HanolabError
        One could not be restored; the others were.
    """
    projects = services.undo_batch(batch_id).projects
    for one in projects:
        if one.failure is not None:
            raise one.failure
    how = "is" if any(one.is_restored for one in projects) else "was already"
    return f"{', '.join(one.project for one in projects)} {how} as it was before; the files stay"


def read_batch_details(services: Services, batch_id: str) -> JobDetails:
    """The details of a batch as the store has it now.

    Raises
    ------
    JobNotFound
        It was removed meanwhile.
    """
    store = services.store
    batch = store.batches.get(batch_id)
    cells = store.batches.cells(batch.id)
    charges = [entry.charge for entry in store.ledger.of_batch(batch.id)]
    facts = [Fact("cells", counted_text(batch))]
    asked = batch.plan.get("asked") or {}
    facts += [Fact(name, ", ".join(asked[name])) for name in _ASKED if asked.get(name)]
    if charges:
        facts.append(Fact("cost", spent_text(Spent.on(charges))))
    facts.append(Fact("begun", f"{batch.created_at.astimezone():%Y-%m-%d %H:%M:%S}"))
    facts.append(Fact("batch", batch.id))
    problem, hint = _problem(batch, cells)
    return JobDetails(
        batch.id,
        batch.title,
        tuple(facts),
        problem,
        hint,
        notes=tuple(_notes(cells)),
        can_undo=not batch.is_running and _can_undo(services, cells),
    )


def _problem(batch: Batch, cells: Sequence[JobSummary]) -> tuple[str, str]:
    unsure = [cell.id for cell in cells if cell.state is JobState.UNSURE]
    if unsure:
        return f"{n_cells_text(len(unsure))} unsure", _UNSURE.format(", ".join(unsure[:10]))
    n_failed = batch.counts.get(JobState.FAILED, 0)
    if n_failed:
        return f"{n_cells_text(n_failed)} failed", "Resume tries them again."
    return "", ""


def _notes(cells: Sequence[JobSummary]) -> list[str]:
    """Why cells failed, the most frequent reason first."""
    reasons = Counter(
        cell.failure.message
        for cell in cells
        if cell.state is JobState.FAILED and cell.failure is not None
    )
    return [f"{n_cells_text(n)}: {reason}" for reason, n in reasons.most_common(MOST_TROUBLES)]


def _can_undo(services: Services, cells: Sequence[JobSummary]) -> bool:
    """Whether a cell lies in a project, as far as its plan tells."""
    placed = (cell for cell in cells if cell.state is JobState.DONE and goes_into_project(cell))
    return any(not is_undone(services.store.get(cell.id).outcomes) for cell in placed)
