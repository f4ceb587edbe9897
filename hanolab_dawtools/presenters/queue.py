"""Every job of the store, wherever it runs: how it stands, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError, JobBusy, JobCancelled
from hanolab_dawtools.jobs.model import Job, Spent
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters import job_acts
from hanolab_dawtools.presenters.batch_acts import read_batch_details
from hanolab_dawtools.presenters.batch_rows import row_here
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.job_acts import JobActs
from hanolab_dawtools.presenters.job_details import JobDetails, read_details
from hanolab_dawtools.presenters.job_rows import JobRow
from hanolab_dawtools.presenters.job_runs import JobRuns
from hanolab_dawtools.presenters.job_watch import JobWatch, is_left
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.weights_question import WeightsQuestion
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.resuming import needs_weights

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class QueueView:
    """What is shown of the jobs.

    Attributes
    ----------
    rows
        The jobs that pass the filters, the newest first.
    n_running, n_interrupted
        Of all jobs: those that this panel runs or will run, and those to be gone on with.
    phases, search
        The filters.
    selected, details
        The selected job's id, and what is known of it as soon as it was read.
    removing
        The job that the user is asked about: whether it shall be forgotten.
    """

    rows: tuple[JobRow, ...] = ()
    n_jobs: int = 0
    n_running: int = 0
    n_interrupted: int = 0
    phases: frozenset[Phase] = frozenset(Phase)
    search: str = ""
    selected: str = ""
    details: JobDetails | None = None
    removing: str = ""
    is_loaded: bool = False

    @property
    def selected_row(self) -> JobRow | None:
        """The selected job, if it is shown."""
        return next((row for row in self.rows if row.id == self.selected), None)


class QueuePresenter(Presenter[QueueView]):
    """The jobs, and what the user may do with them.

    `tick` is called every 100 ms by whoever shows it. `finished` is emitted when a job of this
    panel was done or failed: `last_finished` is its id then, `last_error` what it failed with.
    `place_wanted` is emitted when the user wants the selected job's results placed again,
    `batch_wanted` when the batch `wanted_batch` is to be shown, and gone on with if
    `is_resume_wanted`.

    Parameters
    ----------
    new_services
        Makes the services of a thread; by default from the settings and folders of `services`.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        messages: MessagesPresenter,
        cost: CostPresenter,
        *,
        new_services: Callable[[], Services] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(QueueView())
        self._services = services
        self._workers = workers
        self._messages = messages
        self._cost = cost
        self._weights = WeightsQuestion(services, workers, cost, messages)
        self.new_services = new_services or _like(services)
        self._runs = JobRuns(
            self.new_services,
            workers.dispatcher,
            ended=self._on_ended,
            on_internal_error=lambda text: messages.tell(text, severity=Severity.FAILED),
        )
        self._watch = JobWatch(
            services, workers, self._runs, changed=self._merge, failed=messages.tell, clock=clock
        )
        self._acts = JobActs(self.new_services, workers, self._on_failed_act)
        self._spent: Spent | None = None
        self._details_of: JobRow | None = None
        self.finished = Event()
        self.last_finished = ""
        self.last_error: HanolabError | None = None
        self.place_wanted = Event()
        self.batch_wanted = Event()
        self.wanted_batch, self.is_resume_wanted = "", False
        self.batch_here: Callable[[], str] = lambda: ""  # the id of the one that this panel runs

    def tick(self) -> None:
        """Take in what happened since the last time; never blocks."""
        self._runs.tick()
        self._watch.tick()

    def look_now(self) -> None:
        """Look at the store at the next tick: something was done to it."""
        self._watch.look_now()

    def select(self, job_id: str) -> None:
        """Show the details of a job; an empty id: of none."""
        if job_id != self.view.selected:
            self._details_of = None
            self._show(replace(self.view, selected=job_id, details=None, removing=""))
            self._read_details()

    def search(self, text: str) -> None:
        """Show only jobs in which all of these words are."""
        self._show(replace(self.view, search=text))
        self._merge()

    def show_phases(self, phases: frozenset[Phase]) -> None:
        """Show only jobs that stand so."""
        self._show(replace(self.view, phases=phases))
        self._merge()

    def run(self, job_ids: Sequence[str]) -> None:
        """Run jobs in this panel, or go on with them, as soon as there is room for them."""
        ids = tuple(job_ids)
        self._acts.do(lambda services: _runnable(services, ids), self._run_all)

    def resume(self, job_id: str) -> None:
        """Go on with a job or a batch from where it stands."""
        row = self._watch.stored_row(job_id)
        if row is not None and row.is_batch:
            self._want_batch(job_id, is_resume_wanted=True)
        else:
            self.run([job_id])

    def show_batch(self, batch_id: str) -> None:
        """The user wants to see the cells of a batch."""
        self._want_batch(batch_id, is_resume_wanted=False)

    def resume_all(self) -> None:
        """Go on with all jobs that were interrupted, the oldest first."""
        self.run([row.id for row in reversed(self._watch.rows()) if is_left(row)])

    def cancel(self, job_id: str) -> None:
        """Stop a job, wherever it runs; it can be resumed."""
        self._runs.stop(job_id)
        self._acts.do(lambda services: job_acts.cancel(services, job_id), self._tell_note)

    def ask_remove(self, job_id: str) -> None:
        """Ask whether a job shall be forgotten; an empty id: the user thought better of it."""
        self._show(replace(self.view, removing=job_id))

    def remove(self) -> None:
        """Forget the job that was asked about; files that were placed stay."""
        job_id = self.view.removing
        if job_id:
            self.ask_remove("")
            self._acts.do(lambda services: job_acts.remove(services, job_id), self._tell_note)

    def resolve_as_task(self, job_id: str, task_id: str) -> None:
        """The user found the task of a job in doubt: go on with it."""
        self._acts.do(lambda one: job_acts.resolved_as_task(one, job_id, task_id), self._run_one)

    def resend(self, job_id: str) -> None:
        """The user knows that a job in doubt never arrived: send it again."""
        self._acts.do(lambda services: job_acts.resent(services, job_id), self._run_one)

    def abandon(self, job_id: str) -> None:
        """Leave a job in doubt."""
        self._acts.do(lambda services: job_acts.abandoned(services, job_id), self._tell_note)

    def correct_roles(self, job_id: str, corrected: Mapping[StemRole, StemRole]) -> None:
        """Place a separation's stems anew under their right names, at no cost."""
        self._acts.do(lambda one: job_acts.with_roles(one, job_id, corrected), self._run_one)

    def undo(self, job_id: str) -> None:
        """Restore the project that a job has put its results into."""
        self._acts.do(lambda services: job_acts.undone(services, job_id), self._tell_note)

    def place_again(self, job_id: str) -> None:
        """The user wants the results of a job somewhere else, too."""
        self.select(job_id)
        self.place_wanted.emit()

    @property
    def running_ids(self) -> frozenset[str]:
        """The jobs that this panel runs, or will run."""
        return self._runs.ids

    def close(self) -> None:
        """Stop what runs here, and wait for that; the next start offers to go on with it."""
        try:
            self._watch.remember_left()
        except HanolabError as error:  # they can be resumed one by one
            self._messages.tell(error)
        self._runs.close()

    def _want_batch(self, batch_id: str, *, is_resume_wanted: bool) -> None:
        self.wanted_batch, self.is_resume_wanted = batch_id, is_resume_wanted
        self.batch_wanted.emit()

    def _merge(self) -> None:
        """Show the rows as they stand now, as far as they pass the filters."""
        rows, view, here = self._watch.rows(), self.view, self.batch_here()
        if here:
            rows = tuple(row_here(row) if row.id == here else row for row in rows)
        words = view.search.casefold().split()
        shown = tuple(
            row for row in rows if row.phase in view.phases and (not words or row.matches(words))
        )
        self._show(
            replace(
                view,
                rows=shown,
                n_jobs=len(rows),
                n_running=len(self._runs.ids),
                n_interrupted=sum(map(is_left, rows)),
                is_loaded=self._watch.is_loaded,
            )
        )
        if self._watch.stored.spent is not self._spent:
            self._spent = self._watch.stored.spent
            self._cost.show_spent(self._spent)
        self._read_details()

    def _read_details(self) -> None:
        """Read what is known of the selected job, when that may be new."""
        job_id = self.view.selected
        row = self._watch.stored_row(job_id) if job_id else None
        if row is None or row is self._details_of:
            return
        self._details_of = row

        def done(details: JobDetails) -> None:
            if details.id == self.view.selected:
                self._show(replace(self.view, details=details))

        read = read_batch_details if row.is_batch else read_details
        self._workers.run(
            "job details",
            lambda _: read(self._services, job_id),
            done=done,
            failed=lambda _: None,  # it was removed meanwhile, which the next look tells
        )

    def _run_all(self, found: tuple[list[Job], bool]) -> None:
        jobs, lacks_weights = found
        if lacks_weights:
            self._weights.ask(lambda: self._begin(jobs), lambda: None)
        else:
            self._begin(jobs)

    def _begin(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            self._runs.run(job)
        self._watch.look_now()
        self._merge()

    def _run_one(self, job: Job) -> None:
        self.run([job.id])

    def _tell_note(self, note: str) -> None:
        if note:
            self._messages.tell(note)
        self._watch.look_now()

    def _on_failed_act(self, error: HanolabError) -> None:
        self._messages.tell(error)
        self._watch.look_now()

    def _on_ended(self, job_id: str, error: HanolabError | None) -> None:
        self._watch.look_now()
        if isinstance(error, JobCancelled | JobBusy):  # the user's wish; or another process's job
            self._merge()
            return
        row = self._watch.stored_row(job_id)
        title = row.title if row else job_id
        if error is None:
            self._messages.tell(title, severity=Severity.OK)
        else:
            self._messages.tell(error, details=f"job {job_id}: {title}")
        self.last_finished, self.last_error = job_id, error
        self._merge()
        self.finished.emit()


def _runnable(services: Services, job_ids: Sequence[str]) -> tuple[list[Job], bool]:
    """The jobs, and whether they need weights that are not here."""
    jobs = job_acts.jobs_of(services, job_ids)
    is_needed = any(map(needs_weights, jobs))
    return jobs, is_needed and not services.weights.is_installed()


def _like(services: Services) -> Callable[[], Services]:
    def new_services() -> Services:
        from hanolab_dawtools.services import Services

        return Services(services.settings, services.folders)

    return new_services
