"""What the steps of a job left, as the model's types: each step reads what it needs from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hanolab_dawtools.jobs.model import JobSummary
from hanolab_dawtools.model import Alignment, Capture, Quote, Request, Stem, Ticket
from hanolab_dawtools.placement import Placed
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import from_json, outcome_of

Outcomes = Mapping[str, Any]
Stems = tuple[Stem, ...]


def plan_of(job: JobSummary) -> RunPlan:
    """What a job is to do."""
    return from_json(RunPlan, job.plan)


def capture_of(outcomes: Outcomes) -> Capture | None:
    """What was captured; None for music that is made of nothing."""
    if outcomes["capture"]["capture"] is None:
        return None
    return outcome_of(outcomes, "capture", Capture, "capture")


def request_of(outcomes: Outcomes) -> Request:
    """What is asked of the engine."""
    return outcome_of(outcomes, "prepare", Request, "request")


def prepared_of(outcomes: Outcomes) -> str:
    """What the engine's `prepare` gave; "" for jobs from before there was such a thing."""
    return str(outcomes["prepare"].get("prepared", ""))


def quote_of(outcomes: Outcomes) -> Quote | None:
    """What the request was to cost when it was sent; None when nothing was sent."""
    if "quote" not in outcomes.get("start", {}):
        return None
    return outcome_of(outcomes, "start", Quote, "quote")


def ticket_of(outcomes: Outcomes) -> Ticket | None:
    """The work that the engine has taken on; None when there is none that we know of."""
    if "ticket" not in outcomes.get("start", {}):
        return None
    return outcome_of(outcomes, "start", Ticket, "ticket")


def stems_of(outcomes: Outcomes) -> Stems:
    """What came of the request, out of the result cache, or of the job's parts."""
    step = "prepare" if "stems" in outcomes["prepare"] else "finish"
    return outcome_of(outcomes, step, Stems, "stems")


def is_cached(outcomes: Outcomes) -> bool:
    """Whether the result cache had the answer."""
    return bool(outcomes["prepare"]["cached"])


def alignment_of(outcomes: Outcomes) -> Alignment | None:
    """How the result lay in time; None where there is nothing to compare."""
    if outcomes["align"]["alignment"] is None:
        return None
    return outcome_of(outcomes, "align", Alignment, "alignment")


def credits_of(outcomes: Outcomes, *, is_paid: bool = True) -> float | None:
    """What a job has cost, its parts together; None when nobody knows."""
    parts = outcomes["prepare"].get("parts")
    if parts is not None:
        known = [part["credits"] for part in parts if part["credits"] is not None]
        return sum(known) if len(known) == len(parts) else None
    quote = quote_of(outcomes)
    if is_cached(outcomes) or not is_paid:
        return 0
    return quote.credits if quote else 0


def task_id_of(outcomes: Outcomes) -> str:
    """What a service calls a job's work; "" where it did none."""
    ticket = None if is_cached(outcomes) else ticket_of(outcomes)
    return ticket.task_id if ticket else ""


def placed_of(outcomes: Outcomes) -> Placed:
    """What a job that was placed has made."""
    return outcome_of(outcomes, "place", Placed, "placed")
