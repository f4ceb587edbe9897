"""Run a job of a test in this thread, with steps that fail as they are told."""

from __future__ import annotations

import threading

from fakes.job_steps import Work, road

from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.jobs.runner import Runner, Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore


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
