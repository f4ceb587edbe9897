"""A start that was cut short: what its marks tell decides, and nothing is ever sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes.job_runs import failing, run_steps
from fakes.paid_steps import CAP, charge, n_accepted, paid_road, started

from hanolab_dawtools.errors import (
    CloudUnreachable,
    HanolabError,
    InvalidTransition,
    JobCancelled,
    NotLoggedIn,
    SubmissionUnsure,
    TryLater,
)
from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.model import Job, JobState, Wait
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

Recover = Callable[[StepContext], StepResult | None]


@pytest.fixture
def cut_short(store: JobStore, job: Job) -> Job:
    """A job whose run ended after the intent, as by a power cut."""
    with pytest.raises(KeyboardInterrupt):
        run_steps(store, job, paid_road(store, start=failing(KeyboardInterrupt())))
    assert store.get(job.id).state is JobState.STARTING
    return job


def steps_with(store: JobStore, recover: Recover | None) -> list[Step]:
    return [
        replace(step, recover=recover) if step.name == "start" else step
        for step in paid_road(store)
    ]


def charges(store: JobStore) -> list[object]:
    return [entry.charge for entry in store.ledger.entries()]


def test_start_that_was_never_sent_is_sent_now(store: JobStore, cut_short: Job) -> None:
    steps = steps_with(store, lambda _: StepResult({}, JobState.PREPARED))
    assert run_steps(store, cut_short, steps).state is JobState.DONE
    assert n_accepted(store.folder_of(cut_short.id)) == 1
    assert charges(store) == [charge("task-1")]


def test_start_that_was_never_sent_leaves_no_outcome(store: JobStore, cut_short: Job) -> None:
    steps = [
        replace(step, admit=lambda _: Wait(None, "full")) if step.name == "start" else step
        for step in steps_with(store, lambda _: StepResult({"x": 1}, JobState.PREPARED))
    ]
    with pytest.raises(TryLater):
        Runner(store, steps).run(
            cut_short.id, stop=threading.Event(), progress=ignore_progress, is_patient=False
        )
    assert "start" not in store.get(cut_short.id).outcomes
    assert [event.state for event in store.events(cut_short.id)][-2:] == ["prepared", "waiting"]


def test_slot_of_a_start_that_was_never_sent_is_given_back(store: JobStore, cut_short: Job) -> None:
    steps = steps_with(store, lambda _: StepResult({}, JobState.PREPARED))
    run_steps(store, cut_short, steps)
    other = store.create("separate", "", {})
    with store.claim(other.id):
        assert store.caps.acquire(other.id, replace(CAP, n_per_hour=2)) is None


def test_kept_answer_is_gone_on_with(store: JobStore, cut_short: Job) -> None:
    done = run_steps(store, cut_short, steps_with(store, lambda _: started("task-7")))
    assert (done.state, done.outcomes["start"]) == (JobState.DONE, {"ticket": "task-7"})
    assert n_accepted(store.folder_of(cut_short.id)) == 0
    assert charges(store) == [charge("task-7")]


@pytest.mark.parametrize(
    ("recover", "n_charges"),
    [
        (None, 0),
        (lambda _: None, 0),
        (failing(SubmissionUnsure("an answer without an id")), 0),
        (lambda _: StepResult({}, JobState.UNSURE, charge("")), 1),
    ],
    ids=["no recover", "nothing known", "unsure raised", "unsure returned"],
)
def test_doubt_is_left_to_the_user(
    store: JobStore, cut_short: Job, recover: Recover | None, n_charges: int
) -> None:
    with pytest.raises(TryLater, match="nobody knows whether it was accepted"):
        run_steps(store, cut_short, steps_with(store, recover))
    assert store.get(cut_short.id).state is JobState.UNSURE
    assert charges(store) == [charge("")] * n_charges
    assert n_accepted(store.folder_of(cut_short.id)) == 0


@pytest.mark.parametrize("error", [CloudUnreachable("offline"), NotLoggedIn("no key")], ids=repr)
def test_recovery_that_cannot_be_tried_is_tried_again(
    store: JobStore, cut_short: Job, error: HanolabError
) -> None:
    with pytest.raises(type(error)):
        run_steps(store, cut_short, steps_with(store, failing(error)))
    assert store.get(cut_short.id).state is JobState.STARTING
    steps = steps_with(store, lambda _: started("task-7"))
    assert run_steps(store, cut_short, steps).state is JobState.DONE


def test_stopped_recovery_is_cancelled_and_asked_again(store: JobStore, cut_short: Job) -> None:
    with pytest.raises(JobCancelled):
        run_steps(store, cut_short, steps_with(store, failing(JobCancelled("stopped"))))
    cancelled = store.get(cut_short.id)
    assert (cancelled.state, cancelled.good_state) == (JobState.CANCELLED, JobState.STARTING)
    steps = steps_with(store, lambda _: started("task-7"))
    assert run_steps(store, cut_short, steps).state is JobState.DONE


def test_mistake_in_a_recovery_leaves_doubt(store: JobStore, cut_short: Job) -> None:
    with pytest.raises(KeyError):
        run_steps(store, cut_short, steps_with(store, failing(KeyError("id"))))
    unsure = store.get(cut_short.id)
    assert unsure.state is JobState.UNSURE
    assert unsure.failure is not None
    assert unsure.failure.hint.endswith("--abandon")


def test_recovery_cannot_lead_where_no_way_is(store: JobStore, cut_short: Job) -> None:
    with pytest.raises(InvalidTransition):
        run_steps(store, cut_short, steps_with(store, lambda _: StepResult({}, JobState.FINISHED)))
    assert store.get(cut_short.id).state is JobState.STARTING
