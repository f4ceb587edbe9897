"""The steps that make the program whole, each of which can be left out: it works without them.

Weights for the local engine, an account of the cloud, the actions inside REAPER. What is done
already is not offered; "not now" is remembered in the config folder.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from hanolab_dawtools import durable
from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.presenters.account import sign_in
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.wording import percent_text, size_text
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

HIDDEN_FILE = "panel-steps-hidden"


class StepName(StrEnum):
    """What can be set up."""

    WEIGHTS = "weights"
    ACCOUNT = "account"
    REAPER = "reaper"


@dataclass(frozen=True)
class Step:
    """One step: what it is for, how it stands, and what its button says."""

    name: StepName
    title: str
    text: str
    verb: str
    is_busy: bool = False
    activity: str = ""


@dataclass(frozen=True)
class FirstRunView:
    """The steps that are left; none: nothing is offered."""

    steps: tuple[Step, ...] = ()


class FirstRunPresenter(Presenter[FirstRunView]):
    """Offers the steps, and does them; `done` is emitted after each that was done."""

    def __init__(self, services: Services, workers: Workers, messages: MessagesPresenter) -> None:
        super().__init__(FirstRunView())
        self.done = Event()
        self._services = services
        self._workers = workers
        self._messages = messages

    def refresh(self) -> None:
        """Look at what is set up."""
        self._workers.run(
            "first run",
            lambda _: _steps_left(self._services),
            done=lambda steps: self._show(FirstRunView(steps)),
            failed=self._messages.tell,
        )

    def hide(self) -> None:
        """Offer nothing any more, also after the next start."""
        path = self._services.folders.config / HIDDEN_FILE

        def work(_: threading.Event) -> None:
            durable.write_text(path, "")

        self._show(FirstRunView())
        self._workers.run("first run hidden", work, done=lambda _: None, failed=self._messages.tell)

    def fetch_weights(self) -> None:
        """Fetch the local engine's weights; pressing the button is the consent."""
        services, post = self._services, self._workers.dispatcher.post

        def progress(report: Progress) -> None:
            text = "" if report.fraction is None else percent_text(report.fraction)
            post(lambda: self._mark(StepName.WEIGHTS, f"fetching {text}"))

        def work(stop: threading.Event) -> str:
            services.weights.fetch(stop=stop, progress=progress)
            return "the local engine's weights are there"

        self._do(StepName.WEIGHTS, work, "fetching")

    def log_in(self, base_url: str, key: str) -> None:
        """Check a key with the API, and keep it in the keychain."""
        self._do(
            StepName.ACCOUNT, lambda stop: _sign_in(self._services, base_url, key, stop), "checking"
        )

    def install_into_reaper(self) -> None:
        """Copy the actions into every REAPER that is found here, and register them."""

        def work(_: threading.Event) -> str:
            from hanolab_dawtools.presenters.reaper_setup import installed_lines

            setup = self._services.reaper_setup
            told: list[str] = []
            for folder in setup.choose((), everything=True):
                told += installed_lines(setup.install(folder))
            return "\n".join(told)

        self._do(StepName.REAPER, work, "installing")

    def _do(self, name: StepName, work: Callable[[threading.Event], str], activity: str) -> None:
        def finished(sentence: str) -> None:
            first, _, details = sentence.partition("\n")
            self._messages.tell(first, severity=Severity.OK, details=details)
            self.refresh()
            self.done.emit()

        def failed(error: HanolabError) -> None:
            self._mark(name, "")
            self._messages.tell(error)

        self._mark(name, activity)
        self._workers.run(f"first run {name}", work, done=finished, failed=failed)

    def _mark(self, name: StepName, activity: str) -> None:
        steps = tuple(
            replace(step, is_busy=bool(activity), activity=activity) if step.name is name else step
            for step in self.view.steps
        )
        self._show(FirstRunView(steps))


def _sign_in(services: Services, base_url: str, text: str, stop: threading.Event) -> str:
    """Sign in with a key that was typed in; a sentence on the account comes back."""
    from hanolab_dawtools.cloud.client import normal_base_url
    from hanolab_dawtools.cloud.credentials import KEYCHAIN, Key, check_keychain

    if not text.strip():
        raise UsageError("the key is empty", hint="Copy it from your account's API page.")
    url = normal_base_url(base_url)
    check_keychain()
    account = sign_in(services, url, Key(text.strip(), KEYCHAIN), stop)
    return f"logged in at {url}: {account.n_voices} voice models"


def _steps_left(services: Services) -> tuple[Step, ...]:
    from hanolab_dawtools.engines.local.weights import DOWNLOAD_BYTES

    if (services.folders.config / HIDDEN_FILE).exists():
        return ()
    steps = []
    if not services.weights.is_installed():
        steps.append(
            Step(
                StepName.WEIGHTS,
                "Local engine",
                f"Separates on this machine, free and offline. Its weights "
                f"({size_text(DOWNLOAD_BYTES)}) are fetched once; they are free to use "
                "under the licence of their makers.",
                "Fetch weights",
            )
        )
    if not _is_logged_in(services):
        steps.append(
            Step(
                StepName.ACCOUNT,
                "HanoLab account",
                "Six stems, voice conversion and music in the cloud. It costs credits, and "
                "always asks before.",
                "Log in",
            )
        )
    if _is_missing_in_reaper(services):
        steps.append(
            Step(
                StepName.REAPER,
                "REAPER",
                "Puts the HanoLab actions into REAPER's action list.",
                "Install into REAPER",
            )
        )
    return tuple(steps)


def _is_logged_in(services: Services) -> bool:
    from hanolab_dawtools.cloud.credentials import load_key

    try:
        return bool(services.base_url) and load_key(services.base_url) is not None
    except HanolabError:
        return False


def _is_missing_in_reaper(services: Services) -> bool:
    """Whether there is a REAPER without our actions."""
    try:
        setup = services.reaper_setup
        return any(setup.status(folder).record is None for folder in setup.find())
    except (HanolabError, OSError):
        return False
