"""A process that runs one job with slow, traced steps to its end.

    python resumed_process.py FOLDER JOB_ID STEP_SECONDS

It prints "running" as soon as it may be killed at any moment.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from fakes.job_steps import STEP_NAMES, Work, road, traced_work

from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs.runner import Runner, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore


def slow(name: str, step_seconds: float) -> Work:
    work = traced_work(name)

    def run(context: StepContext) -> StepResult:
        context.stop.wait(step_seconds)
        return work(context)

    return run


def main() -> None:
    folder, job_id, step_seconds = sys.argv[1:]
    print("running", flush=True)  # noqa: T201 - the way to the test
    work = {name: slow(name, float(step_seconds)) for name in STEP_NAMES}
    with JobStore(Path(folder)) as store:
        Runner(store, road(work=work)).run(job_id, stop=threading.Event(), progress=ignore_progress)


if __name__ == "__main__":
    main()
