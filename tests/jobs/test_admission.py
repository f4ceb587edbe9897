"""A step that is not admitted waits, here or for a later run; a refusal of the service does too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes.job_runs import failing, run_steps
from fakes.paid_steps import CAP, n_accepted, paid_road, send

from hanolab_dawtools.errors import (
    Capped,
    DiskFull,
    HanolabError,
    JobCancelled,
    SpendingLimit,
    SubmissionUnsure,
    TryLater,
)
from hanolab_dawtools.events import Progress, ignore_progress
from hanolab_dawtools.jobs import runner
from hanolab_dawtools.jobs.model import RESTING_STATES, Job, JobState, Wait
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

SOON = timedelta(seconds=0.02)
LATER = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def run_once(store: JobStore, job: Job, steps: list[Step]) -> Job:
    """Run a job without the patience to wait."""
    stop = threading.Event()
    return Runner(store, steps).run(job.id, stop=stop, progress=ignore_progress, is_patient=False)


def answering(*answers: Wait | None) -> Callable[[StepContext], Wait | None]:
    """An `admit` that gives these answers, one after the other."""
    left = list(answers)
    return lambda context: left.pop(0)


def capped_once(retry_after: timedelta) -> Callable[[StepContext], StepResult]:
    """A start that the service refuses once, for want of room."""
    refusals = [None]

    def start(context: StepContext) -> StepResult:
        if refusals:
            refusals.pop()
            retry_at = (now() + retry_after).timestamp()
            raise Capped("too many requests", retry_at=retry_at)
        return send(context)

    return start


def history(store: JobStore, job: Job) -> list[str]:
    return [event.state.value for event in store.events(job.id)]


def test_admitted_step_runs_with_a_slot(store: JobStore, job: Job) -> None:
    done = run_steps(store, job, paid_road(store))
    assert done.state is JobState.DONE
    assert n_accepted(store.folder_of(job.id)) == 1
    assert "waiting" not in history(store, job)


def test_run_without_patience_ends_with_the_clock_time_of_the_slot(
    store: JobStore, job: Job
) -> None:
    until = now() + LATER
    steps = paid_road(store, admit=lambda _: Wait(until, "10 of 10 per hour used"))
    with pytest.raises(Capped) as caught:
        run_once(store, job, steps)
    assert caught.value.retry_at == pytest.approx(until.timestamp())
    assert caught.value.exit_code == 75
    clock_time = f"{until.astimezone():%H:%M:%S}"
    assert str(caught.value) == (
        f"job {job.id} is waiting until {clock_time} (10 of 10 per hour used)"
    )
    assert caught.value.hint == f"Go on then with: hanolab jobs resume {job.id}"
    waiting = store.get(job.id)
    assert (waiting.state, waiting.wait) == (
        JobState.WAITING,
        Wait(until, "10 of 10 per hour used"),
    )
    assert store.list()[0].wait == waiting.wait
    assert n_accepted(store.folder_of(job.id)) == 0


def test_slot_whose_time_nobody_knows_is_told_as_such(store: JobStore, job: Job) -> None:
    steps = paid_road(store, admit=lambda _: Wait(None, "1 of 1 in flight"))
    with pytest.raises(TryLater, match=r"is waiting until there is room \(1 of 1 in flight\)"):
        run_once(store, job, steps)


def test_waiting_job_goes_on_in_a_later_run_and_forgets_the_wait(store: JobStore, job: Job) -> None:
    with pytest.raises(Capped):
        run_once(store, job, paid_road(store, admit=lambda _: Wait(now() + LATER, "full")))
    assert JobState.WAITING not in RESTING_STATES  # so that a resume of all takes it up
    done = run_once(store, job, paid_road(store))
    assert (done.state, done.wait) == (JobState.DONE, None)


def test_wait_that_changes_is_stored_without_a_line_of_history(store: JobStore, job: Job) -> None:
    first, second = Wait(now() + LATER, "first"), Wait(None, "second")
    for wait in (first, second):
        with pytest.raises(HanolabError):
            run_once(store, job, paid_road(store, admit=answering(wait)))
    assert store.get(job.id).wait == second
    assert history(store, job).count("waiting") == 1


def test_patient_run_asks_again_until_it_is_admitted(store: JobStore, job: Job) -> None:
    reports: list[Progress] = []
    until = now() + SOON
    admit = answering(Wait(until, "full"), Wait(until, "full"), None)
    steps = paid_road(store, admit=admit)
    done = Runner(store, steps).run(job.id, stop=threading.Event(), progress=reports.append)
    assert done.state is JobState.DONE
    assert [report.step for report in reports] == [
        f"waiting until {until.astimezone():%H:%M:%S} (full)"
    ] * 2
    assert history(store, job).count("waiting") == 1


def test_stop_wakes_a_waiting_run_at_once(store: JobStore, job: Job) -> None:
    stop = threading.Event()
    steps = paid_road(store, admit=lambda _: Wait(now() + LATER, "full"))
    with pytest.raises(JobCancelled):
        Runner(store, steps).run(job.id, stop=stop, progress=lambda _: stop.set())
    cancelled = store.get(job.id)
    assert (cancelled.state, cancelled.good_state) == (JobState.CANCELLED, JobState.WAITING)
    assert run_steps(store, job, paid_road(store)).state is JobState.DONE


def test_refusal_of_the_service_makes_the_job_wait_and_gives_the_slot_back(
    store: JobStore, job: Job
) -> None:
    other = store.create("separate", "", {})
    with pytest.raises(Capped, match=r"is waiting until .* \(too many requests\)"):
        run_once(store, job, paid_road(store, start=capped_once(LATER)))
    waiting = store.get(job.id)
    assert (waiting.state, waiting.good_state) == (JobState.WAITING, JobState.WAITING)
    assert waiting.failure is None
    with store.claim(other.id):
        assert store.caps.acquire(other.id, CAP) is None


def test_patient_run_outlasts_a_refusal_of_the_service(
    store: JobStore, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_RE_ASK_SECONDS", 0.05)
    began = now()
    done = run_steps(store, job, paid_road(store, start=capped_once(timedelta(seconds=0.2))))
    assert done.state is JobState.DONE
    assert now() - began >= timedelta(seconds=0.2)
    assert history(store, job)[3:7] == ["starting", "waiting", "starting", "started"]
    assert n_accepted(store.folder_of(job.id)) == 1


def test_a_clock_that_is_set_back_does_not_make_a_refusal_longer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_RE_ASK_SECONDS", 0.05)
    set_back_seconds = 0.0

    def clock() -> float:
        return time.time() - set_back_seconds

    def set_back(progress: Progress) -> None:
        nonlocal set_back_seconds
        if progress.step.startswith("waiting"):
            set_back_seconds = 3600.0

    stop = threading.Event()
    patience = threading.Timer(5.0, stop.set)
    patience.start()
    with JobStore(folder, clock=clock) as store:
        job = store.create("separate", "", {})
        steps = paid_road(store, start=capped_once(timedelta(seconds=0.2)))
        assert Runner(store, steps).run(job.id, stop=stop, progress=set_back).state is JobState.DONE
    patience.cancel()


@pytest.mark.parametrize("error", [SpendingLimit("too dear"), KeyError("price")], ids=repr)
def test_failed_admission_is_a_failure_before_anything_was_sent(
    store: JobStore, job: Job, error: Exception
) -> None:
    def admit(context: StepContext) -> Wait | None:
        raise error

    with pytest.raises(type(error)):
        run_steps(store, job, paid_road(store, admit=admit))
    failed = store.get(job.id)
    assert (failed.state, failed.good_state) == (JobState.FAILED, JobState.PREPARED)
    assert run_steps(store, job, paid_road(store)).state is JobState.DONE


def test_failed_start_gives_its_slot_back(store: JobStore, job: Job) -> None:
    with pytest.raises(DiskFull):
        run_steps(store, job, paid_road(store, start=failing(DiskFull(store.folder_of("x")))))
    other = store.create("separate", "", {})
    assert run_once(store, other, paid_road(store)).state is JobState.DONE


def test_unsure_submission_is_told_with_the_three_ways_out(store: JobStore, job: Job) -> None:
    steps = paid_road(store, start=failing(SubmissionUnsure("the answer was lost")))
    with pytest.raises(SubmissionUnsure) as caught:
        run_steps(store, job, steps)
    ways = f"hanolab jobs resolve {job.id} --task T | --resend | --abandon"
    assert caught.value.hint.endswith(ways)
    unsure = store.get(job.id)
    assert unsure.state is JobState.UNSURE
    with pytest.raises(TryLater) as again:
        run_steps(store, job, paid_road(store))
    assert again.value.hint.endswith(ways)
    assert n_accepted(store.folder_of(job.id)) == 0
