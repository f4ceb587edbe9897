"""The one road of the product, as the steps of a job.

capture → prepare → start → finish → align → polish → place → close. Each step reads what the
steps before it left in the store, writes files into the job's folder and leaves JSON values; a
later process can go on after any of them. `jobs.runner` runs the steps and records the states.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from hanolab_dawtools import __version__
from hanolab_dawtools.audio import align, null
from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.audio.repair import repair
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import PresetInvalid, UsageError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.jobs.store import JobStore
from hanolab_dawtools.model import Alignment, Capture, RequestKind, Selection, Stem, StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.presets.files import preset_text
from hanolab_dawtools.redaction import without_signatures
from hanolab_dawtools.workflows import arranging, chains, generate, parts
from hanolab_dawtools.workflows.converting import bring_back
from hanolab_dawtools.workflows.doubts import doubts_about, doubts_of
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    alignment_of,
    capture_of,
    credits_of,
    placed_of,
    plan_of,
    request_of,
    stems_of,
    task_id_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.preset_from_job import preset_from_job
from hanolab_dawtools.workflows.stored import outcome_of, to_json
from hanolab_dawtools.workflows.submitting import Submitting

__all__ = ["Road", "placed_of"]

RESIDUAL_FLOOR_DB = -60.0  # a louder difference between mix and stems is written as a stem
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
    """

    host_for: Callable[[Selection], Host]
    engine_named: Callable[[str], Engine]
    cache: ResultCache
    store: Callable[[], JobStore]
    plugins: PluginRack = field(default_factory=lambda: PluginRack(()))

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
        return Submitting(self.engine_named, self.cache, self.store, self.plugins)

    def _capture(self, context: StepContext) -> StepResult:
        plan = plan_of(context.job)
        if plan.kind is RequestKind.GENERATE:
            return StepResult({"capture": None})
        capture = self.host_for(plan.selection).capture(
            plan.selection,
            context.folder / "capture",
            handle_seconds=self._handle_seconds(plan),
            stop=context.stop,
            progress=context.progress,
        )
        return StepResult({"capture": to_json(capture)})

    def _handle_seconds(self, plan: RunPlan) -> float:
        """What its engine makes use of; parts have handles of their own."""
        if plan.parts:
            return 0.0
        return self.engine_named(plan.engine).capabilities().handle_seconds

    def _prepare(self, context: StepContext) -> StepResult:
        """Prepare the request of the job; or, when it has parts, do them, which is all there is."""
        if not plan_of(context.job).parts:
            return self.submitting.prepare(context)
        stems, facts = parts.run_parts(context, self.store(), self.steps())
        outcome = {"cached": False, "stems": to_json(stems), "parts": facts}
        return StepResult(outcome, JobState.FINISHED)

    def _align(self, context: StepContext) -> StepResult:
        """Measure how the result lies in time, mend it, and keep what is left over.

        It is compared with what the engine received, which a chain may have changed.
        """
        plan, outcomes = plan_of(context.job), context.job.outcomes
        capture, stems = capture_of(outcomes), stems_of(outcomes)
        if capture is None:
            return StepResult(
                {"stems": to_json(generate.named_stems(stems, plan)), "alignment": None}
            )
        if plan.parts or plan.kind is RequestKind.PROCESS:  # measured already, or never moved
            return StepResult({"stems": to_json(stems), "alignment": None})
        alignment: Alignment
        doubts: tuple[str, ...] = ()
        capture = replace(capture, path=request_of(outcomes).input_path)
        if plan.kind is RequestKind.SEPARATE:
            stems, alignment, doubts = _aligned(stems, capture, context)
        else:
            stems, alignment = _brought_back(stems, plan, capture, context)
        return StepResult(
            {"stems": to_json(stems), "alignment": to_json(alignment), "doubts": doubts}
        )

    def _polish(self, context: StepContext) -> StepResult:
        """Send each stem that is to be placed through its chain, cut the handles off, name it."""
        plan, capture = plan_of(context.job), capture_of(context.job.outcomes)
        stems = outcome_of(context.job.outcomes, "align", Stems, "stems")
        if capture is None:
            return StepResult({"stems": to_json(stems)})
        stems = arranging.wanted_stems(stems, plan)
        if plan.parts:
            named = tuple(arranging.named(stem, plan) for stem in stems)
            return StepResult({"stems": to_json(named)})
        folder = context.folder / "final"
        final = []
        for number, stem in enumerate(stems):
            context.progress(Progress("writing stems", number / len(stems)))
            path = folder / f"{number}-{stem.role.value}.wav"  # two stems may have one role
            chains.polished(
                stem.path,
                path,
                capture,
                chains.chain_behind(plan, stem.role),
                plugins=self.plugins,
                context=context,
                has_tail=plan.has_tail,
            )
            final.append(arranging.named(replace(stem, path=path), plan))
        return StepResult({"stems": to_json(tuple(final))})

    def _place(self, context: StepContext) -> StepResult:
        plan, outcomes = plan_of(context.job), context.job.outcomes
        capture = capture_of(outcomes)
        context.progress(Progress("placing"))
        stems = outcome_of(outcomes, "polish", Stems, "stems")
        guessed = [stem.role.value for stem in stems if stem.guessed]
        placement = Placement(
            job_id=context.job.id,
            selection=plan.selection,
            capture=capture,
            stems=stems,
            alignment=alignment_of(outcomes),
            # What a wrong guess would silence is not silenced.
            keep_source=plan.keep_source or bool(guessed),
            folder=plan.folder,
            destination=plan.destination,
            as_takes=plan.as_takes,
            provenance=self._provenance(context, plan),
            arrangement=plan.arrangement,
        )
        placed = self.host_for(plan.selection).place(placement)
        remarks = generate.remarks_on(stems, plan) if capture is None else ()
        if guessed:
            told = GUESSED_VOCALS if plan.parts else GUESSED_ROLES
            roles = ", ".join(guessed)
            remarks = (*remarks, told.format(roles=roles, job_id=context.job.id))
        if plan.has_tail and plan.as_takes:
            remarks = (*remarks, TAIL_OF_TAKES)
        remarks = (*remarks, *doubts_of(outcomes))
        placed = replace(placed, warnings=(*placed.warnings, *remarks))
        return StepResult({"placed": to_json(placed)})

    def _provenance(self, context: StepContext, plan: RunPlan) -> Mapping[str, Any]:
        """All that is needed to make the stems again; nothing that differs from run to run."""
        outcomes = context.job.outcomes
        capabilities = self.engine_named(plan.engine).capabilities()
        facts = {
            "created_at": context.job.created_at.isoformat(),
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
        for name in ("capture", chains.FOLDER, "stems", "aligned", "final", parts.FOLDER):
            shutil.rmtree(context.folder / name, ignore_errors=True)
        return StepResult({})


def _aligned(
    stems: Stems, capture: Capture, context: StepContext
) -> tuple[Stems, Alignment, tuple[str, ...]]:
    """Stems of a separation laid onto what they were made of, with what is left over and doubts."""
    stop, progress = context.stop, context.progress
    folder, paths = context.folder / "aligned", [stem.path for stem in stems]
    measured = align.measure_alignment(capture.path, paths, stop=stop, progress=progress)
    repaired = repair(
        capture.path,
        paths,
        measured,
        folder,
        names=[stem.name or stem.role.value for stem in stems],
        n_frames=capture.n_frames,
        stop=stop,
        progress=progress,
    )
    doubts = doubts_about([stem.role for stem in stems], repaired, capture.sample_rate)
    stems = tuple(
        replace(stem, path=path) for stem, path in zip(stems, repaired.paths, strict=True)
    )
    alignment = repaired.alignment
    if (alignment.null_db or 0.0) > RESIDUAL_FLOOR_DB:
        path = folder / "residual.wav"
        null.write_residual(capture.path, repaired.paths, path, stop=stop, progress=progress)
        stems = (*stems, Stem(StemRole.RESIDUAL, path))
    return stems, alignment, doubts


def _brought_back(
    stems: Stems, plan: RunPlan, capture: Capture, context: StepContext
) -> tuple[Stems, Alignment]:
    """The one file of a conversion, as the capture is."""
    path = context.folder / "aligned" / f"{stems[0].role.value}.wav"
    alignment = bring_back(
        stems[0].path,
        capture,
        path,
        width=plan.width,
        match_level=plan.match_level,
        is_song=stems[0].role is StemRole.MIX,
        stop=context.stop,
        progress=context.progress,
    )
    return (replace(stems[0], path=path),), alignment
