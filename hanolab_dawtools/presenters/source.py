"""Where the music is, and what of it is meant: the source of everything the panel does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError, UsageError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.host_choice import PROJECT_SUFFIXES, is_running_reaper, named_pid
from hanolab_dawtools.hosts.outline import Meaning, Reading
from hanolab_dawtools.model import CapturePoint, Grouping, Wanted
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.recent_sources import keep_recent, read_recent
from hanolab_dawtools.presenters.source_choice import Choice
from hanolab_dawtools.presenters.source_reaper import ReaperFollowing
from hanolab_dawtools.presenters.source_showing import Showing
from hanolab_dawtools.presenters.source_state import OpenSource, view_of
from hanolab_dawtools.presenters.source_view import (
    PreviewAudio,
    ReaperChoice,
    SourceKind,
    SourceView,
)
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.units import format_clock, parse_clock

if TYPE_CHECKING:
    from hanolab_dawtools.hosts.reaper.watching import LiveReading
    from hanolab_dawtools.presenters.source_reading import SourceRead, Stamp
    from hanolab_dawtools.services import Services

Tell = Callable[[HanolabError | str], None]

LOOK_SECONDS = 2.0  # between two looks whether a file has changed


class SourcePresenter(Presenter[SourceView]):
    """Opens files, projects and the running REAPER; the user chooses in them.

    `preview_changed` tells that `preview` is another one. `tell` gets what failed, and news.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(SourceView())
        self._services = services
        self._workers = workers
        self._tell = tell
        self._clock = clock
        self._source = OpenSource()
        self._choice = Choice()
        self._meaning: Meaning | None = None
        self._problem: HanolabError | None = None
        self._note = ""
        self._reapers: tuple[ReaperChoice, ...] = ()
        self._pid: int | None = None
        self._recent: tuple[Path, ...] = ()
        self._looked_at = 0.0
        self._showing = Showing(services, workers, self._render, tell)
        self._following = ReaperFollowing(workers, services.folders.data / "reaper", self, clock)
        workers.run(
            "source recent",
            lambda _: read_recent(services.folders.config),
            done=self._recall,
            failed=tell,
        )

    @property
    def preview_changed(self) -> Event:
        """Tells that `preview` is another one."""
        return self._showing.changed

    @property
    def path(self) -> Path | None:
        """What `Services.host` takes: the file, the project, or `Path("reaper")`; None: nothing."""
        return self._source.path

    @property
    def preview(self) -> PreviewAudio | None:
        """What can be seen and heard of the source now."""
        return self._showing.preview

    def wanted(self) -> Wanted:
        """What is chosen, as a host is asked for it; its point is that of `view.point` or ITEM."""
        return self._choice.wanted(self._source.outline, self._source.kind)

    def open(self, path: Path) -> None:
        """Open an audio file, a project, or `Path("reaper")`."""
        if is_running_reaper(path):
            self.open_reaper(named_pid(path))
            return
        is_project = path.suffix.lower() in PROJECT_SUFFIXES
        kind = SourceKind.PROJECT if is_project else SourceKind.FILE
        self._begin(OpenSource(kind, path, location=str(path), is_loading=True))
        self._read()

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open what was dropped: the first of several."""
        if paths:
            self.open(paths[0])
        if len(paths) > 1:
            self._tell(
                f"{paths[0].name} was opened, the first of {len(paths)} files; the panel holds one "
                "at a time, and several are work for a batch"
            )

    def open_reaper(self, pid: int | None = None) -> None:
        """Follow a running REAPER: this one, or the only one."""
        path = Path("reaper" if pid is None else f"reaper:{pid}")
        reapers = self._reapers if pid is not None else ()
        self._begin(OpenSource(SourceKind.REAPER, path, is_loading=True))
        self._reapers, self._pid = reapers, pid
        self._render()
        self._following.start(pid)

    def choose_region(self, region: str | None) -> None:
        """Mean a region, as `Wanted.region` names it; None: the host's own selection."""
        self._choose(self._choice.with_span(region=region))

    def choose_whole(self) -> None:
        """Mean all of it."""
        self._choose(self._choice.with_span(is_whole=True))

    def choose_range(self, start_seconds: float, end_seconds: float) -> None:
        """Mean what lies between two times."""
        low, high = sorted((start_seconds, end_seconds))
        if (low, high) != self._choice.range_seconds:
            self._choose(self._choice.with_span(range_seconds=(low, high)))

    def type_range(self, start: str, end: str) -> bool:
        """Mean a range that was typed; False, and a sentence is told, when it is none."""
        known = self.view.range_seconds
        try:
            times = [parse_clock(text) for text in (start, end)]
        except UsageError as error:
            self._tell(error)
            return False
        if known is not None:  # the shown text is rounded
            times = [
                exact if format_clock(exact) == text.strip() else typed
                for typed, exact, text in zip(times, known, (start, end), strict=True)
            ]
        if times[0] >= times[1]:
            self._tell(
                UsageError(
                    f"the range {start}..{end} is empty: it ends at or before its start",
                    hint="Write the earlier time first.",
                )
            )
            return False
        self.choose_range(*times)
        return True

    def clear_range(self) -> None:
        """Mean again what was meant before a range was chosen."""
        if self._choice.range_seconds is not None:
            self._choose(self._choice.without_range())

    def choose_tracks(self, ids: Sequence[str]) -> None:
        """Mean only these tracks; none of them: all that sounds."""
        self._choose(replace(self._choice, track_ids=tuple(ids)))

    def set_grouping(self, grouping: Grouping | None) -> None:
        """What becomes one job; None: as the preset says."""
        self._choose(replace(self._choice, grouping=grouping))

    def set_point(self, point: CapturePoint | None) -> None:
        """Where the signal is taken; None: as the preset says."""
        self._choose(replace(self._choice, point=point))

    def show_preview(self) -> None:
        """Make what can be seen and heard of the selection, also where REAPER must render it."""
        if self._meaning is not None:
            self._showing.make(self._source.kind, self._source.path, self._meaning)

    def stop_preview(self) -> None:
        """Stop making a preview."""
        self._showing.stop()

    def refresh(self) -> None:
        """Read the source again."""
        if self._source.kind is SourceKind.REAPER:
            self._following.refresh()
            self._following.tick()
        elif self._source.path is not None:
            self._read()

    def tick(self) -> None:
        """Look whether the source has changed; called some times a second while it is visible."""
        if self._source.kind is SourceKind.REAPER:
            self._following.tick()
            return
        path, now = self._source.path, self._clock()
        if path is None or self._source.is_loading or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        stamp = self._source.stamp

        def look(_: Stop) -> Stamp:
            from hanolab_dawtools.presenters.source_reading import stamp_of

            return stamp_of(path)

        def compare(found: Stamp) -> None:
            if self._source.path == path and found != stamp and not self._source.is_loading:
                self._read()

        self._workers.run("source stamp", look, done=compare, failed=self._tell)

    def close(self) -> None:
        """Give everything back."""
        self._following.stop()

    # what REAPER is doing, told by `ReaperFollowing`

    def on_reading(self, reading: LiveReading, pid: int) -> None:
        """The project in front is another, or another selection is."""
        location = reading.location or f"not saved yet, in REAPER (process {pid})"
        self._source = replace(
            self._source, reading=reading, location=location, is_loading=False, is_reachable=True
        )
        self._reapers = self._reapers if self._pid is not None else ()
        self._note = ""
        self._choice = self._choice.within(reading.outline)
        self._ask()

    def on_reapers(self, reapers: tuple[ReaperChoice, ...]) -> None:
        """Several run: one has to be chosen."""
        self._reapers = reapers
        self._lose(f"{len(reapers)} REAPERs are running: choose one.", "", is_reachable=True)

    def on_lost(self, sentence: str, hint: str) -> None:
        """There is no REAPER to talk to, or it does not answer."""
        self._lose(sentence, hint, is_reachable=False)

    def on_busy(self, doing: str) -> None:
        """REAPER stands still and does something; empty: no more."""
        self._note = f"REAPER is {doing}." if doing else ""
        self._render()

    def _lose(self, sentence: str, hint: str, *, is_reachable: bool) -> None:
        self._source = replace(
            self._source, reading=None, location="", is_loading=False, is_reachable=is_reachable
        )
        self._note = f"{sentence} {hint}".strip()
        self._workers.stop("source meaning")
        self._meaningless(None)

    def _begin(self, source: OpenSource) -> None:
        """Leave what was open before."""
        self._following.stop()
        for key in ("source", "source meaning", "source stamp"):
            self._workers.stop(key)
        self._source, self._choice = source, Choice()
        self._meaning = self._problem = None
        self._note, self._reapers, self._pid = "", (), None
        self._looked_at = self._clock()
        self._showing.clear()
        self._render()

    def _read(self) -> None:
        path = self._source.path
        assert path is not None, "something is open"

        def read(stop: Stop) -> SourceRead:
            from hanolab_dawtools.presenters.source_reading import read_source

            raise_if_stopped(stop)
            return read_source(self._services, path)

        self._workers.run("source", read, done=self._taken, failed=self._tell)

    def _taken(self, found: SourceRead) -> None:
        """A file or project was read, or cannot be."""
        before = self._source
        self._source = replace(before, reading=found.reading, stamp=found.stamp, is_loading=False)
        if found.error is not None:
            self._meaningless(found.error)
            self._tell(found.error)
        if found.reading is None or before.path is None:
            return
        outline = found.reading.outline
        if before.stamp not in (None, found.stamp):
            self._tell(f"{outline.title} was changed and has been read again")
        self._choice = self._choice.within(outline)
        self._remember(before.path)
        self._ask()

    def _remember(self, path: Path) -> None:
        """Keep it among the recent sources."""
        whole = path.absolute()
        if self._recent[:1] != (whole,):
            folder = self._services.folders.config
            self._workers.run(
                "source recent",
                lambda _: keep_recent(folder, whole),
                done=self._recall,
                failed=self._tell,
            )

    def _recall(self, paths: tuple[Path, ...]) -> None:
        self._recent = paths
        self._render()

    def _choose(self, choice: Choice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._ask()

    def _ask(self) -> None:
        """Find out what the choice means; the view shows it at once as far as it is known."""
        reading = self._source.reading
        self._render()
        if reading is None:
            return
        wanted = self.wanted()

        def ask(stop: Stop) -> Meaning:
            raise_if_stopped(stop)
            return reading.meaning(wanted)

        self._workers.run(
            "source meaning", ask, done=partial(self._meant, reading), failed=self._meaningless
        )

    def _meant(self, reading: Reading, meaning: Meaning) -> None:
        self._meaning, self._problem = meaning, None
        self._showing.follow(self._source.kind, self._source.path, reading.outline, meaning)
        self._render()

    def _meaningless(self, error: HanolabError | None) -> None:
        self._meaning, self._problem = None, error
        self._showing.follow(self._source.kind, self._source.path, self._source.outline, None)
        self._render()

    def _render(self) -> None:
        self._show(
            view_of(
                self._source,
                self._choice,
                self._meaning,
                problem=self._problem,
                note=self._note,
                reapers=self._reapers,
                pid=self._pid,
                preview=(self._showing.state, self._showing.fraction),
                recent=self._recent,
            )
        )
