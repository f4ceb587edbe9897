"""The common end of separate, convert and generate: show the plans, or agree and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanolab_dawtools.cli.option_groups import Talk
from hanolab_dawtools.cli.plans import EngineChoice, say_engine, show_plan
from hanolab_dawtools.cli.session import Session

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.plan import RunPlan

LOCAL = "local"


def run_or_show(
    session: Session,
    plans: list[RunPlan],
    choice: EngineChoice,
    talk: Talk,
    *,
    max_credits: float | None = None,
    is_patient: bool = True,
) -> None:
    """Run plans, or say what they would do; paid work asks first, once for all of it.

    `choice`: the engine of the plans; their parts may have others.

    Raises
    ------
    JobCancelled
        The user declined.
    SpendingLimit
        More may be spent than `--max-credits` allows.
    HanolabError
        What a run failed with.
    """
    from hanolab_dawtools.cli.running import run_jobs
    from hanolab_dawtools.workflows.offering import offer_of

    services = session.services
    offer = offer_of(plans, services.engine, max_credits)
    if talk.dry_run:
        shown = [
            show_plan(session, plan, quote, choice)
            for plan, quote in zip(offer.plans, offer.quotes, strict=True)
        ]
        session.screen.document({"plans": shown})
        return
    say_engine(session, choice, is_paid=bool(offer.paid))
    if offer.paid:
        from hanolab_dawtools.cli.paid import agree

        agree(session, offer.paid, offer.paid_quotes, yes=talk.yes)
    if offer.separates_here:
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=talk.yes)
    run_jobs(session, [services.create_job(plan).id for plan in offer.plans], is_patient=is_patient)
