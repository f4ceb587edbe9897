"""Effects in a user's words: their names, what is set in them, and how they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.audio.effect_table import EFFECTS, GSM, MIX, VST3
from hanolab_dawtools.audio.effects import EffectSpec, Parameter
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.knobs import label_of, value_text

_TITLES = {"mp3": "MP3", GSM: "GSM phone", MIX: "Mix of branches", VST3: "VST3 plug-in"}
_MEANINGS = {MIX: "Chains side by side, summed."}  # the table's speak of a preset's file
N_IN_SUMMARY = 3


@dataclass(frozen=True)
class Found:
    """What may be added: an effect by `name`, or a plug-in by `plugin`, its file."""

    title: str
    meaning: str
    note: str = ""
    name: str = ""
    plugin: Path | None = None


def effect_title(name: str) -> str:
    """An effect's name as a user reads it."""
    return _TITLES.get(name) or label_of(name)


def meaning_of(name: str) -> str:
    """What an effect does."""
    return _MEANINGS.get(name, EFFECTS[name].meaning)


def title_of(spec: EffectSpec) -> str:
    """What an effect of a chain is called."""
    if spec.name == VST3:
        path = str(spec.parameters.get("path", ""))
        return str(spec.parameters.get("plugin", "")) or Path(path).stem or effect_title(VST3)
    return effect_title(spec.name)


def summary_of(spec: EffectSpec) -> str:
    """What is set in it, shortly: what differs from the defaults, else its first value."""
    if spec.name == VST3:
        return str(spec.parameters.get("vendor", ""))
    if spec.name == MIX:
        count = len(spec.branches)
        return f"{count} branch" if count == 1 else f"{count} branches"
    fields = EFFECTS[spec.name].parameters
    told = [each for each in fields if spec.parameters[each.name] != each.default] or fields[:1]
    texts = []
    for each in told[:N_IN_SUMMARY]:
        value = spec.parameters[each.name]
        if isinstance(each, Parameter):
            shown = value_text(value, each.unit)
            is_clear = bool(each.unit)
            texts.append(shown if is_clear else f"{label_of(each.name).lower()} {shown}")
        elif value != "":
            texts.append(Path(str(value)).name if getattr(each, "is_file", False) else str(value))
    return ", ".join(texts)


def place_text(place: StemRole | None) -> str:
    """Where a chain stands: None is before the job."""
    if place is None:
        return "Before the job"
    if place is StemRole.PROCESSED:
        return "Behind the effects before"
    return f"After: {place.value}"


def find_effects(query: str, plugins: Sequence[Path]) -> list[Found]:
    """Effects and plug-ins that have every word of the query in name, meaning or parameters.

    Those whose name has it come first; an empty query finds everything.
    """
    words = query.casefold().split()
    offered = [
        (
            Found(
                effect_title(effect.name), meaning_of(effect.name), effect.note, name=effect.name
            ),
            " ".join((effect.name, *(f"{each.name} {each.meaning}" for each in effect.parameters))),
        )
        for effect in EFFECTS.values()
        if effect.name != VST3
    ]
    offered += [
        (Found(path.stem, f"VST3 plug-in, {path.parent}", plugin=path), "") for path in plugins
    ]
    found = [
        (any(word not in each.title.casefold() for word in words), each)
        for each, more in offered
        if all(word in f"{each.title} {each.meaning} {more}".casefold() for word in words)
    ]
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]
