"""What can be seen and heard of the source: the file itself, or a capture made in the background.

A capture is kept while what is selected lies within it and sounds the same. A project's is made by
itself, REAPER's only when the user wants it, because REAPER stands still while it renders.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError, JobCancelled
from hanolab_dawtools.events import Progress, Stop, raise_if_stopped
from hanolab_dawtools.hosts.outline import Meaning, Outline
from hanolab_dawtools.model import Capture
from hanolab_dawtools.presenters.observing import Event
from hanolab_dawtools.presenters.source_view import PreviewAudio, PreviewState, SourceKind
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

FOLDER = "previews"  # in the cache folder
AUTO_SECONDS = 1_200.0  # longer ones are made when the user wants them
TELL_SECONDS = 0.1  # between two pictures of how far it is
_KEY = "source preview"


class Showing:
    """Holds the preview and how it stands; `changed` tells of another one, `render` of the rest."""

    def __init__(
        self,
        services: Services,
        workers: Workers,
        render: Callable[[], None],
        tell: Callable[[HanolabError], None],
    ) -> None:
        self.changed = Event()
        self.preview: PreviewAudio | None = None
        self.state = PreviewState.NONE
        self.fraction: float | None = None
        self._services = services
        self._workers = workers
        self._render = render
        self._tell = tell
        self._shown: Meaning | None = None
        self._making: Meaning | None = None
        self._wanted: Meaning | None = None

    def clear(self) -> None:
        """Show nothing."""
        self._end_making()
        self.state, self._shown = PreviewState.NONE, None
        self._set(None)

    def follow(
        self, kind: SourceKind, path: Path | None, outline: Outline, meaning: Meaning | None
    ) -> None:
        """Something else is selected; None: nothing is. A render that REAPER has begun goes on."""
        self._wanted = meaning
        if kind is SourceKind.FILE:
            preview = _whole_file(path, outline)
            self.state = PreviewState.READY if preview else PreviewState.NONE
            self._set(preview)
        elif kind is SourceKind.REAPER and self._making is not None:
            return
        elif meaning is None:
            self._end_making()
            self.state = PreviewState.STALE if self.preview else PreviewState.NONE
        elif self._is_shown(meaning):
            self._end_making()
            self.state = PreviewState.READY
        elif self._making is None or not _is_same(self._making, meaning):
            self._end_making()
            start, end = _span(meaning)
            if kind is SourceKind.PROJECT and end - start <= AUTO_SECONDS:
                self.make(kind, path, meaning)
            else:
                self.state = PreviewState.STALE if self.preview else PreviewState.ON_REQUEST

    def make(self, kind: SourceKind, path: Path | None, meaning: Meaning) -> None:
        """Capture what is selected, in the background."""
        if path is None or kind in (SourceKind.NONE, SourceKind.FILE):
            return
        self._wanted = meaning
        self._making, self.state, self.fraction = meaning, PreviewState.MAKING, None
        services, post = self._services, self._workers.dispatcher.post
        told_at = 0.0

        def work(stop: Stop) -> PreviewAudio:
            from hanolab_dawtools.presenters.source_preview import PreviewStore

            def progress(report: Progress) -> None:
                nonlocal told_at
                now = time.monotonic()
                if now - told_at >= TELL_SECONDS:
                    told_at = now
                    post(lambda: self._progress(meaning, report.fraction))

            def capture(folder: Path) -> Capture:
                if kind is SourceKind.REAPER:
                    from hanolab_dawtools.hosts.reaper.watching import capture_shown

                    runtime_folder = services.folders.data / "reaper"
                    return capture_shown(
                        runtime_folder, meaning.mix, folder, stop=stop, progress=progress
                    )
                return services.host(path).capture(
                    meaning.mix, folder, handle_seconds=0.0, stop=stop, progress=progress
                )

            raise_if_stopped(stop)
            return PreviewStore(services.folders.cache / FOLDER).get(
                meaning, capture, anew=kind is SourceKind.REAPER
            )

        self._workers.run(_KEY, work, done=self._made, failed=self._failed)
        self._render()

    def stop(self) -> None:
        """The user wants no preview of this now."""
        if self._making is not None:
            self._end_making()
            self.state = PreviewState.STALE if self.preview else PreviewState.ON_REQUEST
            self._render()

    def _is_shown(self, meaning: Meaning | None) -> bool:
        """Whether what is selected is what is shown, or a part of it."""
        preview, shown = self.preview, self._shown
        if preview is None or shown is None or meaning is None:
            return False
        if shown.content != meaning.content:
            return False
        if _span(shown) == _span(meaning) and shown.media != meaning.media:
            return False
        half_frame = 0.5 / preview.sample_rate
        start, end = _span(meaning)
        return (
            preview.start_seconds <= start + half_frame and end <= preview.end_seconds + half_frame
        )

    def _end_making(self) -> None:
        self._workers.stop(_KEY)
        self._making = self.fraction = None

    def _progress(self, meaning: Meaning, fraction: float | None) -> None:
        if self._making is meaning:
            self.fraction = fraction
            self._render()

    def _made(self, preview: PreviewAudio) -> None:
        self._shown, self._making, self.fraction = self._making, None, None
        self.state = PreviewState.READY
        self._set(preview)
        if not self._is_shown(self._wanted):  # something else was selected while REAPER rendered
            self.state = PreviewState.STALE
        self._render()  # also when it is the same again

    def _failed(self, error: HanolabError) -> None:
        self._making = self.fraction = None
        self.state = PreviewState.FAILED
        if not isinstance(error, JobCancelled):
            self._tell(error)
        self._render()

    def _set(self, preview: PreviewAudio | None) -> None:
        if preview != self.preview:
            self.preview = preview
            self._render()  # who is told may look at the view
            self.changed.emit()


def _whole_file(path: Path | None, outline: Outline) -> PreviewAudio | None:
    if path is None or outline.sample_rate is None or outline.n_channels is None:
        return None
    return PreviewAudio(path, 0.0, outline.sample_rate, outline.n_channels, outline.end_seconds)


def _span(meaning: Meaning) -> tuple[float, float]:
    return meaning.mix.start_seconds, meaning.mix.end_seconds


def _is_same(one: Meaning, other: Meaning) -> bool:
    """Whether captures of both are the same."""
    same_content = (one.content, one.media) == (other.content, other.media)
    return same_content and _span(one) == _span(other)
