"""What each engine makes of a job, and what is missing for it: sentences with the next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hanolab_dawtools.errors import EngineCannot, HanolabError, WeightsMissing
from hanolab_dawtools.model import Request, RequestKind
from hanolab_dawtools.presets.schema import ConvertJob, FlashJob, Job, NoJob, SeparateJob

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

TITLES = {"local": "This computer", "hanolab": "HanoLab cloud"}
_PROBE = (Path(), 48_000, 2, 48_000)  # a second of stereo: only what is asked for it counts


@dataclass(frozen=True)
class EngineFacts:
    """One engine, for one job.

    Attributes
    ----------
    can
        What it makes of the job, in a sentence.
    cannot
        Why it can do nothing with the job; empty when it can.
    missing, next_step
        What must be set up first, and how; empty when nothing is missing.
    """

    name: str
    title: str
    is_paid: bool
    can: str = ""
    cannot: str = ""
    missing: str = ""
    next_step: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether a run could begin."""
        return not self.cannot and not self.missing

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        if self.cannot:
            return "cannot do this"
        return "to be set up" if self.missing else "ready"


def engine_facts(services: Services, job: Job) -> Sequence[EngineFacts]:
    """The engines for a job. Asks the disk and the keychain, so it is not for the GUI thread."""
    if isinstance(job, NoJob):
        return ()
    return [_facts(services, name, job) for name in TITLES]


def _facts(services: Services, name: str, job: Job) -> EngineFacts:
    engine = services.engine(name)
    is_paid = engine.capabilities().is_paid
    title = TITLES[name]
    where = "In the cloud, and costs credits." if is_paid else "Free, on this machine."
    can = where
    if not is_paid:  # its quote is free, and says what it lacks
        try:
            remark = engine.quote(_request(job)).remark
        except EngineCannot as error:
            return EngineFacts(name, title, is_paid, cannot=_sentence(str(error)))
        except HanolabError as error:  # what is wrong with the knobs is told where the run starts
            remark = str(error)
        can = f"{where} {_sentence(remark)}" if remark else where
    check: Callable[[], object] = _cloud_check(services) if is_paid else _local_check(services, job)
    try:
        check()
    except HanolabError as error:
        hint = error.hint
        return EngineFacts(name, title, is_paid, can, missing=_sentence(str(error)), next_step=hint)
    return EngineFacts(name, title, is_paid, can)


def _local_check(services: Services, job: Job) -> Callable[[], object]:
    """Whether the weights are there, where the job needs them."""

    def check() -> None:
        separates = isinstance(job, SeparateJob) or getattr(job, "isolate", False)
        if separates and not services.weights.is_installed():
            raise WeightsMissing(
                "the weights of the separation are not on this machine yet",
                hint="They are offered when you start; or run: hanolab weights fetch",
            )

    return check


def _cloud_check(services: Services) -> Callable[[], object]:
    """Whether there are an address, a key, and a place that the cloud can fetch audio from."""

    def check() -> None:
        services.client()
        services.storage()

    return check


def _request(job: Job) -> Request:
    """A job as an engine is asked for it; voice and reference are left out."""
    parameters: dict[str, Any] = {}
    if isinstance(job, SeparateJob):
        parameters = {"stems": job.stems}
        if job.only and job.stems > 2:
            parameters["only"] = [role.value for role in job.only]
    elif isinstance(job, ConvertJob) and job.full_song:
        parameters = {"full_song": True}
    kind = job.kind if isinstance(job, SeparateJob | ConvertJob | FlashJob) else "process"
    return Request(RequestKind(kind), *_PROBE, parameters)


def _sentence(text: str) -> str:
    """A message as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "." if text else ""
