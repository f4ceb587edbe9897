"""Following a running REAPER: looked at again and again, as long as somebody ticks.

That there is none is a state, not an error: it is looked for less and less often.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hanolab_dawtools.errors import HanolabError, HostUnreachable
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.presenters.source_view import ReaperChoice
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.hosts.reaper.watching import Known, LiveReading, ReaperWatch, Sight

BACK_OFF_SECONDS = (1.0, 2.0, 5.0)
READ_AGAIN_SECONDS = 5.0  # not every change of what is selected counts as one in REAPER
SMALL_ITEMS = 2_000  # up to here, reading a project again costs REAPER nothing that one notices
UNREACHABLE = "REAPER is not reachable: run a HanoLab action in REAPER."
_KEY = "source reaper"


class Follower(Protocol):
    """Who is told; on the GUI thread."""

    def on_reading(self, reading: LiveReading, pid: int) -> None:
        """The project in front is another, or another selection is."""
        ...

    def on_reapers(self, reapers: tuple[ReaperChoice, ...]) -> None:
        """Several run: one has to be chosen."""
        ...

    def on_lost(self, sentence: str, hint: str) -> None:
        """There is no REAPER to talk to, or it does not answer."""
        ...

    def on_busy(self, doing: str) -> None:
        """REAPER stands still and does something; empty: no more."""
        ...


class _Session:
    """A connection that is looked through by one thread at a time, and closed by the last user."""

    def __init__(self, runtime_folder: Path) -> None:
        self._folder = runtime_folder
        self._lock = threading.Lock()
        self._watch: ReaperWatch | None = None
        self._is_used = self._is_over = False

    def look(self, pid: int | None, known: Known | None, **options: Any) -> Sight:
        """Look, on the calling thread; see `ReaperWatch.look`."""
        from hanolab_dawtools.hosts.reaper.watching import ReaperWatch

        with self._lock:
            self._is_used = True
        self._watch = self._watch or ReaperWatch(self._folder)
        try:
            return self._watch.look(pid, known, **options)
        finally:
            with self._lock:
                self._is_used = False
                if self._is_over:
                    self._watch.close()

    def end(self) -> None:
        """Hang up, now or when the look that is on its way ends."""
        with self._lock:
            self._is_over = True
            if not self._is_used and self._watch is not None:
                self._watch.close()


class ReaperFollowing:
    """One REAPER that is followed, until `stop`."""

    def __init__(
        self,
        workers: Workers,
        runtime_folder: Path,
        follower: Follower,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._folder = runtime_folder
        self._follower = follower
        self._clock = clock
        self._session = _Session(runtime_folder)
        self._pid: int | None = None
        self._known: Known | None = None
        self._is_small = True
        self._is_looking = self._is_busy = False
        self._may_start = False
        self._n_failures = 0
        self._next_at = self._read_at = 0.0

    def start(self, pid: int | None) -> None:
        """Follow this REAPER, or the only one; one without a bridge is asked to start it."""
        self.stop()
        self._pid = pid
        self._may_start = True
        self.tick()

    def stop(self) -> None:
        """Follow no more; the connection is closed when nobody uses it."""
        self._workers.stop(_KEY)
        self._session.end()
        self._session = _Session(self._folder)
        self._known = None
        self._is_looking = self._is_busy = False
        self._n_failures, self._next_at = 0, 0.0

    def refresh(self) -> None:
        """Read the project again at the next tick, whether it has moved or not."""
        self._known, self._next_at = None, 0.0

    def tick(self) -> None:
        """Look, unless a look is on its way or it is too early for one."""
        now = self._clock()
        if self._is_looking or now < self._next_at:
            return
        self._is_looking = True
        if self._is_small and now - self._read_at >= READ_AGAIN_SECONDS:
            self._known = None
        pid, known, may_start = self._pid, self._known, self._may_start
        self._may_start = False
        post = self._workers.dispatcher.post

        session = self._session

        def look(stop: Stop) -> Sight:
            raise_if_stopped(stop)
            return session.look(
                pid,
                known,
                may_start=may_start,
                stop=stop,
                on_busy=lambda doing: post(lambda: self._busy(stop, doing)),
            )

        self._workers.run(_KEY, look, done=self._seen, failed=self._failed)

    def _seen(self, sight: Sight) -> None:
        self._is_looking = False
        self._n_failures = 0
        self._end_busy()
        if sight.reapers:
            self._next_at = self._clock() + BACK_OFF_SECONDS[0]
            self._follower.on_reapers(tuple(ReaperChoice(*one) for one in sight.reapers))
            return
        self._known = sight.known
        if sight.reading is not None and sight.known is not None:
            self._read_at = self._clock()
            n_items = sum(track.n_items for track in sight.reading.outline.tracks)
            self._is_small = n_items <= SMALL_ITEMS
            self._follower.on_reading(sight.reading, sight.known.pid)

    def _failed(self, error: HanolabError) -> None:
        self._is_looking = False
        self._known = None
        self._end_busy()
        wait = BACK_OFF_SECONDS[min(self._n_failures, len(BACK_OFF_SECONDS) - 1)]
        self._n_failures += 1
        self._next_at = self._clock() + wait
        if isinstance(error, HostUnreachable):
            self._follower.on_lost(UNREACHABLE, "")
        else:
            self._follower.on_lost(str(error), error.hint)

    def _busy(self, stop: Stop, doing: str) -> None:
        if not stop.is_set() and self._is_looking:
            self._is_busy = True
            self._follower.on_busy(doing or "working")

    def _end_busy(self) -> None:
        if self._is_busy:
            self._is_busy = False
            self._follower.on_busy("")
