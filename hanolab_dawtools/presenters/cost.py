"""What work costs: the quote for what is chosen, what was spent so far, and the open question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.jobs.model import Spent
from hanolab_dawtools.model import Quote
from hanolab_dawtools.presenters.job_words import spent_text
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.wording import cost_text, credits_text


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
    """What the cost bar shows; empty texts: nothing to say.

    `activity` is what is being fetched or asked before work can begin, `fraction` how much of it
    is done.
    """

    quote: str = ""
    remark: str = ""
    is_paid: bool = False
    spent: str = ""
    question: Question | None = None
    activity: str = ""
    fraction: float | None = None


class CostPresenter(Presenter[CostView]):
    """Holds the quote, the sum that was spent, and at most one open question."""

    def __init__(self) -> None:
        super().__init__(CostView())
        self._answer: Callable[[bool], None] | None = None

    def show_quotes(self, quotes: Sequence[Quote], *, is_paid: bool = False) -> None:
        """Show what the chosen work will cost; no quotes: nothing is chosen."""
        remarks = dict.fromkeys(quote.remark for quote in quotes if quote.remark)
        text = total_text(quotes)
        self._show(replace(self.view, quote=text, remark="; ".join(remarks), is_paid=is_paid))

    def show_total(self, text: str, *, is_paid: bool) -> None:
        """Show what chosen work costs that was summed up elsewhere; an empty text: nothing is."""
        self._show(replace(self.view, quote=text, remark="", is_paid=is_paid))

    def show_spent(self, spent: Spent) -> None:
        """Show what was spent so far; nothing where nothing was."""
        is_nothing = spent == Spent(0.0, 0.0, 0)
        text = "" if is_nothing else f"spent so far: {spent_text(spent)}"
        self._show(replace(self.view, spent=text))

    def show_activity(self, text: str, fraction: float | None = None) -> None:
        """Show what is being done before work can begin; an empty text: nothing."""
        self._show(replace(self.view, activity=text, fraction=fraction))

    def ask(self, question: Question, answer: Callable[[bool], None]) -> None:
        """Put a question; `answer` is told once. One that is still open is declined by that."""
        self.decline()
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


def total_text(quotes: Sequence[Quote]) -> str:
    """What several requests cost together, or that it is not known."""
    if len(quotes) <= 1:
        return cost_text(quotes[0]) if quotes else ""
    known = [quote.credits for quote in quotes if quote.credits is not None]
    n_unknown = len(quotes) - len(known)
    total = sum(known)
    if not n_unknown:
        return f"{credits_text(total)} for {len(quotes)} jobs" if total else "free"
    reason = next(cost_text(quote) for quote in quotes if quote.credits is None)
    if not total:
        return reason
    return f"{credits_text(total)} and {n_unknown} of unknown price ({reason})"
