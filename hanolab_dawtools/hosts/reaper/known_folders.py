"""The resource folders that we installed into, so that a portable one is found without running.

`<runtime folder>/resource_folders.json` is a list of paths; one that is damaged counts as empty,
because installing again writes it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from hanolab_dawtools import durable
from hanolab_dawtools.hosts.reaper.ini_files import read_file, remove_file

_NAME = "resource_folders.json"


def read(runtime_folder: Path) -> list[Path]:
    """The folders, oldest first; they may be gone."""
    content = read_file(runtime_folder / _NAME)
    try:
        values = json.loads(content) if content else []
    except (ValueError, RecursionError):
        return []
    is_list = isinstance(values, list)
    return [Path(value) for value in values if isinstance(value, str)] if is_list else []


def add(runtime_folder: Path, folder: Path) -> None:
    """Remember a folder."""
    before = read(runtime_folder)
    if folder not in before:
        _write(runtime_folder, [*before, folder])


def remove(runtime_folder: Path, folder: Path) -> None:
    """Forget a folder."""
    before = read(runtime_folder)
    if folder in before:
        _write(runtime_folder, [each for each in before if each != folder])


def _write(runtime_folder: Path, folders: Iterable[Path]) -> None:
    texts = [str(folder) for folder in folders]
    path = runtime_folder / _NAME
    if texts:
        durable.write_text(path, json.dumps(texts) + "\n")
    else:
        remove_file(path)
