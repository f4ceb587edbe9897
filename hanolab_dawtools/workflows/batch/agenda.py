"""Which cell is run next: by those who run them, each in a thread.

Cells that cost nothing and cells of a paid engine have lines of their own, so that neither waits
for the other. A cell whose slot is not open yet is put aside until then, and is the next one when
it has come; behind a few of such its line waits, since the others would only be uploaded and asked
for in vain. When an account is refused, no further paid cell is given out; the others go on.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hanolab_dawtools.events import Stop

_LOOK_SECONDS = 0.1  # how soon a stop is seen
MOST_ASIDE = 8  # cells of a line that wait, before it waits as a whole


class Line(StrEnum):
    """Which line a cell stands in."""

    LOCAL = "local"
    PAID = "paid"


@dataclass(frozen=True)
class Task:
    """A cell to be run, by its job."""

    job_id: str
    line: Line


class Agenda:
    """The cells still to be run; used by several threads."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._changed = threading.Condition()
        self._ready: dict[Line, deque[Task]] = {line: deque() for line in Line}
        for task in tasks:
            self._ready[task.line].append(task)
        self._aside: list[tuple[float, int, Task]] = []  # by the time when they are ready
        self._n_aside = 0
        self._n_running = dict.fromkeys(Line, 0)
        self._holds = self._has_ended = False

    def take(self, line: Line, stop: Stop) -> Task | None:
        """Wait for the next cell of a line; None when there will be none, or it is stopped."""
        with self._changed:
            while not (stop.is_set() or self._has_ended):
                self._bring_back()
                n_aside = self._n_aside_of(line)
                if self._ready[line] and n_aside < MOST_ASIDE:
                    self._n_running[line] += 1
                    return self._ready[line].popleft()
                if not (self._ready[line] or self._n_running[line] or n_aside):
                    self._changed.notify_all()
                    return None
                self._changed.wait(_LOOK_SECONDS)
        return None

    def done(self, task: Task) -> None:
        """A cell that was taken has ended, well or badly."""
        with self._changed:
            self._n_running[task.line] -= 1
            self._changed.notify_all()

    def put_aside(self, task: Task, until: float) -> bool:
        """A cell that was taken is to be run again, from `until` on (seconds since 1970).

        False when paid cells are held back by now: it is not put aside, and has ended.
        """
        with self._changed:
            if self._holds and task.line is Line.PAID:
                return False
            self._n_running[task.line] -= 1
            self._n_aside += 1
            heapq.heappush(self._aside, (until, self._n_aside, task))
            self._changed.notify_all()
            return True

    def end(self) -> None:
        """Give out nothing any more, to nobody: the program has made a mistake."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()

    def hold_paid(self) -> list[Task]:
        """Give out no paid cell any more; those that this call holds back."""
        with self._changed:
            self._holds = True
            now = [*self._ready[Line.PAID]]
            now += [task for _, _, task in self._aside if task.line is Line.PAID]
            self._aside = [one for one in self._aside if one[2].line is not Line.PAID]
            heapq.heapify(self._aside)
            self._ready[Line.PAID].clear()
            self._changed.notify_all()
            return now

    def _bring_back(self) -> None:
        back = []
        while self._aside and self._aside[0][0] <= time.time():
            back.append(heapq.heappop(self._aside)[2])
        for task in reversed(back):
            self._ready[task.line].appendleft(task)

    def _n_aside_of(self, line: Line) -> int:
        return sum(task.line is line for _, _, task in self._aside)
