"""A road whose start is paid for: slots, an intent on disk, a server that counts what it accepts.

The server is a file: a line for each request it accepted. `sent` and `answer` beside it are what
a careful client leaves before and after sending, in the way of `engines.base.Journal`. Deaths as
in `job_steps`, and besides "before sending", "after sending" and "after the answer".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fakes.job_steps import die, road

from hanolab_dawtools.jobs.model import Charge, JobState, Wait
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Cap

ACCEPTED = "accepted.txt"
CAP = Cap("key", n_in_flight=1, n_per_hour=10)
DEATHS = ("before sending", "after sending", "after the answer")


def n_accepted(folder: Path) -> int:
    """How many requests of a job the server took on."""
    path = folder / ACCEPTED
    return len(path.read_text().splitlines()) if path.exists() else 0


def charge(task_id: str) -> Charge:
    return Charge("paid", "separate", 30.0, 5.0, task_id, is_sure=bool(task_id))


def started(task_id: str) -> StepResult:
    return StepResult({"ticket": task_id}, JobState.STARTED, charge(task_id))


def send(context: StepContext, death: str = "") -> StepResult:
    """Mark the intent, send, keep the answer, and read it."""
    folder = context.folder
    (folder / "sent").touch()
    if death == DEATHS[0]:
        die()
    with (folder / ACCEPTED).open("a") as stream:
        stream.write("task\n")
    if death == DEATHS[1]:
        die()
    (folder / "answer").write_text("task-1")
    if death == DEATHS[2]:
        die()
    return started("task-1")


def recover(context: StepContext) -> StepResult:
    """What the marks of a sending that was cut short tell."""
    if not (context.folder / "sent").exists():
        return StepResult({}, JobState.PREPARED)
    if (context.folder / "answer").exists():
        return started((context.folder / "answer").read_text())
    return StepResult({}, JobState.UNSURE, charge(""))


def paid_road(
    store: JobStore,
    *,
    start: Callable[[StepContext], StepResult] | None = None,
    admit: Callable[[StepContext], Wait | None] | None = None,
    death: str = "",
) -> list[Step]:
    """The steps of `job_steps.road`, with a start that must not be repeated."""
    steps = road(death=death)
    at = next(number for number, step in enumerate(steps) if step.name == "start")
    steps[at] = replace(
        steps[at],
        from_states=frozenset({JobState.PREPARED, JobState.WAITING}),
        run=start or (lambda context: send(context, death)),
        is_repeatable=False,
        recover=recover,
        admit=admit or (lambda context: store.caps.acquire(context.job.id, CAP)),
    )
    return steps
