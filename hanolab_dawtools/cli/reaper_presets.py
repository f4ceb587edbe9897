"""Presets in REAPER: which one was used last, and choosing one by its number or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hanolab_dawtools.cli.reaper_screen import ReaperScreen
from hanolab_dawtools.cli.reaper_teller import Teller
from hanolab_dawtools.cli.session import Session
from hanolab_dawtools.errors import JobCancelled, PresetInvalid, PresetNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hanolab_dawtools.presets.schema import Preset

PRESET_KEY = "last_preset"
CONVERSION_KEY = "last_conversion_preset"
CONVERSIONS = frozenset({"convert", "convert-flash"})
MOST_ATTEMPTS = 5


class Memory:
    """The last presets, kept by REAPER from session to session; "" before the first."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    @property
    def preset(self) -> str:
        """The name of the last preset."""
        return self._recalled(PRESET_KEY)

    @property
    def conversion(self) -> str:
        """The name of the last preset that converts a voice."""
        return self._recalled(CONVERSION_KEY)

    def remember(self, preset: Preset) -> None:
        """Make a preset the last."""
        self._teller.call("remember", {"key": PRESET_KEY, "value": preset.name})
        if preset.job.kind in CONVERSIONS:
            self._teller.call("remember", {"key": CONVERSION_KEY, "value": preset.name})

    def _recalled(self, key: str) -> str:
        return self._teller.call("recall", {"key": key})["value"] or ""


def remembered_preset(session: Session, name: str) -> Preset | None:
    """The preset of a remembered name; None without a name, or when it cannot be used any more."""
    if not name:
        return None
    try:
        return session.services.presets.get(name)
    except (PresetNotFound, PresetInvalid) as error:
        session.screen.warn(f"the last preset cannot be used: {error}")
        return None


def last_or_chosen_preset(session: Session, screen: ReaperScreen, teller: Teller) -> Preset:
    """The last preset; without one the user chooses."""
    preset = remembered_preset(session, Memory(teller).preset)
    return preset or choose_preset(session, screen)


def choose_preset(session: Session, screen: ReaperScreen, *, converts: bool = False) -> Preset:
    """List the presets in the console and ask for one, until one is named.

    `converts`: only those that convert a voice.

    Raises
    ------
    JobCancelled
        The box was closed, or nothing that was typed named one.
    """
    from hanolab_dawtools.presets.words import KIND_WORDS

    usable = [entry.preset for entry in session.services.presets.entries() if entry.preset]
    presets = [preset for preset in usable if not converts or preset.job.kind in CONVERSIONS]
    lines = [
        f"{number:4}  {preset.name}  ({KIND_WORDS[preset.job.kind]})"
        for number, preset in enumerate(presets, 1)
    ]
    screen.show("\n".join(["HanoLab: presets", *lines]))
    names = [preset.name for preset in presets]
    caption = "Number or name of a preset"
    for _ in range(MOST_ATTEMPTS):
        answer = screen.prompt(caption)
        place = named_place(answer, names)
        if place is not None:
            return presets[place]
        caption = f"{answer!r} names no preset, or several; number or name"
    raise JobCancelled("no preset was named")


def named_place(answer: str, names: Sequence[str]) -> int | None:
    """The place in `names` that an answer means; None for none, or several.

    An answer is a number from 1, a name, or the beginning of one name alone, in either case.
    """
    from hanolab_dawtools.presets.library import name_key

    if answer.isascii() and answer.isdecimal() and 0 < int(answer[:9]) <= len(names):
        return int(answer[:9]) - 1
    wanted = name_key(answer)
    keys = [name_key(name) for name in names]
    if wanted in keys:
        return keys.index(wanted)
    begins = [place for place, key in enumerate(keys) if wanted and key.startswith(wanted)]
    return begins[0] if len(begins) == 1 else None
