"""Where a stem came from, written into its item, so that it can be made again and is recognised.

REAPER keeps such data of an object under keys (`P_EXT:KEY` in its API) and writes them as lines
`KEY VALUE` of an EXT block. For tracks and envelopes that block is documented and seen in public
projects; that items have it in the same form is concluded from the API, which gives items the same
keys, and not verified in a running REAPER. A REAPER that does not know the block skips it; the
same facts lie beside the stems in job.json.

The value is one JSON object in ASCII: job, kind, engine, engine_version, parameters, and the
stem's role, or for takes the names of their files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hanolab_dawtools.hosts.project.identity import StemFile
from hanolab_dawtools.hosts.project.naming import provenance_text
from hanolab_dawtools.hosts.project.timeline import Item, Take
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.tokens import quoted
from hanolab_dawtools.placement import Placement

KEY = "hanolab"
_SAFE = str.maketrans({"'": "\\u0027", "`": "\\u0060"})  # so that single quotes can hold it


def stem_block(
    placement: Placement, stem: StemFile, *, music_seconds: float | None = None
) -> list[str]:
    """The EXT block of an item that plays a stem; of one that rings on, with its music's length."""
    more = {"role": stem.role.value}
    seconds = {} if music_seconds is None else {"seconds": music_seconds}
    return ["<EXT", f"  {_line(KEY, placement, {**more, **seconds})}", ">"]


def music_seconds(document: Document, item: Item) -> float:
    """How much of an item is the music that it stands for; less than its length if it rings on."""
    for facts in _read(document, item):
        seconds = facts.get("seconds")
        if isinstance(seconds, int | float) and 0.0 < seconds < item.length_seconds:
            return float(seconds)
    return item.length_seconds


def has_takes(document: Document, item: Item) -> bool:
    """Whether a job has given takes to an item."""
    return any("takes" in facts for facts in _read(document, item))


def takes_line(placement: Placement, stems: list[StemFile]) -> str:
    """The line for the EXT block of an item that has stems as takes; its key is the job's own."""
    files = [stem.path.name for stem in stems]
    return _line(f"{KEY}_{placement.job_id}", placement, {"takes": files})


def origins(document: Document, item: Item) -> list[str]:
    """The jobs, in a user's words, that made what an item plays; empty for other items."""
    told = []
    for facts in _read(document, item):
        takes = facts.get("takes")
        if isinstance(takes, list) and _file_name(item.take) not in takes:
            continue
        how = ", ".join(str(facts[key]) for key in ("kind", "engine") if facts.get(key))
        told.append(f"job {facts['job']} ({how})" if how else f"job {facts['job']}")
    return told


def _line(key: str, placement: Placement, more: Mapping[str, Any]) -> str:
    return f"{key} {quoted(provenance_text(placement, more).translate(_SAFE))}"


def _read(document: Document, item: Item) -> Iterator[Mapping[str, Any]]:
    for block in document.blocks[item.lines.start].named("EXT"):
        for number, child in document.entries(block):
            fields = () if child is not None else document.fields(number)
            if len(fields) < 2 or not fields[0].startswith(KEY):
                continue
            try:
                facts = json.loads(fields[1])
            except (ValueError, RecursionError):  # somebody else's, or damaged
                continue
            if isinstance(facts, dict) and isinstance(facts.get("job"), str):
                yield facts


def _file_name(take: Take | None) -> str:
    if take is None or take.source is None or take.source.file is None:
        return ""
    return take.source.file.replace("\\", "/").rpartition("/")[2]
