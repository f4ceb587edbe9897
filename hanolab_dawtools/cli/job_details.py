"""What is told of stored jobs: one row each, all of one, and the same as JSON values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.presenters.wording import age_text, charge_text
from hanolab_dawtools.redaction import without_queries, without_signatures

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Charge, Job, JobEvent, JobSummary

SHOWN_CHARACTERS = 500  # of an answer that made no sense
HEADINGS = ["job", "state", "age", "engine", "credits", "task", "what"]


def charges_by_job(session: Session, job_id: str | None = None) -> Mapping[str, list[Charge]]:
    """What jobs were billed, by their ids; an empty list for one that was not."""
    charges: defaultdict[str, list[Charge]] = defaultdict(list)
    for entry in session.services.store.ledger.entries(job_id):
        charges[entry.job_id].append(entry.charge)
    return charges


def row_of(job: JobSummary, charges: Sequence[Charge]) -> list[str]:
    """A job in a table with `HEADINGS`."""
    return [
        job.id,
        job.state.value,
        age_text((datetime.now(UTC) - job.created_at).total_seconds()),
        str(job.plan.get("engine", "")),
        _cost(charges),
        _task_ids(charges),
        job.title,
    ]


def kept_answer(session: Session, job: Job) -> dict[str, Any] | None:
    """What a service answered to a job's request, as it came, while the doubt about it lasts."""
    from hanolab_dawtools.engines.base import Journal

    if JobState.UNSURE not in (job.state, job.good_state):
        return None
    answer = Journal(session.services.store.folder_of(job.id)).answer
    if answer is None:
        return None
    body = without_queries(answer.body.decode("utf-8", "backslashreplace"))
    return {"status": answer.status, "body": body}


def show_job(
    screen: Screen,
    job: Job,
    charges: Sequence[Charge],
    events: Sequence[JobEvent],
    answer: Mapping[str, Any] | None,
) -> None:
    """Say where a job stands, what it was billed, how it got there, and what to do next."""
    screen.say(f"{job.title}\n{job.id}, {job.state.value}, engine {job.plan.get('engine')}")
    if charges:
        screen.say(f"credits    {_cost(charges)}")
        screen.say(f"task       {_task_ids(charges)}")
    if job.wait is not None:
        until = job.wait.until
        when = f"until {until.astimezone():%H:%M:%S}" if until else "until there is room"
        screen.say(f"waits      {when} ({job.wait.reason})")
    for event in events:
        note = f"  {event.note}" if event.note else ""
        screen.say(f"  {event.at.astimezone():%Y-%m-%d %H:%M:%S}  {event.state.value}{note}")
    if job.failure is not None:
        screen.say(f"failed in step {job.failure.step}: {job.failure.message}")
        if job.failure.hint:
            screen.say(f"  {job.failure.hint}")
    _say_parts(screen, job)
    if "place" in job.outcomes:
        from hanolab_dawtools.cli.results import print_result

        print_result(screen, job)
        _say_undo(screen, job)
    elif JobState.UNSURE in (job.state, job.good_state):
        _say_unsure(screen, job, answer)
    elif job.failure is not None and not job.failure.can_resume:
        screen.say("Resuming would fail again. Run the command again: that makes a new job.")
    elif job.state is not JobState.DONE:
        screen.say(f"Go on with: hanolab jobs resume {job.id}")


def _say_parts(screen: Screen, job: Job) -> None:
    if job.cell is not None:
        screen.say(f"batch      {job.batch_id}, cell {job.cell}")
    for number, part in enumerate(job.plan.get("parts", ()), 1):
        screen.say(f"part       {job.id}-{number}  {part['label']}")
    if job.plan.get("part_of"):
        screen.say(f"part of    {job.plan['part_of']}")


def _say_unsure(screen: Screen, job: Job, answer: Mapping[str, Any] | None) -> None:
    if answer is None:
        screen.say("answer     none came")
    else:
        screen.say(f"answer     {answer['status']}: {_one_line(answer['body'])}")
    screen.say("Nobody here knows whether it was accepted. Look at your HanoLab account, then:")
    screen.say(f"  hanolab jobs resolve {job.id} --task T    it is there, as task T")
    screen.say(f"  hanolab jobs resolve {job.id} --resend    it is not there: send it again")
    screen.say(f"  hanolab jobs resolve {job.id} --abandon   leave it")


def _one_line(text: str) -> str:
    """A server's text without what could act on a terminal, and not without end."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[:SHOWN_CHARACTERS])
    return shown if len(text) <= SHOWN_CHARACTERS else f"{shown}… (all of it with --json)"


def _say_undo(screen: Screen, job: Job) -> None:
    from hanolab_dawtools.workflows.outcomes import placed_of
    from hanolab_dawtools.workflows.undo import is_undone

    placed = placed_of(job.outcomes)
    if is_undone(job.outcomes):
        project = placed.project or "the project"
        screen.say(f"undone     {project} was restored; the stems stay in {placed.folder}")
    elif placed.backup is not None or placed.undo_label:
        screen.say(f"undo with  hanolab jobs undo {job.id}")


def summary_of(job: JobSummary, charges: Sequence[Charge]) -> dict[str, Any]:
    """A job as JSON values."""
    failure = None
    if job.failure is not None:
        failure = {
            "step": job.failure.step,
            "message": job.failure.message,
            "hint": job.failure.hint,
            "exit_code": job.failure.exit_code,
            "can_resume": job.failure.can_resume,
        }
    next_slot = job.wait.until if job.wait else None
    return {
        "job": job.id,
        "title": job.title,
        "state": job.state.value,
        "created_at": job.created_at.isoformat(),
        "updated_at": job.updated_at.isoformat(),
        "engine": job.plan.get("engine"),
        "batch": job.batch_id or None,
        "charges": [
            {
                "action": one.action,
                "credits": one.credits,
                "task_id": one.task_id,
                "is_sure": one.is_sure,
            }
            for one in charges
        ],
        "next_slot_at": next_slot.isoformat() if next_slot else None,
        "failure": failure,
    }


def details_of(
    job: Job,
    charges: Sequence[Charge],
    events: Sequence[JobEvent],
    answer: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """All of a job as JSON values."""
    history = [
        {"at": event.at.isoformat(), "state": event.state.value, "note": event.note}
        for event in events
    ]
    return summary_of(job, charges) | {
        "plan": without_signatures(job.plan),
        "outcomes": without_signatures(job.outcomes),
        "history": history,
        "answer": answer,
    }


def _cost(charges: Sequence[Charge]) -> str:
    return " + ".join(charge_text(one.credits, is_sure=one.is_sure) for one in charges) or "-"


def _task_ids(charges: Sequence[Charge]) -> str:
    return ", ".join(charge.task_id for charge in charges if charge.task_id) or "-"
