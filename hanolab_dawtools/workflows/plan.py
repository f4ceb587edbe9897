"""What a run is to do, as it is stored with its job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.model import RequestKind, Selection, StemRole, Width
from hanolab_dawtools.placement import Arrangement

Effects = tuple[EffectSpec, ...]


@dataclass(frozen=True)
class RunPlan:
    """Everything that decides a run's result.

    Attributes
    ----------
    folder, destination
        Files only, the project stays untouched; another project file. Both absolute, so that any
        later process can go on from its own working folder.
    width, match_level
        How a converted voice is brought back; no engine hears of them.
    max_credits
        A run that may cost more is not started.
    again
        The engine is asked also when the answer is in the result cache, and it is paid again.
    before, after
        Effects on what the engine gets, and on what it gave, by role.
    has_tail
        Whether results get longer until the effects have died away.
    preset, voice
        The preset's name, and what the voice is called; for titles and names.
    arrangement
        How results are laid out where they go.
    parts
        Runs that are done first; this one places what they gave, and asks no engine itself.
    label
        Of a part: what its results are called beside those of the others.
    part_of
        Of a part: the job that it belongs to. Its paths are relative to that job's folder until
        then.
    keeps_original
        The captured selection stays with the job, to be heard beside what was made of it.
    shelf
        Of a cell of a batch: the tracks that it shares with others; see `Placement`.
    origin
        URL of the object that the source is fetched from, for as long as it is captured; its path
        is relative to the job's folder, and `tag_of` of it tells whether it is still the same.
    deliver_to
        URL that the placed files are put below, and then not kept; `folder` is relative to the
        job's folder.
    """

    selection: Selection
    kind: RequestKind
    engine: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    keep_source: bool = False
    folder: Path | None = None
    destination: Path | None = None
    as_takes: bool = False
    width: Width = Width.MONO
    match_level: bool = False
    max_credits: float | None = None
    again: bool = False
    before: Effects = ()
    after: Mapping[StemRole, Effects] = field(default_factory=dict)
    has_tail: bool = False
    preset: str = ""
    voice: str = ""
    arrangement: Arrangement = field(default_factory=Arrangement)
    parts: tuple[RunPlan, ...] = ()
    label: str = ""
    part_of: str = ""
    keeps_original: bool = False
    shelf: str = ""
    origin: str = ""
    deliver_to: str = ""

    @property
    def title(self) -> str:
        """One line that tells this run from others."""
        what = self.kind.value
        if "stems" in self.parameters:
            what = f"{what} into {self.parameters['stems']} stems"
        if "only" in self.parameters:
            what = f"{what}, only {', '.join(self.parameters['only'])}"
        if self.preset:
            is_bare = self.kind is RequestKind.PROCESS
            what = self.preset if is_bare else f"{self.preset} ({what})"
        if self.label:
            what = f"{what}, {self.label}"
        of_whole = f", part of {self.part_of}" if self.part_of else ""
        return f"{what}: {self.selection.name} ({self.selection.source.name}){of_whole}"
