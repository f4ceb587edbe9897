"""What work costs: the quote for what is chosen, what was spent so far, and the question to pay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanolab_dawtools.model import Quote
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.wording import cost_text
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class Question:
    """What must be agreed to before work begins.

    Attributes
    ----------
    title
        What is asked, in one line.
    lines
        All that matters for the answer: cost, account, what is sent, notices.
    agree
        What the button says that agrees.
    """

    title: str
    lines: tuple[str, ...]
    agree: str


@dataclass(frozen=True)
class CostView:
    """What the cost bar shows; empty texts: nothing to say."""

    quote: str = ""
    remark: str = ""
    is_paid: bool = False
    spent: str = ""
    question: Question | None = None


class CostPresenter(Presenter[CostView]):
    """Holds the quote, the sum that was spent, and one open question."""

    def __init__(self, services: Services, workers: Workers) -> None:
        super().__init__(CostView())
        self._services = services
        self._workers = workers
        self._answer: Callable[[bool], None] | None = None

    def quote(self, quotes: tuple[Quote, ...], *, is_paid: bool) -> None:
        """Show what the chosen work will cost; no quotes: nothing is chosen."""
        text = "; ".join(cost_text(one) for one in quotes)
        self._show(replace(self.view, quote=text, is_paid=is_paid))

    def ask(self, question: Question, answer: Callable[[bool], None]) -> None:
        """Put a question; `answer` is told once what the user says to it."""
        self._answer = answer
        self._show(replace(self.view, question=question))

    def agree(self) -> None:
        """The user agrees to the open question."""
        self._close(agreed=True)

    def decline(self) -> None:
        """The user does not agree, or what was asked about is not wanted any more."""
        self._close(agreed=False)

    def _close(self, *, agreed: bool) -> None:
        answer, self._answer = self._answer, None
        self._show(replace(self.view, question=None))
        if answer is not None:
            answer(agreed)
