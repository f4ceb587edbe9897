"""Local work by order: what a worker does with a `WorkOrder`, and who sends one.

Labours that follow each other without the owner's help go in one order: capturing and receiving,
or working, aligning and polishing. What such an order gave beforehand is kept until its step comes
to it; nothing of it is stored before, so a crash in between only has the order done again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.jobs.steps import StepContext
from hanolab_dawtools.model import HostName
from hanolab_dawtools.workers.base import WorkDone, Workforce, WorkOrder
from hanolab_dawtools.workflows import chains
from hanolab_dawtools.workflows.away import labours_again, marked_away, with_outcome
from hanolab_dawtools.workflows.local_work import LocalWork, handle_seconds_of
from hanolab_dawtools.workflows.outcomes import plan_of, request_of, stems_of
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import from_json, to_json

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "capture": ("capture", "receive"),
    "receive": ("receive",),
    "work": ("work", "align", "polish"),
    "align": ("align", "polish"),
    "polish": ("polish",),
}


def do_order(
    labour: LocalWork, order: WorkOrder, stop: Stop, progress: ProgressCallback
) -> WorkDone:
    """Do the labours of an order one after the other, in this process."""
    job = from_json(Job, order.job)
    labour = replace(labour, handle_seconds=order.handle_seconds)
    began = time.process_time()
    outcomes: dict[str, Any] = {}
    failure: HanolabError | None = None
    for name in order.steps:
        try:
            outcomes[name] = labour.do(name, StepContext(job, order.folder, stop, progress))
        except HanolabError as error:
            failure = error
            break
        job = with_outcome(job, name, outcomes[name])
    return WorkDone(outcomes, failure, cpu_seconds=time.process_time() - began)


@dataclass
class OrderedWork:
    """A `Labour` that sends orders; one for all jobs, used from many threads.

    Attributes
    ----------
    here
        Does what no worker can: captures from a running REAPER go through our connection to it.
    captures, others
        Who captures, which needs the project and its media, and who does all else.
    """

    here: LocalWork
    captures: Workforce
    others: Workforce
    _done: dict[tuple[str, str], Any] = field(default_factory=dict)
    _worker_of: dict[str, str] = field(default_factory=dict)
    _rendering: threading.Lock = field(default_factory=threading.Lock)

    def do(self, name: str, context: StepContext) -> Any:
        """What a labour gives: kept from an order before, or of a new one; see `Labour`."""
        job = context.job
        if name != "capture" and (job.id, name) in self._done:
            return self._kept(self._done.pop((job.id, name)))
        plan = plan_of(job)
        if name == "capture" and plan.selection.host is HostName.REAPER:
            with self._rendering:  # REAPER renders one thing at a time
                return self.here.do(name, context)
        workforce = self.captures if name == "capture" else self.others
        first = next(iter(labours_again(name, job.outcomes)), name)
        steps = BUNDLES[first]
        if name == "capture" and (workforce is not self.others or not chains.chain_before(plan)):
            steps = ("capture",)
        if name == "receive" and not chains.chain_before(plan):  # there is nothing to do
            return self.here.do(name, context)
        done = self._ordered(name, steps, context, workforce)
        for later in steps[steps.index(name) + 1 :]:
            if later in done.outcomes:
                self._done[job.id, later] = done.outcomes[later]
            elif done.failure is not None:
                self._done[job.id, later] = done.failure
                break
        return done.outcomes[name]

    def forget(self, job_id: str) -> str:
        """Drop what is kept for a job that has ended; who worked for it last, "" for nobody."""
        for key in list(self._done):
            if key[0] == job_id or key[0].startswith(f"{job_id}-"):  # a part of it
                self._done.pop(key, None)
        return self._worker_of.pop(job_id, "")

    def _ordered(
        self, name: str, steps: tuple[str, ...], context: StepContext, workforce: Workforce
    ) -> WorkDone:
        order = WorkOrder(
            to_json(context.job),
            context.folder,
            steps,
            (*_inputs(steps[0], context), *_files_beside(plan_of(context.job))),
            handle_seconds_of(plan_of(context.job), self.here.engine_named),
        )
        done = workforce.do(order, stop=context.stop, progress=context.progress)
        self._worker_of[order.job_id] = done.worker
        if name not in done.outcomes:
            assert done.failure is not None, "a labour gives something or fails"
            raise done.failure
        away = {one: marked_away(done.outcomes[one]) for one in done.away}
        return replace(done, outcomes={**done.outcomes, **away})

    @staticmethod
    def _kept(found: Any) -> Any:
        if isinstance(found, HanolabError):
            raise found
        return found


def _inputs(name: str, context: StepContext) -> tuple[Path, ...]:
    """The files that an order's first step reads, and that those behind it need besides."""
    outcomes = context.job.outcomes
    capture = outcomes.get("capture", {}).get("capture")
    if name == "capture" or capture is None:
        return ()
    if name == "receive":
        return (Path(capture["path"]),)
    if name == "polish":
        return tuple(Path(stem["path"]) for stem in outcomes["align"]["stems"])
    is_whole = "request" not in outcomes["prepare"]  # made of parts, and asks no engine itself
    received = () if is_whole else (request_of(outcomes).input_path,)
    stems = () if name == "work" else tuple(stem.path for stem in stems_of(outcomes))
    return (*received, *stems)


def _files_beside(plan: RunPlan) -> tuple[Path, ...]:
    """Files of the user's that a plan reads besides the selection, as far as they are there."""
    reference = plan.parameters.get("reference")
    named = (*([Path(str(reference))] if reference else ()), *chains.files_read(plan))
    return tuple(path.absolute() for path in named if path.is_file())
