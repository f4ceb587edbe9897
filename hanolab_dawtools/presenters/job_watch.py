"""All jobs as they stand now: what the store holds, and what this panel knows better."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Progress
from hanolab_dawtools.presenters import left_jobs
from hanolab_dawtools.presenters.batch_rows import QueueReader
from hanolab_dawtools.presenters.job_rows import (
    JobRow,
    Stored,
    live_row,
    part_row,
    waiting_row,
)
from hanolab_dawtools.presenters.job_runs import JobRuns
from hanolab_dawtools.presenters.job_words import Phase
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

BUSY_SECONDS, IDLE_SECONDS = 1.0, 3.0  # between two looks at the store
CLOSED_MEANWHILE = "interrupted: the panel was closed"


class JobWatch:
    """Looks at the store again and again, in the background; made and used on the GUI thread.

    `changed` is called when a row is different; `failed` is told why the store cannot be read.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        runs: JobRuns,
        *,
        changed: Callable[[], None],
        failed: Callable[[HanolabError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._workers = workers
        self._runs = runs
        self._changed = changed
        self._failed = failed
        self._clock = clock
        self._reader = QueueReader()
        self._heard: Mapping[str, Progress | None] = {}
        self._ending: Mapping[str, Progress | None] = {}  # the store was not read since
        self._left: frozenset[str] = frozenset()
        self._next_look = 0.0
        self._is_looking = False
        self._is_wanted = False
        self._is_unread = False
        self.stored = Stored()
        self.is_loaded = False

    def tick(self) -> None:
        """Take in what happened since the last time; never blocks."""
        if self._clock() >= self._next_look and not self._is_looking:
            self._look()
        progress = self._runs.progress
        if progress != self._heard:
            gone = {job_id: last for job_id, last in self._heard.items() if job_id not in progress}
            self._ending = {**self._ending, **gone}
            self._heard = progress
            if gone:  # done, or waiting for a slot: the store knows
                self.look_now()
            self._changed()

    def look_now(self) -> None:
        """Look at the store at the next tick, or as soon as a look that has begun is over."""
        self._next_look = 0.0
        self._is_wanted = True

    def stored_row(self, job_id: str) -> JobRow | None:
        """A job as the store holds it."""
        return next((row for row in self.stored.rows if row.id == job_id), None)

    def rows(self) -> tuple[JobRow, ...]:
        """All jobs, the newest first."""
        progress = {**self._ending, **self._heard}
        waiting, left = self._runs.waiting, self._left
        if not (progress or waiting or left):
            return self.stored.rows
        return tuple(
            self._better(row, progress, waiting)
            if row.id in progress or row.id in waiting or row.id in left or row.part_of in progress
            else row
            for row in self.stored.rows
        )

    def remember_left(self) -> None:
        """Keep which jobs are ended by closing the panel; raises `OutputError`."""
        still_left = {row.id for row in self.rows() if row.id in self._left and is_left(row)}
        left = self._runs.ids | still_left
        if left or self._left:
            left_jobs.remember(self._services.folders.data, left)

    def _better(
        self, row: JobRow, progress: Mapping[str, Progress | None], waiting: frozenset[str]
    ) -> JobRow:
        """A row with what this panel knows of the job."""
        if row.id in waiting:
            return waiting_row(row)
        if row.id in progress:
            return live_row(row, progress[row.id])
        if row.part_of in progress:
            return part_row(row)
        if row.phase is Phase.CANCELLED:
            return replace(row, phase=Phase.INTERRUPTED, state=CLOSED_MEANWHILE)
        return row

    def _look(self) -> None:
        self._is_looking, self._is_wanted = True, False
        ended = frozenset(self._ending)

        def work(_: object) -> tuple[Stored, frozenset[str]]:
            left = left_jobs.recall(self._services.folders.data)
            return self._reader.read(self._services), left

        self._workers.run(
            "queue", work, done=lambda read: self._on_read(read, ended), failed=self._on_unread
        )

    def _on_read(self, read: tuple[Stored, frozenset[str]], ended: frozenset[str]) -> None:
        self._is_unread = False
        is_new = not self.is_loaded or read[0] is not self.stored or read[1] != self._left
        is_new = is_new or bool(ended)
        self._ending = {id_: last for id_, last in self._ending.items() if id_ not in ended}
        self.stored, self._left = read
        self.is_loaded = True
        self._wait_for_next_look()
        if is_new:
            self._changed()

    def _on_unread(self, error: HanolabError) -> None:
        self._wait_for_next_look()
        if not self._is_unread:  # told once, not every time
            self._is_unread = True
            self._failed(error)

    def _wait_for_next_look(self) -> None:
        self._is_looking = False
        if self._is_wanted:
            self._next_look = 0.0
            return
        is_busy = self._runs.ids or any(row.phase.is_active for row in self.stored.rows)
        self._next_look = self._clock() + (BUSY_SECONDS if is_busy else IDLE_SECONDS)


def is_left(row: JobRow) -> bool:
    """Whether a job was interrupted; parts and batches are gone on with elsewhere."""
    return row.phase is Phase.INTERRUPTED and not row.part_of and not row.is_batch
