"""What a job that is not done still needs, and where it stands outside of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hanolab_dawtools.jobs.model import JobState, JobSummary
from hanolab_dawtools.model import HostName, RequestKind

HERE = frozenset({"local", "none"})  # engines that send nothing anywhere
STATES_BEFORE_STEMS = frozenset(
    {
        JobState.PLANNED,
        JobState.CAPTURED,
        JobState.PREPARED,
        JobState.STARTING,
        JobState.STARTED,
    }
)


def runs_of(plan: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The stored plans that ask an engine: those of the parts, or the plan itself."""
    return tuple(plan.get("parts") or (plan,))


def separates_here(job: JobSummary) -> bool:
    """Whether the local network works for a job, which takes all that the machine has."""
    return any(
        run.get("engine") == "local" and run.get("kind") == RequestKind.SEPARATE
        for run in runs_of(job.plan)
    )


def needs_weights(job: JobSummary) -> bool:
    """Whether the local engine has still to separate for a job; voice previews need no weights."""
    return separates_here(job) and job.good_state in STATES_BEFORE_STEMS


def runs_elsewhere(job: JobSummary) -> bool:
    """Whether a service has accepted a job's work and not yet given it back."""
    is_here = job.plan.get("engine") in HERE
    return not is_here and JobState.STARTED in (job.state, job.good_state)


def goes_into_project(job: JobSummary) -> bool:
    """Whether a job's results go into a project, and not only into files."""
    host = job.plan["selection"]["host"]
    return job.plan.get("folder") is None and host in {HostName.RPP, HostName.REAPER}
