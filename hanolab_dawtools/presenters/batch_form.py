"""What the user has put together for a batch: sources, ticks, where results go."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hanolab_dawtools.host_choice import is_running_reaper
from hanolab_dawtools.model import Grouping
from hanolab_dawtools.presenters.batch_sources import BatchSource, region_ticks, track_ticks
from hanolab_dawtools.presenters.batch_ticks import Tick, TickList
from hanolab_dawtools.presenters.preset_rows import WHAT
from hanolab_dawtools.presets.library import PresetEntry
from hanolab_dawtools.workflows.batch.model import BatchAsked


@dataclass(frozen=True)
class BatchForm:
    """What shall be done.

    Attributes
    ----------
    output
        Folder or object-store URL with wildcards; "": into the projects, beside the files.
    is_mixed
        The ticked tracks are taken together; else each alone.
    uses_render_matrix
        REAPER's own region render matrix takes the place of ticked regions and tracks.
    max_credits
        What all cells together may cost; None: no limit.
    again
        Also what is done already, or what the result cache knows, is made anew.
    """

    sources: tuple[BatchSource, ...] = ()
    regions: TickList = field(default_factory=TickList)
    tracks: TickList = field(default_factory=TickList)
    presets: TickList = field(default_factory=TickList)
    output: str = ""
    is_mixed: bool = False
    uses_render_matrix: bool = False
    max_credits: float | None = None
    again: bool = False

    @property
    def is_live(self) -> bool:
        """Whether a running REAPER is among the sources."""
        return any(is_running_reaper(Path(source.text)) for source in self.sources)

    @property
    def is_reading(self) -> bool:
        """Whether something is not known yet of a source."""
        return any(source.is_unread for source in self.sources)

    @property
    def lack(self) -> tuple[str, str] | None:
        """What is missing before anything can be planned, and the next step."""
        if not self.sources:
            return "No source is chosen.", "Add projects, audio files, folders, or REAPER."
        for source in self.sources:
            if source.problem:
                return source.problem, "Mend it, or take it off the list of sources."
        if not self.presets.n_ticked:
            return "No preset is ticked.", "Tick what shall be done, under Presets."
        return None

    @property
    def asked(self) -> BatchAsked:
        """It as a batch is asked for."""
        is_free = not (self.is_live and self.uses_render_matrix)
        tracks = self.tracks.pattern if is_free else ()
        return BatchAsked(
            tuple(source.text for source in self.sources),
            self.presets.ticked,
            self.regions.pattern if is_free else (),
            tracks,
            Grouping.SELECTION if tracks and self.is_mixed else None,
            output=self.output or None,
            uses_render_matrix=not is_free,
            max_credits=self.max_credits,
            again=self.again,
        )

    def with_sources(self, sources: Sequence[BatchSource]) -> BatchForm:
        """With other sources, or with what is known of them now; ticks stay where they can."""
        return replace(
            self,
            sources=tuple(sources),
            regions=self.regions.with_lines(region_ticks(sources)),
            tracks=self.tracks.with_lines(track_ticks(sources)),
        )

    def with_presets(self, entries: Iterable[PresetEntry], usual: str) -> BatchForm:
        """With the presets there are; `usual` is ticked when none was listed before."""
        lines = [preset_tick(entry) for entry in entries]
        presets = self.presets.with_lines(lines)
        if not self.presets.lines:
            presets = presets.with_ticks([usual])
        return replace(self, presets=presets)

    def like(self, asked: BatchAsked) -> BatchForm:
        """As another batch was asked for, over sources that are listed already."""
        return replace(
            self,
            regions=_as_asked(self.regions, asked.regions),
            tracks=_as_asked(self.tracks, asked.tracks),
            presets=_as_asked(self.presets, asked.presets),
            output=asked.output or "",
            is_mixed=asked.grouping is Grouping.SELECTION,
            uses_render_matrix=asked.uses_render_matrix,
            max_credits=asked.max_credits,
            again=asked.again,
        )


def preset_tick(entry: PresetEntry) -> Tick:
    """A preset's line."""
    if entry.preset is None:
        reason = entry.problem.reason if entry.problem is not None else ""
        return Tick(entry.name, entry.name, problem=f"cannot be used: {reason}")
    return Tick(entry.name, entry.name, WHAT[entry.preset.job.kind])


def _as_asked(ticks: TickList, patterns: Sequence[str]) -> TickList:
    """The lines ticked that patterns mean."""
    whole = [pattern.casefold() for pattern in patterns]
    return ticks.with_ticks(
        line.word
        for line in ticks.lines
        if line.word.casefold() in whole
        or any(fnmatch.fnmatchcase(line.name.casefold(), pattern) for pattern in whole)
    )
