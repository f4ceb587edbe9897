"""Files that stayed with a worker of a cluster, and what is done again when they are needed here.

Of a bundle of labours only the last one's files come back. What the others left is stored with the
mark that its files are away; whoever needs them later, after a crash or another failure, has the
labours done again, which end in the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hanolab_dawtools.jobs.model import Job

# What a step of a job leaves is named after the step; receiving is a part of preparing.
STEP_OF: Mapping[str, str] = {
    "capture": "capture",
    "work": "finish",
    "align": "align",
    "polish": "polish",
}
_AWAY = "away"


def marked_away(outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a labour left, with the mark that its files are not here."""
    return {**outcome, _AWAY: True}


def is_away(outcome: Mapping[str, Any]) -> bool:
    """Whether the files of what a labour left are not here."""
    return bool(outcome.get(_AWAY))


def labours_again(name: str, outcomes: Mapping[str, Any]) -> tuple[str, ...]:
    """The labours that must be done again before this one, in order, for their files are away."""
    again: tuple[str, ...] = ()
    if name == "polish" and is_away(outcomes["align"]):
        name, again = "align", ("align",)
    # What the result cache gave is here, whatever an earlier try has left.
    if name == "align" and "stems" not in outcomes["prepare"] and is_away(outcomes["finish"]):
        again = ("work", *again)
    return again


def with_outcome(job: Job, name: str, outcome: Any) -> Job:
    """The job as it is when a labour has left this."""
    if name not in STEP_OF:
        return job
    return replace(job, outcomes={**job.outcomes, STEP_OF[name]: outcome})
