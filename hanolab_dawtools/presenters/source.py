"""Where the music is, and what of it is meant: the source of everything the panel does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.model import CapturePoint, Grouping, Wanted
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.source_view import PreviewAudio, SourceView
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

Tell = Callable[[HanolabError | str], None]


class SourcePresenter(Presenter[SourceView]):
    """Opens files, projects and the running REAPER; the user chooses in them.

    `preview_changed` tells that `preview` is another one.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(SourceView())
        self.preview_changed = Event()
        self._services = services
        self._workers = workers
        self._tell = tell
        self._clock = clock

    @property
    def path(self) -> Path | None:
        """What `Services.host` takes: the file, the project, or `Path("reaper")`; None: nothing."""
        return None

    @property
    def preview(self) -> PreviewAudio | None:
        """What can be seen and heard of the source now."""
        return None

    def wanted(self) -> Wanted:
        """What is chosen, as a host is asked for it; its point is that of `view.point` or ITEM."""
        return Wanted()

    def open(self, path: Path) -> None:
        """Open an audio file, a project, or `Path("reaper")`."""

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open what was dropped: the first of several."""

    def open_reaper(self, pid: int | None = None) -> None:
        """Follow a running REAPER: this one, or the only one."""

    def choose_region(self, region: str | None) -> None:
        """Mean a region, as `Wanted.region` names it; None: the host's own selection."""

    def choose_range(self, start_seconds: float, end_seconds: float) -> None:
        """Mean what lies between two times."""

    def choose_tracks(self, ids: Sequence[str]) -> None:
        """Mean only these tracks; none of them: all that sounds."""

    def set_grouping(self, grouping: Grouping | None) -> None:
        """What becomes one job; None: as the preset says."""

    def set_point(self, point: CapturePoint | None) -> None:
        """Where the signal is taken; None: as the preset says."""

    def show_preview(self) -> None:
        """Have REAPER render what is selected, so that it can be seen and heard."""

    def stop_preview(self) -> None:
        """Stop making a preview."""

    def tick(self) -> None:
        """Look whether the source has changed; called some times a second while it is visible."""

    def close(self) -> None:
        """Give everything back; the workers are closed before."""
