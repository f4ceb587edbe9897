"""A REAPER project file as a host: select in it, capture from it, put stems back into it.

Captures are taken at point `item`: items as they sound before the effects of their track. The
points `track` and `master` need REAPER itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.events import ProgressCallback, Stop
from hanolab_dawtools.hosts.base import HostMatrix, MatrixWanted
from hanolab_dawtools.hosts.capture_file import CAPTURE_NAME, write_capture
from hanolab_dawtools.hosts.project.matrix import find_matrix
from hanolab_dawtools.hosts.project.selecting import find_selections
from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.fingerprint import fingerprint
from hanolab_dawtools.hosts.rpp.many import place_together
from hanolab_dawtools.hosts.rpp.planning import NothingRendered, plan_capture, project_media
from hanolab_dawtools.hosts.rpp.preparing import Preparation
from hanolab_dawtools.hosts.rpp.project_file import write_project
from hanolab_dawtools.hosts.rpp.provenance import origins
from hanolab_dawtools.hosts.rpp.reader import read_timeline
from hanolab_dawtools.hosts.rpp.render import render_blocks
from hanolab_dawtools.hosts.rpp.sources import Span
from hanolab_dawtools.hosts.rpp.takes import find_item
from hanolab_dawtools.hosts.rpp.witness import ProjectWitness, tracks_of_results
from hanolab_dawtools.hosts.stem_folder import put_stems, stems_beside
from hanolab_dawtools.model import Capture, Grouping, HostName, Selection, Wanted
from hanolab_dawtools.placement import Placed, Placement

BACKUP_SUFFIX = ".rpp-bak"


class RppHost:
    """The host of one project file; implements `hosts.base.Host`."""

    def __init__(self, project_path: Path) -> None:
        self.path = project_path.absolute()

    def selections(self, wanted: Wanted) -> list[Selection]:
        """What `wanted` means in the project; see `selecting.find_selections`.

        Raises
        ------
        UsageError
            Also when takes are wanted and an item of a selection cannot get them.
        """
        document = Document.read(self.path)
        timeline = read_timeline(document)
        if not wanted.as_takes:
            return find_selections(timeline, wanted)
        each = replace(wanted, grouping=wanted.grouping or Grouping.ITEM)
        selections = find_selections(timeline, each)
        for selection in selections:
            _refuse_takes(document, timeline, selection)
        return selections

    def matrix(self, wanted: MatrixWanted) -> HostMatrix:
        """What regions x tracks mean in the project; see `hosts.project.matrix`.

        Raises
        ------
        UsageError
            Also when takes are wanted and an item of a cell cannot get them.
        """
        document = Document.read(self.path)
        timeline = read_timeline(document)
        made = tracks_of_results(document, timeline)
        matrix = find_matrix(timeline, wanted, made=made)
        if wanted.as_takes:
            for cell in matrix.cells:
                _refuse_takes(document, timeline, cell.selection)
        return replace(matrix, witness=ProjectWitness(document, timeline))

    def capture(
        self,
        selection: Selection,
        folder: Path,
        *,
        handle_seconds: float,
        stop: Stop,
        progress: ProgressCallback,
    ) -> Capture:
        """Render a selection and its handles into `folder`.

        Raises
        ------
        SelectionError
            Nothing of it can be rendered, or the project has changed too much.
        AudioFileError
            Media of an item is damaged; names the item.
        """
        document = Document.read(self.path)
        timeline = read_timeline(document)
        path = folder / CAPTURE_NAME
        with Preparation(folder, stop, progress) as making:
            finder = project_media(timeline, making.decoded)
            plan = plan_capture(timeline, selection, handle_seconds, finder)
            n_frames = plan.last_frame - plan.first_frame
            digest = write_capture(
                path,
                render_blocks(making.prepared(plan)),
                sample_rate=plan.sample_rate,
                n_channels=plan.n_channels,
                n_frames=n_frames,
                stop=stop,
                progress=progress,
            )
        return Capture(
            path,
            sample_rate=plan.sample_rate,
            n_channels=plan.n_channels,
            n_frames=n_frames,
            lead_frames=plan.lead_frames,
            tail_frames=plan.tail_frames,
            start_frame=plan.start_frame,
            digest=digest,
            sources=plan.sources,
            fingerprint=fingerprint(document, timeline, plan.sources),
            skipped=plan.skipped,
            approximate=plan.approximate,
            unheard_effects=plan.unheard_effects,
            remarks=_origins(document, timeline, plan.sources),
        )

    def spot(self, name: str, start_seconds: float, end_seconds: float) -> Selection:
        """A place on the project's timeline for a new track; see `hosts.base.Host`.

        Raises
        ------
        ProjectFileError
            The project cannot be read.
        UsageError
            It is one of REAPER's backups.
        """
        if self.path.suffix.lower() == BACKUP_SUFFIX:
            raise UsageError(
                f"{self.path.name} is a backup that REAPER writes over at its next save",
                hint="Name the project itself.",
            )
        read_timeline(Document.read(self.path))
        return Selection(HostName.RPP, self.path, name, start_seconds, end_seconds, "--at")

    def place(self, placement: Placement) -> Placed:
        """Put the stems beside the project and into it, or only into `placement.folder`.

        When the project cannot be written, the stems that this call has copied are removed
        again. After a crash the next call for the same job ends in the same files.

        Raises
        ------
        ProjectFileError, FileChanged, NotWritable, DiskFull, UsageError
            The project is as it was.
        """
        if placement.folder is not None:
            return put_stems(placement.folder, placement).placed
        if placement.shelf:
            (made,) = self.place_all([placement])
            if isinstance(made, HanolabError):
                raise made
            return made
        project = (placement.destination or self.path).absolute()
        with stems_beside(project, placement) as stems:
            files = zip(placement.stems, stems.tracks, strict=True)
            return write_project(placement, [replace(stem, path=t.path) for stem, t in files])

    def place_all(self, placements: Sequence[Placement]) -> list[Placed | HanolabError]:
        """Put the stems of several jobs beside the project, and into it in one write.

        After a crash the next call for the same jobs ends in the same files. See
        `hosts.base.Host`, and `place_many` for what becomes of the project.

        Raises
        ------
        ProjectFileError, FileChanged, NotWritable, DiskFull, UsageError
            The project is as it was.
        """
        return place_together(placements)


def _refuse_takes(document: Document, timeline: Timeline, selection: Selection) -> None:
    try:
        plan = plan_capture(timeline, selection, 0.0)
    except NothingRendered:  # its job will say so
        return
    rate = plan.sample_rate
    span = Span(plan.start_frame / rate, plan.end_frame / rate, 0.5 / rate)
    find_item(document, timeline, span, plan.sources)


def _origins(document: Document, timeline: Timeline, sources: Sequence[str]) -> tuple[str, ...]:
    """That something captured is a stem of an earlier job."""
    jobs = {
        job: None
        for _, item in timeline.items()
        if item.id in sources
        for job in origins(document, item)
    }
    return (f"the selection holds stems of {', '.join(jobs)}",) if jobs else ()
