"""The batches of the store, looked at again and again; of the shown one the cells, too."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError, JobNotFound
from hanolab_dawtools.presenters.batch_stored import (
    BatchLine,
    StoredBatch,
    read_batch,
    read_batches,
)
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

LOOK_SECONDS = 2.0


class BatchWatch:
    """Knows the batches of the store; made and used on the GUI thread.

    `changed` is called when something is different; `failed` is told why the store cannot be read.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        *,
        changed: Callable[[], None],
        failed: Callable[[HanolabError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._workers = workers
        self._changed = changed
        self._failed = failed
        self._clock = clock
        self._next_look = 0.0
        self._is_looking = self._is_unread = False
        self.lines: tuple[BatchLine, ...] = ()
        self.stored: StoredBatch | None = None
        self.shown = ""
        self.is_loaded = False

    def show(self, batch_id: str) -> None:
        """Read the cells of a batch, and again whenever they have moved; "": of none."""
        self.shown, self.stored = batch_id, None
        if batch_id:
            self._read_cells()
        else:
            self._workers.stop("batch cells")

    def keep(self, stored: StoredBatch) -> None:
        """Show a batch that was read just now."""
        self.shown, self.stored = stored.id, stored

    def tick(self) -> None:
        """Look again, if it is time to."""
        if self._clock() >= self._next_look and not self._is_looking:
            self._is_looking = True
            self._workers.run(
                "batches",
                lambda _: read_batches(self._services),
                done=self._on_lines,
                failed=self._on_unread,
            )

    def look_now(self) -> None:
        """Look at the next tick: something was done to the store."""
        self._next_look = 0.0

    def _on_lines(self, lines: tuple[BatchLine, ...]) -> None:
        self._end_look()
        self._is_unread = False
        is_new = lines != self.lines or not self.is_loaded
        self.lines, self.is_loaded = lines, True
        if self.stored is not None:
            line = next((one for one in lines if one.id == self.shown), None)
            if line is not None and line != self.stored.line:
                self._read_cells()
        if is_new:
            self._changed()

    def _read_cells(self) -> None:
        batch_id = self.shown

        def done(stored: StoredBatch) -> None:
            if stored.id == self.shown:
                self.stored = stored
                self._changed()

        def failed(error: HanolabError) -> None:
            self._failed(error)
            if isinstance(error, JobNotFound) and batch_id == self.shown:  # it was removed
                self.show("")
            self._changed()

        self._workers.run(
            "batch cells", lambda _: read_batch(self._services, batch_id), done=done, failed=failed
        )

    def _on_unread(self, error: HanolabError) -> None:
        self._end_look()
        if not self._is_unread:  # told once, not every time
            self._is_unread = True
            self._failed(error)

    def _end_look(self) -> None:
        self._is_looking = False
        self._next_look = self._clock() + LOOK_SECONDS
