"""Every job of the store, wherever it runs: how it stands, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


class Phase(StrEnum):
    """How a job stands, as far as the user has to care."""

    QUEUED = "queued"
    RUNNING = "running"
    ELSEWHERE = "elsewhere"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    UNSURE = "unsure"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True)
class JobRow:
    """A job in the list; `fraction` None: nobody can tell how far it is."""

    id: str
    title: str
    phase: Phase
    state: str
    fraction: float | None
    age: str
    engine: str
    cost: str


@dataclass(frozen=True)
class QueueView:
    """The list as it is filtered now, newest first, and counts over all jobs."""

    rows: tuple[JobRow, ...] = ()
    n_jobs: int = 0
    n_running: int = 0
    n_interrupted: int = 0
    phases: frozenset[Phase] = frozenset(Phase)
    search: str = ""
    selected: str = ""
    is_loaded: bool = False


class QueuePresenter(Presenter[QueueView]):
    """The jobs, and what the user may do with them.

    `tick` is called every 100 ms by whoever shows it. `finished` is emitted when a job of this
    panel ends well or badly (`last_finished` is its id); `place_wanted` when the user wants the
    selected job's results somewhere again (`selected` in the view).
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        messages: MessagesPresenter,
        cost: CostPresenter,
        *,
        new_services: Callable[[], Services] | None = None,
    ) -> None:
        super().__init__(QueueView())
        self._services = services
        self._workers = workers
        self._messages = messages
        self._cost = cost
        self._new_services = new_services
        self.finished = Event()
        self.last_finished = ""
        self.place_wanted = Event()

    def tick(self) -> None:
        """Take in what happened since the last time; never blocks."""

    def run(self, job_ids: Sequence[str]) -> None:
        """Run jobs in this panel, as soon as there is room for them."""

    def close(self) -> None:
        """Stop what runs here, and wait for that; the next start offers to go on with it."""
