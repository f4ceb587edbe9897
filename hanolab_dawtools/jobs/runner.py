"""Runs the steps of a job, and records every transition before and after.

The runner knows no step by itself: whoever builds it gives the steps with the states they lead
from and to. What a step left is committed together with the new state, so after a crash a later
process goes on behind the last finished step. A step that was cut short is run again, unless it
must never run twice: then the job is `unsure`, and only the user goes on.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import (
    HanolabError,
    JobBusy,
    JobCancelled,
    JobError,
    TryLater,
    UsageError,
)
from hanolab_dawtools.events import ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.jobs.claims import Claim
from hanolab_dawtools.jobs.model import TRANSITIONS, Failure, Job, JobState
from hanolab_dawtools.jobs.store import JobStore

_log = logging.getLogger(__name__)

_PAUSED = frozenset({JobState.UNSURE, JobState.WAITING})  # a step that ends here ends the run
_STOP_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class StepContext:
    """What a step works with: the job with the outcomes so far, and the job's own folder."""

    job: Job
    folder: Path
    stop: Stop
    progress: ProgressCallback


@dataclass(frozen=True)
class StepResult:
    """What a step left, as JSON values; `state` overrides the step's `to_state`."""

    outcome: Mapping[str, Any]
    state: JobState | None = None


@dataclass(frozen=True)
class Step:
    """One step of a job.

    Attributes
    ----------
    run
        Does the work, in the thread of `Runner.run`. It may be called again after a crash in the
        middle of it, so it must bear files that an earlier try left.
    intent
        State that is committed before `run` is called; None: the job stays where it is.
    is_repeatable
        False for work that must not be done twice (it costs money). Such a step needs an intent,
        may raise a `HanolabError` only when nothing came of the work for sure, and returns
        `StepResult(..., JobState.UNSURE)` when it cannot know.
    """

    name: str
    from_states: frozenset[JobState]
    to_state: JobState
    run: Callable[[StepContext], StepResult]
    intent: JobState | None = None
    is_repeatable: bool = True


class Runner:
    """Runs the jobs of a store by these steps.

    Raises
    ------
    ValueError
        Two steps lead from one state, a transition is not in the table, or a step that must not
        be repeated has no intent.
    """

    def __init__(self, store: JobStore, steps: Sequence[Step]) -> None:
        self._store = store
        self._step_of = _steps_by_state(steps)

    def run(self, job_id: str, *, stop: Stop, progress: ProgressCallback) -> Job:
        """Run a job from where it stands to its end, in this thread.

        A failed or cancelled job is resumed behind its last finished step. Setting `stop`, or
        asking the store to cancel the job, ends the run within the time that the step needs to
        see it.

        Returns
        -------
        Job
            The job, done.

        Raises
        ------
        JobBusy
            Another process works on the job.
        JobCancelled
            It was stopped; the job is cancelled, and can be resumed.
        TryLater
            The job waits for something, or only the user can say how it goes on.
        HanolabError
            What a step failed with; it is stored with the job. Other exceptions are mistakes of
            the program: they are stored as such and raised on.
        """
        with self._store.claim(job_id) as claim:
            job = self._resumed(self._store.get(job_id), claim)
            either = _EitherStop(stop, claim.stop)
            while job.state is not JobState.DONE:
                step = self._step_of.get(job.state)
                if step is None:
                    raise JobError(
                        f"no step of this program goes on with a job that is {job.state}"
                    )
                job = self._advance(job, step, claim, either, progress)
                if job.state in _PAUSED:
                    raise _paused(job)
        return job

    def _resumed(self, job: Job, claim: Claim) -> Job:
        """Bring a job to a state that a step goes on from."""
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            job = self._store.record(job.id, job.good_state, claim=claim, note="resumed")
        step = self._step_of.get(job.state)
        if step and job.state is step.intent and not step.is_repeatable:
            note = f"{step.name} was cut short; nobody knows whether it was accepted"
            job = self._store.record(job.id, JobState.UNSURE, claim=claim, note=note)
        if job.state is JobState.UNSURE:
            raise _paused(job)
        return job

    def _advance(
        self, job: Job, step: Step, claim: Claim, stop: Stop, progress: ProgressCallback
    ) -> Job:
        """Run one step and record what came of it."""
        before = job.state
        if stop.is_set():
            self._record_end(job, JobState.CANCELLED, claim, resume_from=before)
            raise_if_stopped(stop)
        if step.intent and before is not step.intent:
            job = self._store.record(job.id, step.intent, claim=claim, note=step.name)
        started = time.monotonic()
        try:
            result = step.run(StepContext(job, self._store.folder_of(job.id), stop, progress))
        except JobCancelled:
            self._record_end(job, JobState.CANCELLED, claim, resume_from=before)
            raise
        except HanolabError as error:
            if not isinstance(error, TryLater) or job.state is not before:
                failure = _failure(step, error)
                self._record_end(job, JobState.FAILED, claim, failure=failure, resume_from=before)
            raise
        except Exception as error:
            self._record_mistake(job, step, error, claim, resume_from=before)
            raise
        return self._store.record(
            job.id,
            result.state or step.to_state,
            claim=claim,
            outcome=(step.name, result.outcome),
            note=f"{step.name}: {time.monotonic() - started:.2f} s",
        )

    def _record_mistake(
        self, job: Job, step: Step, error: Exception, claim: Claim, *, resume_from: JobState
    ) -> None:
        """Record that the program itself failed; after that nobody knows what the step did."""
        failure = Failure(
            step=step.name,
            message=f"internal error in step {step.name}: {type(error).__name__}: {error}",
            hint="Resuming runs the step again; if that fails too, report it.",
            exit_code=HanolabError.exit_code,
            can_resume=True,
        )
        state = JobState.FAILED if step.is_repeatable else JobState.UNSURE
        self._record_end(job, state, claim, failure=failure, resume_from=resume_from)

    def _record_end(
        self,
        job: Job,
        state: JobState,
        claim: Claim,
        *,
        failure: Failure | None = None,
        resume_from: JobState,
    ) -> None:
        """Record how a run ended; what ended it matters more than a store that refuses."""
        note = failure.message if failure else ""
        try:
            self._store.record(
                job.id, state, claim=claim, failure=failure, note=note, resume_from=resume_from
            )
        except JobBusy:
            raise
        except HanolabError as error:
            _log.warning("job %s: that it is %s could not be stored: %s", job.id, state, error)


def _failure(step: Step, error: HanolabError) -> Failure:
    """What is stored of an error.

    A resume may help after all but a `UsageError`: audio can be mended, room made, weights
    fetched; but the plan never changes, so what is wrong in it stays wrong.
    """
    return Failure(
        step=step.name,
        message=str(error),
        hint=error.hint,
        exit_code=error.exit_code,
        can_resume=not isinstance(error, UsageError),
    )


def _paused(job: Job) -> TryLater:
    if job.state is JobState.UNSURE:
        return TryLater(
            f"job {job.id} was sent, but nobody knows whether it was accepted",
            hint=f"Look at the service, then cancel it: hanolab jobs cancel {job.id}",
        )
    return TryLater(
        f"job {job.id} waits until there is room for it",
        hint=f"Go on later with: hanolab jobs resume {job.id}",
    )


def _steps_by_state(steps: Sequence[Step]) -> Mapping[JobState, Step]:
    by_state: dict[JobState, Step] = {}
    for step in steps:
        if not step.is_repeatable and step.intent is None:
            raise ValueError(f"step {step.name} must not be repeated, but has no intent")
        entered = step.from_states | ({step.intent} if step.intent else set())
        for state in entered:
            if state in by_state:
                raise ValueError(
                    f"two steps go on from {state}: {by_state[state].name}, {step.name}"
                )
            by_state[state] = step
        ways = {(state, step.intent or step.to_state) for state in step.from_states}
        if step.intent:
            ways.add((step.intent, step.to_state))
        for old, new in ways:
            if new not in TRANSITIONS[old]:
                raise ValueError(f"step {step.name} leads from {old} to {new}, which is no way")
    return by_state


class _EitherStop:
    """Set when either of two flags is; neither needs to know of the other."""

    def __init__(self, first: Stop, second: Stop) -> None:
        self._first = first
        self._second = second

    def is_set(self) -> bool:
        return self._first.is_set() or self._second.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._second.wait(min(left, _STOP_POLL_SECONDS))
        return True
