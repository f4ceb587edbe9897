"""The batch that is being put together: planned again at every change, in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.events import Stop, raise_if_stopped
from hanolab_dawtools.presenters.batch_cells import CellRow, planned_rows
from hanolab_dawtools.presenters.batch_form import BatchForm
from hanolab_dawtools.presenters.batch_matrix import (
    MatrixTotals,
    audio_text,
    price_text,
    totals_of,
)
from hanolab_dawtools.presenters.batch_offer import planned
from hanolab_dawtools.presenters.batch_page import notes_of, unsaved_note
from hanolab_dawtools.presenters.batch_sources import BatchSource, read_source, unread
from hanolab_dawtools.presenters.batch_start import NewBatch
from hanolab_dawtools.presenters.batch_ticks import TickList
from hanolab_dawtools.presenters.batch_words import n_cells_text
from hanolab_dawtools.presenters.preset_list import PresetPresenter
from hanolab_dawtools.presenters.running import RunningView, Stage
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.workflows.batch.model import BatchAsked, Cell, Forecast, Matrix

if TYPE_CHECKING:
    from hanolab_dawtools.services import Services

START = "Start batch"


class Kind(StrEnum):
    """What can be ticked."""

    REGIONS = "regions"
    TRACKS = "tracks"
    PRESETS = "presets"


@dataclass(frozen=True)
class _Plan:
    """What came of planning; `rows` are the matrix's cells."""

    matrix: Matrix = field(default_factory=lambda: Matrix(()))
    rows: tuple[CellRow, ...] = ()
    error: HanolabError | None = None


class BatchDraft:
    """Holds the form and the cells that it means; `changed` is called when either is different.

    Cells keep whether they are ticked by their titles, from one plan to the next.
    """

    def __init__(
        self,
        services: Services,
        workers: Workers,
        presets: PresetPresenter,
        changed: Callable[[], None],
    ) -> None:
        self._services = services
        self._workers = workers
        self._presets = presets
        self._changed = changed
        self._plan = _Plan()
        self._unticked: frozenset[str] = frozenset()
        self._planned: BatchAsked | None = None  # what the matrix is the plan of
        self._like: BatchAsked | None = None  # to be ticked as, once the sources are read
        self._is_planning = self._is_stale = False
        self._n_read = 0
        self.form = BatchForm()
        self.rows: tuple[CellRow, ...] = ()
        self.totals = MatrixTotals()  # of the ticked cells
        presets.changed.connect(self._take_presets)

    @property
    def what(self) -> NewBatch:
        """What would be started."""
        return NewBatch(self.form.asked, self._unticked)

    @property
    def view(self) -> RunningView:
        """What the start button says about it."""
        if (lack := self.form.lack) is not None:
            return RunningView(Stage.CANNOT, START, problem=lack[0], hint=lack[1])
        if self.form.is_reading or self.is_planning:
            return RunningView(Stage.PLANNING, START)
        if (error := self._plan.error) is not None:
            return RunningView(Stage.CANNOT, START, problem=str(error), hint=error.hint)
        n_cells = self.totals.n_to_run
        if not n_cells:
            is_done = all(cell.forecast is Forecast.DONE for cell in self._plan.matrix.cells)
            sentence = "All cells are done already." if is_done else "No cell is ticked."
            hint = "Choose “Make anew” to do them again." if is_done else "Tick some."
            return RunningView(Stage.CANNOT, START, problem=sentence, hint=hint)
        what = f"{n_cells_text(n_cells)}, {audio_text(self.totals)}"
        return RunningView(Stage.READY, START, what, n_cells)

    @property
    def price(self) -> str:
        """What the ticked cells will cost; empty while there are none."""
        return price_text(self.totals) if self.totals.n_to_run else ""

    @property
    def is_paid(self) -> bool:
        """Whether the ticked cells may cost anything."""
        return bool(self.totals.n_to_run) and not self.totals.is_free

    @property
    def is_planning(self) -> bool:
        """Whether the cells are not yet those that the form means."""
        return self._is_planning and self._planned != self.form.asked

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be known before it is started."""
        unsaved = unsaved_note(self.form.presets.ticked, self._presets.unsaved)
        return (*filter(None, [unsaved]), *notes_of(self._plan.matrix))

    def add_sources(self, texts: Iterable[str]) -> None:
        """Run over these, too."""
        known = {source.text for source in self.form.sources}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        self._set_sources([*self.form.sources, *map(unread, new)])
        for text in new:
            self._read(text)

    def remove_source(self, text: str) -> None:
        """Do not run over this one."""
        self._set_sources([one for one in self.form.sources if one.text != text])

    def tick(self, kind: Kind, word: str, *, is_ticked: bool) -> None:
        """Take a line, or do not."""
        self._put(kind, self.lines(kind).with_tick(word, is_ticked=is_ticked))

    def tick_shown(self, kind: Kind, *, are_ticked: bool) -> None:
        """Take all lines that the search shows, or none of them."""
        self._put(kind, self.lines(kind).with_shown(are_ticked=are_ticked))

    def search_lines(self, kind: Kind, text: str) -> None:
        """Show only lines in which all of these words are."""
        self._put(kind, replace(self.lines(kind), search=text))

    def lines(self, kind: Kind) -> TickList:
        """What can be ticked of a kind."""
        ticks: TickList = getattr(self.form, kind.value)
        return ticks

    def change(self, form: BatchForm) -> None:
        """Put it together in another way."""
        if form != self.form:
            self.form = form
            self._plan_again()
            self._changed()

    def tick_cells(self, places: Iterable[int], *, are_ticked: bool) -> None:
        """Make these cells, or do not; those that are done already stay as they are."""
        rows = list(self.rows)
        unticked = set(self._unticked)
        for at in places:
            row = rows[at]
            if not row.can_tick or row.is_ticked is are_ticked:
                continue
            rows[at] = replace(row, is_ticked=are_ticked)
            (unticked.discard if are_ticked else unticked.add)(row.title)
        self._unticked = frozenset(unticked)
        self._show_rows(rows)
        self._changed()

    def start_like(self, asked: BatchAsked) -> None:
        """Put together what was asked for once, to be changed."""
        self._unticked = frozenset()
        self._like = asked
        self.form = BatchForm(presets=self.form.presets).with_sources(
            [unread(text) for text in asked.sources]
        )
        for text in asked.sources:
            self._read(text)
        self._tick_alike()
        self._changed()

    def forget_done(self) -> None:
        """A batch was made of it: look what of it is done, or in the cache, the next time."""
        self._planned = None
        self._unticked = frozenset()

    def refresh(self) -> None:
        """What the plan rests on has changed: files, settings, prices, or what was made."""
        self._planned = None
        self._plan_again()
        self._changed()

    def _put(self, kind: Kind, ticks: TickList) -> None:
        changes = {kind.value: ticks}
        self.change(replace(self.form, **changes))  # type: ignore[arg-type] # the kinds are fields

    def _set_sources(self, sources: Sequence[BatchSource]) -> None:
        self.change(self.form.with_sources(sources))

    def _read(self, text: str) -> None:
        self._n_read += 1  # a key of its own: no source supersedes another

        def work(stop: Stop) -> BatchSource:
            raise_if_stopped(stop)
            return read_source(self._services, text)

        def failed(error: HanolabError) -> None:
            done(BatchSource(text, Path(text).name, problem=str(error)))

        def done(found: BatchSource) -> None:
            sources = [found if one.text == text else one for one in self.form.sources]
            self._set_sources(sources)
            self._tick_alike()

        self._workers.run(f"batch source {self._n_read}", work, done=done, failed=failed)

    def _tick_alike(self) -> None:
        if self._like is not None and not self.form.is_reading:
            asked, self._like = self._like, None
            self.change(self.form.like(asked))

    def _take_presets(self) -> None:
        entries, usual = self._presets.entries, self._presets.current.name
        self.change(self.form.with_presets(entries, usual))

    def _plan_again(self) -> None:
        """Plan in the background, one form at a time: the newest follows."""
        form = self.form
        if form.lack is not None:
            self._take(None, _Plan())
            return
        if form.is_reading or form.asked == self._planned:
            return
        if self._is_planning:
            self._is_stale = True
            return
        self._is_planning, self._is_stale = True, False
        asked = form.asked

        def work(stop: Stop) -> _Plan:
            matrix = planned(self._services, asked, stop)
            return _Plan(matrix, planned_rows(matrix.cells))

        def failed(error: HanolabError) -> None:
            self._on_plan(asked, _Plan(error=error))

        self._workers.run(
            "batch plan", work, done=lambda plan: self._on_plan(asked, plan), failed=failed
        )

    def _on_plan(self, asked: BatchAsked, plan: _Plan) -> None:
        self._is_planning = False
        if self.form.lack is None:
            self._take(asked, plan)
        if self._is_stale:
            self._plan_again()
        self._changed()

    def _take(self, asked: BatchAsked | None, plan: _Plan) -> None:
        self._planned, self._plan, unticked = asked, plan, self._unticked
        self._show_rows(
            replace(row, is_ticked=False) if unticked and row.title in unticked else row
            for row in plan.rows
        )

    def _show_rows(self, rows: Iterable[CellRow]) -> None:
        self.rows = tuple(rows)
        self.totals = totals_of(self._ticked())

    def _ticked(self) -> list[Cell]:
        pairs = zip(self._plan.matrix.cells, self.rows, strict=True)
        return [cell for cell, row in pairs if row.is_ticked]
