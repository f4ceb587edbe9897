"""Paid work asks first: what it costs, whether that may be paid, and whose voice it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hanolab_dawtools import durable
from hanolab_dawtools.cli.plans import say_sent
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.model import RequestKind
from hanolab_dawtools.presenters.wording import cost_text, credits_text

if TYPE_CHECKING:
    from hanolab_dawtools.model import Quote
    from hanolab_dawtools.workflows.plan import RunPlan

VOICE_NOTICE = (
    "Before the first voice conversion: a voice belongs to the person it was trained on. Convert "
    "to a voice only with that singer's consent, and say in what you publish that the voice was "
    "converted. This is told once."
)
VOICE_NOTICE_FILE = "voice-notice-shown"


def agree(
    session: Session, plans: Sequence[RunPlan], quotes: Sequence[Quote], *, yes: bool
) -> None:
    """Show what the runs cost and ask, unless that is allowed already; nothing is sent before.

    Raises
    ------
    JobCancelled
        The user declined, or there is nobody to ask.
    NotLoggedIn, StorageNotSet
        It could not be done at all.
    """
    from hanolab_dawtools.workflows.spending import sum_of

    _check_ready(session, plans)
    for plan, quote in zip(plans, quotes, strict=True):
        session.screen.notice(f"costs      {plan.title}: {cost_text(quote)}")
    total = sum_of(quotes)
    if len(plans) > 1:
        words = "not known" if total is None else credits_text(total)
        session.screen.notice(f"           all {len(plans)} together: {words}")
    if session.screen.asks_apart:
        session.screen.notice(f"account    {session.services.account_text}")
        say_sent(session, plans[0], quotes[0], session.screen.notice)
        if len(plans) > 1:
            session.screen.notice("             the others likewise")
    show_voice_notice(session, plans)
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


def _check_ready(session: Session, plans: Sequence[RunPlan]) -> None:
    """Find out before anybody is asked what is not set up; no network."""
    session.services.client()
    if any(
        plan.kind is not RequestKind.GENERATE and "input_url" not in plan.parameters
        for plan in plans
    ):
        session.services.storage()


def show_voice_notice(session: Session, plans: Sequence[RunPlan]) -> None:
    """Say once, on this machine, whose voice a conversion may use."""
    if not any(plan.kind.is_conversion for plan in plans):
        return
    path = session.services.folders.data / VOICE_NOTICE_FILE
    if not path.exists():
        session.screen.consent(VOICE_NOTICE)
        durable.write_text(path, "")
