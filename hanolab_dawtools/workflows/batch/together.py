"""Results of many cells brought back together: one write of a project, one step of its undo.

The host places all of them first, which it may do again after a crash without doing it twice. Then
each job goes its last steps by itself, and finds there what was made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import HostName
from hanolab_dawtools.placement import Placed, Placement
from hanolab_dawtools.workflows.outcomes import plan_of
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.road import Road

_PROJECTS = frozenset({HostName.RPP, HostName.REAPER})
Made = Mapping[str, Placed | HanolabError]


def group_of(plan: RunPlan) -> str:
    """The project that a run's results go into; "" for files that each job puts by itself."""
    selection = plan.selection
    if plan.folder is not None or selection.host not in _PROJECTS:
        return ""
    return f"{selection.host} {plan.destination or selection.source} {selection.tab}"


def place_group(road: Road, jobs: Sequence[Job]) -> Made:
    """Place polished jobs of one project together: what was made of each, or what it refused.

    Where nothing could be written at all, each job has that error.
    """
    if not jobs:
        return {}
    try:
        placements = [road.placement_of(job) for job in jobs]
        made = road.host_for(plan_of(jobs[0]).selection).place_all(placements)
    except HanolabError as error:
        return {job.id: error for job in jobs}
    return {job.id: one for job, one in zip(jobs, made, strict=True)}


def road_behind(road: Road, made: Made) -> Road:
    """The road whose results are placed already."""
    return replace(road, placer=_placer(made))


def _placer(made: Made) -> Callable[[Placement], Placed]:
    def place(placement: Placement) -> Placed:
        found = made[placement.job_id]
        if isinstance(found, HanolabError):
            raise found
        return found

    return place
