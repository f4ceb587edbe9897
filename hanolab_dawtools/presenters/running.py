"""Starting work: what is wanted becomes plans, a quote, agreement where it is needed, and jobs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.model import RequestKind
from hanolab_dawtools.presenters.agreement import (
    is_voice_notice_due,
    keep_voice_notice,
    question_about,
)
from hanolab_dawtools.presenters.cost import CostPresenter, Question
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.weights_question import WeightsQuestion
from hanolab_dawtools.presenters.wording import length_text
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import ConvertJob, FlashJob, NoJob, Preset
from hanolab_dawtools.workflows.applying import CLOUD, Beside, Voices
from hanolab_dawtools.workflows.offering import Ask, Offer, make_offer, offline_voices

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

VERBS = {
    RequestKind.SEPARATE: "Separate",
    RequestKind.CONVERT: "Convert voice",
    RequestKind.CONVERT_FLASH: "Convert voice",
    RequestKind.PROCESS: "Apply effects",
}


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
    """How far the wish is; resting: there is nothing to start now, and nothing is wrong."""

    NOTHING = "nothing"
    PLANNING = "planning"
    READY = "ready"
    CANNOT = "cannot"
    RESTING = "resting"
    STARTING = "starting"
    ASKING = "asking"


@dataclass(frozen=True)
class RunningView:
    """What the start button says, and what stands in the way.

    `what` is how much is selected; `n_jobs` will be made; `problem` and `hint` say why it cannot
    be, in stage CANNOT.
    """

    stage: Stage = Stage.NOTHING
    verb: str = "Start"
    what: str = ""
    n_jobs: int = 0
    problem: str = ""
    hint: str = ""

    @property
    def can_start(self) -> bool:
        """Whether the start button does anything."""
        return self.stage is Stage.READY


class RunningPresenter(Presenter[RunningView]):
    """Plans what is wanted whenever that changes, and starts it when the user says so.

    `started` is emitted when jobs were made: `started_jobs` has their ids then, in order, and
    `started_wish` what was wanted.
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
        self._weights = WeightsQuestion(services, workers, cost, messages)
        self._wish: Wish | None = None
        self._meaning: tuple[str, ...] = ()
        self._offer_view = RunningView()
        self._is_planning = False
        self._is_stale = False
        self.started = Event()
        self.started_jobs: tuple[str, ...] = ()
        self.started_wish: Wish | None = None

    def want(self, wish: Wish | None, meaning: tuple[str, ...] = ()) -> None:
        """What is chosen has changed; None: nothing is, or not enough.

        `meaning` is another one when the same wish, as a host's own selection, means other music.
        """
        if (wish, meaning) != (self._wish, self._meaning):
            self._wish, self._meaning = wish, meaning
            self.refresh()

    def refresh(self) -> None:
        """What the plans rest on has changed: a file, the settings, prices."""
        if self.view.stage is Stage.ASKING:
            self._cost.decline()  # what was asked about is not what is chosen any more
        if self.view.stage is Stage.STARTING or self._is_planning:
            self._is_stale = True
            return
        self._plan()

    def start(self) -> None:
        """Do it; what costs, or needs a download, asks in the cost bar first."""
        wish = self._wish
        if wish is None or not self.view.can_start:
            return
        self._set_stage(Stage.STARTING)
        self._cost.show_activity("checking")

        def done(checked: tuple[Offer, Question | None, bool]) -> None:
            self._cost.show_activity("")
            self._go_on(wish, *checked)

        self._workers.run(
            "start", lambda stop: self._check(wish, stop), done=done, failed=self._on_failed_start
        )

    def _plan(self) -> None:
        """Make the plans in the background, one wish at a time: the newest follows."""
        self._is_stale = False
        wish = self._wish
        if wish is None:
            self._cost.show_quotes(())
            self._offer_view = RunningView()
            self._show(self._offer_view)
            return
        lack = _lack(wish, self._services.settings.engine)
        if lack:
            self._on_unplanned(wish, HanolabError(lack[0], hint=lack[1]))
            return
        self._is_planning = True
        if self.view.stage is not Stage.READY:  # a button that flickers is hard to press
            self._show(RunningView(Stage.PLANNING, _verb(wish)))

        def work(_: object) -> Offer:
            return self._offer(wish, offline_voices(wish.preset))

        def failed(error: HanolabError) -> None:
            self._is_planning = False
            self._on_unplanned(wish, error)
            self._plan_again_if_stale()

        self._workers.run("plan", work, done=lambda o: self._on_planned(wish, o), failed=failed)

    def _on_planned(self, wish: Wish, offer: Offer) -> None:
        self._is_planning = False
        seconds = sum(p.selection.end_seconds - p.selection.start_seconds for p in offer.plans)
        n_jobs = len(offer.plans)
        what = length_text(seconds) if n_jobs == 1 else f"{n_jobs} jobs, {length_text(seconds)}"
        self._cost.show_quotes(offer.quotes, is_paid=bool(offer.paid))
        self._offer_view = RunningView(Stage.READY, _verb(wish), what, n_jobs)
        self._show_offer()
        self._plan_again_if_stale()

    def _on_unplanned(self, wish: Wish, error: HanolabError) -> None:
        self._cost.show_quotes(())
        self._offer_view = RunningView(
            Stage.CANNOT, _verb(wish), problem=str(error), hint=error.hint
        )
        self._show_offer()

    @property
    def _is_starting(self) -> bool:
        return self.view.stage in {Stage.STARTING, Stage.ASKING}

    def _show_offer(self) -> None:
        """Show what can be started now; while something is, it is shown after that."""
        if not self._is_starting:
            self._show(self._offer_view)

    def _plan_again_if_stale(self) -> None:
        if self._is_stale and not self._is_starting:
            self._plan()

    def _offer(self, wish: Wish, voices: Voices) -> Offer:
        with self._queue.new_services() as services:
            return make_offer(_ask(wish, services), services, voices)

    def _check(self, wish: Wish, stop: threading.Event) -> tuple[Offer, Question | None, bool]:
        """The plans as they are now, what is to be asked, and whether weights are missing."""
        with self._queue.new_services() as services:

            def voices() -> dict[str, str]:
                return {model.id: model.name for model in services.client().voice_models(stop=stop)}

            offer = make_offer(_ask(wish, services), services, voices)
            lacks_weights = offer.separates_here and not services.weights.is_installed()
            return offer, question_about(offer, services), lacks_weights

    def _go_on(
        self, wish: Wish, offer: Offer, question: Question | None, lacks_weights: bool
    ) -> None:
        if wish != self._wish:  # the user has chosen something else meanwhile
            self._end_of_start()
            return
        if lacks_weights:
            self._set_stage(Stage.ASKING)
            self._weights.ask(
                lambda: self._go_on(wish, offer, question, lacks_weights=False),
                self._end_of_start,
            )
        elif question is not None:
            self._set_stage(Stage.ASKING)
            self._cost.ask(question, lambda agreed: self._on_answer(wish, offer, agreed))
        else:
            self._make_jobs(wish, offer)

    def _on_answer(self, wish: Wish, offer: Offer, agreed: bool) -> None:
        if agreed:
            self._make_jobs(wish, offer)
        else:
            self._end_of_start()

    def _make_jobs(self, wish: Wish, offer: Offer) -> None:
        self._set_stage(Stage.STARTING)

        def work(_: object) -> tuple[str, ...]:
            data_folder = self._services.folders.data
            if is_voice_notice_due(offer.plans, data_folder):
                keep_voice_notice(data_folder)
            return tuple(self._services.create_job(plan).id for plan in offer.plans)

        def done(job_ids: tuple[str, ...]) -> None:
            self._end_of_start()
            self._queue.run(job_ids)
            self.started_jobs, self.started_wish = job_ids, wish
            self.started.emit()

        self._workers.run("start", work, done=done, failed=self._on_failed_start)

    def _on_failed_start(self, error: HanolabError) -> None:
        self._cost.show_activity("")
        self._messages.tell(error)
        self._end_of_start()

    def _end_of_start(self) -> None:
        """Back to what can be started now."""
        self._show(self._offer_view)
        self._plan_again_if_stale()

    def _set_stage(self, stage: Stage) -> None:
        view = self._offer_view
        self._show(RunningView(stage, view.verb, view.what, view.n_jobs))


def _ask(wish: Wish, services: Services) -> Ask:
    return Ask(
        wish.source,
        wish.preset,
        wish.beside,
        wish.engine,
        services.settings.engine,
        services.weights.is_installed(),
        services.plugins.installed(),
        wish.max_credits,
    )


def _verb(wish: Wish) -> str:
    job = wish.preset.job
    kind = RequestKind.PROCESS if isinstance(job, NoJob) else RequestKind(job.kind)
    return VERBS.get(kind, "Start")


def _lack(wish: Wish, usual_engine: str) -> tuple[str, str] | None:
    """What the wish still lacks, and the next step, where the panel says it better."""
    job = wish.preset.job
    if isinstance(job, NoJob) and not (wish.preset.before or wish.preset.after):
        return "there is nothing to do", "Choose a preset, or add an effect."
    if not isinstance(job, ConvertJob | FlashJob):
        return None
    engine = wish.engine or job.engine or usual_engine
    if engine == CLOUD and wish.beside.voice is None and job.voice is None:
        return "no voice is chosen", "Choose one under Voice."
    return None
