"""What a run may cost: sums of quotes, and the limit that the user sets for all its jobs.

A limit holds for a whole run. Each plan carries its own part of it, so that every job can be
checked again right before it is paid for, in any process: with the real length, and with prices
that were learnt meanwhile. The parts together never exceed the limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hanolab_dawtools.errors import SpendingLimit
from hanolab_dawtools.model import Quote
from hanolab_dawtools.workflows.plan import RunPlan


def sum_of(quotes: Sequence[Quote]) -> float | None:
    """Credits of all quotes together; None when one of them is unknown."""
    known = [quote.credits for quote in quotes if quote.credits is not None]
    return sum(known) if len(known) == len(quotes) else None


def check_limit(quote: Quote, max_credits: float | None) -> None:
    """Raise `SpendingLimit` when a request may cost more than that; None allows everything."""
    if max_credits is None:
        return
    if quote.credits is None:
        raise SpendingLimit(
            f"what it costs is not known, and at most {max_credits:g} credits may be spent",
            hint="Set the price in [pricing] of the settings, or leave --max-credits out.",
        )
    if not quote.credits <= max_credits:  # also when the limit is no number
        raise _too_much(quote.credits, max_credits)


def with_limits(
    plans: Sequence[RunPlan], quotes: Sequence[Quote], max_credits: float | None
) -> list[RunPlan]:
    """The plans, each with its part of the limit: its quote and an equal share of what is over.

    Raises
    ------
    SpendingLimit
        Together they may cost more than the limit.
    """
    if max_credits is None:
        return list(plans)
    total = sum_of(quotes)
    for quote in quotes:
        check_limit(quote, max_credits)
    if total is None or not total <= max_credits:
        raise _too_much(total or 0.0, max_credits)
    spare = (max_credits - total) / len(plans)
    return [
        replace(plan, max_credits=(quote.credits or 0.0) + spare)
        for plan, quote in zip(plans, quotes, strict=True)
    ]


def _too_much(credits: float, max_credits: float) -> SpendingLimit:  # noqa: A002 - the service's word
    return SpendingLimit(
        f"it would cost {credits:g} credits, and at most {max_credits:g} may be spent",
        hint="Nothing was sent. Raise --max-credits, or choose less.",
    )
