"""What is shown of a preset's chains: which there are, one's effects in rows, and one effect.

Rows are flat: an effect inside a mix follows the row of its branch, and its path says how deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hanolab_dawtools.audio.effect_table import EFFECTS, MIX, VST3
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.chain_edits import Chain, EffectPath, chain_at, effect_at
from hanolab_dawtools.presenters.chain_words import meaning_of, place_text, summary_of, title_of
from hanolab_dawtools.presenters.knobs import Knob, knob_of, plugin_knobs
from hanolab_dawtools.presenters.plugin_shelf import FolderQuestion, PluginShelf

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset

Place = StemRole | None  # None: before the job


@dataclass(frozen=True)
class PlaceRow:
    """A chain that can be edited. `is_idle`: the job makes no such result, so it does nothing."""

    place: Place
    label: str
    n_effects: int = 0
    is_idle: bool = False


@dataclass(frozen=True)
class EffectRow:
    """An effect of the chain, or a branch of a mix (its path has an even length)."""

    path: EffectPath
    title: str
    summary: str = ""
    is_bypassed: bool = False
    problem: str = ""

    @property
    def is_branch(self) -> bool:
        """Whether it is a branch, to which effects can be added."""
        return len(self.path) % 2 == 0


@dataclass(frozen=True)
class EffectEditor:
    """The selected effect with all that can be set in it.

    `outside`: its plug-in lies in this folder, which is not allowed.
    """

    path: EffectPath
    name: str
    title: str
    meaning: str = ""
    note: str = ""
    knobs: tuple[Knob, ...] = ()
    is_bypassed: bool = False
    is_loading: bool = False
    problem: str = ""
    hint: str = ""
    outside: Path | None = None

    @property
    def is_mix(self) -> bool:
        """Whether it has branches."""
        return self.name == MIX

    @property
    def is_plugin(self) -> bool:
        """Whether it is a plug-in of the user's own."""
        return self.name == VST3


@dataclass(frozen=True)
class ChainView:
    """One chain with its selected row, and the others that could be shown instead.

    Attributes
    ----------
    installed
        Plug-ins that could be added; None: they are still looked for.
    question
        Whether a folder of plug-ins may be allowed.
    loading
        The plug-in that is being loaded, to be added.
    """

    places: tuple[PlaceRow, ...] = ()
    place: Place = None
    rows: tuple[EffectRow, ...] = ()
    selected: EffectPath | None = None
    editor: EffectEditor | None = None
    installed: tuple[Path, ...] | None = None
    question: FolderQuestion | None = None
    loading: str = ""


def places_of(preset: Preset) -> tuple[PlaceRow, ...]:
    """The chains that the preset's job can have, and those that it has."""
    from hanolab_dawtools.presets.words import made_roles

    made = made_roles(preset.job)
    rows = [PlaceRow(None, place_text(None), len(preset.before))]
    for role in StemRole:
        if role in made or role in preset.after:
            n_effects = len(preset.after.get(role, ()))
            rows.append(PlaceRow(role, place_text(role), n_effects, role not in made))
    return tuple(rows)


def is_there(effects: Chain, path: EffectPath) -> bool:
    """Whether a path names an effect, or a branch."""
    found = chain_at(effects, path) if len(path) % 2 == 0 else effect_at(effects, path)
    return found is not None


def rows_of(effects: Chain, shelf: PluginShelf, at: EffectPath = ()) -> Iterator[EffectRow]:
    """A row for each effect, and for each branch of a mix."""
    for number, spec in enumerate(effects):
        path = (*at, number)
        problem = shelf.state_of(spec).problem if spec.name == VST3 else ""
        yield EffectRow(path, title_of(spec), summary_of(spec), spec.is_bypassed, problem)
        for branch, inner in enumerate(spec.branches):
            summary = "" if inner else "the sound as it is"
            yield EffectRow((*path, branch), f"Branch {branch + 1}", summary, spec.is_bypassed)
            yield from rows_of(inner, shelf, (*path, branch))


def editor_of(effects: Chain, path: EffectPath | None, shelf: PluginShelf) -> EffectEditor | None:
    """The effect with this path, with its knobs."""
    spec = effect_at(effects, path) if path is not None and len(path) % 2 == 1 else None
    if path is None or spec is None:
        return None
    effect = EFFECTS[spec.name]
    editor = EffectEditor(
        path,
        spec.name,
        title_of(spec),
        meaning_of(spec.name),
        effect.note,
        is_bypassed=spec.is_bypassed,
    )
    if spec.name != VST3:
        knobs = tuple(knob_of(each, spec.parameters[each.name]) for each in effect.parameters)
        return replace(editor, knobs=knobs)
    return _plugin_editor(editor, spec, shelf)


def _plugin_editor(editor: EffectEditor, spec: EffectSpec, shelf: PluginShelf) -> EffectEditor:
    state = shelf.state_of(spec)
    return replace(
        editor,
        knobs=plugin_knobs(state.info.parameters, spec.plugin_values) if state.info else (),
        is_loading=state.is_loading,
        problem=state.problem,
        hint=state.hint,
        outside=state.outside,
    )
