from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from fakes.job_runs import run, run_steps
from fakes.job_steps import STEP_NAMES, journal_of, road, write_journal

from hanolab_dawtools.errors import (
    JobBusy,
    JobCancelled,
    JobError,
)
from hanolab_dawtools.events import Progress, raise_if_stopped
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore


def states(store: JobStore, job: Job) -> list[str]:
    return [event.state.value for event in store.events(job.id)]


def test_steps_run_in_order_and_see_the_outcomes_so_far(store: JobStore, job: Job) -> None:
    done = run(store, job)
    assert done.state is JobState.DONE
    assert done == store.get(job.id)
    assert [done.outcomes[name]["after"] for name in STEP_NAMES] == [
        list(STEP_NAMES[:n]) for n in range(len(STEP_NAMES))
    ]


def test_step_gets_the_jobs_folder_and_the_callers_progress(store: JobStore, job: Job) -> None:
    reports: list[Progress] = []

    def work(context: StepContext) -> StepResult:
        context.progress(Progress("capturing", 0.5))
        return StepResult({"folder": str(context.folder)})

    runner = Runner(store, road(work={"capture": work}))
    done = runner.run(job.id, stop=threading.Event(), progress=reports.append)
    assert done.outcomes["capture"] == {"folder": str(store.folder_of(job.id))}
    assert reports == [Progress("capturing", 0.5)]


def test_done_job_is_left_as_it_is(store: JobStore, job: Job) -> None:
    done = run(store, job)
    assert run(store, job) == done


def test_step_may_lead_past_others(store: JobStore, job: Job) -> None:
    done = run(store, job, work={"prepare": lambda _: StepResult({}, JobState.FINISHED)})
    assert list(done.outcomes) == ["capture", "prepare", "align", "polish", "place", "close"]


def test_set_stop_cancels_before_the_first_step(store: JobStore, job: Job) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        run_steps(store, job, road(), stop)
    assert states(store, job) == ["planned", "cancelled"]
    assert journal_of(store.folder_of(job.id)) == []


@pytest.mark.parametrize("name", STEP_NAMES)
def test_stopped_step_cancels_and_resume_runs_it_again(
    store: JobStore, job: Job, name: str
) -> None:
    stop = threading.Event()

    def stopped(context: StepContext) -> StepResult:
        stop.set()
        assert context.stop.wait(5.0)
        raise_if_stopped(context.stop)
        raise AssertionError("not stopped")

    with pytest.raises(JobCancelled):
        run_steps(store, job, road(work={name: stopped}), stop)
    cancelled = store.get(job.id)
    assert (cancelled.state, cancelled.failure) == (JobState.CANCELLED, None)
    assert name not in cancelled.outcomes
    assert run(store, job).state is JobState.DONE
    assert journal_of(store.folder_of(job.id)).count(f"{name} begins") == 1


def test_step_that_ends_in_spite_of_stop_keeps_its_outcome(store: JobStore, job: Job) -> None:
    stop = threading.Event()

    def late(context: StepContext) -> StepResult:
        stop.set()
        return StepResult({"late": True})

    with pytest.raises(JobCancelled):
        run_steps(store, job, road(work={"align": late}), stop)
    cancelled = store.get(job.id)
    assert (cancelled.good_state, cancelled.outcomes["align"]) == (JobState.ALIGNED, {"late": True})


def test_wait_of_a_step_times_out_when_nobody_stops_it(store: JobStore, job: Job) -> None:
    done = run(store, job, work={"align": lambda c: StepResult({"woken": c.stop.wait(0.01)})})
    assert done.outcomes["align"] == {"woken": False}


def test_job_that_is_claimed_elsewhere_is_not_run(store: JobStore, job: Job) -> None:
    with store.claim(job.id), pytest.raises(JobBusy):
        run(store, job)
    assert journal_of(store.folder_of(job.id)) == []


def test_outcome_of_a_run_that_lost_its_claim_does_not_count(store: JobStore, job: Job) -> None:
    def lose(context: StepContext) -> StepResult:
        with store._database.writing() as connection:
            connection.execute("UPDATE claims SET token = 'another'")
        return StepResult({"mine": True})

    with pytest.raises(JobBusy, match="taken over by another process"):
        run(store, job, work={"align": lose})
    assert store.get(job.id).state is JobState.FINISHED
    assert "align" not in store.get(job.id).outcomes


def test_state_that_no_step_knows_is_told(store: JobStore, job: Job) -> None:
    with pytest.raises(JobError, match="no step of this program goes on with a job that is capt"):
        run_steps(store, job, road()[:1])


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        (lambda: [*road(), road()[0]], "two steps go on from planned"),
        (
            lambda: [Step("x", frozenset({JobState.PLANNED}), JobState.DONE, write_nothing)],
            "leads from planned to done",
        ),
        (
            lambda: [
                Step(
                    "x",
                    frozenset({JobState.PREPARED}),
                    JobState.STARTED,
                    write_nothing,
                    is_repeatable=False,
                )
            ],
            "must not be repeated, but has no intent",
        ),
    ],
)
def test_steps_that_cannot_work_are_a_mistake(
    store: JobStore, steps: Callable[[], list[Step]], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        Runner(store, steps())


def write_nothing(context: StepContext) -> StepResult:
    write_journal(context.folder, "x")
    return StepResult({})
