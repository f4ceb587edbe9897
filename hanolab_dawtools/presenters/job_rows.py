"""The jobs of the store as rows of a list, read beside the GUI thread.

Reading all of 2000 jobs takes tens of milliseconds, so it is left out while the store's stamp says
that nothing has changed; who works on the unfinished ones is looked up every time, because a
process that dies changes nothing.
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
    spent: Spent = Spent(0.0, 0.0, 0)  # noqa: RUF009 - frozen


class RowReader:
    """Reads the rows again and again; for one thread at a time."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] | None = None
        self._jobs: Sequence[JobSummary] = ()
        self._costs: Mapping[str, str] = {}
        self._spent = Spent(0.0, 0.0, 0)
        self._claimed: frozenset[str] = frozenset()
        self._stored: Stored | None = None

    def read(self, services: Services) -> Stored:
        """The rows now; the very same object as before when nothing is different."""
        store = services.store
        stamp = store.stamp()  # before reading: what comes between is read twice, not lost
        is_changed = stamp != self._stamp
        if is_changed:
            self._jobs = store.list()
            self._costs = _costs(store.ledger.entries())
            self._spent = store.ledger.total()
            self._stamp = stamp
        claimed = frozenset(
            job.id
            for job in self._jobs
            if job.state not in RESTING_STATES and store.is_claimed(job.id)
        )
        if is_changed or claimed != self._claimed or self._stored is None:
            self._claimed = claimed
            self._stored = Stored(self._rows(), self._spent)
        return self._stored

    def _rows(self) -> tuple[JobRow, ...]:
        before = {row.id: row for row in self._stored.rows} if self._stored else {}
        rows = []
        for job in self._jobs:
            is_claimed = job.id in self._claimed
            row = _row(job, self._costs.get(job.id, ""), is_claimed=is_claimed)
            known = before.get(job.id)
            rows.append(known if known == row else row)
        return tuple(rows)


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
