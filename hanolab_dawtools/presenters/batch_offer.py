"""What the panel's batch would do and cost, and what has to be agreed to before it begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hanolab_dawtools.model import Quote, RequestKind
from hanolab_dawtools.presenters.agreement import (
    CONVERT,
    VOICE_NOTICE,
    check_ready,
    is_voice_notice_due,
    sent_text,
)
from hanolab_dawtools.presenters.batch_matrix import counted_by, price_text, totals_of
from hanolab_dawtools.presenters.batch_words import n_cells_text
from hanolab_dawtools.presenters.cost import Question
from hanolab_dawtools.workflows.applying import LOCAL
from hanolab_dawtools.workflows.batch.model import BatchAsked, Cell, Forecast, Matrix
from hanolab_dawtools.workflows.offering import offline_voices
from hanolab_dawtools.workflows.parts import leaves
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import quote_plan

if TYPE_CHECKING:
    from hanolab_dawtools.events import Stop
    from hanolab_dawtools.services import Services

MOST_PRESETS = 6  # that are priced apart in a question


@dataclass(frozen=True)
class BatchOffer:
    """What would be started: the ticked cells, the question about them, whether weights lack."""

    asked: BatchAsked
    matrix: Matrix
    question: Question | None
    lacks_weights: bool


def planned(services: Services, asked: BatchAsked, stop: Stop) -> Matrix:
    """The whole matrix, without asking the account; raises as `plan_batch`."""
    known: dict[str, str] = {}
    for name in asked.presets:
        known |= offline_voices(services.presets.get(name))()
    return services.batching.plan(asked, stop=stop, voices=lambda: known)


def checked(
    services: Services, asked: BatchAsked, unticked: Collection[str], stop: Stop
) -> BatchOffer:
    """The ticked cells as they are now, asking the account for its voices where one is meant.

    Raises
    ------
    HanolabError
        As `plan_batch`; what paid work needs is not set up.
    """
    matrix = services.batching.plan(asked, stop=stop)
    ticked = tuple(cell for cell in matrix.to_run if cell.title not in unticked)
    separates = any(
        run.engine == LOCAL and run.kind is RequestKind.SEPARATE
        for cell in ticked
        for run in leaves(cell.plan)
    )
    lacks_weights = separates and not services.weights.is_installed()
    chosen = replace(matrix, cells=ticked)
    return BatchOffer(asked, chosen, _question(ticked, services), lacks_weights)


def _question(cells: Sequence[Cell], services: Services) -> Question | None:
    """What is to be agreed to; None when the settings allow it without asking."""
    plans = [cell.plan for cell in cells]
    needs_notice = is_voice_notice_due(plans, services.folders.data)
    new = [cell for cell in cells if cell.forecast is Forecast.NEW]  # a cached one is never paid
    paid, runs, quotes = _paid(new, services)
    if not paid:
        return Question(CONVERT, (VOICE_NOTICE,), "Convert") if needs_notice else None
    check_ready(runs, services)
    totals = totals_of(paid)
    most = totals.known_credits
    is_allowed = most is not None and most <= services.settings.ask_above_credits
    if is_allowed and not needs_notice:
        return None
    seconds = sum(quote.billed_seconds for quote in quotes)
    sent = sent_text(runs[0], replace(quotes[0], billed_seconds=seconds), services.settings)
    lines = [*_cost_lines(paid), f"Account: {services.account_text}", f"Sent: {sent}"]
    if needs_notice:
        lines.append(VOICE_NOTICE)
    if most is None:
        return Question("The price is not known. Go on?", tuple(lines), "Go on")
    title = CONVERT if is_allowed else f"Pay for this? ({price_text(totals)})"
    return Question(title, tuple(lines), "Pay" if most else "Go on")


def _paid(
    cells: Sequence[Cell], services: Services
) -> tuple[list[Cell], list[RunPlan], list[Quote]]:
    """The cells that a paid engine works for, with the runs that it does and their quotes."""
    engines = {run.engine for cell in cells for run in leaves(cell.plan)}
    paid_engines = {
        name: engine for name in engines if (engine := services.engine(name)).capabilities().is_paid
    }
    found, runs, quotes = [], [], []
    for cell in cells:
        its = [run for run in leaves(cell.plan) if run.engine in paid_engines]
        if its:
            found.append(cell)
        runs += its
        quotes += [
            quote_plan(run, paid_engines[run.engine]) if cell.plan.parts else cell.quote
            for run in its
        ]
    return found, runs, quotes


def _cost_lines(cells: Sequence[Cell]) -> list[str]:
    by_preset = counted_by(cells, lambda cell: cell.preset)
    lines = [
        f"{preset}: {n_cells_text(its.n_cells)}, {price_text(its)}"
        for preset, its in by_preset[:MOST_PRESETS]
    ]
    if len(by_preset) > MOST_PRESETS:
        lines.append(f"and {len(by_preset) - MOST_PRESETS} more presets")
    return lines
