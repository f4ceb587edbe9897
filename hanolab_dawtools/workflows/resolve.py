"""What only the user can decide about a job: a doubt about what was sent, and wrong roles.

A doubt is settled in one of three ways: the work is there under a task id, it is not and is sent
again, or it is left. Roles that were guessed wrongly are corrected where they are kept, in the
result cache, and a new job of the same plan takes them from there at no cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hanolab_dawtools.engines.base import Engine, Journal
from hanolab_dawtools.errors import EngineCannot, InvalidTransition, UsageError
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import RequestKind, Stem, StemRole
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    placed_of,
    plan_of,
    prepared_of,
    quote_of,
    request_of,
    stems_of,
)
from hanolab_dawtools.workflows.submitting import charge_of, facts_of, started_result
from hanolab_dawtools.workflows.undo import Restore, is_in_project, is_undone, undo_job

Roles = Mapping[StemRole, StemRole]
NOT_FROM_ENGINES = frozenset({StemRole.REST, StemRole.RESIDUAL})


@dataclass(frozen=True)
class Resolver:
    """Settles what only the user can; `restore` puts a project back, as `undo_job` needs it."""

    store: JobStore
    engine_named: Callable[[str], Engine]
    cache: ResultCache
    restore: Restore

    def task(self, job_id: str, task_id: str) -> Job:
        """Go on with a task that the user found; the job is started then, and can be resumed.

        Raises
        ------
        InvalidTransition
            Nothing is in doubt about the job.
        RemoteNotFound
            The service knows no such task.
        EngineCannot, UsageError, JobNotFound, JobBusy, CloudError, NotLoggedIn
        """
        job = self._in_doubt(job_id)
        engine, request = self.engine_named(plan_of(job).engine), request_of(job.outcomes)
        sent = Journal(self.store.folder_of(job.id)).prepared or prepared_of(job.outcomes)
        ticket = engine.adopt(request, sent, task_id)
        quote = quote_of(job.outcomes) or engine.quote(request)
        charge = charge_of(engine, quote, ticket)
        if charge is None:
            raise EngineCannot(f"the engine {plan_of(job).engine} has no tasks")
        return self.store.resolve(
            job.id,
            JobState.STARTED,
            outcome=("start", started_result(engine, quote, ticket).outcome),
            charge=charge,
            note=f"resolved: it is task {ticket.task_id}",
        )

    def resend(self, job_id: str) -> Job:
        """Send the request again at the next resume: the user knows that it did not arrive.

        The journal's marks stay until then: its admission clears them, with the job its own, so a
        resend beside a running one cannot make a sent request look like one that never left.

        Raises
        ------
        InvalidTransition, JobNotFound, JobBusy
        """
        return self.store.resolve(
            self._in_doubt(job_id).id, JobState.PREPARED, note="resolved: send it again"
        )

    def abandon(self, job_id: str) -> Job:
        """Leave the job; that it may have been billed stays in the ledger.

        Raises
        ------
        InvalidTransition, JobNotFound, JobBusy
        """
        return self.store.resolve(
            self._in_doubt(job_id).id, JobState.CANCELLED, note="resolved: abandoned"
        )

    def roles(self, job_id: str, corrected: Roles) -> Job:
        """Correct which stem is which; a new job, to be run, puts the stems in their right places.

        What the old job did to a project is undone first. Calling it again after a crash does
        no more than what is left to do.

        Parameters
        ----------
        corrected
            The right role by the wrong one: vocals and accompaniment the wrong way round are
            `{VOCALS: ACCOMPANIMENT, ACCOMPANIMENT: VOCALS}`; of the others nothing changes.

        Returns
        -------
        Job
            The new job, planned.

        Raises
        ------
        UsageError
            The job is no separation that was placed, has no such stem, two stems would have one
            role, or its stems are not in the result cache any more.
        FileChanged
            The project was changed since, so that it cannot be restored.
        JobNotFound, JobBusy, NotWritable, DiskFull
        """
        job = self.store.get(job_id)
        plan = plan_of(job)
        if "place" not in job.outcomes or plan.kind is not RequestKind.SEPARATE:
            raise UsageError(
                f"job {job.id} is no separation that has been placed, so it has no roles to correct"
            )
        stems = _with_roles(job, stems_of(job.outcomes), corrected)
        key = str(job.outcomes["prepare"]["cache_key"])
        if not self.cache.has(key):
            raise UsageError(
                f"the stems of job {job.id} are not in the result cache any more",
                hint="Rename the tracks by hand, or run the separation again.",
            )
        if is_in_project(placed_of(job.outcomes)) and not is_undone(job.outcomes):
            undo_job(self.store, job.id, self.restore)
        self.cache.replace_facts(key, facts_of(stems))
        plan_from_cache = {**job.plan, "again": False}
        return self.store.create(plan.kind.value, plan.title, plan_from_cache)

    def _in_doubt(self, job_id: str) -> Job:
        job = self.store.get(job_id)
        if JobState.UNSURE not in (job.state, job.good_state):
            raise InvalidTransition(
                f"job {job.id} is {job.state}; there is no doubt about it to resolve",
                hint=f"See it with: hanolab jobs show {job.id}",
            )
        return job


def parse_roles(texts: Sequence[str]) -> Roles:
    """Corrections as a user writes them: `vocals=accompaniment`, several of them, or with commas.

    Raises
    ------
    UsageError
        A text is none, a role does not exist, or one is named twice.
    """
    corrected: dict[StemRole, StemRole] = {}
    for text in ",".join(texts).split(","):
        wrong, _, right = text.partition("=")
        old, new = _role(wrong), _role(right)
        if old in corrected:
            raise UsageError(f"--roles names {old} twice")
        corrected[old] = new
    return corrected


def _role(text: str) -> StemRole:
    possible = [role.value for role in StemRole if role not in NOT_FROM_ENGINES]
    if text.strip().casefold() not in possible:
        raise UsageError(
            f"--roles: {text.strip()!r} is no role",
            hint=f"Write --roles WRONG=RIGHT,…; roles are: {', '.join(possible)}.",
        )
    return StemRole(text.strip().casefold())


def _with_roles(job: Job, stems: Stems, corrected: Roles) -> tuple[Stem, ...]:
    """The stems by their right roles, none of them guessed any more."""
    there = [stem.role for stem in stems]
    for role in corrected:
        if role not in there:
            raise UsageError(
                f"job {job.id} has no stem {role}", hint=f"It has: {', '.join(there)}."
            )
    right = [corrected.get(role, role) for role in there]
    if len(set(right)) < len(right):
        raise UsageError(
            f"two stems of job {job.id} would have one role: {', '.join(right)}",
            hint="Name both: --roles vocals=drums,drums=vocals.",
        )
    return tuple(
        replace(stem, role=role, guessed=False) for stem, role in zip(stems, right, strict=True)
    )
