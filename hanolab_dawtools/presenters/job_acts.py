"""What the user may do with a stored job, done beside the GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from hanolab_dawtools.errors import HanolabError, JobNotFound, UsageError
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters import batch_acts
from hanolab_dawtools.presenters.job_words import GOES_ON_THERE
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.parts import part_id
from hanolab_dawtools.workflows.resuming import runs_elsewhere

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

Outcome = TypeVar("Outcome")


class JobActs:
    """Runs acts with services of their own, one after the other or at once.

    `failed` is told what an act fails with.
    """

    def __init__(
        self,
        new_services: Callable[[], Services],
        workers: Workers,
        failed: Callable[[HanolabError], None],
    ) -> None:
        self._new_services = new_services
        self._workers = workers
        self._failed = failed
        self._n_begun = 0

    def do(self, act: Callable[[Services], Outcome], done: Callable[[Outcome], None]) -> None:
        """Do an act in the background; `done` is told what came of it."""

        def work(_: object) -> Outcome:
            with self._new_services() as services:
                return act(services)

        self._n_begun += 1  # a key of its own: no act supersedes another
        self._workers.run(f"job act {self._n_begun}", work, done=done, failed=self._failed)


def cancel(services: Services, job_id: str) -> str:
    """Stop a job or a batch, wherever it runs; what the user should know of it."""
    store = services.store
    if store.batches.names(job_id):
        return batch_acts.cancel(services, job_id)
    job = store.get(job_id)
    if job.state is JobState.UNSURE:
        raise UsageError(
            f"job {job.id} runs nowhere: nobody knows whether HanoLab accepted it",
            hint="Settle that first: it is there, send it again, or leave it.",
        )
    store.request_cancel(job.id)
    return GOES_ON_THERE if runs_elsewhere(job) else ""


def remove(services: Services, job_id: str) -> str:
    """Forget a job and its parts, or a batch; what was left elsewhere is deleted, or named."""
    store = services.store
    if store.batches.names(job_id):
        return batch_acts.remove(services, job_id)
    job = store.get(job_id)
    whole = job.plan.get("part_of")
    if whole and _is_unfinished(services, str(whole)):
        raise UsageError(
            f"job {job.id} is a part of job {whole}, which still needs it",
            hint="Remove that one, or finish it first.",
        )
    ids = [job.id]
    ids += [part_id(job.id, number) for number in range(1, len(job.plan.get("parts", ())) + 1)]
    left = []
    for one in ids:
        try:
            left.append(services.cleaner.discard_upload(one))
            store.remove(one)
        except JobNotFound:  # a part that was not begun
            continue
    return "; ".join(filter(None, left))


def _is_unfinished(services: Services, job_id: str) -> bool:
    try:
        return services.store.get(job_id).state is not JobState.DONE
    except JobNotFound:
        return False


def jobs_of(services: Services, job_ids: Sequence[str]) -> list[Job]:
    """The jobs with these ids, in order, without those that are done or gone."""
    found = []
    for job_id in job_ids:
        try:
            job = services.store.get(job_id)
        except JobNotFound:
            continue
        if job.state is not JobState.DONE:
            found.append(job)
    return found


def resolved_as_task(services: Services, job_id: str, task_id: str) -> Job:
    """The job, to be gone on with: the user found its task."""
    return services.resolver.task(job_id, task_id.strip())


def resent(services: Services, job_id: str) -> Job:
    """The job, to be gone on with: the user knows that its request did not arrive."""
    return services.resolver.resend(job_id)


def abandoned(services: Services, job_id: str) -> str:
    """Leave a job in doubt; what could not be deleted elsewhere."""
    job = services.resolver.abandon(job_id)
    return services.cleaner.discard_upload(job.id)


def with_roles(services: Services, job_id: str, corrected: Mapping[StemRole, StemRole]) -> Job:
    """A new job that puts the stems of a separation in their right places."""
    return services.resolver.roles(job_id, corrected)


def undone(services: Services, job_id: str) -> str:
    """Restore the project of a job, or those of a batch; what was done, in words."""
    if services.store.batches.names(job_id):
        return batch_acts.undone(services, job_id)
    result = services.undo_job(job_id)
    how = "is" if result.is_restored else "was already"
    project = result.placed.project or "the project in REAPER"
    return f"{project} {how} as it was before; the files stay in {result.placed.folder}"
