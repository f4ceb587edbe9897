"""The paid cells of a batch, agreed to all at once, before the first of them is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.presenters.agreement import sent_text
from hanolab_dawtools.presenters.batch_matrix import counted_by, price_text, totals_of
from hanolab_dawtools.presenters.batch_words import n_cells_text
from hanolab_dawtools.workflows.resuming import HERE

if TYPE_CHECKING:
    from hanolab_dawtools.model import Quote
    from hanolab_dawtools.workflows.batch.model import Cell, Matrix
    from hanolab_dawtools.workflows.plan import RunPlan

MOST_PRESETS = 8  # that are priced apart


def agree_to_cells(session: Session, matrix: Matrix, *, yes: bool) -> None:
    """Show what the paid cells cost, all together, and ask; see `paid.agree`.

    Cells that the result cache should answer are told apart. None of them is ever paid: one that
    it does not know after all fails.
    """
    from hanolab_dawtools.cli.paid import agree
    from hanolab_dawtools.workflows.batch.model import Forecast
    from hanolab_dawtools.workflows.parts import leaves
    from hanolab_dawtools.workflows.planning import quote_plan

    cells, runs, quotes = [], [], []
    for cell in matrix.to_run:
        paid = [run for run in leaves(cell.plan) if run.engine not in HERE]
        if paid:
            cells.append(cell)
        if cell.forecast is Forecast.CACHED:
            continue
        for run in paid:
            engine = session.services.engine(run.engine)
            runs.append(run)
            quotes.append(quote_plan(run, engine) if cell.plan.parts else cell.quote)
    if runs:
        lines = [*_cost_lines(cells), _sent_line(session, runs, quotes)]
        agree(session, runs, quotes, yes=yes, lines=lines)


def _cost_lines(cells: Sequence[Cell]) -> list[str]:
    """What the paid cells cost: by preset, and together."""
    totals = totals_of(cells)
    lines = [f"costs      {n_cells_text(len(cells))} of HanoLab: {price_text(totals)}"]
    by_preset = counted_by(cells, lambda cell: cell.preset)
    if len(by_preset) > 1:
        lines += [
            f"           {preset}: {n_cells_text(its.n_cells)}, {price_text(its)}"
            for preset, its in by_preset[:MOST_PRESETS]
        ]
    if more := by_preset[MOST_PRESETS:]:
        lines.append(f"           and {len(more)} more presets")
    reasons = dict.fromkeys(cell.quote.reason for cell in cells if cell.quote.reason)
    return lines + [f"           {reason}" for reason in list(reasons)[:MOST_PRESETS]]


def _sent_line(session: Session, runs: Sequence[RunPlan], quotes: Sequence[Quote]) -> str:
    """What leaves this machine, all together."""
    seconds = sum(quote.billed_seconds for quote in quotes)
    whole = replace(quotes[0], billed_seconds=seconds)
    return f"sends      {sent_text(runs[0], whole, session.services.settings)}"
