"""The one road of the product, as the steps of a job.

capture → prepare → start → finish → align → polish → place → close. Each step reads what the
steps before it left in the store, writes files into the job's folder and leaves JSON values; a
later process can go on after any of them. `jobs.runner` runs the steps and records the states.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hanolab_dawtools import __version__
from hanolab_dawtools.audio import align, files, null
from hanolab_dawtools.audio.repair import repair
from hanolab_dawtools.engines.base import Engine, Journal
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import Progress, Stop, raise_if_stopped
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.jobs.cache import ResultCache
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.jobs.runner import Step, StepContext, StepResult
from hanolab_dawtools.model import (
    Alignment,
    Capture,
    Placed,
    Placement,
    Request,
    RequestKind,
    Selection,
    Stem,
    StemRole,
    Ticket,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import from_json, outcome_of, to_json

RESIDUAL_FLOOR_DB = -60.0  # a louder difference between mix and stems is written as a stem
Stems = tuple[Stem, ...]


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
    """

    host_for: Callable[[Selection], Host]
    engine_named: Callable[[str], Engine]
    cache: ResultCache

    def steps(self) -> Sequence[Step]:
        """The steps in order, with the states they lead from and to."""
        state = JobState
        return (
            Step("capture", frozenset({state.PLANNED}), state.CAPTURED, self._capture),
            Step("prepare", frozenset({state.CAPTURED}), state.PREPARED, self._prepare),
            Step(
                "start",
                frozenset({state.PREPARED}),
                state.STARTED,
                self._start,
                intent=state.STARTING,
            ),
            Step("finish", frozenset({state.STARTED}), state.FINISHED, self._finish),
            Step("align", frozenset({state.FINISHED}), state.ALIGNED, self._align),
            Step("polish", frozenset({state.ALIGNED}), state.POLISHED, self._polish),
            Step("place", frozenset({state.POLISHED}), state.PLACED, self._place),
            Step("close", frozenset({state.PLACED}), state.DONE, self._close),
        )

    def _capture(self, context: StepContext) -> StepResult:
        plan = _plan(context)
        capture = self.host_for(plan.selection).capture(
            plan.selection,
            context.folder / "capture",
            handle_seconds=self.engine_named(plan.engine).capabilities().handle_seconds,
            stop=context.stop,
            progress=context.progress,
        )
        return StepResult({"capture": to_json(capture)})

    def _prepare(self, context: StepContext) -> StepResult:
        """Write the request, and look whether its answer is known already."""
        plan, capture = _plan(context), _capture_of(context)
        engine = self.engine_named(plan.engine)
        request = Request(
            plan.kind,
            capture.path,
            capture.sample_rate,
            capture.n_channels,
            capture.n_frames,
            plan.parameters,
        )
        engine.quote(request)  # refuses what the engine cannot do
        key = self.cache.key(
            {
                "content": capture.digest,
                "kind": plan.kind.value,
                "parameters": dict(plan.parameters),
                "engine": plan.engine,
                "version": engine.capabilities().version,
            }
        )
        outcome: dict[str, Any] = {"request": to_json(request), "cache_key": key, "cached": False}
        stems = self._recall(key, context.folder / "stems", context.stop)
        if stems is None:
            return StepResult(outcome)
        _check_stems(stems, request)
        return StepResult(outcome | {"cached": True, "stems": to_json(stems)}, JobState.FINISHED)

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
            )
            for stem in facts["stems"]
        )

    def _start(self, context: StepContext) -> StepResult:
        plan = _plan(context)
        request = outcome_of(context.job.outcomes, "prepare", Request, "request")
        ticket = self.engine_named(plan.engine).start(
            request, "", Journal(context.folder), context.stop, context.progress
        )
        return StepResult({"ticket": to_json(ticket)})

    def _finish(self, context: StepContext) -> StepResult:
        plan, outcomes = _plan(context), context.job.outcomes
        stems = tuple(
            self.engine_named(plan.engine).finish(
                outcome_of(outcomes, "start", Ticket, "ticket"),
                context.folder / "stems",
                context.stop,
                context.progress,
            )
        )
        _check_stems(stems, outcome_of(outcomes, "prepare", Request, "request"))
        self.cache.put(
            outcomes["prepare"]["cache_key"],
            {stem.path.name: stem.path for stem in stems},
            {
                "stems": [
                    {
                        "role": stem.role.value,
                        "file": stem.path.name,
                        "guessed": stem.guessed,
                        "is_draft": stem.is_draft,
                    }
                    for stem in stems
                ]
            },
            stop=context.stop,
        )
        return StepResult({"stems": to_json(stems)})

    def _align(self, context: StepContext) -> StepResult:
        """Measure how the result lies against the capture, mend it, and keep what is left over."""
        plan, capture, stems = _plan(context), _capture_of(context), _stems_of(context)
        stop, progress = context.stop, context.progress
        paths = [stem.path for stem in stems]
        measured = align.measure_alignment(capture.path, paths, stop=stop, progress=progress)
        repaired = repair(
            capture.path,
            paths,
            measured,
            context.folder / "aligned",
            n_frames=capture.n_frames,
            stop=stop,
            progress=progress,
        )
        stems = tuple(
            replace(stem, path=path) for stem, path in zip(stems, repaired.paths, strict=True)
        )
        alignment = repaired.alignment
        if plan.kind is RequestKind.SEPARATE and (alignment.null_db or 0.0) > RESIDUAL_FLOOR_DB:
            path = context.folder / "aligned" / "residual.wav"
            null.write_residual(capture.path, repaired.paths, path, stop=stop, progress=progress)
            stems = (*stems, Stem(StemRole.RESIDUAL, path))
        return StepResult({"stems": to_json(stems), "alignment": to_json(alignment)})

    def _polish(self, context: StepContext) -> StepResult:
        """Cut the handles off: each stem is as long as the selection, to the frame."""
        capture = _capture_of(context)
        stems = outcome_of(context.job.outcomes, "align", Stems, "stems")
        folder = context.folder / "final"
        final = []
        for number, stem in enumerate(stems):
            context.progress(Progress("writing stems", number / len(stems)))
            path = folder / f"{number}-{stem.role.value}.wav"  # two stems may have one role
            _cut(stem.path, path, capture, context)
            final.append(replace(stem, path=path))
        return StepResult({"stems": to_json(tuple(final))})

    def _place(self, context: StepContext) -> StepResult:
        plan, capture, outcomes = _plan(context), _capture_of(context), context.job.outcomes
        context.progress(Progress("placing"))
        placement = Placement(
            job_id=context.job.id,
            selection=plan.selection,
            capture=capture,
            stems=outcome_of(outcomes, "polish", Stems, "stems"),
            alignment=outcome_of(outcomes, "align", Alignment, "alignment"),
            keep_source=plan.keep_source,
            folder=plan.folder,
            destination=plan.destination,
            as_takes=plan.as_takes,
            provenance=self._provenance(context, plan),
        )
        placed = self.host_for(plan.selection).place(placement)
        return StepResult({"placed": to_json(placed)})

    def _provenance(self, context: StepContext, plan: RunPlan) -> Mapping[str, Any]:
        """All that is needed to make the stems again; nothing that differs from run to run."""
        capabilities = self.engine_named(plan.engine).capabilities()
        return {
            "created_at": context.job.created_at.isoformat(),
            "program": f"hanolab_dawtools {__version__}",
            "kind": plan.kind.value,
            "engine": plan.engine,
            "engine_version": capabilities.version,
            "parameters": dict(plan.parameters),
            "credits": 0,
            "selection": to_json(plan.selection),
        }

    def _close(self, context: StepContext) -> StepResult:
        """Drop the files on the way: the stems lie with the music, and in the result cache."""
        for name in ("capture", "stems", "aligned", "final"):
            shutil.rmtree(context.folder / name, ignore_errors=True)
        return StepResult({})


def placed_of(outcomes: Mapping[str, Any]) -> Placed:
    """What a job that was placed has made."""
    return outcome_of(outcomes, "place", Placed, "placed")


def _plan(context: StepContext) -> RunPlan:
    return from_json(RunPlan, context.job.plan)


def _capture_of(context: StepContext) -> Capture:
    return outcome_of(context.job.outcomes, "capture", Capture, "capture")


def _stems_of(context: StepContext) -> Stems:
    outcomes = context.job.outcomes
    step = "prepare" if outcomes["prepare"]["cached"] else "finish"
    return outcome_of(outcomes, step, Stems, "stems")


def _check_stems(stems: Stems, request: Request) -> None:
    """Believe no engine: every stem must decode as audio before it counts."""
    for stem in stems:
        info = files.probe(stem.path)
        if info.n_frames == 0:
            raise AudioFileError(stem.path, f"the {stem.role} stem of {request.kind} is empty")


def _cut(source: Path, target: Path, capture: Capture, context: StepContext) -> None:
    start = capture.lead_frames
    n_frames = capture.selection_frames
    with (
        files.AudioReader(source) as reader,
        files.AudioWriter(
            target, reader.info.sample_rate, reader.info.n_channels, n_frames=n_frames
        ) as writer,
    ):
        for block in reader.blocks(start, start + n_frames):
            raise_if_stopped(context.stop)
            writer.write(block)
