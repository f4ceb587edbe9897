"""Where results go, and how: into the source's host, another project, or a folder.

By default work is listened to first: it is done into a folder of the cache, and placing it is a
new job of the same plan, which the result cache answers without any cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.model import HostName, StemRole, Wanted
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.queue import QueuePresenter
from hanolab_dawtools.presenters.results import ResultsPresenter
from hanolab_dawtools.presenters.running import Wish
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.schema import ImportPolicy, Preset
from hanolab_dawtools.workflows.applying import Beside

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services


class Target(StrEnum):
    """Where results go: to where the music is, into another project file, or into a folder."""

    HOST = "host"
    PROJECT = "project"
    FOLDER = "folder"


@dataclass(frozen=True)
class Choice:
    """One of several; `reason` says why it cannot be chosen, empty when it can."""

    value: str
    name: str
    reason: str = ""


@dataclass(frozen=True)
class StemChoice:
    """A stem that can be placed, or left out."""

    role: StemRole
    is_chosen: bool = True


@dataclass(frozen=True)
class PlacingView:
    """What is chosen, and what can be.

    Attributes
    ----------
    folder, project
        What was named for the targets of that kind; None: not yet.
    layout, source
        As in `ImportPolicy.results` and `.source`.
    job_id
        The job that the place button is about; empty: there is none.
    reason
        Why the button cannot be pressed; empty when it can.
    """

    target: Target = Target.HOST
    targets: tuple[Choice, ...] = ()
    folder: Path | None = None
    project: Path | None = None
    listens_first: bool = True
    layout: str = "tracks"
    layouts: tuple[Choice, ...] = ()
    source: str = "mute"
    sources: tuple[Choice, ...] = ()
    stems: tuple[StemChoice, ...] = ()
    job_id: str = ""
    verb: str = "Place"
    reason: str = ""
    is_placing: bool = False

    @property
    def can_place(self) -> bool:
        """Whether the place button does anything."""
        return bool(self.job_id) and not self.reason and not self.is_placing


class PlacingPresenter(Presenter[PlacingView]):
    """Holds the choice, and places what was listened to.

    `edit` makes another import policy that of the current preset, which tells `set_preset` so.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        queue: QueuePresenter,
        results: ResultsPresenter,
        messages: MessagesPresenter,
        edit: Callable[[ImportPolicy], None],
    ) -> None:
        super().__init__(PlacingView())
        self._services = services
        self._workers = workers
        self._queue = queue
        self._results = results
        self._messages = messages
        self._edit = edit

    def set_source(self, path: Path | None, host: HostName | None) -> None:
        """The music is there now; None: nothing is open."""

    def set_preset(self, preset: Preset) -> None:
        """The current preset is this one now."""

    def wish(self, source: Path, wanted: Wanted, preset: Preset, engine: str | None) -> Wish:
        """What is to be done with a source, with results where they are chosen to go."""
        return Wish(source, preset, Beside(wanted), engine)

    def set_target(self, target: Target, path: Path | None = None) -> None:
        """Place there; `path`: the folder or the project file, where the target needs one."""

    def set_listens_first(self, listens_first: bool) -> None:
        """Whether work is heard before it is placed."""

    def set_layout(self, layout: str) -> None:
        """Place as tracks, takes or fixed lanes."""

    def set_source_policy(self, source: str) -> None:
        """Mute what the results were made of, keep it, or play both."""

    def choose_stem(self, role: StemRole, is_chosen: bool) -> None:
        """Place this stem, or leave it out; the last one stays."""

    def place(self) -> None:
        """Place the job that is shown, with what is chosen now."""
