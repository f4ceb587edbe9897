"""`hanolab jobs`: every run, past and present; resume, resolve, cancel, undo, clean, spent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.job_details import (
    HEADINGS,
    charges_by_job,
    details_of,
    kept_answer,
    row_of,
    show_job,
    summary_of,
)
from hanolab_dawtools.cli.resolving import resolve
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.cli.spent import MAX_DAYS, spent
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.model import RESTING_STATES, JobState
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import needs_weights, runs_elsewhere

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import JobSummary

MAX_LISTED = 1_000_000  # more than fits into any store; much more is no number for SQLite

app = typer.Typer(help="Runs past and present.", invoke_without_command=True)

app.command("spent")(spent)
app.command("resolve")(resolve)

JobId = Annotated[str, typer.Argument(metavar="ID", help="A job's id, or the beginning of it.")]
OptionalJobId = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="A job's id, or the beginning of it."),
]


@app.callback()
def _default(
    context: typer.Context,
    of_spent: Annotated[
        bool, typer.Option("--spent", help="What was paid, as `hanolab jobs spent`.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Runs past and present; alone, it lists them."""
    if context.invoked_subcommand is None:
        if of_spent:
            spent(as_json=as_json)
        else:
            list_jobs(as_json=as_json)
    elif as_json:
        name = context.invoked_subcommand
        raise UsageError(
            f"--json stands before {name}", hint=f"Write: hanolab jobs {name} … --json"
        )


@app.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option(min=1, max=MAX_LISTED, help="How many, newest first.")] = 50,
    as_json: options.Json = False,
) -> None:
    """Show the jobs, newest first."""
    with open_session(Screen(as_json=as_json)) as session:
        jobs = session.services.store.list(limit=limit)
        if not jobs and not as_json:
            session.screen.say("No jobs yet. Start one with: hanolab separate FILE")
            return
        charges = charges_by_job(session)
        rows = [row_of(job, charges[job.id]) for job in jobs]
        session.screen.table(HEADINGS, rows, below=("task", "what"))
        session.screen.document({"jobs": [summary_of(job, charges[job.id]) for job in jobs]})


@app.command()
def show(job_id: JobId, as_json: options.Json = False) -> None:
    """Show all that is known of a job: history, result, and why it failed."""
    with open_session(Screen(as_json=as_json)) as session:
        store, screen = session.services.store, session.screen
        job = store.get(job_id)
        events, charges = store.events(job.id), charges_by_job(session, job.id)[job.id]
        answer = kept_answer(session, job)
        show_job(screen, job, charges, events, answer)
        screen.document(details_of(job, charges, events, answer))


@app.command()
def resume(
    job_id: OptionalJobId = None,
    no_wait: options.NoWait = False,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Go on with a job from where it stands; without ID, with all that were interrupted."""
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.cli.running import run_jobs

        jobs = _to_resume(session, job_id)
        if not jobs:
            session.screen.note(
                "No job was interrupted. A failed or cancelled one is resumed by its ID."
            )
        if any(needs_weights(job) for job in jobs):
            from hanolab_dawtools.cli.weights import ensure_weights

            ensure_weights(session, yes=yes)
        run_jobs(session, [job.id for job in jobs], is_patient=not no_wait)


@app.command()
def undo(job_id: JobId, as_json: options.Json = False) -> None:
    """Restore the project as it was before a job, if nothing else changed it since."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.workflows.stored import to_json

        undone = session.services.undo_job(job_id)
        job, placed, screen = undone.job, undone.placed, session.screen
        how = "is" if undone.is_restored else "was already"
        backup = f", the backup is {placed.backup}" if placed.backup else ""
        screen.say(f"{placed.project or 'the project'} {how} as it was before job {job.id}")
        screen.say(f"the stems stay in {placed.folder}{backup}")
        screen.document({"job": job.id, "restored": undone.is_restored, "placed": to_json(placed)})


def _to_resume(session: Session, job_id: str | None) -> list[JobSummary]:
    """The named job, or all that neither ended nor are being worked on, the oldest first.

    A part of a job is done by that job.
    """
    store = session.services.store
    if job_id is None:
        going = [job for job in store.list() if job.state not in RESTING_STATES]
        whole = [job for job in reversed(going) if not job.plan.get("part_of")]
        return [job for job in whole if not store.is_claimed(job.id)]
    job = store.get(job_id)
    if job.state is JobState.DONE:
        from hanolab_dawtools.workflows.undo import is_undone

        if is_undone(job.outcomes):
            raise UsageError(
                f"job {job.id} was done, and then undone",
                hint="Give the same command again; the stems come from the result cache.",
            )
        raise UsageError(
            f"job {job.id} is done already", hint=f"See it with: hanolab jobs show {job.id}"
        )
    return [job]


@app.command()
def cancel(job_id: JobId, as_json: options.Json = False) -> None:
    """Stop a job, wherever it runs; it can be resumed later.

    What HanoLab has accepted goes on there: its API has no way to cancel.
    """
    screen = Screen(as_json=as_json)
    with open_session(screen) as session:
        store = session.services.store
        job = store.get(job_id)
        if job.state is JobState.DONE:
            raise UsageError(f"job {job.id} is done already; there is nothing to cancel")
        if job.state is JobState.UNSURE:
            raise UsageError(
                f"job {job.id} runs nowhere: nobody knows whether HanoLab accepted it",
                hint=f"To leave it so: hanolab jobs resolve {job.id} --abandon",
            )
        store.request_cancel(job.id)
        screen.say(f"job {job.id} will stop; go on any time with: hanolab jobs resume {job.id}")
        if runs_elsewhere(job):
            screen.say(GOES_ON_THERE)
        screen.document({"job": job.id, "goes_on_there": runs_elsewhere(job)})


@app.command()
def clean(
    older_than_days: Annotated[
        float,
        typer.Option("--older-than", metavar="DAYS", min=0, max=MAX_DAYS, help="Only older ones."),
    ] = 30,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also jobs that are not done.")
    ] = False,
    results: Annotated[
        bool, typer.Option("--cache", help="Empty the result cache as well.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Forget old jobs. Stems that were placed are never touched."""
    with open_session(Screen(as_json=as_json)) as session:
        services, screen = session.services, session.screen
        states = {JobState.DONE}
        if unfinished:
            states = set(JobState)
        removed = services.cleaner.jobs(timedelta(days=older_than_days), states, warn=screen.warn)
        screen.say(f"{len(removed)} jobs forgotten")
        if results:
            from hanolab_dawtools.presenters.wording import size_text

            screen.say(f"{size_text(services.cache.size_bytes())} of cached results removed")
            services.cache.clear()
        screen.document({"removed": [job.id for job in removed]})
