"""A preset as one column of the matrix: what it asks for in each kind of host, and its plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from hanolab_dawtools.engines.base import Engine
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.base import HostCell, MatrixWanted
from hanolab_dawtools.model import HostName, Quote, Wanted
from hanolab_dawtools.presets.changes import parse_assignment, with_values
from hanolab_dawtools.presets.schema import NoJob, Preset
from hanolab_dawtools.units import seconds_to_frames
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
from hanolab_dawtools.workflows.batch.model import BatchAsked
from hanolab_dawtools.workflows.plan import RunPlan
from hanolab_dawtools.workflows.planning import (
    PROVISIONAL_RATE,
    Asked,
    plan_of_selection,
    quote_whole,
    refuse_takes,
    refuse_what_needs_a_project,
)

PROJECTS = frozenset({HostName.RPP, HostName.REAPER})


@dataclass(frozen=True)
class PresetMeans:
    """What a preset is made ready with; see `planning.BatchMeans`."""

    usual_engine: str
    has_weights: bool
    voices: Voices
    plugins: Sequence[Path]
    engine_named: Callable[[str], Engine]


class Column:
    """One preset, ready to be used here.

    Raises
    ------
    UsageError, SetupError
        See `applying.ready_preset`.
    """

    def __init__(self, preset: Preset, asked: BatchAsked, means: PresetMeans) -> None:
        if asked.assignments:
            preset = with_values(preset, dict(map(parse_assignment, asked.assignments)))
        self._asked = asked
        self._means = means
        # Beside others, a preset of effects alone is not meant by the engine that is named.
        is_meant = not isinstance(preset.job, NoJob) or len(set(asked.presets)) == 1
        self.engine = chosen_engine(preset, asked.engine if is_meant else None, means.usual_engine)
        self.preset = ready_preset(
            preset, self.engine, self._beside, voices=means.voices, plugins=means.plugins
        )
        self._asks: dict[HostName, Asked] = {}
        self._checked: set[Path] = set()
        self._quotes: dict[int, Quote] = {}

    @property
    def name(self) -> str:
        """The preset's name."""
        return self.preset.name

    @cached_property
    def _beside(self) -> Beside:
        # Only that there is a folder counts here; each cell gets one of its own.
        folder = Path(self._asked.output) if self._asked.output is not None else None
        wanted = Wanted(grouping=self._asked.grouping)
        return Beside(wanted, keep_source=self._asked.keep_source, folder=folder)

    def wanted(self, host: HostName) -> MatrixWanted:
        """What it asks of a host of this kind; a plain file has neither regions nor tracks."""
        if host not in PROJECTS:
            return MatrixWanted()
        asked, wanted = self._asked, self._ask(host).wanted
        by_tracks = bool(asked.tracks) or asked.uses_render_matrix
        return MatrixWanted(
            asked.regions,
            asked.tracks,
            # A preset says "each track" or "the mix" only where the user names no tracks.
            asked.grouping or (None if by_tracks else wanted.grouping),
            wanted.point,
            asked.uses_render_matrix,
            wanted.as_takes,
        )

    def plan(self, cell: HostCell) -> RunPlan:
        """What a cell does, without the place of its results.

        Raises
        ------
        UsageError
            Its source, or its host, cannot do what is asked.
        """
        selection = cell.selection
        ask = self._ask(selection.host)
        plan = plan_of_selection(ask, selection)
        if selection.source not in self._checked:
            refuse_what_needs_a_project(plan)
            check_arrangement(plan)
            self._checked.add(selection.source)
        if not getattr(self.preset.job, "isolate", False):
            return plan
        separator = LOCAL if self._means.has_weights else self.engine
        return with_parts([plan], (), isolates=True, separator=separator)[0]

    def quote(self, plan: RunPlan) -> Quote:
        """What a plan of this column costs; asked once for each length.

        Raises
        ------
        EngineCannot, UsageError
            The engine lacks what is asked.
        InputError
            The audio is too short for it.
        """
        selection = plan.selection
        seconds = selection.end_seconds - selection.start_seconds
        n_frames = seconds_to_frames(seconds, PROVISIONAL_RATE)
        if n_frames not in self._quotes:
            self._quotes[n_frames] = quote_whole(plan, self._means.engine_named)
        return self._quotes[n_frames]

    def _ask(self, host: HostName) -> Asked:
        if host not in self._asks:
            ask = replace(
                asked_of(self.preset, self.engine, self._beside, host), again=self._asked.again
            )
            if ask.wanted.as_takes:
                refuse_takes(ask)
            self._asks[host] = ask
        return self._asks[host]


def check_asked(asked: BatchAsked) -> None:
    """Raise `UsageError` for what goes with no source and no preset."""
    if not asked.sources:
        raise UsageError("no source is named", hint="Name projects, audio files or folders.")
    if not asked.presets:
        raise UsageError("no preset is named", hint="Add --preset NAME; see: hanolab presets")
    if asked.keep_source and asked.output is not None:
        raise UsageError(
            "--keep-source and --output exclude each other: with -o no source item is muted",
            hint="Leave --keep-source out.",
        )
