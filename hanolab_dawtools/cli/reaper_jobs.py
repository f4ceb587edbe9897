"""Actions in REAPER on its jobs: go on with them, and cancel them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from hanolab_dawtools.cli.reaper_batch import go_on_with
from hanolab_dawtools.cli.reaper_runs import Action
from hanolab_dawtools.cli.reaper_words import summary_of_reports
from hanolab_dawtools.cli.running import run_jobs
from hanolab_dawtools.errors import HostError
from hanolab_dawtools.jobs.model import RESTING_STATES, BatchState, JobState
from hanolab_dawtools.model import HostName
from hanolab_dawtools.presenters.batch_words import n_cells_text
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.workflows.resuming import HERE, runs_elsewhere, runs_of

if TYPE_CHECKING:
    from hanolab_dawtools.jobs.model import Batch, JobSummary
    from hanolab_dawtools.services import Services

# The engine has given its work back; from `started` on it has at least taken it, and is paid.
GIVEN_STATES = frozenset({JobState.FINISHED, JobState.ALIGNED, JobState.POLISHED, JobState.PLACED})
PAID_STATES = GIVEN_STATES | {JobState.STARTED}


def jobs_of_reaper(action: Action) -> list[JobSummary]:
    """The jobs whose music lives in a running REAPER, the newest first; no parts of others."""
    return [
        job
        for job in action.session.services.store.list()
        if _is_in_reaper(job) and not job.plan.get("part_of")
    ]


def _is_in_reaper(job: JobSummary) -> bool:
    return bool(job.plan["selection"]["host"] == HostName.REAPER)


def batches_of_reaper(action: Action) -> list[tuple[Batch, list[JobSummary]]]:
    """The batches that are not done, the oldest first, with their cells that live in a REAPER."""
    batches = action.session.services.store.batches
    found = []
    for batch in reversed(batches.list()):
        if batch.state is not BatchState.DONE:
            cells = [cell for cell in batches.cells(batch.id) if _is_in_reaper(cell)]
            found += [(batch, cells)] if cells else []
    return found


def import_results(action: Action) -> None:
    """Go on with the jobs that lie here and cost nothing new, where their project is open.

    Cells of a batch that have their results already are placed together.
    """
    screen, chooser = action.screen, _Chooser(action.session.services)
    going: list[str] = []
    for job in reversed(jobs_of_reaper(action)):
        if job.state is JobState.DONE or action.session.services.store.is_claimed(job.id):
            continue
        reason = chooser.reason_against(job)
        if reason:
            tell = screen.say if job.state is JobState.CANCELLED else screen.show
            tell(f"HanoLab: left alone: job {job.id}, {job.title}: {reason}")
        else:
            screen.say(f"HanoLab: goes on: job {job.id}, {job.title}")
            going.append(job.id)
    cells = _cells_going_on(action, chooser)
    if not going and not cells:
        screen.tooltip("there is nothing to import")
        return
    n_jobs = len(going) + sum(map(len, cells.values()))
    screen.tooltip(f"goes on with {n_jobs} job{'s' if n_jobs > 1 else ''}")
    try:
        if going:
            run_jobs(action.session, going)
    except typer.Exit:  # some of several failed, and each was told
        screen.tooltip(summary_of_reports(screen.reports))
        raise
    if going:
        screen.tooltip(summary_of_reports(screen.reports))
    for batch_id, ids in cells.items():
        go_on_with(action, batch_id, ids)


def _cells_going_on(action: Action, chooser: _Chooser) -> Mapping[str, list[str]]:
    """By batch, the cells that go on; what is left alone is counted by its reason."""
    screen = action.screen
    going: dict[str, list[str]] = {}
    for batch, cells in batches_of_reaper(action):
        if batch.is_running:
            continue
        reasons: Counter[str] = Counter()
        for cell in cells:
            if cell.state is JobState.DONE:
                continue
            reason = chooser.reason_against(cell)
            if reason:
                reasons[reason.replace(cell.id, batch.id)] += 1
            else:
                going.setdefault(batch.id, []).append(cell.id)
        for reason, n_cells in reasons.items():
            what = f"{n_cells_text(n_cells)} of batch {batch.id}"
            screen.show(f"HanoLab: left alone: {what}: {reason}")
        if batch.id in going:
            n_cells = len(going[batch.id])
            screen.say(f"HanoLab: goes on: {n_cells_text(n_cells)} of batch {batch.id}")
    return going


class _Chooser:
    """Tells which jobs may be gone on with; a project is looked for once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._closed: dict[tuple[str, str], str] = {}

    def reason_against(self, job: JobSummary) -> str:
        """Why a job is not gone on with unasked; empty when it is."""
        from hanolab_dawtools.workflows.outcomes import plan_of

        if reason := why_not(job):
            return reason
        selection = plan_of(job).selection
        project = (str(selection.source), selection.tab)
        if project not in self._closed:
            try:
                self._services.hosts.reapers.find_project(selection)
                self._closed[project] = ""
            except HostError as error:
                self._closed[project] = str(error)
        return self._closed[project]


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
    n_jobs = len(running) + _cancel_batches(action)
    screen.tooltip(
        f"{n_jobs} job{'' if n_jobs == 1 else 's'} cancelled" if n_jobs else "no job runs"
    )


def _cancel_batches(action: Action) -> int:
    """Ask the processes that run batches in REAPER to stop: how many cells were not at rest."""
    store, screen = action.session.services.store, action.screen
    n_cells = 0
    for batch, cells in batches_of_reaper(action):
        if not batch.is_running:
            continue
        n_open = sum(cell.state not in RESTING_STATES for cell in cells)
        n_cells += n_open
        store.batches.request_cancel(batch.id)
        screen.say(f"HanoLab: cancelled: {n_cells_text(n_open)} of batch {batch.id}")
        if any(map(runs_elsewhere, cells)):
            screen.show(f"HanoLab: batch {batch.id}: {GOES_ON_THERE}")
    return n_cells
