"""The sources that were opened last, kept from one start to the next."""

from __future__ import annotations

import json
from pathlib import Path

from hanolab_dawtools import durable

MAX_KEPT = 10
FILE_NAME = "recent.json"
_MAX_BYTES = 1 << 20


def read_recent(folder: Path) -> tuple[Path, ...]:
    """The kept paths, the latest first; none where the file is missing or not ours."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            values = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return ()
    if not isinstance(values, list):
        return ()
    return tuple(Path(text) for text in values if isinstance(text, str) and text)[:MAX_KEPT]


def keep_recent(folder: Path, path: Path) -> tuple[Path, ...]:
    """Put a path in front of the kept ones; what is kept then.

    Raises
    ------
    NotWritable, DiskFull
    """
    paths = (path, *(other for other in read_recent(folder) if other != path))[:MAX_KEPT]
    with durable.translated_os_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        durable.write_text(folder / FILE_NAME, json.dumps([str(one) for one in paths], indent=1))
    return paths
