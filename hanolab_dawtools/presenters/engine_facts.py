"""What each engine can do for a job, and what is missing for it: sentences with the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hanolab_dawtools.presets.schema import Job

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class EngineFacts:
    """One engine.

    Attributes
    ----------
    can
        What it makes of the job, in a sentence.
    missing, next_step
        What must be set up first, and how; empty when nothing is missing.
    """

    name: str
    title: str
    is_paid: bool
    can: str = ""
    missing: str = ""
    next_step: str = ""


def engine_facts(services: Services, job: Job) -> Sequence[EngineFacts]:
    """The engines for a job; asks the disk and the keychain, so it is not for the GUI thread."""
    return ()
