"""From what a batch shall run over to its matrix: every cell a plan with its quote.

Whatever can be refused without any work is refused here, before a job exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import SelectionError, UsageError
from hanolab_dawtools.hosts.base import HostCell, HostMatrix, MatrixWanted
from hanolab_dawtools.model import HostName, Wanted
from hanolab_dawtools.presets.changes import parse_assignment, with_values
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.workflows.applying import (
    LOCAL,
    Beside,
    Voices,
    asked_of,
    chosen_engine,
    ready_preset,
    with_parts,
)
from hanolab_dawtools.workflows.arranging import check_arrangement
from hanolab_dawtools.workflows.batch.model import BatchAsked, Cell, LeftOut, Matrix
from hanolab_dawtools.workflows.batch.sources import Source, find_sources
from hanolab_dawtools.workflows.offering import Makers
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import (
    Asked,
    plan_of_selection,
    quote_whole,
    refuse_what_needs_a_project,
)
from hanolab_dawtools.workflows.spending import with_limits

PROJECTS = frozenset({HostName.RPP, HostName.REAPER})


@dataclass(frozen=True)
class BatchMeans:
    """What there is for a batch on this machine.

    Attributes
    ----------
    makers
        What makes hosts and engines.
    preset_named
        A preset by its name or file.
    usual_engine
        That of the settings.
    has_weights
        The local engine can separate, so it isolates vocals for conversions elsewhere.
    voices
        Asks the account for its voice models.
    plugins
        Files of the plug-ins that may be loaded.
    """

    makers: Makers
    preset_named: Callable[[str], Preset]
    usual_engine: str
    has_weights: bool
    voices: Voices
    plugins: Sequence[Path] = ()


def plan_batch(asked: BatchAsked, means: BatchMeans) -> Matrix:
    """All cells with their quotes, in the order of sources, regions, tracks and presets.

    Raises
    ------
    UsageError, SetupError
        A value is wrong, or something that a preset needs is not there.
    SelectionError, InputError
        From the hosts; also when no cell is left.
    EngineCannot
        An engine lacks what is asked.
    SpendingLimit
        It may cost more than `max_credits`, all cells together.
    """
    if not asked.presets:
        raise UsageError("no preset is named", hint="Add --preset NAME; see: hanolab presets")
    presets = [_Ready(asked, means, name) for name in dict.fromkeys(asked.presets)]
    return _Planner(asked, means, presets).matrix(find_sources(asked.sources))


@dataclass
class _Ready:
    """A preset as it is used here, with what it asks for in each kind of host."""

    asked: BatchAsked
    means: BatchMeans
    name: str
    preset: Preset = field(init=False)
    engine: str = field(init=False)
    _asks: dict[HostName, Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        preset = self.means.preset_named(self.name)
        if self.asked.assignments:
            preset = with_values(preset, dict(map(parse_assignment, self.asked.assignments)))
        self.engine = chosen_engine(preset, self.asked.engine, self.means.usual_engine)
        self.preset = ready_preset(
            preset,
            self.engine,
            self.beside(),
            voices=self.means.voices,
            plugins=self.means.plugins,
        )

    def beside(self) -> Beside:
        """What was said beside the preset."""
        folder = Path(self.asked.output) if self.asked.output is not None else None
        wanted = Wanted(grouping=self.asked.grouping)
        return Beside(wanted, keep_source=self.asked.keep_source, folder=folder)

    def ask(self, host: HostName) -> Asked:
        """What it asks for in a host of this kind."""
        if host not in self._asks:
            asked = asked_of(self.preset, self.engine, self.beside(), host)
            self._asks[host] = replace(asked, again=self.asked.again)
        return self._asks[host]

    def plan(self, asked: Asked, cell: HostCell) -> RunPlan:
        """What a cell does."""
        isolates = getattr(self.preset.job, "isolate", False)
        separator = LOCAL if self.means.has_weights else self.engine
        plan = replace(plan_of_selection(asked, cell.selection), folder=None)
        return with_parts([plan], (), isolates=isolates, separator=separator)[0]


class _Planner:
    def __init__(self, asked: BatchAsked, means: BatchMeans, presets: Sequence[_Ready]) -> None:
        self._asked = asked
        self._means = means
        self._presets = presets
        self._engines: dict[str, Engine] = {}

    def matrix(self, sources: Sequence[Source]) -> Matrix:
        """All cells of these sources."""
        cells: list[Cell] = []
        left_out: list[LeftOut] = []
        unmatched: dict[str, str] = {}
        n_projects = 0
        for source in sources:
            host_name = self._means.makers.host_name(source.path)
            matrices: dict[MatrixWanted, HostMatrix] = {}
            n_projects += host_name in PROJECTS
            for host_cell, ready in self._crossed(source, host_name, matrices):
                cells.append(self._cell(len(cells) + 1, source, host_cell, ready, host_name))
            for matrix in matrices.values():
                left_out += [
                    LeftOut(_title(source, cell), reason) for cell, reason in matrix.left_out
                ]
                unmatched |= matrix.unmatched
        if not cells:
            reasons = [*unmatched.values(), *(f"{one.title}: {one.reason}" for one in left_out)]
            raise SelectionError(
                reasons[0] if reasons else "nothing is left to run over",
                hint="Choose regions and tracks in which something sounds.",
            )
        left_out += [LeftOut(pattern, reason) for pattern, reason in unmatched.items()]
        cells = self._limited(_on_shelves(cells))
        return Matrix(tuple(cells), tuple(left_out))

    def _crossed(
        self, source: Source, host_name: HostName, matrices: dict[MatrixWanted, HostMatrix]
    ) -> list[tuple[HostCell, _Ready]]:
        host = self._means.makers.host(source.path)
        columns = []
        for ready in self._presets:
            wanted = self._wanted(ready.ask(host_name), host_name)
            if wanted not in matrices:
                matrices[wanted] = host.matrix(wanted)
            columns.append(matrices[wanted].cells)
        if len(matrices) == 1:
            return [(cell, ready) for cell in columns[0] for ready in self._presets]
        by_preset = zip(self._presets, columns, strict=True)
        return [(cell, ready) for ready, column in by_preset for cell in column]

    def _wanted(self, ask: Asked, host_name: HostName) -> MatrixWanted:
        if host_name not in PROJECTS:
            return MatrixWanted()
        # Presets say "each track" or "the mix" where the user names no tracks.
        grouping = self._asked.grouping or (None if self._asked.tracks else ask.wanted.grouping)
        return MatrixWanted(
            self._asked.regions,
            self._asked.tracks,
            grouping,
            ask.wanted.point,
            self._asked.uses_render_matrix,
            ask.wanted.as_takes,
        )

    def _cell(
        self, number: int, source: Source, host_cell: HostCell, ready: _Ready, host_name: HostName
    ) -> Cell:
        plan = ready.plan(ready.ask(host_name), host_cell)
        if self._asked.output is not None:
            told = (source.name, host_cell.region, host_cell.track, ready.preset.name)
            names = [durable.safe_name(name) for name in told if name]
            plan = replace(plan, folder=Path(self._asked.output).absolute().joinpath(*names))
        refuse_what_needs_a_project(plan)
        check_arrangement(plan)
        return Cell(
            number,
            replace(plan, shelf=host_cell.bench),
            quote_whole(plan, self._engine),
            source.name,
            host_cell.region,
            host_cell.track,
            ready.preset.name,
        )

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            self._engines[name] = self._means.makers.engine(name)
        return self._engines[name]

    def _limited(self, cells: Sequence[Cell]) -> list[Cell]:
        plans = with_limits(
            [cell.plan for cell in cells], [cell.quote for cell in cells], self._asked.max_credits
        )
        return [replace(cell, plan=plan) for cell, plan in zip(cells, plans, strict=True)]


def _on_shelves(cells: Sequence[Cell]) -> list[Cell]:
    """Cells of one track and preset share their tracks, where there is more than one of them."""
    shelves: Mapping[tuple[Path, str, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        shelves[cell.selection.source, cell.plan.shelf, cell.preset].append(cell)
    shelved = []
    for cell in cells:
        of_its = shelves[cell.selection.source, cell.plan.shelf, cell.preset]
        has_one = cell.plan.shelf and cell.plan.folder is None and not cell.plan.as_takes
        shelf = f"{cell.plan.shelf} {cell.preset}" if has_one and len(of_its) > 1 else ""
        shelved.append(replace(cell, plan=replace(cell.plan, shelf=shelf)))
    return shelved


def _title(source: Source, cell: HostCell) -> str:
    return " · ".join(filter(None, (source.name, cell.region, cell.track)))
