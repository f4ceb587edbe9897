"""The work of the road that any worker can do: it needs files and plain data, and no job store.

Each labour takes a step's context and gives JSON values. The road has them done by a `Labour`:
here in its own process, or by `far_labour` elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from hanolab_dawtools.audio import align, null
from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.audio.repair import repair
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import JobError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.hosts.base import Host
from hanolab_dawtools.jobs.steps import StepContext
from hanolab_dawtools.model import Alignment, Capture, RequestKind, Selection, Stem, StemRole
from hanolab_dawtools.workflows import arranging, chains, generate
from hanolab_dawtools.workflows.away import labours_again, with_outcome
from hanolab_dawtools.workflows.converting import bring_back
from hanolab_dawtools.workflows.doubts import doubts_about
from hanolab_dawtools.workflows.outcomes import (
    Stems,
    capture_of,
    plan_of,
    request_of,
    stems_of,
    ticket_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.stored import outcome_of, to_json

RESIDUAL_FLOOR_DB = -60.0  # a louder difference between mix and stems is written as a stem


class Labour(Protocol):
    """Has the local work of a job's steps done."""

    def do(self, name: str, context: StepContext) -> Any:
        """What a labour of `LocalWork` gives for this job."""
        ...


@dataclass(frozen=True)
class LocalWork:
    """The labours, done in this process; implements `Labour`.

    Attributes
    ----------
    host_for
        The host that a selection came from.
    engine_named
        The engine of a plan.
    plugins
        The plug-ins that chains of effects may use.
    handle_seconds
        What is captured on either side of a selection; None: what its engine makes use of.
    """

    host_for: Callable[[Selection], Host]
    engine_named: Callable[[str], Engine]
    plugins: PluginRack = field(default_factory=lambda: PluginRack(()))
    handle_seconds: float | None = None

    def do(self, name: str, context: StepContext) -> Any:
        """Do a labour by its name: capture, receive, work, align or polish.

        What it needs of labours before it and is away is made again first.
        """
        for earlier in labours_again(name, context.job.outcomes):
            job = with_outcome(context.job, earlier, self._do(earlier, context))
            context = replace(context, job=job)
        return self._do(name, context)

    def _do(self, name: str, context: StepContext) -> Any:
        labours = {
            "capture": self.capture,
            "receive": self.receive,
            "work": self.work,
            "align": self.align,
            "polish": self.polish,
        }
        return labours[name](context)

    def capture(self, context: StepContext) -> Any:
        """Write the audio of the selection; what the step `capture` leaves."""
        plan = plan_of(context.job)
        if plan.kind is RequestKind.GENERATE:
            return {"capture": None}
        capture = self.host_for(plan.selection).capture(
            plan.selection,
            context.folder / "capture",
            handle_seconds=handle_seconds_of(plan, self.engine_named)
            if self.handle_seconds is None
            else self.handle_seconds,
            stop=context.stop,
            progress=context.progress,
        )
        return {"capture": to_json(capture)}

    def receive(self, context: StepContext) -> Any:
        """Send the capture through the chain before the engine; where the result lies."""
        plan, capture = plan_of(context.job), _captured(context)
        effects = chains.chain_before(plan)
        return {"path": str(chains.received(capture, effects, self.plugins, context))}

    def work(self, context: StepContext) -> Any:
        """Do what an engine that works on any machine has taken on: its stems."""
        ticket = ticket_of(context.job.outcomes)
        if ticket is None:
            raise JobError(f"job {context.job.id} has no ticket; start the run anew")
        engine = self.engine_named(plan_of(context.job).engine)
        stems = engine.finish(ticket, context.folder / "stems", context.stop, context.progress)
        return {"stems": to_json(tuple(stems))}

    def align(self, context: StepContext) -> Any:
        """Measure how the result lies in time, mend it, and keep what is left over.

        It is compared with what the engine received, which a chain may have changed.
        """
        plan, outcomes = plan_of(context.job), context.job.outcomes
        capture, stems = capture_of(outcomes), stems_of(outcomes)
        if capture is None:
            return {"stems": to_json(generate.named_stems(stems, plan)), "alignment": None}
        if plan.parts or plan.kind is RequestKind.PROCESS:  # measured already, or never moved
            return {"stems": to_json(stems), "alignment": None}
        alignment: Alignment
        doubts: tuple[str, ...] = ()
        capture = replace(capture, path=request_of(outcomes).input_path)
        if plan.kind is RequestKind.SEPARATE:
            stems, alignment, doubts = _aligned(stems, capture, context)
        else:
            stems, alignment = _brought_back(stems, plan, capture, context)
        return {"stems": to_json(stems), "alignment": to_json(alignment), "doubts": doubts}

    def polish(self, context: StepContext) -> Any:
        """Send each stem that is to be placed through its chain, cut the handles off, name it."""
        plan, capture = plan_of(context.job), capture_of(context.job.outcomes)
        stems = outcome_of(context.job.outcomes, "align", Stems, "stems")
        if capture is None:
            return {"stems": to_json(stems)}
        stems = arranging.wanted_stems(stems, plan)
        if plan.parts:
            return {"stems": to_json(tuple(arranging.named(stem, plan) for stem in stems))}
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
        return {"stems": to_json(tuple(final))}


def handle_seconds_of(plan: RunPlan, engine_named: Callable[[str], Engine]) -> float:
    """What an engine makes use of; parts have handles of their own."""
    if plan.parts:
        return 0.0
    return engine_named(plan.engine).capabilities().handle_seconds


def received_path(labour: Labour, context: StepContext) -> Path:
    """The file that the engine gets, made by this labour."""
    return Path(labour.do("receive", context)["path"])


def _captured(context: StepContext) -> Capture:
    capture = capture_of(context.job.outcomes)
    assert capture is not None, "music that is made of nothing is received by nobody"
    return capture


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
