"""What came of a job, to be seen and heard: the original on top, its stems below, with figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.lanes import WaveformPresenter
from hanolab_dawtools.presenters.listening import ListeningPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.source_view import PreviewAudio
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


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
    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()
    roles: tuple[StemRole, ...] = ()
    where: str = ""
    folder: Path | None = None
    is_to_place: bool = False
    can_undo: bool = False
    is_undoing: bool = False


class ResultsPresenter(Presenter[ResultsView]):
    """Puts lanes into the waveforms and the listening: the source's, or those of a job."""

    def __init__(
        self,
        services: Services,
        workers: Workers,
        waveforms: WaveformPresenter,
        listening: ListeningPresenter,
        messages: MessagesPresenter,
    ) -> None:
        super().__init__(ResultsView())
        self._services = services
        self._workers = workers
        self._waveforms = waveforms
        self._listening = listening
        self._messages = messages

    def show_source(self, preview: PreviewAudio | None, name: str) -> None:
        """What is open now; it is shown, unless a job of it is."""

    def show_job(self, job_id: str) -> None:
        """Show what a job has made, as soon as it is read; says why when there is nothing."""

    def leave(self) -> None:
        """Show the source again."""

    def undo(self) -> None:
        """Take the results of the job that is shown out of its project again."""
