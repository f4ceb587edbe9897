"""Runs many jobs at once, each in a process of its own, under one cap; reports as JSON.

    python capped_jobs.py FOLDER N

Every job writes "begin" into one common file when it is sent, and "end" when its result is here.
The first process is killed right after it was granted a slot.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

from fakes.job_steps import die
from fakes.paid_steps import CAP, paid_road, send

from hanolab_dawtools.events import ignore_progress
from hanolab_dawtools.jobs import runner
from hanolab_dawtools.jobs.model import Wait
from hanolab_dawtools.jobs.runner import Runner, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore

WORK_SECONDS = 0.01
runner._RE_ASK_SECONDS = 0.02  # the real one would make this take a minute


def run(folder: Path, job_id: str, *, dies_with_slot: bool) -> None:
    """Run one job to its end, or die with a slot in hand."""

    def write(line: str) -> None:
        with (folder / "trace.txt").open("a") as stream:
            stream.write(f"{line} {job_id}\n")

    def start(context: StepContext) -> StepResult:
        write("begin")
        return send(context)

    def finish(context: StepContext) -> StepResult:
        context.stop.wait(WORK_SECONDS)
        write("end")
        return StepResult({})

    with JobStore(folder / "jobs", busy_seconds=30.0) as store:

        def admit(context: StepContext) -> Wait | None:
            wait = store.caps.acquire(job_id, replace(CAP, n_per_hour=1000))
            if wait is None and dies_with_slot:
                die()
            return wait

        steps = [
            replace(step, run=finish) if step.name == "finish" else step
            for step in paid_road(store, start=start, admit=admit)
        ]
        Runner(store, steps).run(job_id, stop=threading.Event(), progress=ignore_progress)


def main() -> None:
    folder, n_jobs = Path(sys.argv[1]), int(sys.argv[2])
    job_ids = [f"job-{number}" for number in range(n_jobs)]
    with JobStore(folder / "jobs") as store:
        for job_id in job_ids:
            store.create("generate", "", {}, job_id=job_id)
    children = []
    for job_id in job_ids:
        pid = os.fork()
        if pid == 0:
            try:
                run(folder, job_id, dies_with_slot=job_id == job_ids[0])
                os._exit(0)
            finally:
                os._exit(1)
        children.append(pid)
    exit_codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    with JobStore(folder / "jobs") as store:
        states = [store.get(job_id).state.value for job_id in job_ids]
    trace = (folder / "trace.txt").read_text().splitlines()
    json.dump({"exit_codes": exit_codes, "states": states, "trace": trace}, sys.stdout)


if __name__ == "__main__":
    main()
