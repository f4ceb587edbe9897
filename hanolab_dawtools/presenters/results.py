"""What came of a job, to be seen and heard: the original on top, its stems below, with figures."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.model import HostName, RequestKind, StemRole
from hanolab_dawtools.presenters.lanes import ORIGINAL_KEY, LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.source_view import PreviewAudio
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.presenters.result_reading import Result
    from hanolab_dawtools.services import Services

LISTENING_FOLDER = "listening"  # in the cache; what was made to listen to lies there


@dataclass(frozen=True)
class Fact:
    """A line of a result: what it is, and how it stands."""

    name: str
    text: str


@dataclass(frozen=True)
class ResultsView:
    """The job whose results are shown; an empty `job_id`: the source is shown.

    Attributes
    ----------
    kind, host, source
        What was done, and where the music is that it was done with.
    roles
        The stems that came, in the order of their lanes.
    where
        Where they are now, in a user's words.
    is_to_place
        They were made to listen to, and are placed nowhere yet.
    can_undo
        They were put into a project, and can be taken out of it again.
    """

    job_id: str = ""
    title: str = ""
    kind: RequestKind | None = None
    host: HostName | None = None
    source: Path | None = None
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    roles: tuple[StemRole, ...] = ()
    where: str = ""
    folder: Path | None = None
    is_to_place: bool = False
    can_undo: bool = False


class ResultsPresenter(Presenter[ResultsView]):
    """Puts lanes into the waveforms and the listening: the source's, or those of a job.

    `shown` is emitted when another job's results are there, or none any more.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        waveforms: WaveformPresenter,
        listening: ListeningPresenter,
        messages: MessagesPresenter,
    ) -> None:
        super().__init__(ResultsView())
        self.shown = Event()
        self._services = services
        self._workers = workers
        self._waveforms = waveforms
        self._listening = listening
        self._messages = messages
        self._preview: PreviewAudio | None = None
        self._name = ""

    @property
    def listening_folder(self) -> Path:
        """What was made to listen to lies in folders in there."""
        return self._services.folders.cache / LISTENING_FOLDER

    def show_source(self, preview: PreviewAudio | None, name: str) -> None:
        """What is open and selected now; the results of a job stay while it is the same."""
        is_same = (name, _span(preview)) == (self._name, _span(self._preview))
        self._preview, self._name = preview, name
        if not is_same or not self.view.job_id:
            self.leave()

    def show_job(self, job_id: str) -> None:
        """Show what a job has made, as soon as it is read; says so when there is nothing."""

        def work(_: threading.Event) -> Result | None:
            from hanolab_dawtools.presenters.result_reading import read_result

            return read_result(self._services, job_id)

        def done(result: Result | None) -> None:
            if result is None:
                self._messages.tell(f"job {job_id} has made nothing yet")
            else:
                self._show_result(result)

        self._workers.run("result", work, done=done, failed=self._messages.tell)

    def leave(self) -> None:
        """Show the source again."""
        self._workers.stop("result")
        self._workers.stop("result levels")
        self._show(ResultsView())
        self._show_preview()
        self.shown.emit()

    def _show_preview(self) -> None:
        preview = self._preview
        if preview is None:
            self._waveforms.set_lanes([])
            self._listening.set_lanes([], 0.0)
            return
        from hanolab_dawtools.presenters.player import PlayLane

        start = preview.start_seconds
        lane = LaneSource(ORIGINAL_KEY, self._name, None, preview.path, start)
        sound = PlayLane(ORIGINAL_KEY, self._name, preview.path, start, is_original=True)
        self._waveforms.set_lanes([lane], title=self._name)
        self._listening.set_lanes([sound], preview.end_seconds)

    def _show_result(self, result: Result) -> None:
        from hanolab_dawtools.presenters.result_reading import is_to_place, where_text
        from hanolab_dawtools.workflows.undo import is_in_project

        self._show(
            ResultsView(
                result.job_id,
                result.title,
                result.plan.kind,
                result.plan.selection.host,
                result.plan.selection.source,
                tuple(Fact(name, text) for name, text in result.facts),
                result.placed.warnings,
                result.roles,
                where_text(result, self.listening_folder),
                result.placed.folder,
                is_to_place(result, self.listening_folder),
                can_undo=is_in_project(result.placed) and not result.is_undone,
            )
        )
        self._waveforms.set_lanes(result.lanes, title=result.title)
        self._listening.set_lanes(result.sounds, result.end_seconds)
        self.shown.emit()
        self._measure(result)

    def _measure(self, result: Result) -> None:
        """Let the lanes say how loud they are, as soon as that is known."""

        def work(stop: threading.Event) -> tuple[LaneSource, ...]:
            from hanolab_dawtools.presenters.result_reading import with_levels

            return with_levels(result.lanes, stop)

        def done(lanes: tuple[LaneSource, ...]) -> None:
            self._waveforms.set_lanes(lanes, title=result.title)

        self._workers.run("result levels", work, done=done, failed=self._messages.tell)


def _span(preview: PreviewAudio | None) -> tuple[float, float] | None:
    return None if preview is None else (preview.start_seconds, preview.end_seconds)
