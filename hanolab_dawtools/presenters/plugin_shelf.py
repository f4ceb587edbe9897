"""The VST3 plug-ins that chains may use: what is installed, what is missing, what each can do.

All of it is looked up in the background; a plug-in is loaded in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hanolab_dawtools.audio.effect_table import VST3, checked
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.errors import HanolabError, SetupError, UsageError
from hanolab_dawtools.presenters.messages import MessagesPresenter
from hanolab_dawtools.presenters.observing import Presenter
from hanolab_dawtools.presenters.working import Workers

if TYPE_CHECKING:
    from hanolab_dawtools.audio.plugins import PluginInfo, PluginRack

SUFFIX = ".vst3"  # as `audio.plugins.SUFFIX`, without importing it


class PluginHome(Protocol):
    """What is needed of `Services`."""

    @property
    def plugins(self) -> PluginRack:
        """The plug-ins in the allowed folders."""
        ...

    def read_settings_again(self) -> None:
        """Take over what the settings say now."""
        ...


PluginKey = tuple[str, str, str, str]  # name, vendor, path and state, as a preset has them


@dataclass(frozen=True)
class PluginState:
    """What is known of a plug-in of a preset.

    Attributes
    ----------
    problem
        Why it cannot be used; empty: nothing is wrong, as far as is known.
    outside
        It is there, but in this folder, which is not allowed.
    info
        What it says of itself; None before it was loaded.
    """

    is_looked_for: bool = False
    is_loading: bool = False
    problem: str = ""
    hint: str = ""
    outside: Path | None = None
    info: PluginInfo | None = None


@dataclass(frozen=True)
class FolderQuestion:
    """A plug-in that was chosen lies in a folder that is not allowed yet."""

    plugin: Path

    @property
    def folder(self) -> Path:
        """The folder to be allowed."""
        return self.plugin.parent

    @property
    def sentence(self) -> str:
        """What is asked."""
        return (
            f"{self.plugin.stem} lies in {self.folder}, which is not an allowed folder. Plug-ins "
            "are programs: allow only folders that you trust."
        )


@dataclass(frozen=True)
class ShelfView:
    """`installed`: files of the plug-ins that may be loaded; None before they were looked for."""

    installed: tuple[Path, ...] | None = None
    loading: str = ""
    question: FolderQuestion | None = None


class PluginShelf(Presenter[ShelfView]):
    """Finds and loads plug-ins for chains; `changed` also tells of news of single ones."""

    def __init__(self, workers: Workers, home: PluginHome, messages: MessagesPresenter) -> None:
        super().__init__(ShelfView())
        self._workers = workers
        self._home = home
        self._messages = messages
        self._states: dict[PluginKey, PluginState] = {}
        self._then: Callable[[EffectSpec], None] = _nothing

    def state_of(self, spec: EffectSpec) -> PluginState:
        """What is known of the plug-in of a `vst3` effect."""
        return self._states.get(_key(spec), PluginState())

    def list_installed(self) -> None:
        """Look for plug-ins in the allowed folders."""

        def listed(found: list[Path]) -> None:
            self._show(replace(self.view, installed=tuple(found)))

        self._workers.run(
            "plug-ins list",
            lambda _: self._home.plugins.installed(),
            done=listed,
            failed=self._messages.tell,
        )

    def look_for(self, specs: Iterable[EffectSpec]) -> None:
        """Find out whether the plug-ins of these effects are there, where that is not known."""
        unknown = {
            _key(spec): spec
            for spec in specs
            if spec.name == VST3 and not self.state_of(spec).is_looked_for
        }
        if not unknown:
            return
        for key in unknown:
            self._states[key] = PluginState(is_looked_for=True)

        def looked(found: dict[PluginKey, PluginState]) -> None:
            for key, state in found.items():
                self._states[key] = state
            self.changed.emit()

        self._workers.run(
            f"plug-ins {sorted(key[:3] for key in unknown)}",
            lambda _: {key: self._look(spec) for key, spec in unknown.items()},
            done=looked,
            failed=self._messages.tell,
        )

    def look_again(self) -> None:
        """Forget what is known, because something was installed or allowed."""
        self._states.clear()
        self.list_installed()
        self.changed.emit()

    def load(self, spec: EffectSpec) -> None:
        """Learn what a plug-in can do, if that is not known."""
        key, state = _key(spec), self.state_of(spec)
        if state.is_loading or state.info is not None or state.problem:
            return
        plain = replace(spec, plugin_values={})
        self._set(key, replace(state, is_looked_for=True, is_loading=True))

        def loaded(info: PluginInfo) -> None:
            self._set(key, PluginState(is_looked_for=True, info=info))

        def failed(error: HanolabError) -> None:
            found = PluginState(True, problem=str(error), hint=error.hint)
            self._set(key, replace(found, outside=state.outside))

        self._workers.run(
            f"plug-in {key[:3]}",
            lambda _: self._home.plugins.describe(checked(plain)),
            done=loaded,
            failed=failed,
        )

    def choose(self, path: Path, then: Callable[[EffectSpec], None]) -> None:
        """Load a plug-in's file and hand the effect on; ask first if its folder is not allowed."""
        self._then = then
        self._show(replace(self.view, loading=path.stem, question=None))
        self._workers.run(
            "plug-in chosen",
            lambda _: self._described(path),
            done=self._chosen,
            failed=self._refused,
        )

    def allow_folder(self) -> None:
        """Allow the folder that was asked for, and go on."""
        question = self.view.question
        if question is None:
            return
        self._show(replace(self.view, question=None, loading=question.plugin.stem))

        def allowed(_: None) -> None:
            self.look_again()
            self.choose(question.plugin, self._then)

        self._workers.run(
            "plug-in chosen",
            lambda _: self._allow(question.folder),
            done=allowed,
            failed=self._refused,
        )

    def decline_folder(self) -> None:
        """Leave the folder as it is."""
        self._show(replace(self.view, question=None))

    def _look(self, spec: EffectSpec) -> PluginState:
        rack = self._home.plugins
        try:
            rack.find(checked(spec))
        except SetupError as error:
            path = Path(str(spec.parameters["path"])).expanduser()
            is_outside = path.suffix.casefold() == SUFFIX and path.exists()
            outside = path.parent if is_outside else None
            return PluginState(True, problem=str(error), hint=error.hint, outside=outside)
        return PluginState(is_looked_for=True)

    def _described(self, chosen: Path) -> tuple[EffectSpec, PluginInfo] | FolderQuestion:
        path = _plugin_of(chosen)
        if not self._home.plugins.is_allowed(path):
            return FolderQuestion(path)
        spec = checked(EffectSpec(VST3, {"path": str(path)}))
        info = self._home.plugins.describe(spec)
        if info.is_instrument:
            raise UsageError(
                f"{info.name} is an instrument: it makes sound and takes none",
                hint="Choose a plug-in that is an effect.",
            )
        named = {"plugin": info.name, "vendor": info.vendor, "path": str(path)}
        return checked(EffectSpec(VST3, {**named, "state": info.state})), info

    def _allow(self, folder: Path) -> None:
        from hanolab_dawtools.settings_writer import update_settings

        home = self._home
        folders = [str(each) for each in home.plugins.folders]
        update_settings({"plugin_folders": [*folders, str(folder)]})
        home.read_settings_again()
        if not home.plugins.is_allowed(folder):
            raise SetupError(
                "the variable HANOLAB_PLUGIN_FOLDERS says which folders are allowed",
                hint=f"Add {folder} to it, or unset it, and start again.",
            )

    def _chosen(self, outcome: tuple[EffectSpec, PluginInfo] | FolderQuestion) -> None:
        if isinstance(outcome, FolderQuestion):
            self._show(replace(self.view, loading="", question=outcome))
            return
        spec, info = outcome
        self._states[_key(spec)] = PluginState(is_looked_for=True, info=info)
        self._show(replace(self.view, loading=""))
        self._then(spec)

    def _refused(self, error: HanolabError) -> None:
        self._show(replace(self.view, loading=""))
        self._messages.tell(error)

    def _set(self, key: PluginKey, state: PluginState) -> None:
        self._states[key] = state
        self.changed.emit()


def _key(spec: EffectSpec) -> PluginKey:
    plugin, vendor, path, state = (
        str(spec.parameters.get(name, "")) for name in ("plugin", "vendor", "path", "state")
    )
    return plugin, vendor, path, state


def _plugin_of(path: Path) -> Path:
    """The plug-in that a file belongs to: the outermost bundle that holds it, or itself."""
    whole = path.expanduser().absolute()
    for each in reversed((whole, *whole.parents)):
        if each.suffix.casefold() == SUFFIX:
            return each
    raise UsageError(
        f"{path} is no VST3 plug-in", hint="Choose a file or folder that ends in .vst3."
    )


def _nothing(_: EffectSpec) -> None:
    pass
