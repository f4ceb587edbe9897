"""Paths in a project that is written to another folder: relative ones still lead to their files.

Rewritten are FILE in every SOURCE block (frozen originals too), RECORD_PATH, RENDER_FILE and
RESOURCEFN (an item's picture). A path keeps its text and gets the way back to the old folder put
in front, so that whatever it meant, it still means. Paths inside plug-in states are out of reach.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.hosts.rpp.document import Block
from hanolab_dawtools.hosts.rpp.edits import Edits
from hanolab_dawtools.hosts.rpp.tokens import is_writable, keyword

_PROJECT_LINES = {b"RECORD_PATH": (1, 2), b"RENDER_FILE": (1,)}
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:")


def relocate(edits: Edits, target_folder: Path, *, windows: bool) -> None:
    """Rewrite the relative paths of a project for a project file in `target_folder`.

    Raises
    ------
    UsageError
        The way back cannot be written into a project.
    """
    source_folder = edits.document.path.parent.resolve()
    try:
        way_back = os.path.relpath(source_folder, target_folder.resolve())
    except ValueError:  # another drive, on Windows
        way_back = str(source_folder)
    root = edits.document.root
    for number, child in edits.document.entries(root):
        indices = () if child else _PROJECT_LINES.get(keyword(edits.document.lines[number]), ())
        if indices:
            _rewrite(edits, number, indices, way_back, windows=windows)
    for block in edits.document.blocks.values():
        _rewrite_block(edits, block, way_back, windows=windows)


def _rewrite_block(edits: Edits, block: Block, way_back: str, *, windows: bool) -> None:
    key = {"SOURCE": b"FILE", "ITEM": b"RESOURCEFN"}.get(block.name)
    if key is None:
        return
    for number, child in edits.document.entries(block):
        if child is None and keyword(edits.document.lines[number]) == key:
            _rewrite(edits, number, (1,), way_back, windows=windows)


def _rewrite(
    edits: Edits, number: int, indices: tuple[int, ...], way_back: str, *, windows: bool
) -> None:
    fields = edits.document.fields(number)
    values = {
        index: _moved(fields[index], way_back, windows=windows)
        for index in indices
        if index < len(fields) and fields[index] and not _ABSOLUTE.match(fields[index])
    }
    for text in values.values():
        if not is_writable(text):
            raise UsageError(
                f"a REAPER project cannot name the file {text!r}: its path holds a line break or "
                "all three quote characters",
                hint="Choose another folder for the new project.",
            )
    if values:
        told = ", ".join(f'"{fields[index]}" to "{text}"' for index, text in values.items())
        edits.set_tokens(number, values, f"{fields[0]} goes from {told}")


def _moved(path: str, way_back: str, *, windows: bool) -> str:
    backslash = "\\" in path if "/" in path or "\\" in path else windows
    separator = "\\" if backslash and "/" not in path else "/"
    return way_back.replace(os.sep, separator) + separator + path
