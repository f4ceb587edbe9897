"""The render itself: files are mixed and written while everything else stands still.

Asked before: a project without a file and a folder for the render, a file that is there already.
A long render goes block by block, unless its level is changed as a whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from fakes.reaper.host import Host
from fakes.reaper.item_audio import Signal
from fakes.reaper.media import open_source
from fakes.reaper.mixing import Mix
from fakes.reaper.post_processing import is_post_processed, post_processed
from fakes.reaper.project import Project
from fakes.reaper.render import Piece, Plan, numbered, plan_render
from fakes.reaper.things import Item, Take, Track

BLOCK_FRAMES = 1 << 20
SILENTLY_INCREMENT = 16  # of renderclosewhendone
ADD_TO_PROJECT, SKIP_SILENT = 1, 2  # of RENDER_ADDTOPROJ


def render_project(host: Host, project: Project) -> None:
    """Action 42230: render with the settings there are; the last dialog closes by itself."""
    plan = plan_render(project)
    if plan is None:
        host.show_error("Render", "The stand-in does not know these render settings.")
        return
    has_place = project.path or Path(project.texts["RENDER_FILE"]).is_absolute()
    if not has_place and host.ask_dialog("Render", "Save the project first", "save") == "cancel":
        return
    if host.has("render_dialog_blocks") and not _agreed(host, "Render with these settings?"):
        return
    project.play_state = 0
    host.rendering_project = project
    try:
        for piece in plan.pieces:
            if not _render(project, plan, piece):
                break
    finally:
        host.rendering_project = None


def _agreed(host: Host, text: str) -> bool:
    return host.ask_dialog("Render", text, "box", buttons=("yes", "no")) in {"yes", "ok"}


def _render(project: Project, plan: Plan, piece: Piece) -> bool:
    """One file; False when the user breaks off."""
    host = project.host
    path = _free_path(host, piece.path)
    if path is None:
        return False
    frames = plan.frames_of(piece)
    if int(host.config_vars.get("projrenderlimit", "0")) or host.has("render_in_real_time"):
        time.sleep(len(frames) / plan.sample_rate)
    if host.has("render_writes_nothing") or len(frames) == 0:
        return True
    blocks = _blocks(project, plan, piece, _off_by_one(host, frames))
    if is_post_processed(project):
        whole = np.concatenate(list(blocks), axis=1)
        blocks = iter([post_processed(project, whole, plan.sample_rate)])
    if int(project.numbers["RENDER_ADDTOPROJ"]) & SKIP_SILENT:
        whole = np.concatenate(list(blocks), axis=1)
        blocks = iter([whole] if whole.any() else [])
    _write(host, plan, path, blocks)
    if int(project.numbers["RENDER_ADDTOPROJ"]) & ADD_TO_PROJECT:
        _add_to_project(project, path, frames.start / plan.sample_rate)
    return True


def _free_path(host: Host, path: Path) -> Path | None:
    """Where it is written; None when the user does not want the file there replaced."""
    if host.has("render_increments_name"):
        path = numbered(path, 1)
    if not path.exists():
        return path
    if int(host.config_vars.get("renderclosewhendone", "0")) & SILENTLY_INCREMENT:
        return next(p for n in range(1, 1000) if not (p := numbered(path, n)).exists())
    return path if _agreed(host, f"{path.name} exists. Overwrite it?") else None


def _off_by_one(host: Host, frames: range) -> range:
    change = host.has("render_one_frame_long") - host.has("render_one_frame_short")
    return range(frames.start, max(frames.start, frames.stop + change))


def _blocks(project: Project, plan: Plan, piece: Piece, frames: range) -> Iterator[Signal]:
    """The piece in its file's channels, a stretch at a time."""
    for start in range(frames.start, frames.stop, BLOCK_FRAMES):
        stretch = range(start, min(start + BLOCK_FRAMES, frames.stop))
        mix = Mix(project, stretch, plan.sample_rate, plan.n_channels)
        signal = _tapped(project, plan, piece.thing, mix)
        if project.host.has("render_silent"):
            signal = signal * 0
        yield signal.mean(axis=0, keepdims=True) if plan.n_channels == 1 else signal


def _tapped(project: Project, plan: Plan, thing: Track | Item | None, mix: Mix) -> Signal:
    if thing is None:
        return mix.master()
    if isinstance(thing, Item):
        signal = mix.item(thing)
    elif not thing.items and project.host.has("stem_without_items_is_the_mix"):
        return mix.master()
    else:
        signal = mix.before_fader(thing) if plan.is_pre_fader else mix.after_fader(thing)
    return mix.master(signal) if plan.via_master else signal


def _write(host: Host, plan: Plan, path: Path, blocks: Iterator[Signal]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    first = next(blocks, None)
    if first is None:
        return
    with soundfile.SoundFile(
        path,
        "w",
        samplerate=plan.sample_rate,
        channels=len(first),
        format=plan.sink.format,
        subtype=plan.sink.subtype,
    ) as file:
        file.write(first.T)
        for block in blocks:
            file.write(block.T)
    if host.has("disk_full"):
        with path.open("r+b") as written:
            written.truncate(path.stat().st_size // 2)
        host.show_error("Render", f"There was an error writing {path.name}.")


def _add_to_project(project: Project, path: Path, position: float) -> None:
    source = open_source(str(path))
    track = Track(project, path.stem)
    item = Item(track)
    take = Take(item, name=path.name)
    take.play(source)
    item.takes.append(take)
    item.values |= {"D_POSITION": position, "D_LENGTH": source.length_seconds}
    track.items.append(item)
    project.tracks.append(track)
    project.history.add("Render")
