"""What came of a job: where the stems are, how they lie in time, how they null, what was paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import Alignment, HostName, RequestKind
from hanolab_dawtools.presenters.wording import (
    alignment_text,
    capture_text,
    credits_text,
    null_text,
    role_text,
    speed_text,
)

if TYPE_CHECKING:
    from hanolab_dawtools.model import Capture
    from hanolab_dawtools.placement import Placed
    from hanolab_dawtools.workflows.plan import RunPlan


def report_of(job: Job) -> dict[str, Any]:
    """A finished job as JSON values; parts that its kind does not have are None."""
    from hanolab_dawtools.workflows.outcomes import credits_of, is_cached, task_id_of

    outcomes = job.outcomes
    capture = outcomes["capture"]["capture"]
    if capture is not None:
        capture = {name: value for name, value in capture.items() if name != "path"}  # it is gone
    return {
        "job": job.id,
        "title": job.title,
        "state": job.state.value,
        "engine": job.plan.get("engine"),
        "cached": is_cached(outcomes),
        "credits": credits_of(outcomes),
        "task_id": task_id_of(outcomes),
        "capture": capture,
        "alignment": outcomes["align"]["alignment"],
        "placed": outcomes["place"]["placed"],
        "parts": outcomes["prepare"].get("parts", []),
    }


def print_result(screen: Screen, job: Job, elapsed_seconds: float | None = None) -> None:
    """Tell all that a user wants to know of a job whose stems are placed."""
    from hanolab_dawtools.workflows.outcomes import (
        alignment_of,
        capture_of,
        is_cached,
        placed_of,
        plan_of,
    )

    plan, capture, placed = plan_of(job), capture_of(job.outcomes), placed_of(job.outcomes)
    if capture is not None:
        _print_capture(screen, capture)
    for track in placed.tracks:
        screen.say(f"  {role_text(track):<15}{track.url or track.path}")
    if plan.selection.host is HostName.REAPER and plan.folder is None:
        _print_live(screen, placed, plan)
    elif placed.project is not None:
        _print_project(screen, placed, plan)
    for warning in placed.warnings:
        screen.warn(warning)
    alignment = alignment_of(job.outcomes)
    if alignment is not None:
        _print_alignment(screen, alignment, plan.kind)
    _print_parts(screen, job)
    _print_paid(screen, job)
    if elapsed_seconds is not None:
        seconds = capture.selection_frames / capture.sample_rate if capture else 0.0
        is_free = is_cached(job.outcomes)
        how = "from the result cache" if is_free else speed_text(seconds, elapsed_seconds)
        screen.say(f"took       {', '.join(filter(None, (f'{elapsed_seconds:.1f} s', how)))}")
    screen.say(f"job        {job.id}")


def _print_capture(screen: Screen, capture: Capture) -> None:
    from hanolab_dawtools.workflows.doubts import notes_on

    screen.say(f"captured   {capture_text(capture)}")
    for note in notes_on(capture):
        screen.warn(note)


def _what_came(placed: Placed, plan: RunPlan) -> str:
    if plan.kind is RequestKind.GENERATE:
        what = "a new track"
    else:
        what = "takes of the item" if plan.as_takes else "tracks in a new folder"
    return f"{what}: {', '.join(track.name for track in placed.tracks)}"


def _print_live(screen: Screen, placed: Placed, plan: RunPlan) -> None:
    screen.say(f"in REAPER  {_what_came(placed, plan)}")
    for change in placed.changes:
        screen.say(f"           {change}")


def _print_project(screen: Screen, placed: Placed, plan: RunPlan) -> None:
    screen.say(f"project    {placed.project}")
    screen.say(f"           {_what_came(placed, plan)}")
    screen.say(
        f"           inserted lines: {placed.lines_inserted}, "
        f"changed values: {placed.tokens_changed}"
    )
    for change in placed.changes:
        screen.say(f"           {change}")
    if placed.backup is not None:
        screen.say(f"backup     {placed.backup}")


def _print_alignment(screen: Screen, alignment: Alignment, kind: RequestKind) -> None:
    screen.say(f"alignment  {alignment_text(alignment, is_voice=kind.is_conversion)}")
    for repair in alignment.repairs:
        screen.say(f"           {repair}")
    if kind is RequestKind.SEPARATE:
        screen.say(f"null       {null_text(alignment.null_db)} (mix minus the sum of the stems)")


def _print_parts(screen: Screen, job: Job) -> None:
    """What the runs were that this one was made of, and how each lay in time."""
    from hanolab_dawtools.workflows.stored import from_json

    for part in job.outcomes["prepare"].get("parts", ()):
        task = f", {_cost_of_part(part)}, task {part['task_id']}" if part["task_id"] else ""
        if part["cached"]:
            task = ", from the result cache"
        screen.say(f"part       {part['what']} ({part['engine']}, job {part['job']}{task})")
        if part["alignment"] is not None:
            alignment = from_json(Alignment, part["alignment"])
            is_voice = alignment.null_db is None  # a separation has one
            screen.say(f"           {alignment_text(alignment, is_voice=is_voice)}")
            for repair in alignment.repairs:
                screen.say(f"           {repair}")


def _cost_of_part(part: Mapping[str, Any]) -> str:
    return "price not known" if part["credits"] is None else credits_text(part["credits"])


def _print_paid(screen: Screen, job: Job) -> None:
    """What it cost, where a service was asked."""
    from hanolab_dawtools.workflows.outcomes import quote_of, ticket_of

    quote, ticket = quote_of(job.outcomes), ticket_of(job.outcomes)
    if ticket is None or not ticket.task_id:
        return
    cost = "not known"
    if quote is not None and quote.credits is not None:
        cost = credits_text(quote.credits) + (f" ({quote.reason})" if quote.reason else "")
    screen.say(f"paid       {cost}, task {ticket.task_id}")
