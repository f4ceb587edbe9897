"""A batch as it runs: cells in threads of their owner, their local work with a workforce.

Every cell is a job on the road, with all that makes one safe: after a crash of the owner each goes
on behind its last finished step, and none is paid twice. One that fails stops no other. What goes
into a project waits until all cells of that project have ended, and is placed together.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from hanolab_dawtools.errors import (
    AccountRefused,
    Capped,
    CloudTryLater,
    HanolabError,
    HostTimeout,
    HostUnreachable,
    JobBusy,
    JobCancelled,
    NotLoggedIn,
    SpendingLimit,
    TryLater,
)
from hanolab_dawtools.events import Stop
from hanolab_dawtools.jobs.model import Job, JobState, JobSummary
from hanolab_dawtools.jobs.runner import Runner
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.workflows.batch.agenda import Agenda, Line, Task
from hanolab_dawtools.workflows.batch.model import CellReport
from hanolab_dawtools.workflows.batch.reports import Board
from hanolab_dawtools.workflows.batch.together import group_of, place_group, road_behind
from hanolab_dawtools.workflows.outcomes import plan_of
from hanolab_dawtools.workflows.parts import leaves
from hanolab_dawtools.workflows.road import Road

_log = logging.getLogger(__name__)

N_PAID_THREADS = 8  # they wait for the network; the service's own cap is lower
_RE_ASK_SECONDS = 1.0  # a slot that nobody can name a time for
_LEAST_SECONDS = 0.05  # a slot whose time has come, and that is still not given
# What refuses one paid cell refuses all; the others of these are about that cell alone.
_ACCOUNT = (AccountRefused, NotLoggedIn)
# The job stays where it is, and any resume goes on with it.
_NOTHING_WRONG = (CloudTryLater, HostUnreachable, HostTimeout, JobBusy)


class BatchListener(Protocol):
    """Who is told of a batch; called from several threads, and never for long."""

    def changed(self, report: CellReport) -> None:
        """A cell is in another state, or further."""
        ...

    def noted(self, sentence: str) -> None:
        """Something that concerns more than one cell."""
        ...


@dataclass(frozen=True)
class BatchEnds:
    """What a batch is run with.

    `n_local`: cells that cost nothing and are worked on at once. `is_paid`: whether an engine is.
    `forget`: called with a job that has ended for now; says who did its local work last.
    """

    store: JobStore
    road: Road
    is_paid: Callable[[str], bool]
    n_local: int
    is_patient: bool = True
    forget: Callable[[str], str] = lambda _job_id: ""


class BatchRunner:
    """Runs the cells of one batch; made for one run."""

    def __init__(
        self,
        ends: BatchEnds,
        cells: Sequence[JobSummary],
        facts: Sequence[Mapping[str, Any]],
        listener: BatchListener,
    ) -> None:
        self._ends = ends
        self._listener = listener
        self._plans = {cell.id: plan_of(cell) for cell in cells}
        self._groups = {cell.id: group_of(self._plans[cell.id]) for cell in cells}
        self._board = Board(cells, facts, listener.changed)
        self._lock = threading.Lock()
        self._open: dict[str, set[str]] = defaultdict(set)
        self._agenda = Agenda(())
        self._mistake: BaseException | None = None

    def run(self, job_ids: Collection[str], stop: Stop) -> None:
        """Run these cells to their ends, and place what they have made.

        Returns when nothing more can be done now; how each cell stands is in `reports`.
        """
        tasks = [Task(job_id, self._line(job_id)) for job_id in self._plans if job_id in job_ids]
        self._agenda = Agenda(tasks)
        for task in tasks:
            self._open[self._groups[task.job_id]].add(task.job_id)
            self._board.change(task.job_id, state="queued")
        n_paid = min(N_PAID_THREADS, sum(task.line is Line.PAID for task in tasks))
        n_local = min(self._ends.n_local, len(tasks) - sum(t.line is Line.PAID for t in tasks))
        lines = [Line.LOCAL] * n_local + [Line.PAID] * n_paid
        threads = [
            threading.Thread(target=self._work, args=(line, stop), name=f"batch {n}", daemon=True)
            for n, line in enumerate(lines, 1)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._mistake is not None:
            raise self._mistake
        for job_id in self._plans if stop.is_set() else ():
            if self._board.state(job_id) in {"queued", JobState.WAITING, JobState.POLISHED}:
                self._board.change(job_id, state=JobState.CANCELLED.value)

    @property
    def reports(self) -> tuple[CellReport, ...]:
        """How each cell stands, in their order."""
        return self._board.reports

    def _line(self, job_id: str) -> Line:
        engines = {run.engine for run in leaves(self._plans[job_id])}
        return Line.PAID if any(map(self._ends.is_paid, engines)) else Line.LOCAL

    def _work(self, line: Line, stop: Stop) -> None:
        """One thread: cell after cell."""
        try:
            while (task := self._agenda.take(line, stop)) is not None:
                if self._has_ended(task, stop):
                    self._agenda.done(task)
                    self._end(task.job_id, stop)
        except BaseException as error:  # noqa: BLE001 - the thread of `run` raises it
            self._mistake = error
            self._agenda.end()

    def _has_ended(self, task: Task, stop: Stop) -> bool:
        """Run a cell as far as it goes; False when it was put aside."""
        board, job_id = self._board, task.job_id
        until = JobState.POLISHED if self._groups[job_id] else JobState.DONE
        board.change(job_id, state="running", wait_until=None, message="", hint="")
        began = time.monotonic()
        try:
            job = self._run_until(job_id, until, stop)
            board.rest(job, time.monotonic() - began)
        except (Capped, TryLater) as error:
            return not self._waits(task, error, stop)
        except JobCancelled as error:
            board.fail(job_id, error, state=JobState.CANCELLED.value)
        except _NOTHING_WRONG as error:
            board.fail(job_id, error, state=JobState.WAITING.value)
        except HanolabError as error:
            board.fail(job_id, error)
            # A cell's own share of the limit says nothing of the account.
            if isinstance(error, _ACCOUNT) and not isinstance(error, SpendingLimit):
                self._hold_paid(error, stop)
        except Exception as error:  # noqa: BLE001 - a mistake in one cell stops no other
            _log.exception("cell %s", job_id)
            board.fail(job_id, HanolabError(f"internal error: {type(error).__name__}: {error}"))
        finally:
            worker = self._ends.forget(job_id)
            if worker:
                board.change(job_id, worker=worker)
        return True

    def _run_until(self, job_id: str, until: JobState, stop: Stop) -> Job:
        runner = Runner(self._ends.store, self._ends.road.steps())
        progress = self._board.progress(job_id)
        return runner.run(job_id, stop=stop, progress=progress, is_patient=False, until=until)

    def _waits(self, task: Task, error: HanolabError, stop: Stop) -> bool:
        """Put a cell aside until its slot opens; False when it ends here for now."""
        board, job = self._board, self._ends.store.get(task.job_id)
        if job.state is not JobState.WAITING or job.wait is None:
            board.fail(task.job_id, error, state=job.state.value)
            return False
        until = job.wait.until.timestamp() if job.wait.until else None
        board.fail(task.job_id, error, state=JobState.WAITING.value)
        board.change(task.job_id, message=job.wait.reason, wait_until=until)
        if stop.is_set() or not self._ends.is_patient:
            return False
        soonest = time.time() + (_RE_ASK_SECONDS if until is None else _LEAST_SECONDS)
        if self._agenda.put_aside(task, max(until or 0.0, soonest)):
            return True
        board.change(task.job_id, state="held", wait_until=None)
        return False

    def _hold_paid(self, error: HanolabError, stop: Stop) -> None:
        held = self._agenda.hold_paid()
        if held:
            self._note(f"no further paid cell is sent ({len(held)} are left): {error}")
        for task in held:
            self._board.change(task.job_id, state="held", message=str(error), hint=error.hint)
            self._end(task.job_id, stop)

    def _note(self, sentence: str) -> None:
        try:
            self._listener.noted(sentence)
        except Exception:  # noqa: BLE001 - a broken surface ends no work
            _log.exception("nobody could be told: %s", sentence)

    def _end(self, job_id: str, stop: Stop) -> None:
        """A cell has ended for now; the last one of a project has all of it placed."""
        group = self._groups[job_id]
        with self._lock:
            self._open[group].discard(job_id)
            is_last = not self._open[group]
        if group and is_last and not stop.is_set():
            self._place(group, stop)

    def _place(self, group: str, stop: Stop) -> None:
        store = self._ends.store
        ids = [job_id for job_id, its in self._groups.items() if its == group]
        self._capture_others(ids, stop)
        if stop.is_set():
            return
        jobs = [store.get(one.id) for one in store.some(ids) if one.state is JobState.POLISHED]
        jobs.sort(key=lambda job: ids.index(job.id))
        for job in jobs:
            self._board.change(job.id, state="running", step="placing", fraction=None)
        made = place_group(self._ends.road, jobs)
        failures = {str(one): one for one in made.values() if isinstance(one, HanolabError)}
        for sentence in failures:
            self._note(sentence)
        steps = road_behind(self._ends.road, made).steps()
        for job in jobs:
            try:
                done = Runner(store, steps).run(
                    job.id, stop=stop, progress=self._board.progress(job.id), is_patient=False
                )
                self._board.rest(done, 0.0)
            except JobCancelled as error:
                self._board.fail(job.id, error, state=JobState.CANCELLED.value)
            except HanolabError as error:
                self._board.fail(job.id, error)

    def _capture_others(self, job_ids: Sequence[str], stop: Stop) -> None:
        """Capture what cells that are held back will need: placing the others mutes it.

        That costs nothing, and is no end of such a cell: it stays as it is reported.
        """
        store = self._ends.store
        planned = [one.id for one in store.some(job_ids) if one.state is JobState.PLANNED]
        if not planned:
            return

        def capture(job_id: str) -> None:
            try:
                self._run_until(job_id, JobState.CAPTURED, stop)
            except JobCancelled as error:
                self._board.fail(job_id, error, state=JobState.CANCELLED.value)
            except HanolabError as error:
                self._board.fail(job_id, error)
            finally:
                self._ends.forget(job_id)

        before = {report.job_id: report for report in self._board.reports}
        with ThreadPoolExecutor(self._ends.n_local) as threads:
            list(threads.map(capture, planned))
        for job_id in planned:
            if self._board.state(job_id) == before[job_id].state:
                self._board.change(job_id, step="", fraction=None)
