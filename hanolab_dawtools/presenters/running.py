"""Starting work: what is wanted becomes plans, a quote, agreement where it is needed, and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.workflows.applying import Beside

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class Wish:
    """What the user wants done.

    Attributes
    ----------
    source
        What `Services.host` takes.
    beside
        What is selected there (`wanted`), and where results go: `folder` for files only (also for
        listening first), `destination`, `keep_source`.
    engine
        Beats the preset's; None leaves it to the preset and the settings.
    """

    source: Path
    preset: Preset
    beside: Beside = field(default_factory=Beside)
    engine: str | None = None
    max_credits: float | None = None


class Stage(StrEnum):
    """How far the wish is."""

    NOTHING = "nothing"
    PLANNING = "planning"
    READY = "ready"
    CANNOT = "cannot"
    STARTING = "starting"
    ASKING = "asking"
    FETCHING = "fetching"


@dataclass(frozen=True)
class RunningView:
    """What the start button says, and what stands in the way.

    `n_jobs` will be made; `problem` and `hint` say why not, in stage CANNOT.
    """

    stage: Stage = Stage.NOTHING
    verb: str = ""
    what: str = ""
    n_jobs: int = 0
    problem: str = ""
    hint: str = ""
    fraction: float | None = None

    @property
    def can_start(self) -> bool:
        """Whether the start button does anything."""
        return self.stage is Stage.READY


class RunningPresenter(Presenter[RunningView]):
    """Plans what is wanted whenever that changes, and starts it when the user says so.

    `started` is emitted when jobs were made; `started_jobs` has their ids then, in order.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        cost: CostPresenter,
        queue: QueuePresenter,
        messages: MessagesPresenter,
    ) -> None:
        super().__init__(RunningView())
        self._services = services
        self._workers = workers
        self._cost = cost
        self._queue = queue
        self._messages = messages
        self._wish: Wish | None = None
        self.started = Event()
        self.started_jobs: tuple[str, ...] = ()

    def want(self, wish: Wish | None) -> None:
        """What is chosen has changed; None: nothing is, or not enough."""
        self._wish = wish

    def start(self) -> None:
        """Do it; what costs, or needs a download, asks in the cost bar first."""
