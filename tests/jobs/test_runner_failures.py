"""Steps that fail, give up for now, or leave doubt: what is stored, and how a resume goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.job_runs import fail_once, failing, run, run_steps
from fakes.job_steps import ROAD, STEP_NAMES, journal_of, road

from hanolab_dawtools.errors import (
    AudioFileError,
    Capped,
    DiskFull,
    EngineCannot,
    HanolabError,
    PollTimeout,
    RemoteJobFailed,
    TryLater,
    UsageError,
)
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore


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
        (RemoteJobFailed("the model crashed"), 4, False),
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


@pytest.mark.parametrize(
    "error",
    [
        TryLater("still running there"),
        PollTimeout("still running there", task_id="task-1"),
        Capped("too many questions", retry_at=0.0),
    ],
    ids=repr,
)
def test_unfinished_work_is_no_failure(store: JobStore, job: Job, error: HanolabError) -> None:
    steps = road(work={"finish": fail_once(error)})
    with pytest.raises(type(error)):
        run_steps(store, job, steps)
    waiting = store.get(job.id)
    assert (waiting.state, waiting.failure) == (JobState.STARTED, None)
    assert run_steps(store, job, steps).state is JobState.DONE


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
