"""What is shown of the presets, and what may be asked about them."""

from __future__ import annotations

from dataclasses import dataclass

from hanolab_dawtools.presenters.preset_rows import PresetRow
from hanolab_dawtools.presets.library import PresetEntry
from hanolab_dawtools.presets.schema import Preset

PLAIN = {"separate": "Separate", "convert": "Convert", "none": "Effects only"}
"""The factory preset that each quick choice starts from, by the kind of job."""


@dataclass(frozen=True)
class Question:
    """What must be answered before something is replaced or removed."""

    sentence: str
    yes: str


@dataclass(frozen=True)
class NameCheck:
    """Whether a preset can be saved by a name, and what there is to say about it."""

    sentence: str = ""
    is_allowed: bool = True
    replaces: bool = False


@dataclass(frozen=True)
class PresetsView:
    """The list as searched, and how it stands with the preset in use.

    Attributes
    ----------
    what
        The quick choice that the job belongs to: a key of `PLAIN`.
    state
        Whose the preset is and whether it holds unsaved changes, in words.
    save_words
        What saving would do.
    """

    current: Preset
    rows: tuple[PresetRow, ...] = ()
    search: str = ""
    n_all: int = 0
    what: str = "separate"
    state: str = ""
    is_dirty: bool = False
    save_words: str = ""
    can_save: bool = False
    can_revert: bool = False
    can_remove: bool = False
    is_loading: bool = False
    question: Question | None = None


def save_words(name: str, entry: PresetEntry | None) -> str:
    """What saving a preset by its name would do."""
    if entry is not None and entry.is_factory:
        return f"Save as a preset of yours, which is used instead of the factory's {name!r}"
    return f"Save {name!r}"
