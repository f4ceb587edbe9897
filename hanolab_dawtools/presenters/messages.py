"""What the panel has to say: one sentence at a time, with the next step, and details on request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hanolab_dawtools.errors import HanolabError, JobCancelled
from hanolab_dawtools.presenters.observing import Presenter


class Severity(StrEnum):
    """How much a message matters."""

    NOTE = "note"
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Message:
    """A sentence, the user's next step, and what a developer wants to know."""

    sentence: str
    hint: str = ""
    details: str = ""
    severity: Severity = Severity.NOTE


@dataclass(frozen=True)
class MessagesView:
    """The message that is shown; None: all is said. `n_earlier` were shown before it."""

    current: Message | None = None
    history: tuple[Message, ...] = ()

    @property
    def n_earlier(self) -> int:
        """How many others can be looked up."""
        return len(self.history) - (self.current is not None)


class MessagesPresenter(Presenter[MessagesView]):
    """Holds the last message, and the earlier ones for whoever looks them up."""

    KEPT = 100

    def __init__(self) -> None:
        super().__init__(MessagesView())

    def tell(
        self,
        what: HanolabError | str,
        *,
        severity: Severity | None = None,
        hint: str = "",
        details: str = "",
    ) -> None:
        """Say a sentence, or what an error says; a cancellation is no failure."""
        if isinstance(what, HanolabError):
            cancelled = isinstance(what, JobCancelled)
            usual = Severity.NOTE if cancelled else Severity.FAILED
            kind = f"{type(what).__name__}, exit code {what.exit_code}"
            message = Message(str(what), what.hint or hint, details or kind, severity or usual)
        else:
            message = Message(what, hint, details, severity or Severity.NOTE)
        history = (*self.view.history, message)[-self.KEPT :]
        self._show(MessagesView(message, history))

    def mention(self, what: HanolabError | str) -> None:
        """Say an error; a mere sentence takes the place of nothing that matters more."""
        current = self.view.current
        if isinstance(what, HanolabError) or current is None or current.severity is Severity.NOTE:
            self.tell(what)
        else:
            history = (*self.view.history, Message(what))[-self.KEPT :]
            self._show(MessagesView(current, history))

    def dismiss(self) -> None:
        """The user has read it."""
        self._show(MessagesView(None, self.view.history))
