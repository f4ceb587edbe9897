"""The local engine's weights are fetched with consent: asked for in the cost bar, then fetched."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.presenters.cost import CostPresenter, Question
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.wording import size_text
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

TOLD_EVERY_SECONDS = 0.1
FETCHING = "fetching the weights"


class WeightsQuestion:
    """Sees to it that the weights are there before work begins that needs them."""

    def __init__(
        self,
        services: Services,
        workers: Workers,
        cost: CostPresenter,
        messages: MessagesPresenter,
    ) -> None:
        self._services = services
        self._workers = workers
        self._cost = cost
        self._messages = messages

    def ask(self, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Ask for consent and fetch; `otherwise`: the user declined, or it failed and was told."""
        from hanolab_dawtools.engines.local.weights import DOWNLOAD_BYTES, LICENCE_NOTICE

        question = Question(
            f"Fetch the local engine's weights ({size_text(DOWNLOAD_BYTES)}) first?",
            tuple(LICENCE_NOTICE.splitlines()),
            "Fetch",
        )

        def answered(agreed: bool) -> None:
            if agreed:
                self._fetch(then, otherwise)
            else:
                otherwise()

        self._cost.ask(question, answered)

    def _fetch(self, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        self._cost.show_activity(FETCHING)

        def done(_: None) -> None:
            self._cost.show_activity("")
            then()

        def failed(error: HanolabError) -> None:
            self._cost.show_activity("")
            self._messages.tell(error)
            otherwise()

        self._workers.run("fetch weights", self._work, done=done, failed=failed)

    def _work(self, stop: threading.Event) -> None:
        told_at = 0.0

        def on_progress(progress: Progress) -> None:
            nonlocal told_at
            if time.monotonic() - told_at >= TOLD_EVERY_SECONDS and not stop.is_set():
                told_at = time.monotonic()
                self._workers.dispatcher.post(lambda: self._tell(progress))

        self._services.weights.fetch(stop=stop, progress=on_progress)

    def _tell(self, progress: Progress) -> None:
        if self._cost.view.activity:  # else it came after the end
            self._cost.show_activity(FETCHING, progress.fraction)
