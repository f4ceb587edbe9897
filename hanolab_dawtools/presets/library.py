"""Where presets are: factory ones that come with the program, and the user's own.

A user's preset of the same name (letter case and Unicode form aside) stands before the
factory's. Files that cannot be used are listed with the reason; one bad file never hides the
others. Files are kept byte for byte as they came, comments included.
"""

from __future__ import annotations

import difflib
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from hanolab_dawtools.durable import safe_name, translated_os_errors, write_bytes
from hanolab_dawtools.errors import PresetInvalid, PresetNotFound, UsageError
from hanolab_dawtools.presets.files import parse_preset, preset_text, read_preset
from hanolab_dawtools.presets.schema import Preset

SUFFIX = ".toml"


@dataclass(frozen=True)
class PresetEntry:
    """A preset's file.

    Attributes
    ----------
    preset
        None when the file cannot be used; `problem` says why.
    shadows
        Whether it is a user's and stands before a factory preset of the same name.
    """

    name: str
    path: Path
    is_factory: bool
    preset: Preset | None
    problem: PresetInvalid | None = None
    shadows: bool = False

    @property
    def origin(self) -> str:
        """Whose it is, in a user's words."""
        if self.is_factory:
            return "factory"
        return "yours instead of the factory's" if self.shadows else "yours"


class PresetLibrary:
    """The presets in two folders; the user's need not exist yet."""

    def __init__(self, user_folder: Path, factory_folder: Path) -> None:
        self.user_folder = user_folder
        self.factory_folder = factory_folder

    def entries(self) -> list[PresetEntry]:
        """Every preset that can be named, sorted by name, and every file that cannot be used."""
        found = {name_key(entry.name): entry for entry in self._factory()}
        doubles = []
        for entry in self._own():
            other = found.get(name_key(entry.name))
            if other is None or other.is_factory:
                found[name_key(entry.name)] = replace(entry, shadows=other is not None)
                continue
            reason = f"{other.path.name} has the same name, and counts"
            problem = entry.problem or PresetInvalid(str(entry.path), "name", reason)
            doubles.append(replace(entry, preset=None, problem=problem))
        return sorted([*found.values(), *doubles], key=lambda entry: name_key(entry.name))

    def entry(self, name: str) -> PresetEntry:
        """The preset of a name, letter case aside.

        Raises
        ------
        PresetNotFound
        """
        entries = self.entries()
        for entry in entries:
            if name_key(entry.name) == name_key(name):
                return entry
        names = [entry.name for entry in entries]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else "See: hanolab presets list"
        raise PresetNotFound(f"there is no preset {name!r}", hint=hint)

    def get(self, name_or_path: str) -> Preset:
        """The preset of a name, or in a file (a text that ends in .toml).

        Raises
        ------
        PresetNotFound
        PresetInvalid
        """
        return read_preset(self.path_of(name_or_path))

    def path_of(self, name_or_path: str) -> Path:
        """The file of a preset by its name, or the path itself when it ends in .toml.

        Raises
        ------
        PresetNotFound
        """
        if name_or_path.lower().endswith(SUFFIX):
            return Path(name_or_path).expanduser()
        return self.entry(name_or_path).path

    def save(self, preset: Preset, *, may_replace: bool = False) -> Path:
        """Write a preset into the user's folder; raises as `put`."""
        return self.put(preset_text(preset).encode(), preset.name, may_replace=may_replace)

    def put(self, content: bytes, where: str, *, may_replace: bool = False) -> Path:
        """Write a preset's file into the user's folder as it is; `where` names it in messages.

        Raises
        ------
        PresetInvalid
            It is no preset.
        UsageError
            The user has one of this name already, and it may not be replaced.
        DiskFull, NotWritable
        """
        name = parse_preset(content, where).name
        path = self.own_path(name)
        if path is not None and not may_replace:
            raise UsageError(
                f"there is a preset {name!r} already: {path}",
                hint="Choose another name, or replace it with --force.",
            )
        path = path or self._free_path(name)
        write_bytes(path, content)
        return path

    def own_path(self, name: str) -> Path | None:
        """The file of the user's own preset of a name; None when the user has none."""
        own = (entry.path for entry in self._own() if name_key(entry.name) == name_key(name))
        return next(own, None)

    def remove(self, name: str) -> PresetEntry:
        """Remove one of the user's presets; a factory one that it hid shows again.

        Raises
        ------
        PresetNotFound
        UsageError
            It is a factory preset.
        """
        entry = self.entry(name)
        if entry.is_factory:
            raise UsageError(
                f"{entry.name!r} comes with the program and cannot be removed",
                hint="Save a preset of the same name to use that instead.",
            )
        with translated_os_errors(entry.path):
            entry.path.unlink(missing_ok=True)
        return entry

    def _factory(self) -> Iterator[PresetEntry]:
        return _read(self.factory_folder, is_factory=True)

    def _own(self) -> Iterator[PresetEntry]:
        return _read(self.user_folder, is_factory=False)

    def _free_path(self, name: str) -> Path:
        stem, number = safe_name(name), 1
        path = self.user_folder / f"{stem}{SUFFIX}"
        while os.path.lexists(path):  # two names that are one as a file's name
            number += 1
            path = self.user_folder / f"{stem}-{number}{SUFFIX}"
        return path


def _read(folder: Path, *, is_factory: bool) -> Iterator[PresetEntry]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            preset = read_preset(path)
        except PresetInvalid as problem:
            yield PresetEntry(path.stem, path, is_factory, None, problem)
        else:
            yield PresetEntry(preset.name, path, is_factory, preset)


def name_key(name: str) -> str:
    """What is the same of two names that a user takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()
