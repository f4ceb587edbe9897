"""Starting a batch, or going on with one: what it costs is agreed to before anything is made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.agreement import is_voice_notice_due, keep_voice_notice
from hanolab_dawtools.presenters.batch_offer import BatchOffer, checked
from hanolab_dawtools.presenters.batch_stored import StoredBatch, read_batch
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.running import RunningView, Stage
from hanolab_dawtools.presenters.weights_question import WeightsQuestion
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.batch.model import BatchAsked

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

KEY = "batch start"


@dataclass(frozen=True)
class NewBatch:
    """A batch that is not made yet; `unticked` are the titles of cells that are left out."""

    asked: BatchAsked
    unticked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OldBatch:
    """A stored one to be gone on with."""

    stored: StoredBatch
    only_failed: bool = False


What = NewBatch | OldBatch | None


class BatchStart(Presenter[RunningView]):
    """What the start button says on the page of batches, and what it does.

    `begin` is told a stored batch that is to run now, and whether only what failed of it.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        cost: CostPresenter,
        messages: MessagesPresenter,
        *,
        new_services: Callable[[], Services],
        begin: Callable[[StoredBatch, bool], None],
    ) -> None:
        super().__init__(RunningView())
        self._services = services
        self._workers = workers
        self._cost = cost
        self._messages = messages
        self._new_services = new_services
        self._begin = begin
        self._weights = WeightsQuestion(services, workers, cost, messages)
        self._what: What = None
        self._offered = RunningView()

    @property
    def is_busy(self) -> bool:
        """Whether something is being started, or asked before that."""
        return self.view.stage in {Stage.STARTING, Stage.ASKING}

    def offer(self, what: What, view: RunningView) -> None:
        """Start this when the user says so, or nothing, as the view says."""
        if what != self._what and self.view.stage is Stage.ASKING:
            self._cost.decline()  # what was asked about is not what is chosen any more
        self._what, self._offered = what, view
        if not self.is_busy:
            self._show(view)

    def start(self) -> None:
        """Do it; what costs, or needs a download, asks in the cost bar first."""
        what = self._what
        if what is None or not self.view.can_start:
            return
        if isinstance(what, OldBatch):
            self.resume(what)
            return
        self._set_stage(Stage.STARTING)
        self._cost.show_activity("checking")

        def work(stop: threading.Event) -> BatchOffer:
            with self._new_services() as services:
                return checked(services, what.asked, what.unticked, stop)

        def done(offer: BatchOffer) -> None:
            self._cost.show_activity("")
            self._go_on(what, offer)

        self._workers.run(KEY, work, done=done, failed=self._on_failed)

    def resume(self, what: OldBatch) -> None:
        """Go on with a stored batch; what it may cost was agreed to when it was made."""
        if self.is_busy:
            return
        self._set_stage(Stage.STARTING)

        def work(_: object) -> tuple[StoredBatch, bool]:
            stored = read_batch(self._services, what.stored.id)
            return stored, stored.needs_weights and not self._services.weights.is_installed()

        def done(read: tuple[StoredBatch, bool]) -> None:
            stored, lacks_weights = read
            if lacks_weights:
                self._set_stage(Stage.ASKING)
                self._weights.ask(lambda: self._hand_over(stored, what.only_failed), self._end)
            else:
                self._hand_over(stored, what.only_failed)

        self._workers.run(KEY, work, done=done, failed=self._on_failed)

    def _go_on(self, what: NewBatch, offer: BatchOffer) -> None:
        if what != self._what:  # the user has chosen something else meanwhile
            self._end()
        elif offer.lacks_weights:
            self._set_stage(Stage.ASKING)
            fetched = replace(offer, lacks_weights=False)
            self._weights.ask(lambda: self._go_on(what, fetched), self._end)
        elif offer.question is not None:
            self._set_stage(Stage.ASKING)
            self._cost.ask(
                offer.question, lambda agreed: self._make(offer) if agreed else self._end()
            )
        else:
            self._make(offer)

    def _make(self, offer: BatchOffer) -> None:
        """Store the batch; it has jobs from then on, whatever happens."""
        self._set_stage(Stage.STARTING)
        self._cost.show_activity("making the batch")

        def work(_: object) -> StoredBatch:
            with self._new_services() as services:
                data_folder = services.folders.data
                if is_voice_notice_due([cell.plan for cell in offer.matrix.cells], data_folder):
                    keep_voice_notice(data_folder)
                batch = services.batching.create(offer.asked, offer.matrix)
                return read_batch(services, batch.id)

        def done(stored: StoredBatch) -> None:
            self._cost.show_activity("")
            self._hand_over(stored, False)

        self._workers.run(KEY, work, done=done, failed=self._on_failed)

    def _hand_over(self, stored: StoredBatch, only_failed: bool) -> None:
        self._end()
        self._begin(stored, only_failed)

    def _on_failed(self, error: HanolabError) -> None:
        self._cost.show_activity("")
        self._messages.tell(error)
        self._end()

    def _end(self) -> None:
        """Back to what can be started now."""
        self._show(self._offered)

    def _set_stage(self, stage: Stage) -> None:
        self._show(replace(self._offered, stage=stage, problem="", hint=""))
