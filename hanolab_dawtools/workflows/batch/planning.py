"""From what a batch shall run over to its matrix: every cell a plan with its quote.

Whatever can be refused without any work is refused here, before a job exists. What concerns one
source or cell alone leaves that one out, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from hanolab_dawtools.errors import InputError, SelectionError, UsageError
from hanolab_dawtools.events import NeverStop, Stop, raise_if_stopped
from hanolab_dawtools.hosts.base import HostCell, HostMatrix, MatrixWanted, Witness
from hanolab_dawtools.model import HostName, Quote, Selection
from hanolab_dawtools.presets.schema import Preset
from hanolab_dawtools.workflows.applying import NO_ENGINE, Voices
from hanolab_dawtools.workflows.batch.columns import PROJECTS, Column, PresetMeans, check_asked
from hanolab_dawtools.workflows.batch.forecast import Forecaster, History
from hanolab_dawtools.workflows.batch.lengths import lengths_of
from hanolab_dawtools.workflows.batch.model import BatchAsked, Cell, Forecast, LeftOut, Matrix
from hanolab_dawtools.workflows.batch.sources import Source, Sources, find_sources
from hanolab_dawtools.workflows.batch.targets import Draft, with_places
from hanolab_dawtools.workflows.objects import Objects
from hanolab_dawtools.workflows.offering import Makers
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import limited
from hanolab_dawtools.workflows.spending import with_limits

_WHOLE_FILE = "whole file"
_SILENT = (
    "Choose regions and tracks in which something sounds. What results of an earlier run have"
    " muted sounds again after: hanolab jobs undo"
)


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
    objects
        The buckets that URLs name.
    history
        What earlier jobs have left; None: nothing is known of any.
    """

    makers: Makers
    preset_named: Callable[[str], Preset]
    usual_engine: str
    has_weights: bool
    voices: Voices
    plugins: Sequence[Path] = ()
    objects: Callable[[], Objects] | None = None
    history: History | None = None


def plan_batch(asked: BatchAsked, means: BatchMeans, *, stop: Stop | None = None) -> Matrix:
    """All cells with their quotes, in the order of sources, regions, tracks and presets.

    Raises
    ------
    UsageError, SetupError
        A value is wrong, or something that a preset needs is not there.
    SelectionError, InputError
        From the hosts, when no cell is left; a source is not there.
    EngineCannot
        An engine lacks what is asked.
    SpendingLimit
        It may cost more than `max_credits`, all new cells together.
    NotWritable, DiskFull
        Nothing can be written where the results are to go.
    JobCancelled
    HanolabError
        From the buckets, and from a running REAPER.
    """
    return _Planner(asked, means, stop or NeverStop()).matrix()


@dataclass(frozen=True)
class _Sounding:
    """A draft with its quote; with a `silence` only results in its place make it a cell."""

    draft: Draft
    column: Column
    quote: Quote
    witness: Witness | None
    silence: str = ""


class _Planner:
    def __init__(self, asked: BatchAsked, means: BatchMeans, stop: Stop) -> None:
        check_asked(asked)
        self._asked = asked
        self._means = means
        self._stop = stop
        self._engine = cache(means.makers.engine)
        preset_means = PresetMeans(
            means.usual_engine, means.has_weights, means.voices, means.plugins, self._engine
        )
        self._columns = [
            Column(means.preset_named(name), asked, preset_means)
            for name in dict.fromkeys(asked.presets)
        ]
        have_no_job = all(column.engine == NO_ENGINE for column in self._columns)
        if have_no_job and asked.engine not in {None, NO_ENGINE}:
            raise UsageError(
                "all of these presets are made of effects alone: no engine works for them",
                hint="Leave --engine out.",
            )
        self._left_out: list[LeftOut] = []
        self._unmatched: dict[str, str] = {}
        self._matched: set[str] = set()
        self._refusals: list[InputError] = []
        self._remarks: list[str] = []
        self._has_sources = False

    def matrix(self) -> Matrix:
        """All cells."""
        sources = self._sources()
        self._has_sources = bool(sources.found)
        kinds = {s.path: self._kind(s) for s in sources.found}
        self._refuse_regions_of_files(set(kinds.values()))
        drafts = [one for s in sources.found for one in self._of_source(s, kinds[s.path])]
        self._refuse_unmatched()
        if not drafts:
            raise self._nothing()
        plans = with_places([one.draft for one in drafts], self._asked)
        cells = self._cells(drafts, plans)
        if not cells:
            raise self._nothing()
        cells = self._limited(cells)
        remarks = (*sources.remarks, *self._remarks)
        return Matrix(tuple(cells), tuple(self._left_out), remarks)

    def _sources(self) -> Sources:
        def is_running(path: Path) -> bool:
            return not path.is_dir() and self._means.makers.host_name(path) is HostName.REAPER

        sources = find_sources(self._asked.sources, self._objects, is_running, stop=self._stop)
        self._left_out += [LeftOut(title, reason) for title, reason in sources.left_out]
        return self._measured(sources)

    def _measured(self, sources: Sources) -> Sources:
        """With the lengths of objects; those that have none are left out."""
        remote = [one for one in sources.found if one.facts is not None]
        facts = [one.facts for one in remote if one.facts is not None]
        lengths = lengths_of(facts, self._objects, stop=self._stop)
        self._seconds: dict[Path, float] = {}
        for source, length in zip(remote, lengths, strict=True):
            if isinstance(length, InputError):
                self._leave_out(source.name, length)
                sources.found.remove(source)
            else:
                self._seconds[source.path] = length
        return sources

    def _objects(self) -> Objects:
        if self._means.objects is None:
            raise UsageError("no buckets can be reached from here", hint="Name files instead.")
        return self._means.objects()

    def _kind(self, source: Source) -> HostName:
        if source.facts is not None:
            return HostName.AUDIO_FILE
        return self._means.makers.host_name(source.path)

    def _refuse_regions_of_files(self, kinds: Collection[HostName]) -> None:
        asked = self._asked
        for option, is_given in (
            ("--regions", bool(asked.regions)),
            ("--tracks", bool(asked.tracks)),
            ("--each", asked.grouping is not None and asked.grouping.value != "selection"),
            ("--render-matrix", asked.uses_render_matrix),
        ):
            if is_given and not PROJECTS.intersection(kinds):
                raise UsageError(
                    f"{option} does not apply: none of the sources is a project",
                    hint="Leave it out; audio files are taken as a whole.",
                )

    def _of_source(self, source: Source, kind: HostName) -> Iterator[_Sounding]:
        raise_if_stopped(self._stop)
        try:
            matrices = self._matrices(source, kind)
        except (InputError, SelectionError) as error:
            self._leave_out(source.name, error)
            return
        columns = [(column, matrices[column.wanted(kind)]) for column in self._columns]
        for matrix in matrices.values():
            self._unmatched |= matrix.unmatched
            self._remarks += [text for text in matrix.remarks if text not in self._remarks]
            asked = {*self._asked.regions, *self._asked.tracks}
            self._matched |= asked - matrix.unmatched.keys()
        if len(matrices) == 1:  # regions, tracks, presets
            only = columns[0][1]
            pairs = [(c, column, only) for c in only.cells for column in self._columns]
        else:
            pairs = [(c, column, matrix) for column, matrix in columns for c in matrix.cells]
        for cell, column, matrix in pairs:
            yield from self._sounding(source, cell, column, matrix.witness)
        for matrix in matrices.values():
            its = [column for column, of_it in columns if of_it is matrix]
            for cell, reason in matrix.left_out:
                yield from self._silent(source, cell, its, reason, matrix.witness)

    def _matrices(self, source: Source, kind: HostName) -> dict[MatrixWanted, HostMatrix]:
        wanted = dict.fromkeys(column.wanted(kind) for column in self._columns)
        if source.facts is not None:
            end = self._seconds[source.path]
            name = (HostName.AUDIO_FILE, source.path, source.name)
            cell = HostCell(Selection(*name, 0.0, end, _WHOLE_FILE))
            return {one: HostMatrix((cell,)) for one in wanted}
        host = self._means.makers.host(source.path)
        return {one: host.matrix(one) for one in wanted}

    def _sounding(
        self, source: Source, cell: HostCell, column: Column, witness: Witness | None
    ) -> Iterator[_Sounding]:
        plan = column.plan(cell)
        try:
            quote = column.quote(plan)
        except InputError as error:
            self._leave_out(" · ".join((_title(source, cell), column.name)), error)
            return
        if source.facts is not None:
            plan = _of_object(plan, source.facts.url)
        yield _Sounding(Draft(plan, source, cell, column.name), column, quote, witness)

    def _silent(
        self,
        source: Source,
        cell: HostCell,
        columns: Sequence[Column],
        reason: str,
        witness: Witness | None,
    ) -> Iterator[_Sounding]:
        """Cells of a source that earlier results may have muted."""
        may_be_done = self._means.history is not None and not self._asked.again
        if not may_be_done or witness is None or cell.bench == "":
            self._left_out.append(LeftOut(_title(source, cell), reason))
            return
        for column in columns:
            plan = column.plan(cell)
            draft = Draft(plan, source, cell, column.name)
            yield _Sounding(draft, column, Quote(0.0, 0.0, "done already"), witness, reason)

    def _cells(self, drafts: Sequence[_Sounding], plans: Sequence[RunPlan]) -> list[Cell]:
        forecaster = None
        if self._means.history is not None and not self._asked.again:
            forecaster = Forecaster(self._means.history, self._objects, self._stop)
        cells: list[Cell] = []
        told: set[tuple[str, str]] = set()
        for one, plan in zip(drafts, plans, strict=True):
            draft, forecast = one.draft, Forecast.NEW
            if one.silence:
                assert forecaster is not None, "without one, silence makes no draft"
                if not forecaster.is_done(plan, one.witness):
                    title = _title(draft.source, draft.cell)
                    if (title, one.silence) not in told:
                        told.add((title, one.silence))
                        self._left_out.append(LeftOut(title, one.silence))
                    continue
                forecast = Forecast.DONE
            elif forecaster is not None:
                forecast = forecaster.forecast(plan, one.witness)
            cells.append(
                Cell(
                    len(cells) + 1,
                    plan,
                    one.quote,
                    _source_name(draft.source, plan.selection),
                    draft.cell.region,
                    draft.cell.track,
                    draft.preset,
                    forecast,
                )
            )
        return cells

    def _limited(self, cells: Sequence[Cell]) -> list[Cell]:
        """Each cell with what it may cost: new ones share the limit, cached ones cost nothing."""
        most = self._asked.max_credits
        new = [cell for cell in cells if cell.forecast is Forecast.NEW]
        plans = [cell.plan for cell in new]
        shared = with_limits(plans, [cell.quote for cell in new], most) if new else []
        limits = {cell.number: plan.max_credits for cell, plan in zip(new, shared, strict=True)}
        limits |= {cell.number: 0.0 for cell in cells if cell.forecast is Forecast.CACHED}
        return [self._with_limit(cell, limits.get(cell.number)) for cell in cells]

    def _with_limit(self, cell: Cell, limit: float | None) -> Cell:
        if limit is None:
            return cell
        parts = tuple(limited(cell.plan.parts, limit, self._engine)) if cell.plan.parts else ()
        return replace(cell, plan=replace(cell.plan, max_credits=limit, parts=parts))

    def _leave_out(self, title: str, error: InputError | SelectionError) -> None:
        self._refusals.append(error)
        self._left_out.append(LeftOut(title, str(error)))

    def _refuse_unmatched(self) -> None:
        """A pattern that fits nothing in any source is a slip; in some it is left out."""
        for pattern, reason in self._unmatched.items():
            if pattern not in self._matched:
                raise SelectionError(reason, hint="Give names, patterns with * or numbers.")

    def _nothing(self) -> InputError:
        """Why there is no cell."""
        if self._refusals:
            return self._refusals[0]
        told = [f"{one.title}: {one.reason}" for one in self._left_out[:3]]
        if (more := len(self._left_out) - len(told)) > 0:
            told.append(f"and {more:,} more")
        return SelectionError(
            f"there is nothing to run: {'; '.join(told)}" if told else "there is nothing to run",
            hint=_SILENT if self._has_sources else "Name projects, audio files or folders.",
        )


def _of_object(plan: RunPlan, url: str) -> RunPlan:
    """The plan with where its audio comes from, and with it the part that captures it, too."""
    parts = tuple(
        replace(part, origin=url) if part.selection == plan.selection else part
        for part in plan.parts
    )
    return replace(plan, origin=url, parts=parts)


def _source_name(source: Source, selection: Selection) -> str:
    """What tells a source from others: with the folders that it lies in."""
    if selection.host is HostName.REAPER:
        return selection.source.stem
    return f"{source.folder}/{source.name}" if source.folder else source.name


def _title(source: Source, cell: HostCell) -> str:
    name = _source_name(source, cell.selection)
    return " · ".join(filter(None, (name, cell.region, cell.track)))
