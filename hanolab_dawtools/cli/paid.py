"""Paid work asks first: what it costs, whether that may be paid, and whose voice it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hanolab_dawtools.cli.plans import say_sent
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.presenters.agreement import (
    VOICE_NOTICE,
    check_ready,
    is_voice_notice_due,
    keep_voice_notice,
)
from hanolab_dawtools.presenters.wording import cost_text, credits_text

if TYPE_CHECKING:
    from hanolab_dawtools.model import Quote
    from hanolab_dawtools.workflows.plan import RunPlan


def agree(
    session: Session,
    plans: Sequence[RunPlan],
    quotes: Sequence[Quote],
    *,
    yes: bool,
    lines: Sequence[str] = (),
) -> None:
    """Show what the runs cost and ask, unless that is allowed already; nothing is sent before.

    `lines` say what they cost, where they are too many to be told one by one.

    Raises
    ------
    JobCancelled
        The user declined, or there is nobody to ask.
    NotLoggedIn, StorageNotSet
        It could not be done at all.
    """
    from hanolab_dawtools.workflows.spending import sum_of

    check_ready(plans, session.services)
    total = sum_of(quotes)
    for line in lines or _cost_lines(plans, quotes, total):
        session.screen.notice(line)
    if session.screen.asks_apart:
        session.screen.notice(f"account    {session.services.account_text}")
        say_sent(session, plans[0], quotes[0], session.screen.notice)
        if len(plans) > 1:
            session.screen.notice("             the others likewise")
    data_folder = session.services.folders.data
    if is_voice_notice_due(plans, data_folder):
        session.screen.consent(VOICE_NOTICE)
        keep_voice_notice(data_folder)
    limit = session.services.settings.ask_above_credits
    if total is not None and total <= limit:
        return
    question = "Pay for this?" if total is not None else "The price is not known. Go on?"
    if session.screen.confirm(question, yes=yes):
        return
    if session.screen.can_ask:
        raise JobCancelled("declined: nothing was sent, nothing was paid")
    raise JobCancelled(
        "this costs credits, and there is nobody to ask: nothing was sent",
        hint="Add --yes (and --max-credits N as a limit), or set ask_above_credits.",
    )


def _cost_lines(
    plans: Sequence[RunPlan], quotes: Sequence[Quote], total: float | None
) -> Sequence[str]:
    pairs = zip(plans, quotes, strict=True)
    lines = [f"costs      {plan.title}: {cost_text(quote)}" for plan, quote in pairs]
    if len(plans) > 1:
        words = "not known" if total is None else credits_text(total)
        lines.append(f"           all {len(plans)} together: {words}")
    return lines
