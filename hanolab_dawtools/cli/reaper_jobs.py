"""Actions in REAPER on its jobs: go on with them, and cancel them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from hanolab_dawtools.cli.reaper_runs import Action
from hanolab_dawtools.cli.reaper_words import summary_of_reports
from hanolab_dawtools.cli.running import run_jobs
from hanolab_dawtools.errors import HostError
from hanolab_dawtools.jobs.model import RESTING_STATES, JobState
from hanolab_dawtools.model import HostName
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import HERE, runs_elsewhere, runs_of

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import JobSummary

# The engine has given its work back; from `started` on it has at least taken it, and is paid.
GIVEN_STATES = frozenset({JobState.FINISHED, JobState.ALIGNED, JobState.POLISHED, JobState.PLACED})
PAID_STATES = GIVEN_STATES | {JobState.STARTED}


def jobs_of_reaper(action: Action) -> list[JobSummary]:
    """The jobs whose music lives in a running REAPER, the newest first; no parts of others."""
    return [
        job
        for job in action.session.services.store.list()
        if job.plan["selection"]["host"] == HostName.REAPER and not job.plan.get("part_of")
    ]


def import_results(action: Action) -> None:
    """Go on with the jobs that lie here and cost nothing new, where their project is open."""
    from hanolab_dawtools.workflows.outcomes import plan_of

    services, screen = action.session.services, action.screen
    going: list[str] = []
    for job in reversed(jobs_of_reaper(action)):
        if job.state is JobState.DONE or services.store.is_claimed(job.id):
            continue
        reason = why_not(job)
        if not reason:
            try:
                services.hosts.reapers.find_project(plan_of(job).selection)
            except HostError as error:
                reason = str(error)
        if reason:
            tell = screen.say if job.state is JobState.CANCELLED else screen.show
            tell(f"HanoLab: left alone: job {job.id}, {job.title}: {reason}")
        else:
            screen.say(f"HanoLab: goes on: job {job.id}, {job.title}")
            going.append(job.id)
    if not going:
        screen.tooltip("there is nothing to import")
        return
    screen.tooltip(f"goes on with {len(going)} job{'s' if len(going) > 1 else ''}")
    try:
        run_jobs(action.session, going)
    except typer.Exit:  # some of several failed, and each was told
        screen.tooltip(summary_of_reports(screen.reports))
        raise
    screen.tooltip(summary_of_reports(screen.reports))


def why_not(job: JobSummary) -> str:
    """Why a job is not gone on with unasked; empty when it is."""
    is_free = all(run["engine"] in HERE for run in runs_of(job.plan))
    if JobState.UNSURE in (job.state, job.good_state):
        return f"nobody knows whether it was accepted (hanolab jobs show {job.id})"
    if job.failure is not None and job.state is JobState.FAILED and not job.failure.can_resume:
        return f"it failed: {job.failure.message}"
    worth_fetching = GIVEN_STATES if is_free else PAID_STATES
    if job.state is JobState.CANCELLED and job.good_state not in worth_fetching:
        return f"it was cancelled (hanolab jobs resume {job.id})"
    if not is_free and job.good_state not in PAID_STATES:
        return f"going on may cost credits (hanolab jobs resume {job.id})"
    return ""


def cancel_running(action: Action) -> None:
    """Ask the processes that work on jobs of REAPER to stop; what is paid goes on there."""
    store, screen = action.session.services.store, action.screen
    running = [
        job
        for job in jobs_of_reaper(action)
        if job.state not in RESTING_STATES and store.is_claimed(job.id)
    ]
    for job in running:
        store.request_cancel(job.id)
        screen.say(f"HanoLab: cancelled: job {job.id}, {job.title}")
        if runs_elsewhere(job):
            screen.show(f"HanoLab: job {job.id}: {GOES_ON_THERE}")
    n_jobs = len(running)
    screen.tooltip(
        f"{n_jobs} job{'' if n_jobs == 1 else 's'} cancelled" if running else "no job runs"
    )
