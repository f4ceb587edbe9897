"""The page of batches: one is put together, its cells ticked, started, watched, gone on with.

Two kinds of things are shown: the new batch (`batch_draft`), and stored ones, whoever has made
them (`batch_watch`). One that runs here (`batch_run`) is looked at at every tick.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.jobs.model import BatchState
from hanolab_dawtools.presenters.batch_cells import CellRow, counts_of
from hanolab_dawtools.presenters.batch_draft import BatchDraft
from hanolab_dawtools.presenters.batch_lines import Filter, Layout, layout_of
from hanolab_dawtools.presenters.batch_page import (
    BatchPageView,
    asked_texts,
    at_work,
    going_on,
    pace_of,
    status_of,
)
from hanolab_dawtools.presenters.batch_progress import BatchView, CellPhase
from hanolab_dawtools.presenters.batch_run import BatchRun
from hanolab_dawtools.presenters.batch_start import BatchStart, OldBatch
from hanolab_dawtools.presenters.batch_stored import StoredBatch, read_batch
from hanolab_dawtools.presenters.batch_watch import BatchWatch
from hanolab_dawtools.presenters.batch_words import counts_text
from hanolab_dawtools.presenters.cost import CostPresenter
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.running import RunningView, Stage
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.batch.model import BatchReport

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

PACE_SECONDS = 0.5  # between two looks at what takes all cells: totals, pace, filters
UNFINISHED = frozenset({BatchState.RUNNING, BatchState.WAITING, BatchState.INTERRUPTED})


class BatchPresenter(Presenter[BatchPageView]):
    """Everything on the page; `tick` is called every 100 ms by whoever shows it.

    `draft` takes what the user puts together, `starting` and `cost` are what the cost bar shows.
    `moved` is emitted when jobs were made, or have ended: others look at the store, too.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        presets: PresetPresenter,
        messages: MessagesPresenter,
        *,
        new_services: Callable[[], Services],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(BatchPageView())
        self._workers = workers
        self._messages = messages
        self._new_services = new_services
        self._clock = clock
        self._filter = Filter()
        self._is_flat = self._has_looked = False
        self._selected: int | None = None
        self._laid_out: tuple[CellRow, ...] = ()
        self._laid_out_by: tuple[Filter, bool] | None = None
        self._laid_out_at = 0.0
        self._layout = Layout()
        self._summed_at = -PACE_SECONDS
        self._sums: tuple[str, float, str] = ("", 0.0, "")
        self.moved = Event()
        self.cost = CostPresenter()
        self.draft = BatchDraft(services, workers, presets, self._render)
        self._watch = BatchWatch(
            services, workers, changed=self._on_store, failed=messages.tell, clock=clock
        )
        self._run = BatchRun(
            new_services,
            workers.dispatcher,
            ended=self._on_ended,
            noted=lambda text: messages.tell(text, severity=Severity.WARNING),
            on_internal_error=lambda text: messages.tell(text, severity=Severity.FAILED),
        )
        self.starting = BatchStart(
            services, workers, self.cost, messages, new_services=new_services, begin=self._begin
        )
        self._render()

    @property
    def is_running(self) -> bool:
        """Whether a batch is run in this process."""
        return self._run.is_running

    @property
    def running_id(self) -> str:
        """The batch that is run in this process; "" when none is."""
        return self._run.batch_id

    def tick(self) -> None:
        """Take in what happened since the last time; never blocks."""
        self._watch.tick()
        if self._run.is_running:
            is_due = self._clock() - self._summed_at >= PACE_SECONDS
            if self._run.take_in() or is_due:
                self._render()

    def show_batch(self, batch_id: str) -> None:
        """Show a stored batch; "": the new one."""
        self._selected = None
        self._summed_at = -PACE_SECONDS
        self._watch.show(batch_id)
        if not batch_id:
            self.draft.refresh()
        self._render()

    def resume(self, batch_id: str) -> None:
        """Show a stored batch, and go on with it."""
        self.show_batch(batch_id)

        def work(_: object) -> StoredBatch:
            with self._new_services() as services:
                return read_batch(services, batch_id)

        self._workers.run(
            "batch to resume",
            work,
            done=lambda stored: self.starting.resume(OldBatch(stored)),
            failed=self._messages.tell,
        )

    def start_like_shown(self) -> None:
        """Put together a new batch like the one that is shown."""
        stored = self._watch.stored
        if stored is not None and stored.asked is not None:
            self._watch.show("")
            self.draft.start_like(stored.asked)

    def run_failed(self) -> None:
        """Run only the failed cells of the shown batch again."""
        stored = self._watch.stored
        if stored is not None and self.view.can_run_failed:
            self.starting.resume(OldBatch(stored, only_failed=True))

    def stop(self) -> None:
        """Stop the shown batch, wherever it runs; it can be gone on with."""
        batch_id = self._watch.shown
        if self._run.is_running and self._run.batch_id == batch_id:
            self._run.stop()
            self._render()
            return

        def work(_: object) -> None:
            with self._new_services() as services:
                services.store.batches.request_cancel(batch_id)

        self._workers.run(
            "batch cancel", work, done=lambda _: self._watch.look_now(), failed=self._messages.tell
        )

    def select(self, at: int | None) -> None:
        """Show the details of a cell, by its place."""
        self._selected = at
        self._render()

    def search(self, text: str) -> None:
        """Show only cells in which all of these words are."""
        self._filter = Filter(text, self._filter.phases)
        self._render()

    def show_phases(self, phases: Iterable[CellPhase]) -> None:
        """Show only cells that stand so."""
        self._filter = Filter(self._filter.search, frozenset(phases))
        self._render()

    def set_flat(self, is_flat: bool) -> None:
        """Show a line for each cell, or a column for each preset."""
        if is_flat != self._is_flat:
            self._is_flat = is_flat
            self._render()

    def tick_shown(self, *, are_ticked: bool) -> None:
        """Make all cells that are shown, or none of them."""
        if self.view.is_new:
            self.draft.tick_cells(self.view.layout.cells, are_ticked=are_ticked)

    def close(self) -> None:
        """Stop what runs here, and wait for it; the next start can go on with it."""
        self._run.close()

    def _begin(self, stored: StoredBatch, only_failed: bool) -> None:
        """A batch is to run now, here."""
        if self._run.is_running:  # asked twice, or another was faster: it stays to be gone on with
            self._messages.tell("Another batch is running; this one can be gone on with later.")
            return
        self._selected = None
        self._watch.keep(stored)
        self._summed_at = -PACE_SECONDS
        self._run.begin(stored, only_failed=only_failed)
        self._watch.look_now()
        self.draft.forget_done()
        self.moved.emit()
        self._render()

    def _on_store(self) -> None:
        """The store's batches are others; at the first look, go on showing an unfinished one."""
        newest = next(iter(self._watch.lines), None)
        is_free = not (self._has_looked or self._watch.shown or self.draft.form.sources)
        if is_free and newest is not None and newest.state in UNFINISHED:
            self._watch.show(newest.id)
        self._has_looked = True
        self._summed_at = -PACE_SECONDS
        self._render()

    def _on_ended(self, outcome: BatchReport | HanolabError) -> None:
        self._watch.look_now()
        if self._watch.shown:
            self._watch.show(self._watch.shown)
        if isinstance(outcome, BatchReport):
            self._tell_end(outcome)
        else:
            self._messages.tell(outcome)
        self.moved.emit()
        self._render()

    def _tell_end(self, report: BatchReport) -> None:
        counts = counts_of(self._run.rows)
        told = counts_text(BatchView(len(self._run.rows), counts))
        if counts.get(CellPhase.FAILED):
            hint = "Look at the failed cells on the tab Batch; they can be run again."
            sentence = f"The batch has ended: {told}"
            self._messages.tell(sentence, severity=Severity.FAILED, hint=hint)
        elif counts.get(CellPhase.DONE, 0) == len(report.cells):
            self._messages.tell(f"The batch has ended: {told}", severity=Severity.OK)
        else:
            hint = "Resume goes on with what is left."
            self._messages.tell(f"The batch was stopped: {told}", hint=hint)

    def _render(self) -> None:
        shown, stored, run = self._watch.shown, self._watch.stored, self._run
        is_here = run.is_running and run.batch_id == shown
        if not shown:
            rows = self.draft.rows
        else:
            rows = run.rows if is_here else stored.rows if stored is not None else ()
        self._lay_out(rows, is_moving=is_here)
        status, fraction, pace = self._summed(rows) if shown else ("", 0.0, "")
        offered = self._offer(is_here=is_here)
        draft = self.draft
        self._show(
            BatchPageView(
                draft.form,
                self._watch.lines,
                shown,
                rows,
                self._layout,
                self._filter,
                self._selected,
                asked=asked_texts(stored) if stored is not None else (),
                can_start_like=stored is not None and stored.asked is not None,
                notes=() if shown else draft.notes,
                problem=offered.problem,
                hint=offered.hint,
                status=status,
                pace=pace if is_here else "",
                fraction=fraction if shown else None,
                is_planning=not shown and offered.stage is Stage.PLANNING,
                is_running=is_here,
                is_stopping=is_here and run.is_stopping,
                is_elsewhere=not is_here and stored is not None and stored.line.is_running,
                runs_another=run.is_running and not is_here,
                n_ticked=0 if shown else draft.totals.n_cells,
                n_failed=len(stored.failed) if stored is not None else 0,
                n_to_go=len(stored.to_go) if stored is not None else 0,
            )
        )

    def _offer(self, *, is_here: bool) -> RunningView:
        """Say what the start button does now."""
        stored, draft = self._watch.stored, self.draft
        if not self._watch.shown:
            view, what = draft.view, draft.what
            price = draft.price if view.stage is Stage.READY else ""
            self.cost.show_total(price, is_paid=bool(price) and draft.is_paid)
            if self._run.is_running and view.stage is Stage.READY:
                view = at_work(view, "Another batch is running; this one can start after it")
            self.starting.offer(what, view)
            return view
        self.cost.show_total("", is_paid=False)
        if stored is None:
            view = RunningView(Stage.PLANNING, "Resume")
        elif is_here:
            sentence = "This batch stops" if self._run.is_stopping else "This batch is running"
            view = at_work(RunningView(verb="Resume"), sentence)
        elif stored.line.is_running:
            view = at_work(RunningView(verb="Resume"), "Another process runs this batch")
        elif self._run.is_running:
            view = at_work(going_on(stored), "Another batch is running")
        else:
            view = going_on(stored)
        self.starting.offer(OldBatch(stored) if stored is not None else None, view)
        return view

    def _lay_out(self, rows: tuple[CellRow, ...], *, is_moving: bool) -> None:
        """Lay the cells out anew where they, or what is shown of them, are others."""
        now = self._clock()
        choice = (self._filter, self._is_flat)
        before, self._laid_out = self._laid_out, rows
        if not _are_same(before, rows):
            self._selected = None
        elif choice == self._laid_out_by:
            if before is rows or self._filter.is_open:
                return
            if is_moving and now - self._laid_out_at < PACE_SECONDS:
                return
        self._laid_out_by, self._laid_out_at = choice, now
        self._layout = layout_of(rows, self._filter, is_flat=self._is_flat)

    def _summed(self, rows: tuple[CellRow, ...]) -> tuple[str, float, str]:
        """Status, share that is over, and pace; looked at now and then."""
        now = self._clock()
        if now - self._summed_at >= PACE_SECONDS:
            self._summed_at = now
            progress = self._run.progress
            self._sums = (*status_of(rows), pace_of(progress) if progress is not None else "")
        return self._sums


def _are_same(before: tuple[CellRow, ...], rows: tuple[CellRow, ...]) -> bool:
    """Whether these are the same cells in the same order, however they stand."""
    if before is rows:
        return True
    return len(before) == len(rows) and all(
        one is other or one.identity == other.identity
        for one, other in zip(before, rows, strict=True)
    )
