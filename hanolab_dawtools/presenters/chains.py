"""The chains of the current preset: before the job, and behind it for each result.

Every edit makes a new preset and hands it to its holder; what is shown comes from there alone. An
effect whose plug-in is missing is shown with the way out, and never dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hanolab_dawtools.audio.effect_entries import table_from_effect
from hanolab_dawtools.audio.effect_table import EFFECTS, MIX, VST3, checked
from hanolab_dawtools.audio.effects import EffectSpec, Value
from hanolab_dawtools.errors import UsageError
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.chain_edits import (
    Chain,
    EffectPath,
    chain_at,
    check_place,
    effect_at,
    inserted,
    moved,
    proven,
    removed,
    replaced,
    walk,
    with_branch,
    without_branch,
)
from hanolab_dawtools.presenters.chain_rows import (
    ChainView,
    Place,
    editor_of,
    is_there,
    places_of,
    rows_of,
)
from hanolab_dawtools.presenters.chain_words import Found, find_effects
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.plugin_shelf import PluginHome, PluginShelf
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.presets.schema import Preset


class PresetHolder(Protocol):
    """Holds the preset in use; `PresetPresenter` is one."""

    current_changed: Event

    @property
    def current(self) -> Preset:
        """The preset in use, as it is now."""
        ...

    def put(self, preset: Preset) -> None:
        """Use a changed one in its place."""
        ...


class ChainPresenter(Presenter[ChainView]):
    """Edits the chains of the preset that `holder` holds."""

    def __init__(
        self,
        workers: Workers,
        holder: PresetHolder,
        home: PluginHome,
        messages: MessagesPresenter,
    ) -> None:
        super().__init__(ChainView())
        self._holder = holder
        self._messages = messages
        self._effects: Chain = ()
        self.shelf = PluginShelf(workers, home, messages)
        holder.current_changed.connect(self._refresh)
        self.shelf.changed.connect(self._refresh)
        self._refresh()

    @property
    def effects(self) -> Chain:
        """The effects of the chain that is shown."""
        return self._effects

    @property
    def effects_before(self) -> Chain:
        """The effects before the job."""
        return self._effects_of(None)

    def choose_place(self, place: Place) -> None:
        """Show another chain."""
        self._refresh(place=place, selected=None)

    def select(self, path: EffectPath | None) -> None:
        """Show what can be set in an effect, or select a branch to add to."""
        self._refresh(selected=path)

    def find(self, query: str) -> list[Found]:
        """What may be added, by words of its name or of what it does."""
        if self.shelf.view.installed is None:
            self.shelf.list_installed()
        return find_effects(query, self.shelf.view.installed or ())

    def add(self, found: Found) -> None:
        """Add an effect behind the selected one, or to the selected branch."""
        if found.plugin is not None:
            self.add_plugin(found.plugin)
        elif found.name == MIX:
            self._insert(EffectSpec(MIX, branches=((), ())))
        else:
            self._insert(EffectSpec(found.name))

    def add_plugin(self, path: Path) -> None:
        """Load a plug-in from its file, and add it."""
        self.shelf.choose(path, self._insert)

    def locate_plugin(self, path: Path) -> None:
        """Use this file for the selected plug-in, which keeps its values as far as it has them."""
        at = self.view.selected

        def located(made: EffectSpec) -> None:
            spec = None if at is None else effect_at(self.effects, at)
            if at is None or spec is None or spec.name != VST3:
                return
            kept = dict(spec.parameters) | {"path": made.parameters["path"]}
            is_same = spec.parameters["plugin"] == made.parameters["plugin"]
            new = replace(spec, parameters=kept) if is_same else made
            self._put(replaced(self.effects, at, replace(new, is_bypassed=spec.is_bypassed)), at)

        self.shelf.choose(path, located)

    def allow_plugin_folder(self) -> None:
        """Allow the folder in which the selected plug-in lies, although the preset found it."""
        spec = self._selected_effect()
        if spec is not None and spec.name == VST3:
            self.locate_plugin(Path(str(spec.parameters["path"])))

    def remove(self) -> None:
        """Take the selected effect, or branch, out of the chain."""
        path = self.view.selected
        if path is None:
            return
        if len(path) % 2 == 0:
            self._change(path[:-1], lambda spec: without_branch(spec, path[-1]), path[:-1])
            return
        rest = removed(self.effects, path)
        after = path if effect_at(rest, path) else (*path[:-1], path[-1] - 1)
        self._put(rest, after if effect_at(rest, after) else path[:-1] or None)

    def duplicate(self) -> None:
        """Add a copy of the selected effect behind it."""
        spec, path = self._selected_effect(), self.view.selected
        if spec is not None and path is not None:
            self._put_in((*path[:-1], path[-1] + 1), spec)

    def move(self, path: EffectPath, to: EffectPath) -> None:
        """Move an effect to where another is, or behind the last one of a chain."""
        spec = effect_at(self.effects, path)
        if spec is None:
            return
        try:
            check_place(to, spec)
        except UsageError as error:
            self._messages.tell(error)
            return
        self._put(*moved(self.effects, path, to))

    def move_up(self) -> None:
        """Move the selected effect one up; out of its mix or into the branch before, at the top."""
        path = self._selected_path()
        if path is None:
            return
        if path[-1] > 0:
            self.move(path, (*path[:-1], path[-1] - 1))
        elif len(path) > 1 and path[-2] > 0:
            before = (*path[:-2], path[-2] - 1)
            self.move(path, (*before, len(chain_at(self.effects, before) or ())))
        elif len(path) > 1:
            self.move(path, path[:-2])

    def move_down(self) -> None:
        """Move the selected effect one down; into the next branch or out of its mix, at the end."""
        path = self._selected_path()
        if path is None:
            return
        if path[-1] + 1 < len(chain_at(self.effects, path[:-1]) or ()):
            self.move(path, (*path[:-1], path[-1] + 2))
        elif len(path) > 1:
            branch = (*path[:-2], path[-2] + 1)
            has_next = chain_at(self.effects, branch) is not None
            self.move(path, (*branch, 0) if has_next else (*path[:-3], path[-3] + 1))

    def move_in(self) -> None:
        """Move the selected effect into the last branch of the mix before it."""
        path = self._selected_path()
        if path is None or path[-1] == 0:
            return
        mix_path = (*path[:-1], path[-1] - 1)
        mix = effect_at(self.effects, mix_path)
        if mix is not None and mix.branches:
            last = len(mix.branches) - 1
            self.move(path, (*mix_path, last, len(mix.branches[last])))

    def move_out(self) -> None:
        """Move the selected effect out of its mix, behind it."""
        path = self._selected_path()
        if path is not None and len(path) > 1:
            self.move(path, (*path[:-3], path[-3] + 1))

    def set_bypass(self, path: EffectPath, is_bypassed: bool) -> None:
        """Keep an effect without applying it, or apply it again."""
        self._change(path, lambda spec: replace(spec, is_bypassed=is_bypassed), self.view.selected)

    def add_branch(self) -> None:
        """Give the selected mix a branch more."""
        if (path := self._selected_path()) is not None:
            self._change(path, with_branch, path)

    def set_value(self, name: str, value: Value) -> None:
        """Set a parameter of the selected effect, or of its plug-in."""
        if (path := self._selected_path()) is None:
            return

        def changed(spec: EffectSpec) -> EffectSpec:
            if spec.name == VST3:
                return replace(spec, plugin_values={**spec.plugin_values, name: value})
            return replace(spec, parameters={**spec.parameters, name: value})

        self._change(path, changed, path)

    def reset_value(self, name: str) -> None:
        """Set a parameter back to its default, or a plug-in's to what it was stored with."""
        if (path := self._selected_path()) is None:
            return

        def changed(spec: EffectSpec) -> EffectSpec:
            if spec.name == VST3:
                kept = {key: each for key, each in spec.plugin_values.items() if key != name}
                return replace(spec, plugin_values=kept)
            default = EFFECTS[spec.name].parameter(name).default
            return replace(spec, parameters={**spec.parameters, name: default})

        self._change(path, changed, path)

    def _insert(self, spec: EffectSpec) -> None:
        """Add an effect behind the selected one, in the selected branch, or at the end."""
        path, effects = self.view.selected, self.effects
        if path is None or (len(path) % 2 == 0 and chain_at(effects, path) is None):
            at: EffectPath = (len(effects),)
        elif len(path) % 2 == 0:
            at = (*path, len(chain_at(effects, path) or ()))
        else:
            at = (*path[:-1], path[-1] + 1)
        self._put_in(at, spec)

    def _put_in(self, at: EffectPath, spec: EffectSpec) -> None:
        try:
            check_place(at, spec)
        except UsageError as error:
            self._messages.tell(error)
            return
        self._put(inserted(self.effects, at, checked(spec)), at)

    def _change(
        self,
        path: EffectPath,
        change: Callable[[EffectSpec], EffectSpec],
        selected: EffectPath | None,
    ) -> None:
        spec = effect_at(self.effects, path)
        if spec is None:
            return
        try:
            new = change(spec)
        except UsageError as error:
            self._messages.tell(error)
            return
        self._put(replaced(self.effects, path, new), selected)

    def _put(self, chain: Chain, selected: EffectPath | None) -> None:
        """Make it the chain of the place that is shown, if it is a good one."""
        try:
            tables = [table_from_effect(spec) for spec in proven(chain)]
        except UsageError as error:
            self._messages.tell(error)
            return
        preset, place = self._holder.current, self.view.place
        if place is None:
            new = preset.model_copy(update={"before": tables})
        else:
            chains = {**preset.after, place: tables}
            after = {role: chains[role] for role in StemRole if chains.get(role)}
            new = preset.model_copy(update={"after": after})
        self._show(replace(self.view, selected=selected))
        self._holder.put(new)
        self._refresh()

    def _effects_of(self, place: Place) -> Chain:
        preset = self._holder.current
        if place is None:
            return preset.effects_before()
        return preset.effects_after().get(place, ())

    def _selected_path(self) -> EffectPath | None:
        path = self.view.selected
        return path if path is not None and len(path) % 2 == 1 else None

    def _selected_effect(self) -> EffectSpec | None:
        path = self._selected_path()
        return None if path is None else effect_at(self.effects, path)

    def _refresh(self, **wanted: object) -> None:
        """Show what the preset holds now."""
        view = replace(self.view, **wanted)  # type: ignore[arg-type]  # its own fields
        places = places_of(self._holder.current)
        place = view.place if view.place in {row.place for row in places} else None
        effects, selected = self._effects_of(place), view.selected
        if selected is not None and not is_there(effects, selected):
            selected = None
        self._effects = effects
        shelf = self.shelf.view
        self._show(
            ChainView(
                places=places,
                place=place,
                rows=tuple(rows_of(effects, self.shelf)),
                selected=selected,
                editor=editor_of(effects, selected, self.shelf),
                installed=shelf.installed,
                question=shelf.question,
                loading=shelf.loading,
            )
        )
        self.shelf.look_for(spec for _, spec in walk(effects))
        spec = self._selected_effect()
        if spec is not None and spec.name == VST3:
            self.shelf.load(spec)
