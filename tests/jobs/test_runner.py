from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.job_steps import ROAD, STEP_NAMES, Work, journal_of, road, write_journal

from hanolab_dawtools.errors import (
    AudioFileError,
    DiskFull,
    EngineCannot,
    HanolabError,
    JobBusy,
    JobCancelled,
    JobError,
    TryLater,
    UsageError,
)
from hanolab_dawtools.events import Progress, ignore_progress, raise_if_stopped
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore


@pytest.fixture
def job(store: JobStore) -> Job:
    return store.create("separate", "a song", {"stems": 2})


def run(store: JobStore, job: Job, **options: object) -> Job:
    return run_steps(store, job, road(**options))  # type: ignore[arg-type]


def run_steps(
    store: JobStore, job: Job, steps: list[Step], stop: threading.Event | None = None
) -> Job:
    runner = Runner(store, steps)
    return runner.run(job.id, stop=stop or threading.Event(), progress=ignore_progress)


def failing(error: BaseException) -> Work:
    def work(context: StepContext) -> StepResult:
        raise error

    return work


def fail_once(error: BaseException) -> Work:
    errors = [error]

    def work(context: StepContext) -> StepResult:
        if errors:
            raise errors.pop()
        return StepResult({"mended": True})

    return work


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


@pytest.mark.parametrize("name", STEP_NAMES)
def test_failed_step_is_stored_and_resumed_behind_the_last_finished_one(
    store: JobStore, job: Job, name: str
) -> None:
    work = {name: fail_once(AudioFileError(Path("x.wav"), "no audio", hint="Mend it."))}
    steps = road(work=work)
    with pytest.raises(AudioFileError):
        run_steps(store, job, steps)
    failed = store.get(job.id)
    assert failed.state is JobState.FAILED
    assert failed.good_state == next(before for step, before, _ in ROAD if step == name)
    assert failed.failure is not None
    assert (failed.failure.step, failed.failure.exit_code) == (name, 3)
    assert (failed.failure.message, failed.failure.hint) == (
        "cannot read audio from x.wav: no audio",
        "Mend it.",
    )
    done = run_steps(store, job, steps)
    assert (done.state, done.failure, done.outcomes[name]) == (
        JobState.DONE,
        None,
        {"mended": True},
    )
    begun = [line for line in journal_of(store.folder_of(job.id)) if line.endswith("begins")]
    assert begun == [f"{step} begins" for step in STEP_NAMES if step != name]


@pytest.mark.parametrize(
    ("error", "exit_code", "can_resume"),
    [
        (UsageError("wrong"), 2, False),
        (EngineCannot("cannot"), 6, True),
        (DiskFull(Path("x")), 8, True),
        (HanolabError("broken"), 1, True),
        (KeyError("stems"), 1, True),
        (OSError(5, "input/output error"), 1, True),
    ],
    ids=repr,
)
def test_failure_keeps_the_exit_code_and_whether_a_resume_can_help(
    store: JobStore, job: Job, error: Exception, exit_code: int, can_resume: bool
) -> None:
    with pytest.raises(type(error)):
        run(store, job, work={"align": failing(error)})
    failure = store.get(job.id).failure
    assert failure is not None
    assert (failure.exit_code, failure.can_resume) == (exit_code, can_resume)


def test_mistake_of_the_program_is_told_as_such_and_raised_on(store: JobStore, job: Job) -> None:
    with pytest.raises(ZeroDivisionError):
        run(store, job, work={"polish": lambda _: StepResult({"x": 1 / 0})})
    failed = store.get(job.id)
    assert (failed.state, failed.good_state) == (JobState.FAILED, JobState.ALIGNED)
    assert failed.failure is not None
    assert failed.failure.message == (
        "internal error in step polish: ZeroDivisionError: division by zero"
    )


def test_interrupt_leaves_the_job_where_it_was_and_free(store: JobStore, job: Job) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(store, job, work={"align": failing(KeyboardInterrupt())})
    assert store.get(job.id).state is JobState.FINISHED
    assert run(store, job).state is JobState.DONE


def test_step_that_must_not_be_repeated_fails_cleanly_when_it_says_so(
    store: JobStore, job: Job
) -> None:
    steps = road(work={"start": fail_once(DiskFull(Path("x")))}, is_start_repeatable=False)
    with pytest.raises(DiskFull):
        run_steps(store, job, steps)
    assert store.get(job.id).good_state is JobState.PREPARED
    assert run_steps(store, job, steps).state is JobState.DONE


def test_mistake_in_a_step_that_must_not_be_repeated_leaves_doubt(
    store: JobStore, job: Job
) -> None:
    with pytest.raises(KeyError):
        run(store, job, work={"start": failing(KeyError("id"))}, is_start_repeatable=False)
    unsure = store.get(job.id)
    assert unsure.state is JobState.UNSURE
    assert unsure.failure is not None
    with pytest.raises(TryLater, match="nobody knows whether it was accepted"):
        run(store, job, is_start_repeatable=False)


def test_cancelled_doubt_is_still_doubt_when_resumed(store: JobStore, job: Job) -> None:
    with pytest.raises(KeyError):
        run(store, job, work={"start": failing(KeyError("id"))}, is_start_repeatable=False)
    store.request_cancel(job.id)
    with pytest.raises(TryLater):
        run(store, job, is_start_repeatable=False)
    assert "start begins" not in journal_of(store.folder_of(job.id))


def test_step_that_cannot_know_leaves_doubt_and_its_outcome(store: JobStore, job: Job) -> None:
    work = {"start": lambda _: StepResult({"answer": "<html>"}, JobState.UNSURE)}
    with pytest.raises(TryLater):
        run(store, job, work=work, is_start_repeatable=False)
    unsure = store.get(job.id)
    assert (unsure.state, unsure.outcomes["start"]) == (JobState.UNSURE, {"answer": "<html>"})


def test_waiting_job_ends_the_run_and_the_next_run_goes_on(store: JobStore, job: Job) -> None:
    steps = road()
    prepared = frozenset({JobState.PREPARED})
    steps[2] = Step("queue", prepared, JobState.WAITING, lambda _: StepResult({"slot": 7}))
    steps.append(
        Step(
            "start",
            frozenset({JobState.WAITING}),
            JobState.STARTED,
            lambda context: StepResult({"slot": context.job.outcomes["queue"]["slot"]}),
            intent=JobState.STARTING,
        )
    )
    with pytest.raises(TryLater, match="waits until there is room"):
        run_steps(store, job, steps)
    assert store.get(job.id).state is JobState.WAITING
    assert run_steps(store, job, steps).outcomes["start"] == {"slot": 7}


def test_unfinished_work_is_no_failure(store: JobStore, job: Job) -> None:
    steps = road(work={"finish": fail_once(TryLater("still running there"))})
    with pytest.raises(TryLater):
        run_steps(store, job, steps)
    waiting = store.get(job.id)
    assert (waiting.state, waiting.failure) == (JobState.STARTED, None)
    assert run_steps(store, job, steps).state is JobState.DONE


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


def test_failure_is_told_even_when_it_cannot_be_stored(
    store: JobStore, job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    def fill_the_disk(context: StepContext) -> StepResult:
        with store._database.reading() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
        raise AudioFileError(Path("x.wav"), "no audio " * 2000)

    with pytest.raises(AudioFileError):
        run(store, job, work={"align": fill_the_disk})
    assert "could not be stored" in caplog.text
    assert "the disk is full" in caplog.text
    assert store.get(job.id).state is JobState.FINISHED


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
