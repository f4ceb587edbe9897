"""`hanolab jobs`: every run, past and present; resume, resolve, cancel, undo, clean, spent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.batch import HowRun
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.job_details import (
    charges_by_job,
    details_of,
    kept_answer,
    show_job,
)
from hanolab_dawtools.cli.option_groups import spread
from hanolab_dawtools.cli.resolving import resolve
from hanolab_dawtools.cli.session import Session, open_session
from hanolab_dawtools.cli.spent import MAX_DAYS, spent
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import needs_weights, runs_elsewhere

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Batch, Job

MAX_LISTED = 1_000_000  # more than fits into any store; much more is no number for SQLite

_ID_HELP = "Id of a job, of a batch or of one of its cells, or the beginning of it."

app = typer.Typer(help="Runs past and present.", invoke_without_command=True)

app.command("spent")(spent)
app.command("resolve")(resolve)

JobId = Annotated[str, typer.Argument(metavar="ID", help=_ID_HELP)]
OptionalJobId = Annotated[str | None, typer.Argument(metavar="ID", help=_ID_HELP)]
WithCells = Annotated[bool, typer.Option("--cells", help="Each cell of a batch as well.")]
OnlyFailed = Annotated[
    bool, typer.Option("--only-failed", help="Of a batch: only the cells that failed.")
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
    cells: WithCells = False,
    as_json: options.Json = False,
) -> None:
    """Show jobs and batches, newest first."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.cli.listing import list_all

        list_all(session, limit, with_cells=cells)


@app.command()
def show(job_id: JobId, cells: WithCells = False, as_json: options.Json = False) -> None:
    """Show all that is known of a job or a batch: history, result, and why it failed."""
    with open_session(Screen(as_json=as_json)) as session:
        store, screen = session.services.store, session.screen
        if store.batches.names(job_id):
            _show_batch(session, store.batches.get(job_id), with_cells=cells)
            return
        job = store.get(job_id)
        events, charges = store.events(job.id), charges_by_job(session, job.id)[job.id]
        answer = kept_answer(session, job)
        show_job(screen, job, charges, events, answer)
        screen.document(details_of(job, charges, events, answer))


def _show_batch(session: Session, batch: Batch, *, with_cells: bool) -> None:
    from hanolab_dawtools.cli.batch_shown import details_of_batch, reports_of, show_batch

    store, screen = session.services.store, session.screen
    charges = [one.charge for one in store.ledger.of_batch(batch.id)]
    cells = store.batches.cells(batch.id)
    reports = reports_of(session, batch, cells, with_results=with_cells or screen.as_json)
    show_batch(screen, batch, cells, reports, charges, with_cells=with_cells)
    screen.document(details_of_batch(batch, reports, charges))


@app.command()
@spread
def resume(
    job_id: OptionalJobId = None,
    *,
    only_failed: OnlyFailed = False,
    how: HowRun,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Go on with a job or a batch from where it stands; without ID, with all that were interrupted.

    How a batch runs may be told anew; how it ran before counts no more.
    """
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        from hanolab_dawtools.cli import resuming

        batches = session.services.store.batches
        if job_id is not None and batches.names(job_id):
            batch = batches.get(job_id)
            run_options = how.options()
            resuming.resume_batch(session, batch, run_options, only_failed=only_failed, yes=yes)
            return
        if only_failed:
            raise UsageError(
                "--only-failed goes with a batch",
                hint="Name one: hanolab jobs resume BATCH --only-failed",
            )
        if job_id is None:
            resuming.resume_all(session, how.options(), yes=yes, is_patient=not how.no_wait)
        else:
            _resume_job(session, job_id, yes=yes, is_patient=not how.no_wait)


def _resume_job(session: Session, job_id: str, *, yes: bool, is_patient: bool) -> None:
    from hanolab_dawtools.cli.running import run_jobs

    job = _to_resume(session, job_id)
    if needs_weights(job):
        from hanolab_dawtools.cli.weights import ensure_weights

        ensure_weights(session, yes=yes)
    run_jobs(session, [job.id], is_patient=is_patient)


@app.command()
def undo(job_id: JobId, as_json: options.Json = False) -> None:
    """Restore the project as it was before a job or a batch, if nothing else changed it since."""
    with open_session(Screen(as_json=as_json)) as session:
        from hanolab_dawtools.cli import taking_back

        batches = session.services.store.batches
        if batches.names(job_id):
            taking_back.undo_batch(session, batches.get(job_id).id)
        else:
            taking_back.undo_job(session, job_id)


def _to_resume(session: Session, job_id: str) -> Job:
    """The named job, unless it is done."""
    job = session.services.store.get(job_id)
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
    return job


@app.command()
def cancel(job_id: JobId, as_json: options.Json = False) -> None:
    """Stop a job or a batch, wherever it runs; it can be resumed later.

    What HanoLab has accepted goes on there: its API has no way to cancel.
    """
    screen = Screen(as_json=as_json)
    with open_session(screen) as session:
        store = session.services.store
        if store.batches.names(job_id):
            _cancel_batch(session, store.batches.get(job_id))
            return
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


def _cancel_batch(session: Session, batch: Batch) -> None:
    """Stop a batch; its cells that have ended stay as they are."""
    store, screen = session.services.store, session.screen
    if not batch.n_open and not batch.is_running:
        raise UsageError(
            f"batch {batch.id} is {batch.state.value}; there is nothing to cancel",
            hint=f"See it with: hanolab jobs show {batch.id}",
        )
    goes_on_there = any(map(runs_elsewhere, store.batches.cells(batch.id)))
    store.batches.request_cancel(batch.id)
    screen.say(f"batch {batch.id} will stop; go on any time with: hanolab jobs resume {batch.id}")
    if goes_on_there:
        screen.say(GOES_ON_THERE)
    screen.document({"batch": batch.id, "goes_on_there": goes_on_there})


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
        age = timedelta(days=older_than_days)
        removed = services.cleaner.jobs(age, states, warn=screen.warn)
        batches = services.cleaner.batches(age, states, warn=screen.warn)
        screen.say(f"{len(removed)} jobs forgotten")
        if batches:
            n_cells = sum(batch.n_cells for batch in batches)
            screen.say(f"{len(batches)} batches forgotten, of {n_cells:,} cells")
        if results:
            from hanolab_dawtools.presenters.wording import size_text

            screen.say(f"{size_text(services.cache.size_bytes())} of cached results removed")
            services.cache.clear()
        screen.document(
            {"removed": [job.id for job in removed], "batches": [batch.id for batch in batches]}
        )
