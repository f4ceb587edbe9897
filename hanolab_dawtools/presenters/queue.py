"""Every job of the store, wherever it runs: how it stands, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError, JobBusy, JobCancelled
from hanolab_dawtools.events import Progress
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters import job_acts, left_jobs
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.job_acts import JobActs
from hanolab_dawtools.presenters.job_details import JobDetails, read_details
from hanolab_dawtools.presenters.job_rows import (
    JobRow,
    RowReader,
    Stored,
    counts,
    live_row,
    part_row,
    waiting_row,
)
from hanolab_dawtools.presenters.job_runs import JobRuns
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.weights_question import WeightsQuestion
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.resuming import needs_weights

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

BUSY_SECONDS, IDLE_SECONDS = 1.0, 3.0  # between two looks at the store
CLOSED_MEANWHILE = "interrupted: the panel was closed"


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
    `place_wanted` is emitted when the user wants the selected job's results placed again.

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
        self._clock = clock
        self._weights = WeightsQuestion(services, workers, cost, messages)
        self.new_services = new_services or _like(services)
        self._runs = JobRuns(
            self.new_services,
            workers.dispatcher,
            ended=self._on_ended,
            on_internal_error=lambda text: messages.tell(text, severity=Severity.FAILED),
        )
        self._acts = JobActs(self.new_services, workers, self._on_failed_act)
        self._reader = RowReader()
        self._stored = Stored()
        self._left: frozenset[str] = frozenset()
        self._progress: Mapping[str, Progress | None] = {}
        self._next_look = 0.0
        self._is_looking = False
        self._details_of: JobRow | None = None
        self.finished = Event()
        self.last_finished = ""
        self.last_error: HanolabError | None = None
        self.place_wanted = Event()

    def tick(self) -> None:
        """Take in what happened since the last time; never blocks."""
        self._runs.tick()
        if self._clock() >= self._next_look and not self._is_looking:
            self._look()
        progress = self._runs.progress
        if progress != self._progress:
            self._progress = progress
            self._merge()

    def look_now(self) -> None:
        """Look at the store at the next tick."""
        self._next_look = 0.0

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
        """Go on with a job from where it stands."""
        self.run([job_id])

    def resume_all(self) -> None:
        """Go on with all jobs that were interrupted, the oldest first."""
        self.run([row.id for row in reversed(self._all_rows()) if _is_left(row)])

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
        still_left = {row.id for row in self._all_rows() if row.id in self._left and _is_left(row)}
        left = self._runs.ids | still_left
        if left or self._left:
            try:
                left_jobs.remember(self._services.folders.data, left)
            except HanolabError as error:  # they can be resumed one by one
                self._messages.tell(error)
        self._runs.close()

    def _look(self) -> None:
        """Read the store in the background."""
        self._is_looking = True

        def work(_: object) -> tuple[Stored, frozenset[str]]:
            left = left_jobs.recall(self._services.folders.data)
            return self._reader.read(self._services), left

        self._workers.run("queue", work, done=self._on_stored, failed=self._on_unread)

    def _on_stored(self, read: tuple[Stored, frozenset[str]]) -> None:
        self._wait_for_next_look()
        stored, left = read
        if stored is self._stored and left == self._left and self.view.is_loaded:
            return
        self._stored = stored
        self._left = left
        self._cost.show_spent(stored.spent)
        self._show(replace(self.view, is_loaded=True))
        self._merge()

    def _on_unread(self, error: HanolabError) -> None:
        self._wait_for_next_look()
        self._messages.tell(error)

    def _wait_for_next_look(self) -> None:
        self._is_looking = False
        is_busy = any(row.phase.is_active for row in self._stored.rows) or self._runs.ids
        self._next_look = self._clock() + (BUSY_SECONDS if is_busy else IDLE_SECONDS)

    def _all_rows(self) -> tuple[JobRow, ...]:
        """All jobs, with what this panel knows better than the store."""
        progress, waiting, left = self._progress, self._runs.waiting, self._left
        if not (progress or waiting or left):
            return self._stored.rows
        return tuple(
            self._better(row, progress, waiting)
            if row.id in progress or row.id in waiting or row.id in left or row.part_of in progress
            else row
            for row in self._stored.rows
        )

    def _better(
        self,
        row: JobRow,
        progress: Mapping[str, Progress | None],
        waiting: frozenset[str],
    ) -> JobRow:
        if row.id in progress:
            return live_row(row, progress[row.id])
        if row.id in waiting:
            return waiting_row(row)
        if row.part_of in progress:
            return part_row(row)
        if row.phase is Phase.CANCELLED:
            return replace(row, phase=Phase.INTERRUPTED, state=CLOSED_MEANWHILE)
        return row

    def _merge(self) -> None:
        """Show the rows as they stand now, as far as they pass the filters."""
        rows, view = self._all_rows(), self.view
        words = view.search.casefold().split()
        found = counts(rows)
        shown = tuple(
            row for row in rows if row.phase in view.phases and (not words or row.matches(words))
        )
        self._show(
            replace(
                view,
                rows=shown,
                n_jobs=len(rows),
                n_running=len(self._runs.ids),
                n_interrupted=sum(map(_is_left, rows)) if found[Phase.INTERRUPTED] else 0,
            )
        )
        self._read_details()

    def _read_details(self) -> None:
        """Read what is known of the selected job, when that may be new."""
        job_id = self.view.selected
        row = next((row for row in self._stored.rows if row.id == job_id), None)
        if row is None or row is self._details_of:
            return
        self._details_of = row

        def done(details: JobDetails) -> None:
            if details.id == self.view.selected:
                self._show(replace(self.view, details=details))

        self._workers.run(
            "job details",
            lambda _: read_details(self._services, job_id),
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
        self.look_now()
        self._merge()

    def _run_one(self, job: Job) -> None:
        self.run([job.id])

    def _tell_note(self, note: str) -> None:
        if note:
            self._messages.tell(note)
        self.look_now()

    def _on_failed_act(self, error: HanolabError) -> None:
        self._messages.tell(error)
        self.look_now()

    def _on_ended(self, job_id: str, error: HanolabError | None) -> None:
        self.look_now()
        if isinstance(error, JobCancelled | JobBusy):  # the user's wish; or another process's job
            self._merge()
            return
        title = next((row.title for row in self._stored.rows if row.id == job_id), job_id)
        if error is None:
            self._messages.tell(f"done: {title}", severity=Severity.OK)
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


def _is_left(row: JobRow) -> bool:
    return row.phase is Phase.INTERRUPTED and not row.part_of


def _like(services: Services) -> Callable[[], Services]:
    def new_services() -> Services:
        from hanolab_dawtools.services import Services

        return Services(services.settings, services.folders)

    return new_services
