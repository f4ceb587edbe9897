"""The jobs of the store as rows of a list, read beside the GUI thread.

Of 2000 jobs only those are read anew that have changed: the store tells by a stamp whether any
has, and by a mark for each which. Who works on the unfinished ones is looked up every time, because
a process that dies changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from hanolab_dawtools.events import Progress
from hanolab_dawtools.jobs.model import (
    RESTING_STATES,
    Charge,
    JobState,
    JobSummary,
    LedgerEntry,
    Spent,
)
from hanolab_dawtools.presenters.job_words import (
    Phase,
    charges_text,
    doing_text,
    engine_text,
    phase_of,
    state_text,
)
from hanolab_dawtools.presenters.wording import age_text

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


NOTHING_SPENT = Spent(0.0, 0.0, 0)


@dataclass(frozen=True)
class JobRow:
    """A job in the list.

    Attributes
    ----------
    state
        How it stands, in words. `doing`: the same for when this panel runs it.
    fraction
        How much of the present step is done; None: nobody can tell.
    since
        When the state began; `created_at` is when the job was made.
    part_of
        The job that this one is a part of; empty for most.
    can_resume
        Whether going on can help.
    is_batch
        Whether it is a batch of jobs, which are not in the list.
    """

    id: str
    title: str
    phase: Phase
    state: str
    doing: str
    fraction: float | None
    since: datetime
    created_at: datetime
    engine: str
    cost: str
    part_of: str = ""
    can_resume: bool = False
    is_batch: bool = False

    def status(self, now: datetime) -> str:
        """The state, with the time it has taken where no share of it is known."""
        if self.phase in {Phase.RUNNING, Phase.ELSEWHERE} and self.fraction is None:
            return f"{self.state}, {age_text((now - self.since).total_seconds())}"
        return self.state

    def matches(self, words: Sequence[str]) -> bool:
        """Whether all of the words, in lower case, are in what is shown of the job."""
        text = f"{self.id} {self.title} {self.state} {self.engine} {self.cost}".casefold()
        return all(word in text for word in words)


@dataclass(frozen=True)
class Stored:
    """What the store holds at one moment: rows, the newest first, and what was spent."""

    rows: tuple[JobRow, ...] = ()
    spent: Spent = NOTHING_SPENT


class RowReader:
    """Reads the rows again and again; for one thread at a time."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._marks: Mapping[str, str] = {}
        self._jobs: dict[str, JobSummary] = {}
        self._costs: Mapping[str, str] = {}
        self._spent: Spent | None = None
        self._claimed: frozenset[str] = frozenset()
        self._rows: dict[str, JobRow] = {}
        self._stored: Stored | None = None

    def read(self, services: Services) -> Stored:
        """The rows now; the very same object as before when nothing is different."""
        store = services.store
        stamp = store.stamp()  # before reading: what comes between is read twice, not lost
        changed: set[str] = set()
        is_changed = stamp != self._stamp
        if is_changed:
            changed = self._read_changed(services)
            self._stamp = stamp
        claimed = frozenset(
            job.id
            for job in self._jobs.values()
            if job.state not in RESTING_STATES and store.is_claimed(job.id)
        )
        changed |= claimed ^ self._claimed
        self._claimed = claimed
        if is_changed or changed or self._stored is None:
            for job_id in changed & self._jobs.keys():
                self._rows[job_id] = self._row(self._jobs[job_id])
            rows = tuple(self._rows[job_id] for job_id in self._marks)
            self._stored = Stored(rows, self._spent or NOTHING_SPENT)
        return self._stored

    def _read_changed(self, services: Services) -> set[str]:
        """Read the jobs that are not as they were; their ids, and those of other costs."""
        store, before = services.store, self._marks
        marks = store.marks()
        changed = {job_id for job_id, mark in marks.items() if before.get(job_id) != mark}
        jobs = {job.id: job for job in store.some(changed)}
        self._jobs.update(jobs)
        # What was removed since its mark was read is left out; the next look tells so.
        self._marks = {id_: mark for id_, mark in marks.items() if id_ in self._jobs}
        for job_id in before.keys() - self._marks.keys():
            del self._jobs[job_id]
            self._rows.pop(job_id, None)
        spent = store.ledger.total()
        if spent != self._spent:
            self._spent = spent
            costs = _costs(store.ledger.entries())
            changed |= {id_ for id_, cost in costs.items() if self._costs.get(id_) != cost}
            self._costs = costs
        return changed

    def _row(self, job: JobSummary) -> JobRow:
        cost = self._costs.get(job.id, "")
        return _row(job, cost, is_claimed=job.id in self._claimed)


def live_row(row: JobRow, progress: Progress | None) -> JobRow:
    """A row of a job that this panel runs; no progress: it has not begun."""
    if progress is None:
        return replace(row, phase=Phase.QUEUED, state="queued here", fraction=None)
    state = progress.step or row.doing
    return replace(row, phase=Phase.RUNNING, state=state, fraction=progress.fraction)


def waiting_row(row: JobRow) -> JobRow:
    """A row of a job that this panel goes on with when there is a slot for it."""
    return replace(row, phase=Phase.WAITING, state=row.doing, fraction=None)


def part_row(row: JobRow) -> JobRow:
    """A row of a part whose whole this panel runs."""
    if row.phase is not Phase.ELSEWHERE:
        return row
    return replace(row, phase=Phase.RUNNING, state=row.doing)


def _row(job: JobSummary, cost: str, *, is_claimed: bool) -> JobRow:
    phase = phase_of(job, is_claimed=is_claimed)
    part_of = str(job.plan.get("part_of", ""))
    can_go_on = phase in {Phase.INTERRUPTED, Phase.CANCELLED} or (
        phase is Phase.FAILED and job.failure is not None and job.failure.can_resume
    )
    return JobRow(
        job.id,
        job.title,
        phase,
        state_text(job, phase),
        doing_text(job),
        None,
        job.updated_at,
        job.created_at,
        engine_text(job),
        cost,
        part_of,
        can_go_on and not part_of and job.good_state is not JobState.UNSURE,
    )


def _costs(entries: Iterable[LedgerEntry]) -> Mapping[str, str]:
    charges: defaultdict[str, list[Charge]] = defaultdict(list)
    for entry in entries:
        charges[entry.job_id].append(entry.charge)
    return {job_id: charges_text(of_job) for job_id, of_job in charges.items()}
