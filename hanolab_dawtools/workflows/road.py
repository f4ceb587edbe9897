"""The one road of the product, as the steps of a job.

capture → prepare → start → finish → align → polish → place → close. Each step reads what the
steps before it left in the store, writes files into the job's folder and leaves JSON values; a
later process can go on after any of them. `jobs.runner` runs the steps and records the states.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from hanolab_dawtools import __version__
from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import PresetInvalid, UsageError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import Job, JobState
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Selection
from hanolab_dawtools.placement import Placed, Placement
from hanolab_dawtools.presets.files import preset_text
from hanolab_dawtools.redaction import without_signatures
from hanolab_dawtools.workflows import chains, generate, parts
from hanolab_dawtools.workflows.doubts import doubts_of
from hanolab_dawtools.workflows.local_work import Labour
from hanolab_dawtools.workflows.objects import RESULTS, Objects, delivered, origin_here
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    alignment_of,
    capture_of,
    credits_of,
    placed_of,
    plan_of,
    task_id_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.preset_from_job import preset_from_job
from hanolab_dawtools.workflows.stored import outcome_of, to_json
from hanolab_dawtools.workflows.submitting import Submitting

__all__ = ["Road", "placed_of"]

GUESSED_ROLES = (
    "which stem is which was concluded from their sound ({roles}), so the source was not muted; "
    "correct it with: hanolab jobs resolve {job_id} --roles ..."
)
GUESSED_VOCALS = (
    "which stem holds the vocals was concluded from their sound, so the source was not muted; "
    "listen whether it is a voice that was converted"
)
TAIL_OF_TAKES = "the tail lies behind the item's end; make the item longer to hear it"


@dataclass(frozen=True)
class Road:
    """The steps, and the ends they join.

    Attributes
    ----------
    host_for
        The host that a selection came from.
    engine_named
        The engine of a plan.
    cache
        Where finished results are kept by content and parameters.
    store
        Where caps, charges and learnt prices are kept.
    plugins
        The plug-ins that chains of effects may use.
    labour
        Who does the local work.
    objects
        The buckets that sources come from and results go to.
    placer
        Places results in place of the host, for those who have placed them together already.
    """

    host_for: Callable[[Selection], Host]
    engine_named: Callable[[str], Engine]
    cache: ResultCache
    store: Callable[[], JobStore]
    plugins: PluginRack
    labour: Labour
    objects: Callable[[], Objects]
    placer: Callable[[Placement], Placed] | None = None

    def steps(self) -> Sequence[Step]:
        """The steps in order, with the states they lead from and to."""
        state, submitting = JobState, self.submitting
        return (
            Step("capture", frozenset({state.PLANNED}), state.CAPTURED, self._capture),
            Step("prepare", frozenset({state.CAPTURED}), state.PREPARED, self._prepare),
            Step(
                "start",
                frozenset({state.PREPARED, state.WAITING}),
                state.STARTED,
                submitting.start,
                intent=state.STARTING,
                is_repeatable=False,
                recover=submitting.recover,
                admit=submitting.admit,
            ),
            Step("finish", frozenset({state.STARTED}), state.FINISHED, submitting.finish),
            Step("align", frozenset({state.FINISHED}), state.ALIGNED, self._align),
            Step("polish", frozenset({state.ALIGNED}), state.POLISHED, self._polish),
            Step("place", frozenset({state.POLISHED}), state.PLACED, self._place),
            Step("close", frozenset({state.PLACED}), state.DONE, self._close),
        )

    @cached_property
    def submitting(self) -> Submitting:
        """The steps that have to do with the engine."""
        return Submitting(self.engine_named, self.cache, self.store, self.plugins, self.labour)

    def _capture(self, context: StepContext) -> StepResult:
        if not plan_of(context.job).origin:
            return StepResult(self.labour.do("capture", context))
        with origin_here(self.objects(), context) as with_file:
            return StepResult(self.labour.do("capture", with_file))

    def _prepare(self, context: StepContext) -> StepResult:
        """Prepare the request of the job; or, when it has parts, do them, which is all there is."""
        if not plan_of(context.job).parts:
            return self.submitting.prepare(context)
        stems, facts = parts.run_parts(context, self.store(), self.steps())
        outcome = {"cached": False, "stems": to_json(stems), "parts": facts}
        return StepResult(outcome, JobState.FINISHED)

    def _align(self, context: StepContext) -> StepResult:
        return StepResult(self.labour.do("align", context))

    def _polish(self, context: StepContext) -> StepResult:
        return StepResult(self.labour.do("polish", context))

    def _place(self, context: StepContext) -> StepResult:
        context.progress(Progress("placing"))
        placement = self.placement_of(context.job)
        place = self.placer or self.host_for(placement.selection).place
        placed = place(placement)
        if url := plan_of(context.job).deliver_to:
            placed = delivered(self.objects(), placed, url, context)
        return self.placed_result(context.job, placed)

    def placement_of(self, job: Job) -> Placement:
        """What a polished job asks its host to place."""
        plan, outcomes = plan_of(job), job.outcomes
        stems = outcome_of(outcomes, "polish", Stems, "stems")
        folder = plan.folder
        if plan.deliver_to:  # from there they are put where they belong
            folder = self.store().folder_of(job.id) / RESULTS
        return Placement(
            job_id=job.id,
            selection=plan.selection,
            capture=capture_of(outcomes),
            stems=stems,
            alignment=alignment_of(outcomes),
            # What a wrong guess would silence is not silenced.
            keep_source=plan.keep_source or any(stem.guessed for stem in stems),
            folder=folder,
            destination=plan.destination,
            as_takes=plan.as_takes,
            provenance=self._provenance(job, plan),
            arrangement=plan.arrangement,
            shelf=plan.shelf,
        )

    def placed_result(self, job: Job, placed: Placed) -> StepResult:
        """What the step `place` leaves, with all that is to be told of it."""
        plan, outcomes = plan_of(job), job.outcomes
        stems = outcome_of(outcomes, "polish", Stems, "stems")
        guessed = [stem.role.value for stem in stems if stem.guessed]
        remarks = generate.remarks_on(stems, plan) if capture_of(outcomes) is None else ()
        if guessed:
            told = GUESSED_VOCALS if plan.parts else GUESSED_ROLES
            remarks = (*remarks, told.format(roles=", ".join(guessed), job_id=job.id))
        if plan.has_tail and plan.as_takes:
            remarks = (*remarks, TAIL_OF_TAKES)
        remarks = (*remarks, *doubts_of(outcomes))
        placed = replace(placed, warnings=(*placed.warnings, *remarks))
        return StepResult({"placed": to_json(placed)})

    def _provenance(self, job: Job, plan: RunPlan) -> Mapping[str, Any]:
        """All that is needed to make the stems again; nothing that differs from run to run."""
        outcomes = job.outcomes
        capabilities = self.engine_named(plan.engine).capabilities()
        facts = {
            "created_at": job.created_at.isoformat(),
            "program": f"hanolab_dawtools {__version__}",
            "kind": plan.kind.value,
            "engine": plan.engine,
            "engine_version": capabilities.version_of(plan.kind),
            "parameters": without_signatures(plan.parameters),
            "credits": credits_of(outcomes, is_paid=capabilities.is_paid),
            "task_id": task_id_of(outcomes),
            "selection": to_json(plan.selection),
        }
        if plan.parts:
            facts["parts"] = outcomes["prepare"]["parts"]
        with suppress(UsageError, PresetInvalid):  # what no preset can hold
            facts["preset"] = preset_text(preset_from_job(plan))
        return facts

    def _close(self, context: StepContext) -> StepResult:
        """Drop the files on the way: the stems lie with the music, and in the result cache."""
        plan, capture = plan_of(context.job), capture_of(context.job.outcomes)
        if plan.keeps_original and capture is not None and capture.path.exists():
            chains.keep_original(capture, context)
        for name in ("capture", chains.FOLDER, "stems", "aligned", "final", parts.FOLDER, RESULTS):
            shutil.rmtree(context.folder / name, ignore_errors=True)
        return StepResult({})
