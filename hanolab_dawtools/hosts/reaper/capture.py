"""The audio of a selection of a running REAPER, rendered by REAPER itself.

Point `item`: each item alone, as it sounds before the effects of its track, summed here. Point
`track`: stems of the tracks after their effects and before their faders, summed here. Point
`master`: the mix. All end in one file, exact to the frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.durable import translated_os_errors
from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.capture_file import CAPTURE_NAME, write_capture
from hanolab_dawtools.hosts.reaper.capture_plan import CapturePlan, plan_live_capture
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.item_mix import mixed_blocks
from hanolab_dawtools.hosts.reaper.mix_check import refuse_mix
from hanolab_dawtools.hosts.reaper.render_files import COMMAND, RenderedPiece, check_room
from hanolab_dawtools.hosts.reaper.rendering import Renderer, render_folder
from hanolab_dawtools.model import Capture, CapturePoint, Selection

_MAX_NAMED = 3


def capture_live(
    channel: Channel,
    live: LiveTimeline,
    selection: Selection,
    folder: Path,
    *,
    handle_seconds: float,
    stop: Stop,
    progress: ProgressCallback,
) -> Capture:
    """Have REAPER render a selection and its handles, and write them into `folder` as one file.

    `stop` is heeded between two renders; one that REAPER has begun it ends.

    Raises
    ------
    SelectionError
        Nothing of it can be rendered, or the project has changed too much.
    HostError
        REAPER is gone, refused, or rendered something else than was asked; code "silent": nothing
        but silence.
    AudioFileError
        What REAPER rendered holds NaN or an infinity.
    DiskFull, NotWritable, JobCancelled
    """
    master_channels = 2
    if selection.point is CapturePoint.MASTER:
        master_channels = _master_channels(channel, selection, stop)
    plan = plan_live_capture(live, selection, handle_seconds, master_channels=master_channels)
    with render_folder(folder) as render_path:
        _check_room(plan, render_path)
        renderer = Renderer(channel, selection, render_path, plan.sample_rate, stop, progress)
        rendered = _render(renderer, plan, selection.point)
        _refuse_silence(selection, rendered)
        captured = _written(folder / CAPTURE_NAME, plan, rendered, stop, progress)
    return replace(
        captured,
        point=selection.point,
        sources=plan.sources,
        fingerprint=fingerprint_of(live.timeline, plan.sources),
        skipped=plan.skipped,
        unheard_effects=plan.unheard_effects,
        remarks=(*plan.remarks, *_file_remarks(rendered), *renderer.closing_remarks()),
    )


def _written(
    path: Path,
    plan: CapturePlan,
    rendered: Sequence[RenderedPiece],
    stop: Stop,
    progress: ProgressCallback,
) -> Capture:
    """The sum of what was rendered, on disk; mono when all that is meant came out mono."""
    inside = [one for one in rendered if one.piece.id in plan.sources]
    is_mono = plan.n_channels == 1 and all(one.is_mono for one in inside)
    n_channels = 1 if is_mono else plan.render_channels
    first, last = plan.first_frame, plan.last_frame
    blocks = mixed_blocks(rendered, start_frame=first, end_frame=last, n_channels=n_channels)
    digest = write_capture(
        path,
        blocks,
        sample_rate=plan.sample_rate,
        n_channels=n_channels,
        n_frames=last - first,
        stop=stop,
        progress=progress,
    )
    return Capture(
        path,
        sample_rate=plan.sample_rate,
        n_channels=n_channels,
        n_frames=last - first,
        lead_frames=plan.lead_frames,
        tail_frames=plan.tail_frames,
        start_frame=plan.start_frame,
        digest=digest,
    )


def _render(renderer: Renderer, plan: CapturePlan, point: CapturePoint) -> list[RenderedPiece]:
    if point is CapturePoint.ITEM:
        return renderer.items(plan.pieces, plan.render_channels)
    what = "tracks" if point is CapturePoint.TRACK else "master"
    rendered = renderer.together(what, plan.pieces, plan.render_channels)
    for choice, one in zip(plan.tracks, rendered, strict=False):
        if not one.is_silent:
            refuse_mix(renderer, plan, choice, one)
    return rendered


def _master_channels(channel: Channel, selection: Selection, stop: Stop) -> int:
    reads = [["track", "master", "I_NCHAN"]]
    answer = channel.call("values", {"tab": selection.tab, "reads": reads}, stop=stop)
    return int(answer["values"][0] or 2)


def _check_room(plan: CapturePlan, folder: Path) -> None:
    """Look before REAPER is held up: all files and the capture lie there at the same time."""
    n_frames = plan.rendered_frames + plan.last_frame - plan.first_frame
    with translated_os_errors(folder):
        check_room(folder, 4 * plan.render_channels * n_frames)


def _refuse_silence(selection: Selection, rendered: Sequence[RenderedPiece]) -> None:
    if all(one.is_silent for one in rendered):
        names = _list([one.piece.label for one in rendered])
        raise HostCallFailed(
            f"REAPER rendered only silence of {selection.name!r} ({names})",
            command=COMMAND,
            code="silent",
            hint="Listen to it in REAPER: its media may be offline, its volume at zero, or the "
            "audio device closed.",
        )


def _file_remarks(rendered: Sequence[RenderedPiece]) -> list[str]:
    """What was not quite as asked, one sentence for each kind."""
    short = [one.piece.label for one in rendered if one.missing_frames > 0]
    long = [one.piece.label for one in rendered if one.missing_frames < 0]
    silent = [one.piece.label for one in rendered if one.is_silent]
    told = (
        (short, "a frame less than asked, which is silent now, of"),
        (long, "a frame more than asked, which was left out, of"),
        (silent, "only silence of"),
    )
    return [f"REAPER rendered {what} {_list(names)}" for names, what in told if names]


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"{', '.join(names[:_MAX_NAMED])}{more}"
