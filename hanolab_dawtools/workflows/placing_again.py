"""A job whose results are wanted in another place: the same run, with another end.

The new run asks no engine that costs anything: the result cache has the answer as long as the
music is the same, and if it is not, the run stops before it would be paid again.
"""

from __future__ import annotations

from dataclasses import replace

from hanolab_dawtools import durable
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import HostName, RequestKind
from hanolab_dawtools.presets.schema import ImportPolicy, Preset
from hanolab_dawtools.workflows.applying import NO_ENGINE, Beside, asked_of
from hanolab_dawtools.workflows.arranging import check_arrangement
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import (
    refuse_takes,
    refuse_unusable_targets,
    refuse_what_needs_a_project,
)


def plan_elsewhere(plan: RunPlan, policy: ImportPolicy, beside: Beside) -> RunPlan:
    """The plan of a job, with results laid out by `policy` and put where `beside` says.

    Raises
    ------
    UsageError
        They cannot go there in this way.
    NotWritable
        Nothing can be written there.
    """
    if plan.kind is RequestKind.GENERATE:
        raise UsageError(
            "music that was made from words cannot be placed again",
            hint="Its file lies where the job has put it: drag it to where it shall be.",
        )
    bare = Preset(name="placing").model_copy(update={"import_": policy})
    asked = asked_of(bare, NO_ENGINE, beside, plan.selection.host)
    if asked.wanted.as_takes:
        refuse_takes(asked)
    moved = replace(
        free(plan),
        keep_source=asked.keep_source,
        folder=asked.folder.absolute() if asked.folder else None,
        destination=asked.destination.absolute() if asked.destination else None,
        as_takes=asked.wanted.as_takes,
        arrangement=asked.arrangement,
    )
    refuse_what_needs_a_project(moved)
    check_arrangement(moved)
    source = plan.selection.source
    if plan.selection.host is not HostName.REAPER or asked.folder is not None:
        with durable.translated_os_errors(asked.folder or asked.destination or source):
            refuse_unusable_targets(asked, source)
    return moved


def free(plan: RunPlan) -> RunPlan:
    """The plan of a run that may ask the result cache, and nobody who wants to be paid."""
    return replace(
        plan, max_credits=0.0, again=False, parts=tuple(free(part) for part in plan.parts)
    )
