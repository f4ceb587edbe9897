"""Where presets are: factory ones that come with the program, and the user's own.

A user's preset of the same name (letter case aside) stands before the factory's. Files that
cannot be used are listed with the reason; one bad file never hides the others.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hanolab_dawtools.durable import safe_name, translated_os_errors
from hanolab_dawtools.errors import PresetInvalid, PresetNotFound, UsageError
from hanolab_dawtools.presets.files import read_preset, write_preset
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


class PresetLibrary:
    """The presets in two folders; the user's need not exist yet."""

    def __init__(self, user_folder: Path, factory_folder: Path) -> None:
        self.user_folder = user_folder
        self.factory_folder = factory_folder

    def entries(self) -> list[PresetEntry]:
        """Every preset that can be named, sorted by name."""
        found: dict[str, PresetEntry] = {}
        for entry in self._read(self.factory_folder, is_factory=True):
            found[entry.name.casefold()] = entry
        for entry in self._read(self.user_folder, is_factory=False):
            hidden = found.get(entry.name.casefold())
            shadows = hidden is not None and hidden.is_factory
            found[entry.name.casefold()] = PresetEntry(
                entry.name, entry.path, False, entry.preset, entry.problem, shadows
            )
        return [found[key] for key in sorted(found)]

    def entry(self, name: str) -> PresetEntry:
        """The preset of a name, letter case aside.

        Raises
        ------
        PresetNotFound
        """
        entries = self.entries()
        for entry in entries:
            if entry.name.casefold() == name.strip().casefold():
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
        if name_or_path.lower().endswith(SUFFIX):
            return read_preset(Path(name_or_path).expanduser())
        entry = self.entry(name_or_path)
        if entry.preset is None:
            assert entry.problem is not None
            raise entry.problem
        return entry.preset

    def save(self, preset: Preset, *, may_replace: bool = False) -> Path:
        """Write a preset into the user's folder.

        Raises
        ------
        UsageError
            The user has one of this name already, and it may not be replaced.
        DiskFull, NotWritable
        """
        own = {
            entry.name.casefold(): entry.path
            for entry in self._read(self.user_folder, is_factory=False)
        }
        path = own.get(preset.name.casefold())
        if path is not None and not may_replace:
            raise UsageError(
                f"there is a preset {preset.name!r} already: {path}",
                hint="Choose another name, or replace it with --force.",
            )
        path = path or self._free_path(preset.name)
        write_preset(preset, path)
        return path

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

    def _read(self, folder: Path, *, is_factory: bool) -> Iterator[PresetEntry]:
        if not folder.is_dir():
            return
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                preset = read_preset(path)
            except PresetInvalid as problem:
                yield PresetEntry(path.stem, path, is_factory, None, problem)
            else:
                yield PresetEntry(preset.name, path, is_factory, preset)

    def _free_path(self, name: str) -> Path:
        stem, number = safe_name(name), 1
        path = self.user_folder / f"{stem}{SUFFIX}"
        while path.exists():  # two names that are one as a file's name
            number += 1
            path = self.user_folder / f"{stem}-{number}{SUFFIX}"
        return path
