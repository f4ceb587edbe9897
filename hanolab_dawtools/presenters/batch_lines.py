"""How the cells of a batch are laid out: a line for all that is rendered, or one for each cell.

A line names only what tells it from the others. Cells are named by their places in the whole list.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hanolab_dawtools.presenters.batch_cells import CellRow
from hanolab_dawtools.presenters.batch_progress import CellPhase


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: one cell for each column, None where there is none.

    `parts` of its name tell it from the others, the largest first.
    """

    parts: tuple[str, ...]
    cells: tuple[int | None, ...]

    @property
    def name(self) -> str:
        """What the line is called."""
        return " · ".join(self.parts)


@dataclass(frozen=True)
class Layout:
    """The lines, and the presets as their columns; a flat one has a line for each cell."""

    lines: tuple[Line, ...] = ()
    columns: tuple[str, ...] = ()
    is_flat: bool = False

    @property
    def cells(self) -> tuple[int, ...]:
        """Every cell that is shown."""
        return tuple(at for line in self.lines for at in line.cells if at is not None)


@dataclass(frozen=True)
class Filter:
    """Which cells are shown: those with all words of a search, in one of these phases."""

    search: str = ""
    phases: frozenset[CellPhase] = frozenset(CellPhase)

    @property
    def is_open(self) -> bool:
        """Whether it lets everything pass."""
        return not self.search.strip() and len(self.phases) == len(CellPhase)

    def passes(self, row: CellRow) -> bool:
        """Whether a cell is shown."""
        if row.phase not in self.phases:
            return False
        text = f"{row.title} {row.state} {row.message}".casefold()
        return all(word in text for word in self.search.casefold().split())


def layout_of(rows: Sequence[CellRow], chosen: Filter, *, is_flat: bool) -> Layout:
    """Lay out the cells that pass a filter, in the order of the matrix.

    In a matrix a line is shown whole when one of its cells passes.
    """
    columns = tuple(dict.fromkeys(row.preset for row in rows))
    shown = None if chosen.is_open else {at for at, row in enumerate(rows) if chosen.passes(row)}
    names = _Names(rows)
    if is_flat:
        return Layout(
            tuple(
                Line(names.of(row), (at,))
                for at, row in enumerate(rows)
                if shown is None or at in shown
            ),
            columns,
            is_flat=True,
        )
    lines = _matrix(rows, columns)
    return Layout(
        tuple(
            Line(names.of(rows[next(at for at in line if at is not None)]), tuple(line))
            for line in lines
            if shown is None or _has_one(line, shown)
        ),
        columns,
    )


def _matrix(rows: Sequence[CellRow], columns: Sequence[str]) -> list[list[int | None]]:
    """Places of cells, line by line; what is there twice begins another line."""
    column_of = {name: at for at, name in enumerate(columns)}
    lines: list[list[int | None]] = []
    line_of: dict[tuple[str, str, str], list[int | None]] = {}
    for at, row in enumerate(rows):
        key, column = (row.source, row.region, row.track), column_of[row.preset]
        line = line_of.get(key)
        if line is None or line[column] is not None:
            line = line_of[key] = [None] * len(columns)
            lines.append(line)
        line[column] = at
    return lines


def _has_one(line: Sequence[int | None], shown: Collection[int]) -> bool:
    return any(at in shown for at in line if at is not None)


class _Names:
    """Names of lines: source, region and track, as far as there are several."""

    def __init__(self, rows: Sequence[CellRow]) -> None:
        self._names_source = len({row.source for row in rows}) > 1
        self._names_region = len({row.region for row in rows}) > 1
        self._names_track = len({row.track for row in rows}) > 1

    def of(self, row: CellRow) -> tuple[str, ...]:
        parts = (
            row.source if self._names_source else "",
            row.region if self._names_region else "",
            row.track if self._names_track else "",
        )
        return tuple(filter(None, parts)) or (row.track or row.region or row.source,)
