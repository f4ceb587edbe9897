"""How a job stands, in a user's words: one line for a list, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from hanolab_dawtools.jobs.model import Charge, JobState, JobSummary, Spent, Wait
from hanolab_dawtools.presenters.wording import credits_text
from hanolab_dawtools.workflows.resuming import runs_elsewhere, runs_of

ENGINE_NAMES = {"local": "this machine", "hanolab": "HanoLab", "none": "effects"}

GOES_ON_THERE = (
    "Its task goes on at HanoLab, whose API cannot cancel; resuming fetches what came of it."
)


class Phase(StrEnum):
    """How a job stands, as far as the user has to care."""

    QUEUED = "queued"
    RUNNING = "running"
    ELSEWHERE = "running elsewhere"
    WAITING = "waiting"
    INTERRUPTED = "interrupted"
    UNSURE = "unsure"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DONE = "done"

    @property
    def is_active(self) -> bool:
        """Whether something works on the job, or will without being asked."""
        return self in {Phase.QUEUED, Phase.RUNNING, Phase.ELSEWHERE, Phase.WAITING}


_ENDED = {
    JobState.DONE: Phase.DONE,
    JobState.FAILED: Phase.FAILED,
    JobState.CANCELLED: Phase.CANCELLED,
    JobState.UNSURE: Phase.UNSURE,
}

_DOING = {
    JobState.PLANNED: "capturing",
    JobState.CAPTURED: "preparing",
    JobState.PREPARED: "about to start",
    JobState.WAITING: "waiting for a slot",
    JobState.STARTING: "being sent",
    JobState.STARTED: "working",
    JobState.FINISHED: "aligning",
    JobState.ALIGNED: "finishing the sound",
    JobState.POLISHED: "placing",
    JobState.PLACED: "tidying up",
}
_BEFORE = {
    JobState.PLANNED: "not begun",
    JobState.CAPTURED: "captured",
    JobState.PREPARED: "prepared, nothing sent",
    JobState.WAITING: "waited for a slot, nothing sent",
    JobState.STARTING: "was being sent",
    JobState.STARTED: "work had begun",
    JobState.FINISHED: "results are here",
    JobState.ALIGNED: "results are aligned",
    JobState.POLISHED: "results are ready to place",
    JobState.PLACED: "results are placed",
}


def phase_of(job: JobSummary, *, is_claimed: bool) -> Phase:
    """How a job stands that this panel does not run."""
    if is_claimed:
        return Phase.ELSEWHERE
    return _ENDED.get(job.state, Phase.INTERRUPTED)


def doing_text(job: JobSummary) -> str:
    """What is being done for a job that runs."""
    if job.state is JobState.WAITING and job.wait is not None:
        return wait_text(job.wait)
    if job.state is JobState.STARTED and runs_elsewhere(job):
        return "HanoLab is working"
    return _DOING.get(job.state, job.state.value)


def state_text(job: JobSummary, phase: Phase) -> str:
    """The state of a job that this panel does not run."""
    if phase is Phase.ELSEWHERE:
        return f"in another process: {doing_text(job)}"
    if phase is Phase.INTERRUPTED:
        return f"interrupted: {_BEFORE.get(job.state, job.state.value)}"
    if phase is Phase.FAILED and job.failure is not None:
        return f"failed: {job.failure.message}"
    if phase is Phase.UNSURE:
        return "unsure: it may have been accepted and billed"
    return phase.value


def wait_text(wait: Wait) -> str:
    """Why a job waits, with the clock time of the next slot."""
    until = f"until {wait.until.astimezone():%H:%M:%S}" if wait.until else "until there is room"
    return f"waiting {until} ({wait.reason})"


def engine_text(job: JobSummary) -> str:
    """Where the work of a job is done."""
    engines = [str(run.get("engine", "")) for run in runs_of(job.plan)]
    return " + ".join(dict.fromkeys(ENGINE_NAMES.get(name, name) for name in engines))


def charges_text(charges: Sequence[Charge]) -> str:
    """What a job was billed; a question mark where nobody knows."""
    if not charges:
        return ""
    known = sum(charge.credits or 0.0 for charge in charges)
    is_whole = all(charge.credits is not None for charge in charges)
    amount = credits_text(known) if is_whole else f"{known:g} + ? credits" if known else "? credits"
    return amount if all(charge.is_sure for charge in charges) else f"{amount} (unsure)"


def spent_text(spent: Spent) -> str:
    """A sum that was spent, with what is not known of it."""
    text = credits_text(spent.credits)
    if spent.unsure_credits:
        text += f", perhaps {credits_text(spent.unsure_credits)} more (unsure)"
    if spent.n_unknown:
        requests = "request" if spent.n_unknown == 1 else "requests"
        text += f", and {spent.n_unknown} {requests} of unknown price"
    return text
