"""What a job is: its states, the ways between them, and what is stored of it.

A job is one journey on the road. `jobs` knows nothing of hosts and engines: it stores a plan and
the outcomes of steps as JSON values and moves between states by the table below.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    PLANNED = "planned"
    CAPTURED = "captured"
    PREPARED = "prepared"
    WAITING = "waiting"
    STARTING = "starting"
    UNSURE = "unsure"
    STARTED = "started"
    FINISHED = "finished"
    ALIGNED = "aligned"
    POLISHED = "polished"
    PLACED = "placed"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_S = JobState
_ENDS = frozenset({_S.FAILED, _S.CANCELLED})  # left only by a resume

TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    _S.PLANNED: frozenset({_S.CAPTURED}) | _ENDS,
    # FINISHED straight from CAPTURED: preparing found the answer in the result cache.
    _S.CAPTURED: frozenset({_S.PREPARED, _S.FINISHED}) | _ENDS,
    # Back to CAPTURED: the result cache has the answer by now.
    _S.PREPARED: frozenset({_S.STARTING, _S.WAITING, _S.CAPTURED}) | _ENDS,
    _S.WAITING: frozenset({_S.STARTING, _S.CAPTURED}) | _ENDS,
    # Back to PREPARED: provably never sent. WAITING: the service refused, for want of room.
    _S.STARTING: frozenset({_S.STARTED, _S.UNSURE, _S.PREPARED, _S.WAITING}) | _ENDS,
    _S.UNSURE: frozenset({_S.STARTED, _S.PREPARED}) | _ENDS,
    _S.STARTED: frozenset({_S.FINISHED}) | _ENDS,
    _S.FINISHED: frozenset({_S.ALIGNED}) | _ENDS,
    _S.ALIGNED: frozenset({_S.POLISHED}) | _ENDS,
    _S.POLISHED: frozenset({_S.PLACED}) | _ENDS,
    _S.PLACED: frozenset({_S.DONE}) | _ENDS,
    _S.DONE: frozenset(),
    # Besides, a resume leads back to the job's `good_state`: see `next_states`.
    _S.FAILED: frozenset({_S.CANCELLED}),
    _S.CANCELLED: frozenset(),
}

RESTING_STATES = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED, _S.UNSURE})


def next_states(state: JobState, good_state: JobState) -> frozenset[JobState]:
    """States that a job in `state` may go to; a failed or cancelled one may also be resumed."""
    resumed = frozenset({good_state}) if state in _ENDS else frozenset()
    return TRANSITIONS[state] | resumed


@dataclass(frozen=True)
class Failure:
    """Why a job failed, what the user can do, and whether resuming can help."""

    step: str
    message: str
    hint: str
    exit_code: int
    can_resume: bool


@dataclass(frozen=True)
class Wait:
    """Why a job waits, in a user's words, and until when at least; `until` None: nobody knows."""

    until: datetime | None
    reason: str


@dataclass(frozen=True)
class JobSummary:
    """A stored job without what its steps left, which is most of it.

    Attributes
    ----------
    plan
        What was asked, as JSON values; never changed after creation.
    good_state
        Where a resume goes on: the last state reached that was no failure or cancellation, or
        the one before an intent that provably came to nothing.
    wait
        Why it waits; None in every state but waiting.
    batch_id
        The batch that it belongs to, as a cell or as a part of one; "" when to none.
    cell
        Its number in that batch, from 1; None when it is no cell.
    """

    id: str
    title: str
    kind: str
    state: JobState
    good_state: JobState
    created_at: datetime
    updated_at: datetime
    plan: Mapping[str, Any]
    failure: Failure | None = None
    wait: Wait | None = None
    batch_id: str = ""
    cell: int | None = None


@dataclass(frozen=True)
class Job(JobSummary):
    """A stored job; `outcomes` holds what each finished step left, as JSON values, by its name."""

    outcomes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NewJob:
    """A cell of a batch to be; `number` is its place there, from 1, for good."""

    number: int
    kind: str
    title: str
    plan: Mapping[str, Any]


class BatchState(StrEnum):
    """Where a batch stands, as its cells do."""

    RUNNING = "running"
    UNSURE = "unsure"  # only the user can say how some cells go on
    PLANNED = "planned"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True)
class Batch:
    """Jobs that were asked for at once; each of its cells is a job of its own.

    Attributes
    ----------
    plan
        What was asked, as JSON values; never changed after creation.
    outcomes
        What acts on more than one cell left, as JSON values, by their names.
    updated_at
        When one of its cells was moved last.
    counts
        How many cells are in each state that one is in.
    is_running
        Whether a living process works on it.
    """

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    plan: Mapping[str, Any]
    outcomes: Mapping[str, Any]
    counts: Mapping[JobState, int]
    is_running: bool = False

    @property
    def n_cells(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def n_open(self) -> int:
        """How many cells neither ended nor wait for the user."""
        return sum(n for state, n in self.counts.items() if state not in RESTING_STATES)

    @property
    def state(self) -> BatchState:
        """What is told first of it: that it runs, else what keeps it from being done."""
        if self.is_running:
            return BatchState.RUNNING
        if self.n_open:
            if self.n_open == self.counts.get(_S.PLANNED) == self.n_cells:
                return BatchState.PLANNED
            is_waiting = self.counts.get(_S.WAITING, 0) == self.n_open
            return BatchState.WAITING if is_waiting else BatchState.INTERRUPTED
        ends = (_S.UNSURE, _S.FAILED, _S.CANCELLED)
        worst = next((end for end in ends if self.counts.get(end)), _S.DONE)
        return BatchState(worst.value)


@dataclass(frozen=True)
class JobEvent:
    """One line of a job's history."""

    job_id: str
    at: datetime
    state: JobState
    note: str = ""


@dataclass(frozen=True)
class Charge:
    """What a request was billed, as far as it is known.

    Attributes
    ----------
    action
        What is billed ("separate/4stem"), as in `Quote.action`.
    credits
        None: nobody knows how many.
    task_id
        The service's id of the work; empty when no answer told it.
    is_sure
        False when nobody knows whether the request was accepted, and so billed at all.
    """

    engine: str
    action: str
    billed_seconds: float
    credits: float | None
    task_id: str
    is_sure: bool


@dataclass(frozen=True)
class LedgerEntry:
    """A charge with the job that caused it, and its batch; both may be gone."""

    at: datetime
    job_id: str
    title: str
    charge: Charge
    batch_id: str = ""


@dataclass(frozen=True)
class Spent:
    """A sum over charges: the sure ones, the unsure ones, and how many are of unknown size."""

    credits: float
    unsure_credits: float
    n_unknown: int

    @classmethod
    def on(cls, charges: Iterable[Charge]) -> Spent:
        """The sum of these."""
        every = list(charges)
        return cls(
            sum(one.credits or 0.0 for one in every if one.is_sure),
            sum(one.credits or 0.0 for one in every if not one.is_sure),
            sum(one.credits is None for one in every),
        )


@dataclass(frozen=True)
class LearntPrice:
    """What the service once asked for an action of this length."""

    billed_seconds: float
    credits: float
