"""What a run is to do, as it is stored with its job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.model import RequestKind, Selection, Width


@dataclass(frozen=True)
class RunPlan:
    """Everything that decides a run's result.

    `folder` (files only, the project stays untouched) and `destination` (another project file)
    are absolute, so that any later process can go on from its own working folder. `width` and
    `match_level` say how a converted voice is brought back; no engine hears of them. A run that may
    cost more than `max_credits` is not started.
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

    @property
    def title(self) -> str:
        """One line that tells this run from others."""
        what = self.kind.value
        if "stems" in self.parameters:
            what = f"{what} into {self.parameters['stems']} stems"
        if "only" in self.parameters:
            what = f"{what}, only {', '.join(self.parameters['only'])}"
        return f"{what}: {self.selection.name} ({self.selection.source.name})"
