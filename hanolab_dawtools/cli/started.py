"""The common end of separate, convert and generate: show the plans, or agree and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanolab_dawtools.cli.plans import EngineChoice, say_engine, show_plan
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.model import RequestKind

if TYPE_CHECKING:
    from hanolab_dawtools.workflows.plan import RunPlan

LOCAL = "local"


def run_or_show(
    session: Session,
    plans: list[RunPlan],
    choice: EngineChoice,
    *,
    max_credits: float | None,
    dry_run: bool,
    yes: bool,
    is_patient: bool = True,
) -> None:
    """Run plans of one engine, or say what they would do; paid work asks first.

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
    from hanolab_dawtools.workflows.planning import quote_plan
    from hanolab_dawtools.workflows.spending import with_limits

    services = session.services
    engine = services.engine(choice.name)
    quotes = [quote_plan(plan, engine) for plan in plans]
    plans = with_limits(plans, quotes, max_credits)
    if dry_run:
        shown = [
            show_plan(session, plan, quote, choice)
            for plan, quote in zip(plans, quotes, strict=True)
        ]
        session.screen.document({"plans": shown})
        return
    is_paid = engine.capabilities().is_paid
    say_engine(session, choice, is_paid=is_paid)
    if is_paid:
        from hanolab_dawtools.cli.paid import agree

        agree(session, plans, quotes, yes=yes)
    if choice.name == LOCAL and any(plan.kind is RequestKind.SEPARATE for plan in plans):
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=yes)
    run_jobs(session, [services.create_job(plan).id for plan in plans], is_patient=is_patient)
