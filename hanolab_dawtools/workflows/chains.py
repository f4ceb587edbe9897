"""Chains of effects on the road: before the engine, and behind it.

Handles around a selection go through a chain with it, so that effects have settled when it starts,
and are cut off behind the last one. With a tail the handle behind the selection is cut off first:
what sounds on is the effects alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.audio.chain import render_chain
from hanolab_dawtools.audio.effect_entries import effect_from_table, table_from_effect
from hanolab_dawtools.audio.effect_table import VST3, checked
from hanolab_dawtools.audio.files import AudioReader, AudioWriter, probe
from hanolab_dawtools.audio.plugins import PluginRack
from hanolab_dawtools.events import raise_if_stopped
from hanolab_dawtools.jobs.runner import StepContext
from hanolab_dawtools.model import Capture, RequestKind, StemRole
from hanolab_dawtools.workflows.plan import Effects, RunPlan

FOLDER = "chained"  # in a job's folder; what was made on the way lies there
ORIGINAL = "original.wav"  # in a job's folder; see `RunPlan.keeps_original`


def chain_before(plan: RunPlan) -> Effects:
    """The effects that an engine's input goes through; those of a run without one come behind."""
    return () if plan.kind is RequestKind.PROCESS else _working(plan.before)


def chain_behind(plan: RunPlan, role: StemRole) -> Effects:
    """The effects that a result of this role goes through."""
    first = plan.before if plan.kind is RequestKind.PROCESS else ()
    return _working((*first, *plan.after.get(role, ())))


def received(capture: Capture, effects: Effects, plugins: PluginRack, context: StepContext) -> Path:
    """The file that the engine gets: the capture, or what the chain made of it."""
    if not effects:
        return capture.path
    path = context.folder / FOLDER / "received.wav"
    render_chain(
        capture.path,
        path,
        effects,
        load_plugin=plugins,
        stop=context.stop,
        progress=context.progress,
    )
    return path


def files_read(plan: RunPlan) -> Iterator[Path]:
    """The audio files that the effects of a plan read, plug-ins aside."""
    for effects in (plan.before, *plan.after.values()):
        for spec in _working(effects):
            yield from _audio_files_of(table_from_effect(checked(spec)))


def chain_facts(effects: Effects, plugins: PluginRack) -> list[dict[str, Any]]:
    """What decides how a chain sounds, files outside of the preset included, as JSON values."""
    facts = []
    for spec in effects:
        table = table_from_effect(checked(spec))
        facts.append({"effect": table, "files": _files_of(table, plugins)})
    return facts


def polished(
    source: Path,
    target: Path,
    capture: Capture,
    effects: Effects,
    *,
    plugins: PluginRack,
    context: StepContext,
    has_tail: bool,
) -> None:
    """Send a result through its chain and cut the handles off.

    It is as long as the selection then, to the frame, or longer by the chain's tail.
    """
    start, end = capture.lead_frames, capture.lead_frames + capture.selection_frames
    if not effects:
        cut(source, target, start, end, context)
        return
    folder = context.folder / FOLDER
    if has_tail:
        ended = folder / f"ended-{target.name}"
        cut(source, ended, 0, end, context)
        source = ended
    made = folder / f"made-{target.name}"
    render_chain(
        source,
        made,
        effects,
        tail=has_tail,
        load_plugin=plugins,
        stop=context.stop,
        progress=context.progress,
    )
    cut(made, target, start, probe(made).n_frames if has_tail else end, context)
    made.unlink()


def keep_original(capture: Capture, context: StepContext) -> None:
    """Write the selection as it was captured, without handles, to where it stays with the job."""
    start, end = capture.lead_frames, capture.lead_frames + capture.selection_frames
    cut(capture.path, context.folder / ORIGINAL, start, end, context)


def cut(source: Path, target: Path, start: int, end: int, context: StepContext) -> None:
    """Write the frames from `start` to before `end` to a file of their own."""
    with (
        AudioReader(source) as reader,
        AudioWriter(
            target, reader.info.sample_rate, reader.info.n_channels, n_frames=end - start
        ) as writer,
    ):
        for block in reader.blocks(start, end):
            raise_if_stopped(context.stop)
            writer.write(block)


def _working(effects: Effects) -> Effects:
    return tuple(spec for spec in effects if not spec.is_bypassed)


def _audio_files_of(table: Mapping[str, Any]) -> Iterator[Path]:
    if table.get("impulse_response"):
        yield Path(table["impulse_response"]).expanduser()
    for branch in table.get("branches", ()):
        for inner in branch:
            yield from _audio_files_of(inner)


def _files_of(table: Mapping[str, Any], plugins: PluginRack) -> list[str]:
    """What stands for the files that an effect reads: their content, or a plug-in's last change."""
    found = []
    if table.get("impulse_response"):
        path = Path(table["impulse_response"]).expanduser()
        if path.is_file():
            found.append(durable.file_digest(path))
    if table["effect"] == VST3:
        found.append(str(plugins.find(effect_from_table(table)).stat().st_mtime_ns))
    for branch in table.get("branches", ()):
        for inner in branch:
            found += _files_of(inner, plugins)
    return found
