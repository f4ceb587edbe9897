"""What is said of a job in the project that gets its stems: names, and where they came from.

The provenance is one JSON object in ASCII: job, kind, engine, engine_version, parameters, and what
the caller adds, so that a stem can be made again and is recognised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.project.timeline import Item, Track
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.placement import Placement
from hanolab_dawtools.units import format_clock

_FACTS = ("kind", "engine", "engine_version", "parameters")
_MAX_PROVENANCE_BYTES = 2048  # half of what a line of a project file holds


def folder_title(stems: Iterable[StemFile]) -> str:
    """What the folder of these stems begins with."""
    roles = {stem.role for stem in stems}
    if roles & {StemRole.CONVERTED, StemRole.MIX}:
        return "CONVERTED"
    return "PROCESSED" if StemRole.PROCESSED in roles else "STEMS"


def folder_name(placement: Placement, stems: Iterable[StemFile]) -> str:
    """What the folder track of a placement is called; that of a shelf by the shelf's first line."""
    what = placement.shelf.partition("\n")[0] if placement.shelf else placement.selection.name
    return f"{folder_title(stems)}: {what}"


def provenance_text(placement: Placement, more: Mapping[str, Any]) -> str:
    """Where stems came from, with `more`; parameters that are too long are left out."""
    known = {fact: placement.provenance[fact] for fact in _FACTS if fact in placement.provenance}
    value = {"job": placement.job_id, **more, **known}
    if len(text := json.dumps(value)) > _MAX_PROVENANCE_BYTES:  # job.json has the parameters too
        value.pop("parameters", None)
        text = json.dumps(value)
    return text


def item_label(track: Track, item: Item) -> str:
    """What to call an item in messages."""
    name = track.name or f"track {track.number}"
    return f'item "{item.name}" at {format_clock(item.position_seconds)} on "{name}"'
