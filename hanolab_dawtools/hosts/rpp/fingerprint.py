"""Whether the items that were captured are still as they were.

A long job may end after the user saved the project again. Stems may go into the newer file as
long as the captured items are the same; what only concerns the eye (selection, colour, names)
does not count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

from hanolab_dawtools.hosts.project.timeline import Item, Timeline
from hanolab_dawtools.hosts.rpp.document import Document
from hanolab_dawtools.hosts.rpp.tokens import keyword

_UNHEARD = frozenset({b"SEL", b"COLOR", b"IID", b"NAME", b"TKM", b"YPOS"})


def fingerprint(document: Document, timeline: Timeline, item_ids: Collection[str]) -> str:
    """SHA-256, in hex, over the lines that say how these items sound, in the order of the file."""
    wanted = frozenset(item_ids)
    return digest_of(document, (item for _, item in timeline.items() if item.id in wanted))


def digest_of(document: Document, items: Iterable[Item]) -> str:
    """The fingerprint of items that are given in the order of the file."""
    digest = hashlib.sha256()
    for item in items:
        for line in document.lines[item.lines.start : item.lines.stop]:
            if keyword(line) not in _UNHEARD:
                digest.update(line.strip() + b"\n")
    return digest.hexdigest()
