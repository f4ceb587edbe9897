"""How a stored batch stands, in a user's words, from the states of its cells."""

from __future__ import annotations

from hanolab_dawtools.jobs.model import Batch, BatchState, JobState

# States in the order in which they are told, each with its word for a count.
_COUNTED = (
    (JobState.POLISHED, "ready to place"),
    (JobState.WAITING, "waiting for a slot"),
    (JobState.FAILED, "failed"),
    (JobState.UNSURE, "unsure"),
    (JobState.CANCELLED, "stopped"),
)


def counted_text(batch: Batch) -> str:
    """How many of its cells are done, and how many stand otherwise."""
    counts = batch.counts
    parts = [f"{counts.get(JobState.DONE, 0):,} of {batch.n_cells:,} done"]
    parts += [f"{counts[state]:,} {word}" for state, word in _COUNTED if counts.get(state)]
    told = {JobState.DONE, *(state for state, _ in _COUNTED)}
    if n_to_go := sum(n for state, n in counts.items() if state not in told):
        parts.append(f"{n_to_go:,} {'to go' if not batch.is_running else 'at work or to go'}")
    return ", ".join(parts)


def fraction_done(batch: Batch) -> float | None:
    """Share of the cells that are done, while there are others."""
    n_done = batch.counts.get(JobState.DONE, 0)
    return n_done / batch.n_cells if n_done < batch.n_cells else None


def is_resumable(batch: Batch) -> bool:
    """Whether going on can help: some cell is neither done nor for the user to settle."""
    settled = batch.counts.get(JobState.DONE, 0) + batch.counts.get(JobState.UNSURE, 0)
    return not batch.is_running and settled < batch.n_cells


def is_interrupted(batch: Batch) -> bool:
    """Whether it neither ended nor is worked on."""
    return batch.state in {BatchState.PLANNED, BatchState.WAITING, BatchState.INTERRUPTED}
