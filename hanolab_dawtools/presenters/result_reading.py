"""Reads what a job has made, for whoever shows it; called beside the GUI thread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hanolab_dawtools.audio.files import AudioReader, probe
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.jobs.model import Job
from hanolab_dawtools.model import Alignment, Capture, HostName, RequestKind, StemRole
from hanolab_dawtools.placement import Placed, PlacedTrack
from hanolab_dawtools.presenters.lanes import ORIGINAL_KEY, LaneSource
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.presenters.wording import (
    alignment_text,
    credits_text,
    null_text,
    role_text,
)
from hanolab_dawtools.stem_roles import STEM_ORDER
from hanolab_dawtools.units import gain_to_db
from hanolab_dawtools.workflows.chains import ORIGINAL
from hanolab_dawtools.workflows.outcomes import (
    alignment_of,
    capture_of,
    credits_of,
    is_cached,
    placed_of,
    plan_of,
    task_id_of,
)
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.undo import is_in_project, is_undone

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


@dataclass(frozen=True)
class Result:
    """What a job has made, and what it made it of.

    `lanes` and `sounds` lie on the source's time line, the original first where it is still there;
    `end_seconds` is where the last of them ends.
    """

    job_id: str
    title: str
    plan: RunPlan
    placed: Placed
    is_undone: bool
    facts: tuple[tuple[str, str], ...]
    roles: tuple[StemRole, ...]
    lanes: tuple[LaneSource, ...]
    sounds: tuple[PlayLane, ...]
    end_seconds: float


def read_result(services: Services, job_id: str) -> Result | None:
    """A job's result; None: it has placed nothing yet.

    Raises
    ------
    JobNotFound, JobError
    """
    job = services.store.get(job_id)
    if "place" not in job.outcomes:
        return None
    plan, placed, capture = plan_of(job), placed_of(job.outcomes), capture_of(job.outcomes)
    alignment = alignment_of(job.outcomes)
    start = plan.selection.start_seconds if capture is None else capture.position_seconds
    marks = _marks(alignment, capture)
    tracks = _in_order(placed.tracks)
    lanes = [
        LaneSource(f"{track.role} {number}", _name(track), track.role, track.path, start, marks)
        for number, track in enumerate(tracks)
    ]
    kept = services.store.folder_of(job.id) / ORIGINAL
    if (original := _original(plan, start, kept)) is not None:
        lanes.insert(0, replace(original, figure=_figure(alignment, plan)))
    ends = {lane.key: lane.start_seconds + _seconds(lane.path) for lane in lanes}
    return Result(
        job.id,
        job.title,
        plan,
        placed,
        is_undone(job.outcomes),
        _facts(job, plan, alignment),
        tuple(dict.fromkeys(track.role for track in tracks)),
        tuple(lanes),
        tuple(
            PlayLane(lane.key, lane.name, lane.path, lane.start_seconds, lane.key == ORIGINAL_KEY)
            for lane in lanes
            if ends[lane.key] > lane.start_seconds  # what is gone is shown as gone, not played
        ),
        max(ends.values(), default=start),
    )


def with_levels(lanes: Sequence[LaneSource], stop: Stop) -> tuple[LaneSource, ...]:
    """The lanes with the highest level of each; a file that cannot be read gets none.

    Raises
    ------
    JobCancelled
    """
    measured = []
    for lane in lanes:
        try:
            level = _level_text(_peak_dbfs(lane.path, stop))
        except AudioFileError:
            level = ""
        figure = "\n".join(filter(None, (lane.figure, level)))
        measured.append(replace(lane, figure=figure))
    return tuple(measured)


def where_text(result: Result, listening_folder: Path) -> str:
    """Where the results of a job are, in a user's words."""
    plan, placed = result.plan, result.placed
    names = ", ".join(track.name for track in placed.tracks)
    if result.is_undone:
        return f"Taken out of {_project_name(result)} again."
    if is_to_place(result, listening_folder):
        return "Made to listen to, and not placed anywhere yet."
    if not is_in_project(placed):
        return f"Files in {placed.folder}"
    what = "takes" if plan.as_takes else "lanes" if plan.arrangement.lanes else "tracks"
    return f"In {_project_name(result)}, as {what}: {names}"


def is_to_place(result: Result, listening_folder: Path) -> bool:
    """Whether it was made to listen to."""
    folder = result.plan.folder
    return folder is not None and folder.is_relative_to(listening_folder)


def _project_name(result: Result) -> str:
    if result.placed.project is not None:
        return result.placed.project.name
    return f"{result.plan.selection.source.name} in REAPER"


def _in_order(tracks: Sequence[PlacedTrack]) -> list[PlacedTrack]:
    return sorted(tracks, key=lambda track: STEM_ORDER.index(track.role))


def _name(track: PlacedTrack) -> str:
    """What a lane is called: by its role, unless it has a name that says more."""
    own = track.name.removesuffix("-draft")
    return role_text(track).capitalize() if own.casefold() == track.role else track.name


def _original(plan: RunPlan, start_seconds: float, kept: Path) -> LaneSource | None:
    """What the result is compared with: the file itself, or the capture that stayed."""
    selection = plan.selection
    if plan.kind is RequestKind.GENERATE:
        return None
    if kept.is_file():
        return LaneSource(ORIGINAL_KEY, "Original", None, kept, start_seconds)
    if selection.host is HostName.AUDIO_FILE and selection.source.is_file():
        return LaneSource(ORIGINAL_KEY, "Original", None, selection.source)
    return None


def _marks(alignment: Alignment | None, capture: Capture | None) -> tuple[float, ...]:
    """Where something was mended, on the source's time line, handles left out."""
    if alignment is None or capture is None:
        return ()
    frames = [step.at_frame - capture.lead_frames for step in alignment.steps if step.repaired]
    return tuple(
        (capture.start_frame + frame) / capture.sample_rate
        for frame in frames
        if 0 < frame < capture.selection_frames
    )


def _figure(alignment: Alignment | None, plan: RunPlan) -> str:
    if alignment is None or plan.kind is not RequestKind.SEPARATE:
        return ""
    return f"null {null_text(alignment.null_db)}"


def _seconds(path: Path) -> float:
    try:
        return probe(path).seconds
    except AudioFileError:
        return 0.0


def _level_text(peak_dbfs: float) -> str:
    return f"peak {peak_dbfs:.1f} dBFS" if math.isfinite(peak_dbfs) else "silent"


def _peak_dbfs(path: Path, stop: Stop) -> float:
    peak = 0.0
    with AudioReader(path) as reader:
        for block in reader.blocks():
            raise_if_stopped(stop)
            if block.size:
                peak = max(peak, float(np.abs(block).max()))
    return gain_to_db(peak)


def _facts(job: Job, plan: RunPlan, alignment: Alignment | None) -> tuple[tuple[str, str], ...]:
    facts = []
    if alignment is not None:
        if plan.kind is RequestKind.SEPARATE:
            facts.append(("Null", null_text(alignment.null_db)))
        facts.append(("Time", alignment_text(alignment, is_voice=plan.kind.is_conversion)))
        facts += [("", repair) for repair in alignment.repairs]
    if is_cached(job.outcomes):
        facts.append(("Cost", "free, from the result cache"))
    elif task := task_id_of(job.outcomes):
        paid = credits_of(job.outcomes)
        cost = "not known" if paid is None else credits_text(paid)
        facts.append(("Cost", f"{cost}, task {task}"))
    if (backup := placed_of(job.outcomes).backup) is not None:
        facts.append(("Backup", backup.name))
    return tuple(facts)
