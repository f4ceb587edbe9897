"""Rows of the preset list: what each tells of its preset, and which of them a search finds."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.presets.library import PresetEntry

WHAT = {
    "none": "effects",
    "separate": "separate",
    "convert": "convert",
    "convert-flash": "convert without a trained model",
}


@dataclass(frozen=True)
class PresetRow:
    """One file of the list.

    Attributes
    ----------
    path
        Stands for the row; names may come twice.
    origin
        Whose it is.
    problem
        Why it cannot be used; empty for one that can.
    """

    path: Path
    name: str
    origin: str
    what: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    problem: str = ""
    is_current: bool = False
    is_dirty: bool = False

    @property
    def note(self) -> str:
        """One line beside the name."""
        parts = [self.what or "cannot be used", self.origin]
        return ", ".join([*parts, "changed"] if self.is_dirty else parts)


def row_of(entry: PresetEntry, *, is_current: bool, is_dirty: bool) -> PresetRow:
    """The row of a preset's file."""
    preset, problem = entry.preset, entry.problem
    reason = ""
    if problem is not None:
        reason = f"{problem.field}: {problem.reason}" if problem.field else problem.reason
    return PresetRow(
        entry.path,
        entry.name,
        entry.origin,
        WHAT[preset.job.kind] if preset else "",
        preset.description.strip() if preset else "",
        tuple(preset.tags) if preset else (),
        reason,
        is_current,
        is_dirty,
    )


def filtered(rows: Sequence[PresetRow], search: str) -> tuple[PresetRow, ...]:
    """The rows in which every word of a search is found, letter case and accents aside."""
    words = _plain(search).split()
    return tuple(row for row in rows if all(word in _text(row) for word in words))


def _text(row: PresetRow) -> str:
    return _plain(" ".join([row.name, row.note, row.description, *row.tags, row.problem]))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).casefold()
