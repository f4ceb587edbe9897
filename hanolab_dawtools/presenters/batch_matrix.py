"""What a batch would do, before it does anything: its totals, and its cells counted by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hanolab_dawtools.presenters.batch_words import n_cells_text, stretch_text
from hanolab_dawtools.presenters.wording import credits_text
from hanolab_dawtools.workflows.batch.model import Cell, Forecast


@dataclass(frozen=True)
class MatrixTotals:
    """Sums over cells.

    Attributes
    ----------
    n_done, n_cached
        Cells that are done already, and that the result cache should answer.
    seconds
        Length of the audio of all that is not done.
    credits
        Cost of the new cells whose price is known; `n_unknown`: of how many it is not.
    n_cached_paid
        Cached cells that would cost something otherwise. They are never paid: each fails if the
        cache should not know it after all.
    """

    n_cells: int = 0
    n_done: int = 0
    n_cached: int = 0
    seconds: float = 0.0
    credits: float = 0.0
    n_unknown: int = 0
    n_cached_paid: int = 0

    @property
    def n_to_run(self) -> int:
        """Cells that make a job."""
        return self.n_cells - self.n_done

    @property
    def known_credits(self) -> float | None:
        """What it will cost; None when one price is unknown."""
        return None if self.n_unknown else self.credits

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing."""
        return self.known_credits == 0


def totals_of(cells: Iterable[Cell]) -> MatrixTotals:
    """Sums over these cells."""
    every = list(cells)
    new = [cell.quote.credits for cell in every if cell.forecast is Forecast.NEW]
    cached = [cell.quote.credits for cell in every if cell.forecast is Forecast.CACHED]
    n_done = len(every) - len(new) - len(cached)
    return MatrixTotals(
        len(every),
        n_done,
        len(cached),
        sum(cell.seconds for cell in every if cell.forecast is not Forecast.DONE),
        sum(one or 0.0 for one in new),
        new.count(None),
        sum(one != 0 for one in cached),
    )


def counted_by(
    cells: Iterable[Cell], kind: Callable[[Cell], str]
) -> Sequence[tuple[str, MatrixTotals]]:
    """Sums by kind, in the order in which the kinds come."""
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(kind(cell), []).append(cell)
    return [(name, totals_of(group)) for name, group in groups.items()]


def totals_text(totals: MatrixTotals) -> str:
    """How many cells there are, and what becomes of them."""
    parts = [n_cells_text(totals.n_cells)]
    if totals.n_done:
        parts.append(f"{totals.n_done:,} done already")
    if totals.n_cached:
        parts.append(f"{totals.n_cached:,} from the cache")
    parts.append(f"{totals.n_to_run - totals.n_cached:,} to do")
    return ", ".join(parts)


def audio_text(totals: MatrixTotals) -> str:
    """How much audio will be worked on."""
    return f"{stretch_text(totals.seconds)} of audio"


def price_text(totals: MatrixTotals) -> str:
    """What it will cost, with what is not known of it said."""
    text = _amount(totals.credits, totals.n_unknown)
    if totals.n_cached_paid:
        text += f"; nothing for {n_cells_text(totals.n_cached_paid)} from the cache"
    return text


def _amount(known: float, n_unknown: int) -> str:
    if not n_unknown:
        return credits_text(known) if known else "free"
    unknown = f"{n_cells_text(n_unknown)} of unknown price"
    return f"{credits_text(known)} and {unknown}" if known else unknown
