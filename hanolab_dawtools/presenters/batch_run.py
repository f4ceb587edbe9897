"""A batch at work in this process: run in a thread of its own, looked at from the GUI thread.

What is heard of its cells is a mailbox: only the latest report of each counts, and is taken out
when somebody looks. Workers and network have processes and threads of their own below it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.presenters.batch_cells import CellRow, stopped, told
from hanolab_dawtools.presenters.batch_progress import BatchProgress, BatchView
from hanolab_dawtools.presenters.batch_stored import StoredBatch
from hanolab_dawtools.presenters.observing import Dispatcher
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.batch.model import BatchReport, CellReport

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

KEY = "batch"


class Mailbox:
    """The latest reports; implements `workflows.batch.running.BatchListener`."""

    def __init__(self, noted: Callable[[str], None]) -> None:
        self.progress = BatchProgress()
        self._noted = noted
        self._lock = threading.Lock()
        self._reports: dict[str, CellReport] = {}

    def changed(self, report: CellReport) -> None:
        """A cell is in another state, or further; on any thread."""
        self.progress.take(report)
        with self._lock:
            self._reports[report.job_id] = report

    def noted(self, sentence: str) -> None:
        """Something that concerns more than one cell; on any thread."""
        self._noted(sentence)

    def empty(self) -> dict[str, CellReport]:
        """What has come since the last time."""
        with self._lock:
            found, self._reports = self._reports, {}
        return found


class BatchRun:
    """At most one batch at a time; made and used on the GUI thread.

    `ended` is told what came of it: a report, or the error that it could not be begun or gone on
    with. `noted` is told sentences about more than one cell.
    """

    def __init__(
        self,
        new_services: Callable[[], Services],
        dispatcher: Dispatcher,
        *,
        ended: Callable[[BatchReport | HanolabError], None],
        noted: Callable[[str], None],
        on_internal_error: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._new_services = new_services
        self._dispatcher = dispatcher
        self._ended = ended
        self._noted = noted
        self._workers = Workers(dispatcher, n_threads=1, on_internal_error=on_internal_error)
        self._stop: threading.Event | None = None
        self._mailbox: Mailbox | None = None
        self._place_of: dict[str, int] = {}
        self.batch_id = ""
        self.rows: tuple[CellRow, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether a batch is being run here."""
        return bool(self.batch_id)

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop, and has not yet."""
        return self._stop is not None and self._stop.is_set()

    @property
    def progress(self) -> BatchView | None:
        """How this run of it stands as a whole; None while none runs."""
        return self._mailbox.progress.view() if self._mailbox is not None else None

    def begin(self, stored: StoredBatch, *, only_failed: bool) -> None:
        """Run what is left of a stored batch, or what of it has failed."""
        assert not self.batch_id, "one at a time"
        batch_id = self.batch_id = stored.id
        self.rows = stored.rows
        self._place_of = {row.job_id: at for at, row in enumerate(stored.rows)}
        mailbox = self._mailbox = Mailbox(self._post_note)

        def work(stop: threading.Event) -> BatchReport:
            from hanolab_dawtools.workflows.batch.model import BatchOptions

            with self._new_services() as services:
                return services.batching.run(
                    batch_id, BatchOptions(), stop=stop, listener=mailbox, only_failed=only_failed
                )

        self._stop = self._workers.run(KEY, work, done=self._end, failed=self._end)

    def stop(self) -> None:
        """Ask it to stop; what is stored stays, and can be gone on with."""
        if self._stop is not None:
            self._stop.set()

    def take_in(self) -> bool:
        """Bring the rows up to date; whether one is different now."""
        reports = self._mailbox.empty() if self._mailbox is not None else {}
        if not reports:
            return False
        rows = list(self.rows)
        for job_id, report in reports.items():
            if (at := self._place_of.get(job_id)) is not None:
                rows[at] = told(rows[at], report)
        self.rows = tuple(rows)
        return True

    def close(self) -> None:
        """Stop it and wait for it; nobody is told of its end any more."""
        self.stop()
        self._workers.close()

    def _end(self, outcome: BatchReport | HanolabError) -> None:
        self.take_in()
        self.rows = tuple(map(stopped, self.rows))
        self.batch_id, self._stop, self._mailbox = "", None, None
        self._ended(outcome)

    def _post_note(self, sentence: str) -> None:
        self._dispatcher.post(lambda: self._noted(sentence))
