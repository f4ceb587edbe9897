"""Work orders: steps of one job as plain data, which any worker can do.

A worker knows no job store, no key and no queue: it gets an order, does its steps one after the
other, and gives back what each of them left. Whoever sends the order owns the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import ProgressCallback, Stop


@dataclass(frozen=True)
class WorkOrder:
    """Steps of one job for one worker.

    Attributes
    ----------
    job
        The job with what its steps left so far, as JSON values.
    folder
        The job's own folder, absolute; what the steps write lies in it.
    steps
        Names of the steps, in order; the first that fails ends the order.
    inputs
        Files that the steps read, absolute; they need not lie in `folder`.
    handle_seconds
        What is captured on either side of the selection: no worker knows a paid engine.
    """

    job: Mapping[str, Any]
    folder: Path
    steps: tuple[str, ...]
    inputs: tuple[Path, ...] = ()
    handle_seconds: float = 0.0

    @property
    def job_id(self) -> str:
        """Whose steps they are."""
        return str(self.job["id"])


@dataclass(frozen=True)
class WorkDone:
    """What came of an order.

    Attributes
    ----------
    outcomes
        What each finished step left, as JSON values, by its name.
    failure
        What the first step behind those failed with; None when all are done.
    worker
        Who did it, for people: "worker 2", or a machine's address.
    cpu_seconds
        Processor time that it took.
    away
        Steps whose files stayed with the worker, and are gone: of these only what they left as
        values came back.
    """

    outcomes: Mapping[str, Any] = field(default_factory=dict)
    failure: HanolabError | None = None
    worker: str = ""
    cpu_seconds: float = 0.0
    away: tuple[str, ...] = ()


Doer = Callable[[WorkOrder, Stop, ProgressCallback], WorkDone]
# Called once in each worker with what `Workforce`s were given for it, as JSON values.
DoerMaker = Callable[[Mapping[str, Any]], Doer]


class Workforce(Protocol):
    """Workers that do orders; may be called from several threads at once."""

    @property
    def n_workers(self) -> int:
        """How many orders are done at the same time at most, as far as is known."""
        ...

    def do(self, order: WorkOrder, *, stop: Stop, progress: ProgressCallback) -> WorkDone:
        """Wait for a free worker and have it do the order.

        The order is done once more, elsewhere, when the worker died.

        Raises
        ------
        WorkerDied
            The second one died as well.
        JobCancelled
            Soon after `stop` was set.
        """
        ...

    def close(self) -> None:
        """End the workers, also in the middle of an order; idempotent."""
        ...
