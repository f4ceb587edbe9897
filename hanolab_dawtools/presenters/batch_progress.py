"""How a batch stands while it runs: counts, pace and time left, from what its cells tell.

Surfaces read a frozen view of it; reports may come from any thread. Times of the pace are seconds
of a monotonic clock, slots are seconds since 1970.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hanolab_dawtools.workflows.batch.model import CellReport

WINDOW_SECONDS = 300.0  # what the pace is measured over, so that it follows a change of the work
LEAST_WORKED = 2  # cells that must have ended before their pace says anything


class CellPhase(StrEnum):
    """How a cell stands, as far as a user has to care."""

    QUEUED = "to go"
    RUNNING = "running"
    READY = "ready to place"
    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    FAILED = "failed"
    UNSURE = "unsure"
    STOPPED = "stopped"

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of the cell in this run."""
        return self in _ENDED


_ENDED = frozenset(
    {CellPhase.HELD, CellPhase.DONE, CellPhase.FAILED, CellPhase.UNSURE, CellPhase.STOPPED}
)
_UNFINISHED = frozenset({CellPhase.QUEUED, CellPhase.RUNNING})  # work is left that no slot holds up
_MADE = frozenset({CellPhase.READY, CellPhase.DONE})
_PHASES: Mapping[str, CellPhase] = {
    "queued": CellPhase.QUEUED,
    "planned": CellPhase.QUEUED,
    "waiting": CellPhase.WAITING,
    "held": CellPhase.HELD,
    "polished": CellPhase.READY,
    "done": CellPhase.DONE,
    "failed": CellPhase.FAILED,
    "unsure": CellPhase.UNSURE,
    "cancelled": CellPhase.STOPPED,
}


def phase_of(report: CellReport) -> CellPhase:
    """How a cell stands while its batch runs; every state between is work."""
    return _PHASES.get(report.state, CellPhase.RUNNING)


def last_phase_of(report: CellReport) -> CellPhase:
    """How a cell stands when its batch has ended: what was not finished then was stopped."""
    phase = phase_of(report)
    return CellPhase.STOPPED if phase in {*_UNFINISHED, CellPhase.READY} else phase


def is_cached(report: CellReport) -> bool:
    """Whether the result cache answered it."""
    return bool(report.facts.get("cached"))


@dataclass(frozen=True)
class BatchView:
    """How a batch stands at one moment.

    Attributes
    ----------
    n_cells, counts
        All cells, and how many are in each phase.
    n_cached
        Done cells that the result cache answered.
    running, failures
        Reports of the cells that are being worked on, and of those that failed or are unsure, in
        the order of their numbers.
    pace
        Seconds of audio done in a second; 0.0 while nobody can tell.
    cells_per_minute, left_seconds
        The latter None while nobody can tell; cells that wait for a slot are not in it.
    next_slot_at
        When the first of the waiting cells may go on; None: none waits, or nobody knows.
    """

    n_cells: int
    counts: Mapping[CellPhase, int] = field(default_factory=dict)
    n_cached: int = 0
    running: tuple[CellReport, ...] = ()
    failures: tuple[CellReport, ...] = ()
    done_seconds: float = 0.0
    elapsed_seconds: float = 0.0
    pace: float = 0.0
    cells_per_minute: float = 0.0
    left_seconds: float | None = None
    next_slot_at: float | None = None
    credits: float = 0.0
    has_unknown_price: bool = False

    def count(self, phase: CellPhase) -> int:
        """How many cells are in a phase."""
        return self.counts.get(phase, 0)

    @property
    def n_ended(self) -> int:
        """How many cells nothing more comes of."""
        return sum(n for phase, n in self.counts.items() if phase.has_ended)

    @property
    def fraction(self) -> float:
        """Share of the cells whose work is done: they have ended, or are ready to place."""
        n_worked = self.n_ended + self.count(CellPhase.READY)
        return n_worked / self.n_cells if self.n_cells else 0.0


class BatchProgress:
    """Collects reports of cells; may be told and read from any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._reports: dict[int, CellReport] = {}
        self._counts: Counter[CellPhase] = Counter()
        self._rest_seconds = 0.0  # audio of all cells that are still to be worked on
        self._done_seconds = 0.0
        self._worked: deque[tuple[float, float]] = deque()  # when one ended, seconds of its audio
        self._clock = clock
        self._began = clock()
        self._lock = threading.Lock()

    def take(self, report: CellReport) -> CellPhase | None:
        """Take a report in; the phase that the cell came to, None when it stays in its own."""
        with self._lock:
            old = self._reports.get(report.number)
            before, phase = None if old is None else phase_of(old), phase_of(report)
            self._reports[report.number] = report
            if phase is before:
                return None
            if before is not None:
                self._counts[before] -= 1
            self._counts[phase] += 1
            self._count_audio(report, before, phase)
            return phase

    def view(self) -> BatchView:
        """How the batch stands now."""
        with self._lock:
            reports = sorted(self._reports.values(), key=lambda report: report.number)
            by_phase: dict[CellPhase, list[CellReport]] = {phase: [] for phase in CellPhase}
            for report in reports:
                by_phase[phase_of(report)].append(report)
            bad = by_phase[CellPhase.FAILED] + by_phase[CellPhase.UNSURE]
            slots = [report.wait_until for report in by_phase[CellPhase.WAITING]]
            pace, cells_per_minute = self._pace()
            done = by_phase[CellPhase.DONE]
            return BatchView(
                len(reports),
                dict(self._counts),
                n_cached=sum(map(is_cached, done)),
                running=tuple(by_phase[CellPhase.RUNNING]),
                failures=tuple(sorted(bad, key=lambda report: report.number)),
                done_seconds=self._done_seconds,
                elapsed_seconds=self._clock() - self._began,
                pace=pace,
                cells_per_minute=cells_per_minute,
                left_seconds=self._rest_seconds / pace if pace else None,
                next_slot_at=min((slot for slot in slots if slot is not None), default=None),
                credits=sum(report.credits or 0.0 for report in reports),
                has_unknown_price=any(report.credits is None for report in reports),
            )

    def _count_audio(self, report: CellReport, before: CellPhase | None, phase: CellPhase) -> None:
        """Keep how much is left to do, and what was done when."""
        seconds = float(report.facts.get("seconds", 0.0))
        self._rest_seconds += seconds * ((phase in _UNFINISHED) - (before in _UNFINISHED))
        if phase in _MADE and before in _UNFINISHED:
            self._done_seconds += seconds
            if not is_cached(report):
                self._worked.append((self._clock(), seconds))

    def _pace(self) -> tuple[float, float]:
        """Seconds of audio in a second, and cells in a minute, of late."""
        now = self._clock()
        since = max(self._began, now - WINDOW_SECONDS)
        while self._worked and self._worked[0][0] < since:
            self._worked.popleft()
        if len(self._worked) < LEAST_WORKED or now <= since:
            return 0.0, 0.0
        span_seconds = now - since
        seconds = sum(seconds for _, seconds in self._worked)
        return seconds / span_seconds, 60.0 * len(self._worked) / span_seconds
