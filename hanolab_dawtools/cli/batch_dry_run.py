"""What a batch would do, said before it does anything: its cells, counted where they are many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hanolab_dawtools.cli.batch_table import shortened
from hanolab_dawtools.presenters.batch_matrix import (
    audio_text,
    counted_by,
    price_text,
    totals_of,
    totals_text,
)
from hanolab_dawtools.presenters.batch_words import (
    FORECASTS,
    credits_of,
    engine_of,
    n_cells_text,
    output_of,
)
from hanolab_dawtools.presenters.wording import length_text

if TYPE_CHECKING:
    from hanolab_dawtools.cli.console import Screen
    from hanolab_dawtools.workflows.batch.model import Cell, Matrix

MOST_ROWS = 20  # of cells on a terminal; a fifth more are shown before any is left out
MOST_COLUMNS = 64  # of a title on a terminal, so that no row fills the screen
MOST_KINDS = 8  # of sources or presets that are counted apart
MOST_LEFT_OUT = 6
HEADINGS = ["#", "cell", "length", "engine", "cost", "state", "output"]


def show_matrix(screen: Screen, matrix: Matrix) -> None:
    """Say what a batch would do; with many cells the first of them, and how many there are.

    On a pipe every cell has its line, its columns divided by tabs. On a terminal, what is the same
    for all cells is told once.
    """
    if screen.out.is_terminal:
        _show_first(screen, matrix)
    else:
        screen.table(HEADINGS, [_row(cell, cell.title) for cell in matrix.cells])
    show_totals(screen, matrix)


def _show_first(screen: Screen, matrix: Matrix) -> None:
    shown = matrix.cells
    if len(shown) > MOST_ROWS + MOST_ROWS // 5:
        shown = shown[:MOST_ROWS]
    sources = {cell.source for cell in matrix.cells}
    outputs = {output_of(cell.plan) for cell in matrix.cells}
    rows = [_row(cell, _title_within(cell) if len(sources) == 1 else cell.title) for cell in shown]
    for row in rows:
        row[1], row[-1] = shortened(row[1], MOST_COLUMNS), shortened(row[-1], 2 * MOST_COLUMNS)
    if len(outputs) == 1:
        screen.table(HEADINGS[:-1], [row[:-1] for row in rows])
    else:
        screen.table(HEADINGS, rows, below=("output", "cell"))
    if more := len(matrix.cells) - len(shown):
        screen.say(f"and {more:,} more cells (all of them through a pipe, or with --json)")
    if len(sources) == 1:
        screen.say(f"source     {sources.pop()}")
    if len(outputs) == 1:
        screen.say(f"output     {outputs.pop()}")


def _title_within(cell: Cell) -> str:
    """What tells a cell from the others of its source."""
    return " · ".join(filter(None, (cell.region, cell.track, cell.preset)))


def show_totals(screen: Screen, matrix: Matrix) -> None:
    """Say how many cells there are of what, how much audio, and what they cost."""
    totals = totals_of(matrix.cells)
    screen.say(f"in all     {totals_text(totals)}; {audio_text(totals)}; {price_text(totals)}")
    for name in ("preset", "source"):
        _show_kinds(screen, matrix, name)
    show_left_out(screen, matrix)


def show_engines(screen: Screen, matrix: Matrix) -> None:
    """Say what is about to be done, and by whom; also with --quiet where it costs anything."""
    totals = totals_of(matrix.cells)
    say = screen.note if totals.is_free else screen.notice
    say(f"to do      {totals_text(totals)}; {audio_text(totals)}; {price_text(totals)}")
    by_engine = counted_by(matrix.to_run, lambda cell: engine_of(cell.plan))
    say(
        f"engine     {', '.join(f'{name}: {n_cells_text(its.n_cells)}' for name, its in by_engine)}"
    )


def show_left_out(screen: Screen, matrix: Matrix) -> None:
    """Say what makes no cell, and what else is to be known before it runs."""
    for remark in matrix.remarks:
        screen.warn(remark)
    reasons = Counter(one.reason for one in matrix.left_out)
    first = {one.reason: one.title for one in reversed(matrix.left_out)}
    for reason, n in list(reasons.items())[:MOST_LEFT_OUT]:
        others = f" and {n - 1:,} more" if n > 1 else ""
        screen.warn(f"left out: {first[reason]}{others}: {reason}")
    if more := list(reasons.values())[MOST_LEFT_OUT:]:
        screen.warn(f"left out for other reasons: {sum(more):,}")


def _show_kinds(screen: Screen, matrix: Matrix, name: str) -> None:
    kinds = counted_by(matrix.cells, lambda cell: str(getattr(cell, name)))
    if len(kinds) < 2:
        return
    for kind, totals in kinds[:MOST_KINDS]:
        label = shortened(kind, MOST_COLUMNS) if screen.out.is_terminal else " ".join(kind.split())
        screen.say(f"{name:<11}{label}: {totals_text(totals)}; {price_text(totals)}")
    if more := kinds[MOST_KINDS:]:
        n_cells = sum(totals.n_cells for _, totals in more)
        screen.say(f"           and {len(more):,} more {name}s with {n_cells:,} cells")


def _row(cell: Cell, title: str) -> list[str]:
    return [
        str(cell.number),
        title,
        length_text(cell.seconds),
        engine_of(cell.plan),
        credits_of(cell),
        FORECASTS[cell.forecast],
        output_of(cell.plan),
    ]
