"""From a request to work that an engine has taken on: prepared, admitted, sent once, recovered.

The result cache is asked first, and what it knows costs nothing. What may cost money is checked
against the run's limit directly before, and leaves its traces in this order: the intent in the
job store, the journal's mark, the request itself, the raw answer, the ticket together with the
charge. So whatever is cut short, a later process can tell whether a request may have been sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio import files
from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.engines.base import Engine, Journal
from hanolab_dawtools.errors import (
    AudioFileError,
    Capped,
    InsufficientCredits,
    JobError,
    RemoteJobFailed,
    SubmissionUnsure,
)
from hanolab_dawtools.events import Stop
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import Charge, JobState, Wait
from hanolab_dawtools.jobs.runner import StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Capture, Quote, Request, RequestKind, Stem, StemRole, Ticket
from hanolab_dawtools.workflows import chains, generate
from hanolab_dawtools.workflows.away import is_away, marked_away
from hanolab_dawtools.workflows.local_work import Labour, received_path
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    capture_of,
    plan_of,
    prepared_of,
    request_of,
    ticket_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.spending import check_limit
from hanolab_dawtools.workflows.stored import from_json, to_json


@dataclass(frozen=True)
class Submitting:
    """The steps prepare, start and finish, with what they are made of; see `workflows.road`."""

    engine_named: Callable[[str], Engine]
    cache: ResultCache
    store: Callable[[], JobStore]
    plugins: PluginRack
    labour: Labour

    def prepare(self, context: StepContext) -> StepResult:
        """Write the request, look whether its answer is known, and else bring the input over."""
        plan, capture = plan_of(context.job), capture_of(context.job.outcomes)
        engine = self.engine_named(plan.engine)
        if capture is None:
            request = replace(generate.request_of(plan), job_id=context.job.id)
        else:
            path = received_path(self.labour, context)
            request = _request(plan, replace(capture, path=path), context.job.id)
        quote = engine.quote(request)  # refuses what the engine cannot do
        key = self.cache_key(plan, capture)
        outcome: dict[str, Any] = {"request": to_json(request), "cache_key": key, "cached": False}
        stems = None
        if engine.capabilities().is_kept and not plan.again:
            stems = self._recall(key, context.folder / "stems", context.stop)
        if stems is not None:
            check_stems(stems, request)
            cached = {"cached": True, "stems": to_json(stems)}
            return StepResult(outcome | cached, JobState.FINISHED)
        check_limit(quote, plan.max_credits)
        prepared = engine.prepare(request, context.stop, context.progress)
        return StepResult(outcome | {"prepared": prepared})

    def admit(self, context: StepContext) -> Wait | StepResult | None:
        """Why the request has to wait before it is sent; None when it need not.

        While it waited or had failed, the same may have been asked by another job: then the
        answer is in the result cache by now, and it is prepared again, which finds it. Marks of
        an earlier try, which came to nothing or was given up by the user, are forgotten here:
        those that a start finds or leaves are its own.
        """
        self._journal(context).clear()
        engine, outcomes = self._engine(context), context.job.outcomes
        is_asked_once = not plan_of(context.job).again
        if engine.capabilities().is_paid and is_asked_once and self._is_known(context):
            left = engine.discard(prepared_of(outcomes))
            return StepResult({"left": left}, JobState.CAPTURED)
        cap = engine.cap(request_of(outcomes))
        return None if cap is None else self.store().caps.acquire(context.job.id, cap)

    def start(self, context: StepContext) -> StepResult:
        """Send the request, the only step that may cost money."""
        plan, outcomes = plan_of(context.job), context.job.outcomes
        engine, request = self._engine(context), request_of(outcomes)
        _check_input(request)
        quote = engine.quote(request)
        check_limit(quote, plan.max_credits)
        journal = self._journal(context)
        try:
            ticket = engine.start(
                request, prepared_of(outcomes), journal, context.stop, context.progress
            )
        except SubmissionUnsure as error:
            return unsure_result(engine, quote, str(error))
        except InsufficientCredits as error:
            if error.required is not None:
                learnt_as = engine.capabilities().learnt_as
                self.store().ledger.learn(
                    learnt_as, quote.action, quote.billed_seconds, error.required
                )
            raise
        except Capped as error:
            cap = engine.cap(request)
            if cap is not None:
                self.store().caps.refused(cap.scope, error.retry_at)
            raise
        return started_result(engine, quote, ticket)

    def recover(self, context: StepContext) -> StepResult | None:
        """How a start that was cut short ended, by what its journal says."""
        journal, engine = Journal(context.folder), self._engine(context)
        if not (journal.may_have_been_sent and engine.capabilities().is_paid):
            return StepResult({}, JobState.PREPARED)
        request = request_of(context.job.outcomes)
        quote = engine.quote(request)
        answer = journal.answer
        if answer is None:
            return unsure_result(engine, quote, "it was cut short before an answer came")
        try:
            prepared = journal.prepared or prepared_of(context.job.outcomes)
            ticket = engine.recover(request, prepared, answer)
        except SubmissionUnsure as error:
            return unsure_result(engine, quote, str(error))
        return started_result(engine, quote, ticket)

    def finish(self, context: StepContext) -> StepResult:
        """Wait for the work, fetch what came of it, keep it in the result cache, tidy up there."""
        outcomes, engine = context.job.outcomes, self._engine(context)
        ticket = ticket_of(outcomes)
        if ticket is None:
            raise JobError(f"job {context.job.id} has no ticket; start the run anew")
        prepared = Journal(context.folder).prepared or prepared_of(outcomes)
        folder, are_away = context.folder / "stems", False
        try:
            if engine.capabilities().is_remote:
                stems = tuple(engine.finish(ticket, folder, context.stop, context.progress))
            else:
                left = self.labour.do("work", context)
                stems, are_away = from_json(Stems, left["stems"]), is_away(left)
        except RemoteJobFailed as error:
            error.hint = "\n  ".join(filter(None, (error.hint, engine.discard(prepared))))
            raise
        if are_away:  # a far worker has used them by now, and they are not here to be kept
            outcome = marked_away({"stems": to_json(stems)})
            return StepResult({**outcome, "left": engine.discard(prepared)})
        check_stems(stems, request_of(outcomes))
        if engine.capabilities().is_kept:
            key = outcomes["prepare"]["cache_key"]
            if plan_of(context.job).again:
                self.cache.drop(key)
            self.cache.put(
                key,
                {stem.path.name: stem.path for stem in stems},
                facts_of(stems),
                stop=context.stop,
            )
        return StepResult({"stems": to_json(stems), "left": engine.discard(prepared)})

    def cache_key(self, plan: RunPlan, capture: Capture | None) -> str:
        """What the answer to a request is kept by: content, kind, parameters and engine."""
        facts: dict[str, Any] = {
            "content": capture.digest if capture else "",
            "kind": plan.kind.value,
            "parameters": dict(plan.parameters),
            "engine": plan.engine,
            "version": self.engine_named(plan.engine).capabilities().version_of(plan.kind),
        }
        before = chains.chain_before(plan)
        if before:
            facts["before"] = chains.chain_facts(before, self.plugins)
        return self.cache.key(facts)

    def _journal(self, context: StepContext) -> Journal:
        job_id = context.job.id
        return Journal(context.folder, lambda: self.store().check_owned(job_id))

    def _engine(self, context: StepContext) -> Engine:
        return self.engine_named(plan_of(context.job).engine)

    def _is_known(self, context: StepContext) -> bool:
        key = context.job.outcomes["prepare"]["cache_key"]
        return self._recall(key, context.folder / "stems", context.stop) is not None

    def _recall(self, key: str, folder: Path, stop: Stop) -> Stems | None:
        facts = self.cache.get(key, folder, stop=stop)
        if facts is None:
            return None
        return tuple(
            Stem(
                StemRole(stem["role"]),
                folder / stem["file"],
                stem["guessed"],
                is_draft=stem.get("is_draft", False),  # entries from before drafts lack it
                name=stem.get("name", ""),  # and those from before names
            )
            for stem in facts["stems"]
        )


def facts_of(stems: Stems) -> Mapping[str, Any]:
    """What the result cache keeps of stems beside their files."""
    return {
        "stems": [
            {
                "role": stem.role.value,
                "file": stem.path.name,
                "guessed": stem.guessed,
                "is_draft": stem.is_draft,
                "name": stem.name,
            }
            for stem in stems
        ]
    }


def started_result(engine: Engine, quote: Quote, ticket: Ticket) -> StepResult:
    """What a start leaves whose work was taken on."""
    return StepResult(
        {"ticket": to_json(ticket), "quote": to_json(quote)},
        charge=charge_of(engine, quote, ticket),
    )


def unsure_result(engine: Engine, quote: Quote, why: str) -> StepResult:
    """What a start leaves when nobody knows whether its work was taken on."""
    return StepResult(
        {"unsure": why, "quote": to_json(quote)},
        JobState.UNSURE,
        charge=charge_of(engine, quote, None),
    )


def charge_of(engine: Engine, quote: Quote, ticket: Ticket | None) -> Charge | None:
    """What a request is billed; None for an engine that costs nothing."""
    capabilities = engine.capabilities()
    if not capabilities.is_paid:
        return None
    return Charge(
        capabilities.name,
        quote.action,
        quote.billed_seconds,
        quote.credits,
        ticket.task_id if ticket else "",
        is_sure=ticket is not None,
    )


def check_stems(stems: Stems, request: Request) -> None:
    """Believe no engine: every stem must decode as audio before it counts."""
    for stem in stems:
        info = files.probe(stem.path)
        if info.n_frames == 0:
            raise AudioFileError(stem.path, f"the {stem.role} stem of {request.kind} is empty")


def _check_input(request: Request) -> None:
    """Pay for nothing whose result could not be brought back: that needs what was captured."""
    if request.kind is not RequestKind.GENERATE and not request.input_path.is_file():
        raise JobError(
            f"the captured audio is not in {request.input_path.parent} any more",
            hint="Nothing was sent. Give the same command again; it makes a new job.",
        )


def _request(plan: RunPlan, capture: Capture, job_id: str) -> Request:
    return Request(
        plan.kind,
        capture.path,
        capture.sample_rate,
        capture.n_channels,
        capture.n_frames,
        plan.parameters,
        job_id,
    )
