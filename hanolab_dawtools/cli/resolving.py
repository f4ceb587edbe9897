"""`hanolab jobs resolve`: what only the user can say of a job, a doubt or a wrong role."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.job_details import charges_by_job, summary_of
from hanolab_dawtools.cli.running import run_jobs
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.errors import JobCancelled, UsageError
from hanolab_dawtools.jobs.model import Job

_WAYS = "How it is"


def resolve(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="A job's id, or its beginning.")],
    task: Annotated[
        str | None,
        typer.Option(
            metavar="TASK", help="HanoLab has it, as this task: go on.", rich_help_panel=_WAYS
        ),
    ] = None,
    resend: Annotated[
        bool,
        typer.Option("--resend", help="It never arrived: send it again.", rich_help_panel=_WAYS),
    ] = False,
    abandon: Annotated[
        bool,
        typer.Option("--abandon", help="Leave it, whether billed or not.", rich_help_panel=_WAYS),
    ] = False,
    roles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WRONG=RIGHT,…",
            help="The stems are named wrongly: vocals=other,other=vocals.",
            rich_help_panel=_WAYS,
        ),
    ] = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Settle what nobody but you can know of a job, and go on with it.

    A job is `unsure` when a request was sent and no usable answer came: it may have been accepted
    and billed. It is never sent again by itself. Look at your HanoLab account first.
    """
    if sum((task is not None, resend, abandon, bool(roles))) != 1:
        raise UsageError(
            "exactly one of --task, --resend, --abandon and --roles is needed",
            hint=f"See what is known: hanolab jobs show {job_id}",
        )
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        if abandon:
            job = session.services.resolver.abandon(job_id)
            if left := session.services.cleaner.discard_upload(job.id):
                session.screen.warn(left)
            _tell_abandoned(session, job)
            return
        if task is not None:
            job = session.services.resolver.task(job_id, task)
        elif resend:
            job = _resent(session, job_id, yes=yes)
        else:
            from hanolab_dawtools.workflows.resolve import parse_roles

            job = session.services.resolver.roles(job_id, parse_roles(roles or ()))
        run_jobs(session, [job.id])


def _resent(session: Session, job_id: str, *, yes: bool) -> Job:
    """Let a job be sent again, if the user knows what that may cost."""
    question = "If HanoLab did accept it, sending it again is billed a second time. Send it again?"
    if not session.screen.confirm(question, yes=yes):
        if session.screen.can_ask:
            raise JobCancelled("declined: nothing was sent")
        raise JobCancelled(
            "sending it again may be billed a second time, and there is nobody to ask",
            hint="Add --yes if you know that it did not arrive.",
        )
    return session.services.resolver.resend(job_id)


def _tell_abandoned(session: Session, job: Job) -> None:
    session.screen.say(f"job {job.id} was abandoned; if it was billed, nobody here knows")
    charges = charges_by_job(session, job.id)[job.id]
    document: dict[str, Any] = summary_of(job, charges)
    session.screen.document(document)
