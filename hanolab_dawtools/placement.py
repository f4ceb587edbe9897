"""What a host is given to bring back, and what it made of it. Plain data, as `model`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools.model import Alignment, Capture, Selection, Stem, StemRole


@dataclass(frozen=True)
class Arrangement:
    """How results are laid out where they go.

    Attributes
    ----------
    names
        What tracks and files are called, with wildcards as `presets.naming` knows them.
    colours
        Track colours by role, "#RRGGBB" or "none"; roles not named have their usual ones.
    roles
        Only these are placed, and no residual; empty: all.
    has_residual
        Whether what the stems leave over is placed when it can be heard.
    has_folder
        Whether new tracks stand in a folder track of their own.
    inherits
        Whether that folder takes over effects, fader, pan and sends of the source track.
    plays_beside
        With a kept source: the new tracks play as well.
    lanes
        Instead of on new tracks the results go onto fixed lanes of their source's track; only a
        running REAPER has these.
    """

    names: str = "$stem"
    colours: Mapping[StemRole, str] = field(default_factory=dict)
    roles: tuple[StemRole, ...] = ()
    has_residual: bool = True
    has_folder: bool = True
    inherits: bool = True
    plays_beside: bool = False
    lanes: bool = False


@dataclass(frozen=True)
class Placement:
    """Where results go.

    `capture` is None for music that was made of nothing (generate): it goes on one new track at
    the selection's start. `alignment` is None where there is nothing to compare. `folder` overrides
    where the files are put and leaves a project untouched; `destination` is another project file to
    write instead of the source.
    `as_takes` adds the stems as takes of the one item they were made of, instead of on new tracks.
    Placements of one `shelf` share tracks: one folder, and a track for each name of a stem, with
    an item for each placement; "" is a shelf of its own. The folder is called by its first line,
    the lines behind that only tell it from other shelves.
    `provenance` is written beside the stems as job.json, and its main part into the items.
    """

    job_id: str
    selection: Selection
    capture: Capture | None
    stems: tuple[Stem, ...]
    alignment: Alignment | None
    keep_source: bool = False
    folder: Path | None = None
    destination: Path | None = None
    as_takes: bool = False
    provenance: Mapping[str, Any] = field(default_factory=dict)
    arrangement: Arrangement = field(default_factory=Arrangement)
    shelf: str = ""

    @property
    def position_seconds(self) -> float:
        """Where the stems start on the host's timeline."""
        capture = self.capture
        return self.selection.start_seconds if capture is None else capture.position_seconds


@dataclass(frozen=True)
class PlacedTrack:
    """One track or file that a host made for a stem.

    `url`: the file was put there, and is not kept at `path`; "" for files that stay.
    """

    role: StemRole
    name: str
    path: Path
    track_id: str = ""
    item_id: str = ""
    is_draft: bool = False
    url: str = ""


@dataclass(frozen=True)
class Placed:
    """What a host made of a placement.

    `project` is the written project file, None when only files were made; `backup` the copy of
    it from before; `project_digest` the SHA-256, in hex, of what was written. `changes` names each
    changed line in a user's words. `undo_label` is what a running host calls the step that takes
    it all back; empty elsewhere.
    """

    folder: Path
    tracks: tuple[PlacedTrack, ...]
    project: Path | None = None
    backup: Path | None = None
    lines_inserted: int = 0
    tokens_changed: int = 0
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    project_digest: str = ""
    undo_label: str = ""
