"""The common end of separate, convert and generate: show the plans, or agree and run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanolab_dawtools.cli.option_groups import Talk
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
    from hanolab_dawtools.workflows.parts import leaves
    from hanolab_dawtools.workflows.planning import limited, quote_whole

    services = session.services
    quotes = [quote_whole(plan, services.engine) for plan in plans]
    plans = limited(plans, max_credits, services.engine)
    if talk.dry_run:
        shown = [
            show_plan(session, plan, quote, choice)
            for plan, quote in zip(plans, quotes, strict=True)
        ]
        session.screen.document({"plans": shown})
        return
    runs = [run for plan in plans for run in leaves(plan)]
    paid = [run for run in runs if services.engine(run.engine).capabilities().is_paid]
    say_engine(session, choice, is_paid=bool(paid))
    if paid:
        from hanolab_dawtools.cli.paid import agree

        agree(session, paid, [quote_whole(run, services.engine) for run in paid], yes=talk.yes)
    if any(run.engine == LOCAL and run.kind is RequestKind.SEPARATE for run in runs):
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=talk.yes)
    run_jobs(session, [services.create_job(plan).id for plan in plans], is_patient=is_patient)
