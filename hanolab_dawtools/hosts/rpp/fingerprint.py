"""Whether the items that were captured are still as they were.

A long job may end after the user saved the project again. Stems may go into the newer file as
long as the captured items are the same; what only concerns the eye (selection, colour, names)
does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from hanolab_dawtools.hosts.project.timeline import Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.tokens import keyword

_UNHEARD = frozenset({b"SEL", b"COLOR", b"IID", b"NAME", b"TKM", b"YPOS"})


def fingerprint(document: Document, timeline: Timeline, item_ids: Collection[str]) -> str:
    """SHA-256, in hex, over the lines that say how these items sound, in the order of the file."""
    digest = hashlib.sha256()
    for _, item in timeline.items():  # noqa: PERF102 - no dict: pairs of track and item
        if item.id not in item_ids:
            continue
        for line in document.lines[item.lines.start : item.lines.stop]:
            if keyword(line) not in _UNHEARD:
                digest.update(line.strip() + b"\n")
    return digest.hexdigest()
