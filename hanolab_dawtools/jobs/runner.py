"""Runs the steps of a job, and records every transition before and after.

The runner knows no step by itself: whoever builds it gives the steps with the states they lead
from and to. What a step left is committed together with the new state, so after a crash a later
process goes on behind the last finished step. A step that was cut short is run again, unless it
must never run twice: then the step is asked what it knows of the cut run, and if that is nothing,
the job is `unsure`, and only the user goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from hanolab_dawtools.errors import (
    Capped,
    CloudTryLater,
    HanolabError,
    HostTimeout,
    HostUnreachable,
    JobBusy,
    JobCancelled,
    JobError,
    SubmissionUnsure,
    TryLater,
)
from hanolab_dawtools.events import Progress, ProgressCallback, Stop, raise_if_stopped
from hanolab_dawtools.jobs.claims import Claim
from hanolab_dawtools.jobs.model import Failure, Job, JobState, Wait
from hanolab_dawtools.jobs.pauses import WAYS_OUT, EitherStop, failure_of, paused, wait_text
from hanolab_dawtools.jobs.steps import Step, StepContext, StepResult, steps_by_state
from hanolab_dawtools.jobs.store import JobStore

__all__ = ["Runner", "Step", "StepContext", "StepResult"]

_log = logging.getLogger(__name__)

_RE_ASK_SECONDS = 2.0  # another process may give a slot back any time
_LEAST_SECONDS = 0.05  # between two questions, whatever the clocks say
# Nothing is wrong with the job: it stays where it is, and any resume goes on.
_NO_FAILURES = (TryLater, CloudTryLater, HostUnreachable, HostTimeout)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class _Run:
    """What one call of `Runner.run` was given."""

    claim: Claim
    stop: Stop
    progress: ProgressCallback
    is_patient: bool


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
        self._step_of = steps_by_state(steps)

    def run(
        self,
        job_id: str,
        *,
        stop: Stop,
        progress: ProgressCallback,
        is_patient: bool = True,
        until: JobState = JobState.DONE,
    ) -> Job:
        """Run a job from where it stands to its end, in this thread.

        A failed or cancelled job is resumed behind its last finished step. Setting `stop`, or
        asking the store to cancel the job, ends the run within the time that the step needs to
        see it.

        Parameters
        ----------
        is_patient
            Whether to wait here when a step is not admitted; else the run ends with that.
        until
            Where to leave it, if not at its end; one that is further goes on to its end.

        Returns
        -------
        Job
            The job, done, or where it was to be left.

        Raises
        ------
        JobBusy
            Another process works on the job.
        JobCancelled
            It was stopped; the job is cancelled, and can be resumed.
        TryLater
            The job waits for something, or only the user can say how it goes on.
        Capped
            The job waits, and it is known until when.
        HanolabError
            What a step failed with; it is stored with the job. Other exceptions are mistakes of
            the program: they are stored as such and raised on.
        """
        with self._store.claim(job_id) as claim:
            run = _Run(claim, EitherStop(stop, claim.stop), progress, is_patient)
            job = self._resumed(self._store.get(job_id), run)
            while job.state not in {until, JobState.DONE}:
                step = self._step_of.get(job.state)
                if step is None:
                    raise JobError(
                        f"no step of this program goes on with a job that is {job.state}"
                    )
                job = self._advance(job, step, run)
                if job.state is JobState.UNSURE:
                    raise paused(job)
                if job.state is JobState.WAITING:
                    self._rest(job, run)
        return job

    def _resumed(self, job: Job, run: _Run) -> Job:
        """Bring a job to a state that a step goes on from."""
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            job = self._store.record(job.id, job.good_state, claim=run.claim, note="resumed")
        step = self._step_of.get(job.state)
        if step and job.state is step.intent and not step.is_repeatable:
            job = self._recovered(job, step, run)
        if job.state is JobState.UNSURE:
            raise paused(job)
        return job

    def _recovered(self, job: Job, step: Step, run: _Run) -> Job:
        """Find out what became of a step that was cut short and must not be repeated."""
        result, note = None, f"{step.name} was cut short; nobody knows whether it was accepted"
        if step.recover is not None:
            try:
                result = step.recover(self._context(job, run))
            except SubmissionUnsure as error:
                note = str(error)
            except JobCancelled:
                self._record_end(job, JobState.CANCELLED, run.claim, resume_from=job.state)
                raise
            except HanolabError:
                raise
            except Exception as error:
                self._record_mistake(job, step, error, run.claim, resume_from=job.state)
                raise
        if result is None:
            return self._store.record(job.id, JobState.UNSURE, claim=run.claim, note=note)
        if result.state is JobState.PREPARED:
            note = f"{step.name} was cut short before anything was sent"
            return self._store.record(job.id, JobState.PREPARED, claim=run.claim, note=note)
        return self._record_result(job, step, result, run, f"{step.name} was cut short")

    def _advance(self, job: Job, step: Step, run: _Run) -> Job:
        """Run one step, if it is admitted, and record what came of it."""
        before = job.state
        if run.stop.is_set():
            self._record_end(job, JobState.CANCELLED, run.claim, resume_from=before)
            raise_if_stopped(run.stop)
        if step.intent and before is not step.intent:
            if step.admit is not None:
                answer = self._attempt(step.admit, job, step, run, resume_from=before)
                if isinstance(answer, StepResult):
                    return self._record_result(job, step, answer, run, "no need to ask")
                if answer is not None:
                    return self._store.wait(job.id, answer, claim=run.claim)
            job = self._store.record(job.id, step.intent, claim=run.claim, note=step.name)
        started = time.monotonic()
        result = self._attempt(step.run, job, step, run, resume_from=before)
        if isinstance(result, Wait):
            job = self._store.wait(job.id, result, claim=run.claim)
            self._rest_until_past(job, run)
            return job
        return self._record_result(
            job, step, result, run, f"{step.name}: {time.monotonic() - started:.2f} s"
        )

    def _attempt(
        self,
        act: Callable[[StepContext], _Answer],
        job: Job,
        step: Step,
        run: _Run,
        *,
        resume_from: JobState,
    ) -> _Answer | Wait:
        """Do a part of a step and record what it fails with; a refusal for now is a `Wait`."""
        try:
            return act(self._context(job, run))
        except JobCancelled:
            self._record_end(job, JobState.CANCELLED, run.claim, resume_from=resume_from)
            raise
        except HanolabError as error:
            if isinstance(error, Capped) and step.intent:
                return Wait(datetime.fromtimestamp(error.retry_at, UTC), str(error))
            self._record_error(job, step, error, run.claim, resume_from=resume_from)
            raise
        except Exception as error:
            self._record_mistake(job, step, error, run.claim, resume_from=resume_from)
            raise

    def _rest(self, job: Job, run: _Run) -> None:
        """Sleep a while when a job waits; raise `paused` when this run has no patience."""
        if not run.is_patient or job.wait is None:
            raise paused(job)
        run.progress(Progress(wait_text(job.wait)))
        until = job.wait.until
        seconds = self._store.seconds_until(until) if until else _RE_ASK_SECONDS
        run.stop.wait(max(_LEAST_SECONDS, min(seconds, _RE_ASK_SECONDS)))

    def _rest_until_past(self, job: Job, run: _Run) -> None:
        """Sleep for the whole wait: the service itself said when to ask again.

        A clock that is set back meanwhile does not make it longer.
        """
        until = job.wait.until if job.wait else None
        ends = time.monotonic() + (self._store.seconds_until(until) if until else 0.0)
        self._rest(job, run)
        while until and self._store.seconds_until(until) > 0 and time.monotonic() < ends:
            if run.stop.is_set():
                return
            self._rest(job, run)

    def _context(self, job: Job, run: _Run) -> StepContext:
        folder = self._store.folder_of(job.id)
        return StepContext(job, folder, run.stop, run.progress, run.is_patient)

    def _record_result(self, job: Job, step: Step, result: StepResult, run: _Run, note: str) -> Job:
        return self._store.record(
            job.id,
            result.state or step.to_state,
            claim=run.claim,
            outcome=(step.name, result.outcome),
            note=note,
            charge=result.charge,
        )

    def _record_error(
        self, job: Job, step: Step, error: HanolabError, claim: Claim, *, resume_from: JobState
    ) -> None:
        """Record what a step failed with; unfinished work is no failure."""
        failure = failure_of(step.name, error)
        if isinstance(error, SubmissionUnsure) and job.state is step.intent:
            error.hint = error.hint or WAYS_OUT.format(job_id=job.id)
            self._record_end(job, JobState.UNSURE, claim, failure=failure, resume_from=resume_from)
        elif job.state is not resume_from or not isinstance(error, _NO_FAILURES):
            self._record_end(job, JobState.FAILED, claim, failure=failure, resume_from=resume_from)

    def _record_mistake(
        self, job: Job, step: Step, error: Exception, claim: Claim, *, resume_from: JobState
    ) -> None:
        """Record that the program itself failed; after that nobody knows what the step did."""
        is_doubtful = job.state is step.intent and not step.is_repeatable
        failure = Failure(
            step=step.name,
            message=f"internal error in step {step.name}: {type(error).__name__}: {error}",
            hint=WAYS_OUT.format(job_id=job.id)
            if is_doubtful
            else "Resuming runs the step again; if that fails too, report it.",
            exit_code=HanolabError.exit_code,
            can_resume=True,
        )
        state = JobState.UNSURE if is_doubtful else JobState.FAILED
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
