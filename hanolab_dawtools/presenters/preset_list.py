"""The presets there are, the one in use with what was changed in it, their ways in and out.

Changes that are not saved stay with their preset until they are saved or reverted: who looks at
another preset meanwhile finds them again, so that no choice ever has to ask. What does ask
(replacing, removing) does so in the view, as a `Question`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hanolab_dawtools.durable import safe_name, translated_os_errors
from hanolab_dawtools.errors import HanolabError, PresetInvalid
from hanolab_dawtools.events import Stop
from hanolab_dawtools.presenters.messages import MessagesPresenter, Severity
from hanolab_dawtools.presenters.observing import Event, Presenter
from hanolab_dawtools.presenters.preset_disk import (
    Imported,
    give_out,
    read_imports,
    save_over,
    take_in,
)
from hanolab_dawtools.presenters.preset_rows import filtered, row_of
from hanolab_dawtools.presenters.preset_view import (
    PLAIN,
    NameCheck,
    PresetsView,
    Question,
    save_words,
)
from hanolab_dawtools.presenters.working import Workers
from hanolab_dawtools.presets.changes import with_values
from hanolab_dawtools.presets.files import preset_table
from hanolab_dawtools.presets.library import SUFFIX, PresetEntry, PresetLibrary, name_key
from hanolab_dawtools.presets.schema import Preset, SeparateJob


class PresetPresenter(Presenter[PresetsView]):
    """Holds the preset in use; `current_changed` tells of every change of it, edits included."""

    def __init__(
        self, library: PresetLibrary, workers: Workers, messages: MessagesPresenter
    ) -> None:
        self._library = library
        self._workers = workers
        self._messages = messages
        self._entries: Sequence[PresetEntry] = ()
        self._path: Path | None = None
        self._saved = Preset(name=PLAIN["separate"], job=SeparateJob())
        self._current = self._saved
        self._drafts: dict[Path, Preset] = {}
        self._next: Path | None = None  # to be chosen once it is listed
        self._question: Question | None = None
        self._on_yes: Callable[[], object] = lambda: None
        self._is_loading = False
        self._is_saving = False
        self._search = ""
        self.current_changed = Event()
        super().__init__(PresetsView(self._current))

    @property
    def current(self) -> Preset:
        """The preset in use, with the user's changes."""
        return self._current

    @property
    def entries(self) -> Sequence[PresetEntry]:
        """All that were found, whatever the search shows."""
        return self._entries

    def refresh(self) -> None:
        """Read the folders again."""
        self._is_loading = True
        self._render()
        self._workers.run(
            "presets", lambda _: self._library.entries(), done=self._loaded, failed=self._failed
        )

    def search(self, text: str) -> None:
        """Show only what is found by every word of a text."""
        self._search = text
        self._render()

    def choose(self, path: Path) -> None:
        """Use the preset in a file of the list, with the changes that it was left with."""
        entry = self._entry_at(path)
        if entry is None:
            return
        if entry.preset is None:
            assert entry.problem is not None, "a file without a preset has a problem"
            self._messages.tell(
                entry.problem, hint="Correct the file, or remove it; no other preset is touched."
            )
            return
        self._path, self._saved = path, entry.preset
        self._put(self._drafts.get(path, entry.preset))

    def start(self, what: str) -> None:
        """A quick choice, a key of `PLAIN`: start from its factory preset, unless it is chosen."""
        if what == self.view.what and self._entries:
            return
        key = name_key(PLAIN[what])
        for entry in self._entries:
            if entry.preset is not None and name_key(entry.name) == key:
                self.choose(entry.path)
                return
        self.edit({"job.kind": what})

    def edit(self, values: Mapping[str, Any]) -> bool:
        """Change values of the preset in use, by their paths in the file; False when refused."""
        try:
            changed = with_values(self._current, values)
        except HanolabError as error:
            self._messages.tell(error)
            return False
        self.put(changed)
        return True

    def put(self, preset: Preset) -> None:
        """Use a changed preset in place of the one in use; it is not saved yet."""
        self._put(preset)

    def revert(self) -> None:
        """Drop the changes that are not saved."""
        self._put(self._saved)

    def save(self) -> None:
        """Save the preset in use by its name; one of the factory's becomes one of the user's."""
        preset, saved, path = self._current, self._saved, self._path
        if path is None:
            self.save_as(preset.name)
            return
        self._write(preset, path, lambda: save_over(self._library, preset, saved, path))

    def _write(self, preset: Preset, old: Path | None, write: Callable[[], Path]) -> None:
        """Save in the background; while it is under way, nothing else is saved."""
        if self._is_saving:
            return
        self._is_saving = True
        self._render()
        self._workers.run(
            "preset save",
            lambda _: write(),
            done=lambda target: self._kept(preset, target, old),
            failed=self._failed,
        )

    def check_name(self, name: str) -> NameCheck:
        """Whether the preset in use can be saved by a name."""
        try:
            with_values(self._current, {"name": name})
        except PresetInvalid as error:
            return NameCheck(f"This name cannot be used: {error.reason}.", is_allowed=False)
        same = [entry for entry in self._entries if name_key(entry.name) == name_key(name)]
        if any(not entry.is_factory for entry in same):
            return NameCheck("You have a preset of this name; it would be replaced.", replaces=True)
        if same:
            return NameCheck("Yours will stand before the factory's of this name.")
        return NameCheck()

    def save_as(self, name: str) -> None:
        """Save the preset in use by another name, and go on with that; asks before it replaces."""
        check = self.check_name(name)
        if not check.is_allowed:
            self._messages.tell(check.sentence, severity=Severity.FAILED)
            return
        preset = with_values(self._current, {"name": name})
        old = self._path

        def act() -> None:
            self._write(preset, old, lambda: self._library.save(preset, may_replace=True))

        if check.replaces and name_key(name) != name_key(self._saved.name):
            self._ask(f"You have a preset {name!r} already. Replace it?", "Replace", act)
        else:
            act()

    def remove(self, path: Path) -> None:
        """Remove a file of the user's from the list, after a question."""
        entry = self._entry_at(path)
        if entry is None or entry.is_factory:
            return

        def work(_: Stop) -> None:
            with translated_os_errors(path):
                path.unlink(missing_ok=True)

        again = " The factory's preset of this name shows again." if entry.shadows else ""
        self._ask(
            f"Remove {entry.name!r} for good?{again}",
            "Remove",
            lambda: self._workers.run(
                "preset remove", work, done=lambda _: self._removed(path), failed=self._failed
            ),
        )

    def remove_current(self) -> None:
        """Remove the preset in use, which must be one of the user's, after a question."""
        if self._path is not None:
            self.remove(self._path)

    def import_files(self, paths: Sequence[Path]) -> None:
        """Take presets from files into the user's, all of them or none; asks before it replaces."""
        self._workers.run(
            "preset import",
            lambda _: read_imports(self._library, paths),
            done=self._import,
            failed=self._failed,
        )

    def export(self, target: Path) -> None:
        """Write the preset in use, with its changes, to a file or into a folder."""
        preset = self._current
        source = None if self.view.is_dirty else self._path
        self._workers.run(
            "preset export",
            lambda _: give_out(preset, source, target),
            done=lambda path: self._messages.tell(
                f"preset {preset.name!r} written to {path}", severity=Severity.OK
            ),
            failed=self._failed,
        )

    def answer(self, *, yes: bool) -> None:
        """Answer the question of the view."""
        act, self._on_yes, self._question = self._on_yes, lambda: None, None
        self._render()
        if yes:
            act()

    @property
    def file_name(self) -> str:
        """A name for the file that the preset in use could be exported to."""
        return f"{safe_name(self._current.name)}{SUFFIX}"

    @property
    def unsaved(self) -> tuple[str, ...]:
        """Names of presets with changes that are not saved."""
        return tuple(sorted(preset.name for preset in self._drafts.values()))

    def _ask(self, sentence: str, yes: str, act: Callable[[], object]) -> None:
        self._question = Question(sentence, yes)
        self._on_yes = act
        self._render()

    def _put(self, preset: Preset) -> None:
        is_changed = preset != self._current
        self._current = preset
        if self._path is not None:
            if preset_table(preset) == preset_table(self._saved):
                self._drafts.pop(self._path, None)
            else:
                self._drafts[self._path] = preset
        self._render()
        if is_changed:
            self.current_changed.emit()

    def _entry_at(self, path: Path | None) -> PresetEntry | None:
        return next((entry for entry in self._entries if entry.path == path), None)

    def _loaded(self, entries: Sequence[PresetEntry]) -> None:
        self._entries, self._is_loading = entries, False
        if self._next is not None:
            path, self._next = self._next, None
            self.choose(path)
        entry = self._entry_at(self._path)
        if entry is not None and entry.preset is not None:
            was_saved = self._current == self._saved
            self._saved = entry.preset
            self._put(entry.preset if was_saved else self._current)
        elif self._path is None and self._current == self._saved:
            self._adopt(name_key(self._saved.name))
        elif self._path is not None:
            self._drafts.pop(self._path, None)
            self._path = None  # its file is gone: what is in use is not lost, but unsaved
        self._render()

    def _adopt(self, key: str) -> None:
        """Use the preset of a name, if there is one."""
        for entry in self._entries:
            if entry.preset is not None and name_key(entry.name) == key:
                self.choose(entry.path)
                return

    def _kept(self, preset: Preset, target: Path, old: Path | None) -> None:
        """A preset was saved; it is what is in use from now on, unless another was chosen."""
        self._is_saving = False
        if old is not None:
            self._drafts.pop(old, None)
        self._drafts.pop(target, None)
        if self._path == old:  # what was edited since then stays, under the new name
            self._path, self._saved = target, preset
            self._put(self._current.model_copy(update={"name": preset.name}))
        shadowed = any(
            entry.is_factory and name_key(entry.name) == name_key(preset.name)
            for entry in self._entries
        )
        more = "It is used instead of the factory's from now on." if shadowed else ""
        self._messages.tell(f"preset {preset.name!r} saved", severity=Severity.OK, hint=more)
        self.refresh()

    def _removed(self, path: Path) -> None:
        self._drafts.pop(path, None)
        if path == self._path:  # what it held stays in use until another is chosen
            self._path, self._current = None, self._saved
        self.refresh()

    def _import(self, imported: Imported) -> None:
        def act() -> None:
            self._workers.run(
                "preset import",
                lambda _: take_in(self._library, imported),
                done=self._taken,
                failed=self._failed,
            )

        if imported.doubles:
            names = ", ".join(map(repr, imported.doubles))
            self._ask(f"You have {names} already. Replace with what is imported?", "Replace", act)
        else:
            act()

    def _taken(self, paths: Sequence[Path]) -> None:
        count = f"{len(paths)} presets" if len(paths) != 1 else "1 preset"
        self._messages.tell(f"{count} imported", severity=Severity.OK)
        self._next = paths[-1]
        self.refresh()

    def _failed(self, error: HanolabError) -> None:
        self._is_loading = self._is_saving = False
        self._messages.tell(error)
        self._render()

    def _render(self) -> None:
        is_dirty = preset_table(self._current) != preset_table(self._saved)
        rows = [
            row_of(
                entry,
                is_current=entry.path == self._path,
                is_dirty=entry.path in self._drafts,
            )
            for entry in self._entries
        ]
        entry = self._entry_at(self._path)
        origin = entry.origin if entry is not None else "not saved"
        kind = self._current.job.kind
        self._show(
            PresetsView(
                self._current,
                filtered(rows, self._search),
                self._search,
                len(rows),
                "convert" if kind == "convert-flash" else kind,
                f"{origin}, changed" if is_dirty else origin,
                is_dirty,
                save_words(self._current.name, entry),
                can_save=(is_dirty or entry is None) and not self._is_saving,
                can_revert=is_dirty,
                can_remove=entry is not None and not entry.is_factory,
                is_loading=self._is_loading,
                question=self._question,
            )
        )
