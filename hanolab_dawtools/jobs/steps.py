"""What a step of a job is, and what it gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.jobs.model import TRANSITIONS, Charge, Job, JobState, Wait


@dataclass(frozen=True)
class StepContext:
    """What a step works with: the job with the outcomes so far, and the job's own folder.

    `is_patient`: whether to wait here for what another job of this one has to wait for.
    """

    job: Job
    folder: Path
    stop: Stop
    progress: ProgressCallback
    is_patient: bool = True


@dataclass(frozen=True)
class StepResult:
    """What a step left, as JSON values.

    `state` overrides the step's `to_state`. `charge` is what it was billed; it is put into the
    ledger in the transaction that stores the outcome.
    """

    outcome: Mapping[str, Any]
    state: JobState | None = None
    charge: Charge | None = None


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
        `StepResult(..., JobState.UNSURE)`, or raises `SubmissionUnsure`, when it cannot know.
        If it raises `Capped`, the job waits.
    recover
        Asked when such a step was cut short, before anything else is done. It returns how the
        step ended (by default in `to_state`), `StepResult(..., JobState.PREPARED)` when the work
        was provably never asked for, or None when it cannot know: then the job is unsure. An
        error leaves the job as it is, to be asked again; `SubmissionUnsure` makes it unsure.
    admit
        Asked before the intent is committed: None, why the job has to wait, or a result with the
        state that makes the step needless.
    """

    name: str
    from_states: frozenset[JobState]
    to_state: JobState
    run: Callable[[StepContext], StepResult]
    intent: JobState | None = None
    is_repeatable: bool = True
    recover: Callable[[StepContext], StepResult | None] | None = None
    admit: Callable[[StepContext], Wait | StepResult | None] | None = None


def steps_by_state(steps: Sequence[Step]) -> Mapping[JobState, Step]:
    """The step that goes on from each state; `ValueError` for steps that cannot work."""
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
