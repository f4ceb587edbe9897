"""A running REAPER as a host: select in it, have it render, put stems on tracks of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hanolab_dawtools.errors import HanolabError, HostCallFailed, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.reaper.capture import capture_live
from hanolab_dawtools.hosts.reaper.connections import Connections, OpenProject, is_saved
from hanolab_dawtools.hosts.reaper.facts import LiveTimeline, timeline_of
from hanolab_dawtools.hosts.reaper.matrix import find_live_matrix
from hanolab_dawtools.hosts.reaper.place import place_live
from hanolab_dawtools.hosts.reaper.place_together import Landing, place_together
from hanolab_dawtools.hosts.reaper.selecting import find_live_selections
from hanolab_dawtools.hosts.stem_folder import StemFolder, put_stems, stems_beside
from hanolab_dawtools.model import Capture, HostName, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement

READING_SECONDS = 60.0  # a large project is read over many ticks


class ReaperHost:
    """The host of the project that is open in REAPER; implements `hosts.base.Host`.

    Parameters
    ----------
    connections
        Leads to the running REAPERs; stays the caller's.
    pid
        Which REAPER, when several run.
    """

    def __init__(self, connections: Connections, pid: int | None = None) -> None:
        self._connections = connections
        self._pid = pid

    def timeline(self, *, stop: Stop | None = None) -> LiveTimeline:
        """What the project holds that is in front in REAPER, or was when an action was run."""
        with self._connections.turn(stop):
            channel = self._connections.channel(self._pid)
            asked = {"tab": self._connections.shown_tab(self._pid)}
            facts = channel.call("timeline", asked, timeout_seconds=READING_SECONDS, stop=stop)
        return timeline_of(facts)

    def selections(self, wanted: Wanted) -> list[Selection]:
        """What `wanted` means in the project in front; see `selecting.find_live_selections`.

        Raises
        ------
        HostError
            REAPER cannot be asked.
        """
        return find_live_selections(self.timeline(), wanted)

    def matrix(self, wanted: MatrixWanted) -> HostMatrix:
        """What regions x tracks mean in the project in front; see `matrix.find_live_matrix`.

        Raises
        ------
        HostError
            REAPER cannot be asked.
        """
        return find_live_matrix(self.timeline(), wanted)

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """A place on the timeline of the project in front, for a new track."""
        live = self.timeline()
        return Selection(
            HostName.REAPER, live.source, name, start_seconds, end_seconds, "--at", tab=live.tab
        )

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Have REAPER render a selection and its handles into `folder`.

        Raises
        ------
        HostError
            REAPER or the project is not there any more, or it refused.
        SelectionError, AudioFileError
            See `capture.capture_live`.
        """
        with self._connections.turn(stop):
            project = self._connections.find_project(selection)
            facts = project.channel.call(
                "timeline", {"tab": project.tab}, timeout_seconds=READING_SECONDS, stop=stop
            )
            return capture_live(
                project.channel,
                timeline_of(facts),
                replace(selection, tab=project.tab),
                folder,
                handle_seconds=handle_seconds,
                stop=stop,
                progress=progress,
            )

    def place(self, placement: Placement) -> Placed:
        """Put the stems beside the project and onto its tracks, or only into `placement.folder`.

        When REAPER does not take them, the stems that this call has copied are removed again.

        Raises
        ------
        HostError, FileChanged, NotWritable, DiskFull
            The project is as it was, and the job can be resumed.
        """
        if placement.folder is not None:
            return put_stems(placement.folder, placement).placed
        if placement.shelf:
            (outcome,) = self.place_all([placement])
            if isinstance(outcome, HanolabError):
                raise outcome
            return outcome
        with (
            stems_beside(placement.selection.source, placement) as stems,
            self._connections.turn(),
        ):
            project = self._connections.find_project(placement.selection)
            here = replace(placement, selection=replace(placement.selection, tab=project.tab))
            placed = place_live(project.channel, here, stems.tracks)
        return _where_unsaved(placement, stems, placed)

    def place_all(self, placements: Sequence[Placement]) -> Sequence[Placed | HanolabError]:
        """Put results beside their project and onto its tracks, all in one step of its undo.

        Those with a folder are put there one after the other; see `hosts.base.Host`.
        """
        outcomes: dict[int, Placed | HanolabError] = {}
        by_project: dict[tuple[Path, str], list[int]] = {}
        for number, placement in enumerate(placements):
            if placement.folder is None:
                key = (placement.selection.source, placement.selection.tab)
                by_project.setdefault(key, []).append(number)
                continue
            try:
                outcomes[number] = put_stems(placement.folder, placement).placed
            except HanolabError as error:
                outcomes[number] = error
        for numbers in by_project.values():
            with self._connections.turn():
                made = self._place_into([placements[number] for number in numbers])
            outcomes.update(zip(numbers, made, strict=True))
        return [outcomes[number] for number in range(len(placements))]

    def _place_into(self, placements: Sequence[Placement]) -> list[Placed | HanolabError]:
        """Results for one project; the files of those that it does not get are removed again."""
        project = self._connections.find_project(placements[0].selection)
        outcomes: dict[int, Placed | HanolabError] = {}
        with ExitStack() as stack:
            folders: dict[int, StemFolder] = {}
            landings: list[Landing] = []
            for number, placement in enumerate(placements):
                here = replace(placement, selection=replace(placement.selection, tab=project.tab))
                try:
                    beside = stems_beside(placement.selection.source, placement)
                    folders[number] = stack.enter_context(beside)
                except HanolabError as error:
                    outcomes[number] = error
                    continue
                landings.append((here, folders[number].tracks))
            made = place_together(project.channel, landings, _label_of(placements))
            for (number, stems), outcome in zip(folders.items(), made, strict=True):
                outcomes[number] = outcome
                if isinstance(outcome, HanolabError):
                    stems.remove_new()
                else:
                    outcomes[number] = _where_unsaved(placements[number], stems, outcome)
        return [outcomes[number] for number in range(len(placements))]


def _where_unsaved(placement: Placement, stems: StemFolder, placed: Placed) -> Placed:
    if is_saved(placement.selection):
        return placed
    warning = f"the project was never saved: the stems lie in {stems.path}"
    return replace(placed, warnings=(warning, *placed.warnings))


def _label_of(placements: Sequence[Placement]) -> str:
    """What REAPER calls the step that takes results back; cells are called BATCH-NUMBER.

    The time tells it from the step of an earlier run of the batch.
    """
    batches = {placement.job_id.rpartition("-")[0] for placement in placements}
    whose = f"batch {batches.pop()}" if len(batches) == 1 and "" not in batches else "jobs"
    n_results = f"{len(placements)} result{'s' * (len(placements) > 1)}"
    return f"HanoLab: {n_results} of {whose} ({datetime.now(UTC).astimezone():%H:%M:%S})"


def undo_placing(
    connections: Connections, job_id: str, selection: Selection, placed: Placed
) -> bool:
    """Take back in REAPER what a job has put there; False when nothing of it is there any more.

    What was placed in the same step goes with it.

    Raises
    ------
    UsageError
        The job has only written files.
    HostCallFailed
        Something was done in REAPER since; its own undo goes back step by step.
    HostError
        REAPER or the project is not there.
    """
    if not any(track.track_id or track.item_id for track in placed.tracks):
        raise UsageError(
            "nothing was put into REAPER, so there is nothing to undo",
            hint=f"The stems lie in {placed.folder}; delete them if you do not want them.",
        )
    with connections.turn():
        return _undo(connections.find_project(selection), job_id, placed)


def _undo(project: OpenProject, job_id: str, placed: Placed) -> bool:
    where = {"tab": project.tab, "path": project.path}
    if not project.channel.call("placed", {**where, "job_id": job_id})["tracks"]:
        return False
    try:
        project.channel.call("undo", {**where, "label": placed.undo_label})
    except HostCallFailed as error:
        if error.code == "refused":
            error.hint = "Press Ctrl+Z in REAPER until the stems are gone."
        raise
    return True
