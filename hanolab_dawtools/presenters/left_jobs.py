"""Which jobs a closing panel has stopped: the next one offers to go on with them.

Stopping a job in good order stores it as cancelled, as if the user had done it. This file tells the
two apart; a panel that was killed leaves its jobs unfinished, which tells enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from hanolab_dawtools import durable

FILE_NAME = "panel-left.json"


def remember(folder: Path, job_ids: Iterable[str]) -> None:
    """Keep the ids of the jobs in a folder; raises `OutputError` when it cannot be written."""
    durable.write_text(folder / FILE_NAME, json.dumps(sorted(job_ids)))


def recall(folder: Path) -> frozenset[str]:
    """The ids that were kept; none when there is no such file, or it makes no sense."""
    try:
        kept = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(map(str, kept)) if isinstance(kept, list) else frozenset()
