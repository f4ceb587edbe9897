"""What the page of batches shows: what is put together or stored, its cells, how it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from hanolab_dawtools.presenters.batch_cells import CellRow, counts_of
from hanolab_dawtools.presenters.batch_form import BatchForm
from hanolab_dawtools.presenters.batch_lines import Filter, Layout
from hanolab_dawtools.presenters.batch_progress import BatchView, CellPhase
from hanolab_dawtools.presenters.batch_sources import unread
from hanolab_dawtools.presenters.batch_stored import BatchLine, StoredBatch
from hanolab_dawtools.presenters.batch_ticks import EVERYTHING
from hanolab_dawtools.presenters.batch_words import (
    counts_text,
    left_text,
    n_cells_text,
    pace_text,
    slots_text,
    spent_line,
)
from hanolab_dawtools.presenters.running import RunningView, Stage
from hanolab_dawtools.workflows.batch.model import LeftOut, Matrix

OVER = (CellPhase.READY, CellPhase.DONE, CellPhase.FAILED)
MOST_SOURCES = 8  # that are named; the rest is counted
MOST_LEFT_OUT = 4  # reasons that are told; the rest is counted


@dataclass(frozen=True)
class BatchPageView:
    """What is true of the page now.

    Attributes
    ----------
    form
        What is put together for a new batch.
    batches, batch_id
        Those of the store, and which one is shown; "": the new one.
    rows, layout, filter
        The cells of what is shown, and how they are laid out.
    selected
        The place of the cell whose details are shown; None: of none.
    asked
        What the shown batch was asked for, a paragraph each; empty of a new one.
    notes
        What else is to be known, a sentence each.
    status, pace
        How many cells stand how; how quick it is, how much time is left.
    fraction
        How many of the cells have ended; None: nothing was begun.
    is_running, is_stopping
        The shown batch is run here; it was asked to stop.
    is_elsewhere
        Another process runs it.
    runs_another
        Another batch than the shown one is run here.
    n_ticked, n_failed, n_to_go
        Cells that would be made, that failed and may be tried again, that going on can help.
    """

    form: BatchForm = field(default_factory=BatchForm)
    batches: tuple[BatchLine, ...] = ()
    batch_id: str = ""
    rows: tuple[CellRow, ...] = ()
    layout: Layout = field(default_factory=Layout)
    filter: Filter = field(default_factory=Filter)
    selected: int | None = None
    asked: tuple[str, ...] = ()
    can_start_like: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    status: str = ""
    pace: str = ""
    fraction: float | None = None
    is_planning: bool = False
    is_running: bool = False
    is_stopping: bool = False
    is_elsewhere: bool = False
    runs_another: bool = False
    n_ticked: int = 0
    n_failed: int = 0
    n_to_go: int = 0

    @property
    def is_new(self) -> bool:
        """Whether what is shown is not stored yet."""
        return not self.batch_id

    @property
    def selected_row(self) -> CellRow | None:
        """The cell whose details are shown."""
        at = self.selected
        return self.rows[at] if at is not None and at < len(self.rows) else None

    @property
    def can_stop(self) -> bool:
        """Whether there is something to be stopped."""
        return (self.is_running and not self.is_stopping) or self.is_elsewhere

    @property
    def can_run_failed(self) -> bool:
        """Whether only the failed cells can be run again, beside others that can go on."""
        is_idle = not (self.is_running or self.is_elsewhere or self.runs_another)
        return is_idle and 0 < self.n_failed < self.n_to_go


def status_of(rows: Sequence[CellRow]) -> tuple[str, float]:
    """How many cells stand how, and the share of those whose work is over, well or badly."""
    counts = counts_of(rows)
    n_over = sum(counts.get(phase, 0) for phase in OVER)
    text = counts_text(BatchView(len(rows), counts))
    return f"{n_cells_text(len(rows))}: {text}", n_over / len(rows) if rows else 1.0


def pace_of(view: BatchView) -> str:
    """How quick a run is, what is left of it, what it waits for, what it cost."""
    parts = (left_text(view), pace_text(view), slots_text(view), spent_line(view))
    return ", ".join(filter(None, parts))


def notes_of(matrix: Matrix) -> tuple[str, ...]:
    """What a plan remarks on, and what of it makes no cell, alike reasons told once."""
    reasons: dict[str, list[LeftOut]] = {}
    for one in matrix.left_out:
        reasons.setdefault(one.reason, []).append(one)
    notes = [*matrix.remarks]
    for reason, those in list(reasons.items())[:MOST_LEFT_OUT]:
        others = f" and {len(those) - 1:,} more" if len(those) > 1 else ""
        notes.append(f"Left out: {those[0].title}{others}: {reason}")
    if len(reasons) > MOST_LEFT_OUT:
        notes.append(f"{len(reasons) - MOST_LEFT_OUT} more reasons leave something out.")
    return tuple(notes)


def asked_texts(stored: StoredBatch) -> tuple[str, ...]:
    """What a stored batch was asked for, in a user's words, a paragraph each."""
    line, asked = stored.line, stored.asked
    made = f"Made {line.created_at.astimezone():%Y-%m-%d %H:%M}, batch {line.id}"
    if asked is None:
        return line.title, made
    what = "REAPER's region render matrix" if asked.uses_render_matrix else ""
    regions = what or ", ".join(asked.regions) or "the time selection, else all of it"
    tracks = what or ", ".join(asked.tracks) or "the mix of all"
    limit = "" if asked.max_credits is None else f"At most: {asked.max_credits:g} credits"
    texts = (
        line.title,
        made,
        f"Sources: {_few([unread(text).title for text in asked.sources])}",
        f"Regions: {'all' if regions == EVERYTHING else regions}",
        f"Tracks: {'each' if tracks == EVERYTHING else tracks}",
        f"Presets: {', '.join(asked.presets)}",
        f"Results: {asked.output or 'into the projects, beside the files'}",
        limit,
    )
    return tuple(filter(None, texts))


def _few(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - MOST_SOURCES} more" if len(texts) > MOST_SOURCES else ""
    return ", ".join(texts[:MOST_SOURCES]) + more


def unsaved_note(ticked: Iterable[str], unsaved: Iterable[str]) -> str:
    """That a batch uses presets as they are saved; empty when they all are."""
    changed = sorted(set(ticked) & set(unsaved))
    if not changed:
        return ""
    names = ", ".join(changed)
    return f"Changes of {names} are not saved: a batch uses what is saved."


def going_on(stored: StoredBatch) -> RunningView:
    """What can be done with a stored batch that nobody works on."""
    if not stored.to_go:
        if len(stored.rows) == stored.line.n_done:
            return RunningView(Stage.RESTING, "Resume", "All cells are done")
        sentence = "No cell can be gone on with."
        hint = "Settle the unsure ones in the queue; start a new batch for others."
        return RunningView(Stage.CANNOT, "Resume", problem=sentence, hint=hint)
    only_failed = stored.failed == stored.to_go
    verb = "Run failed again" if only_failed else "Resume"
    n_cells = len(stored.to_go)
    return RunningView(Stage.READY, verb, f"{n_cells_text(n_cells)} to go", n_cells)


def at_work(view: RunningView, why: str) -> RunningView:
    """The same, but not now."""
    return replace(view, stage=Stage.RESTING, what=why, problem="", hint="")
