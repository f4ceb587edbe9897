"""The two settings files of a REAPER that installing edits, and puts back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from hanolab_dawtools import durable
from hanolab_dawtools.hosts.reaper import kb_ini, reaper_ini
from hanolab_dawtools.hosts.reaper.ini_files import (
    backup_of,
    change_file,
    read_file,
    remove_file,
)
from hanolab_dawtools.hosts.reaper.resource_folders import ResourceFolder, System


class ActionList:
    """`reaper-kb.ini`; scripts are paths below `Scripts`, with slashes.

    Writing needs a REAPER that does not run. Raises InputError, FileChanged, DiskFull and
    NotWritable.
    """

    def __init__(self, folder: ResourceFolder, system: System) -> None:
        self._path = folder.path / kb_ini.FILE_NAME
        self._scripts = folder.scripts
        self._newline = _newline(system)

    def missing(self, scripts: Sequence[str]) -> list[str]:
        """Those that the main section lacks."""
        there = {script.upper() for script in self._registered(main_only=True)}
        return [script for script in scripts if script.upper() not in there]

    def ours(self, start: str) -> list[str]:
        """Those that stand in any section and start so, also of versions long gone."""
        there = self._registered(main_only=False)
        return sorted({script for script in there if script.upper().startswith(start.upper())})

    def change(self, add: Sequence[str], take_out: Sequence[str], *, is_first: bool) -> None:
        """Register scripts, keeping what is registered; a backup is made the first time."""
        before = read_file(self._path)
        backup = backup_of(self._path)
        if is_first or not backup.exists():
            _keep(backup, before)
        left = kb_ini.without_scripts(before or b"", take_out)
        change_file(self._path, before, kb_ini.with_scripts(left, add, newline=self._newline))

    def restore(self, scripts: Sequence[str]) -> None:
        """Take scripts out; the file becomes what it was, unless others changed it since."""
        before = read_file(self._path)
        backup = backup_of(self._path)
        if before is not None and scripts:
            kept = read_file(backup)
            after = kb_ini.restored(before, kept, scripts, newline=self._newline)
            change_file(self._path, before, after)
            if after == kept:
                remove_file(backup)

    def _registered(self, *, main_only: bool) -> set[str]:
        found = kb_ini.registrations(read_file(self._path) or b"")
        return {
            each.script for each in found if not main_only or each.section == kb_ini.MAIN_SECTION
        }


class PythonSettings:
    """The Python keys of `reaper.ini`; as `ActionList`."""

    def __init__(self, folder: ResourceFolder, system: System) -> None:
        self._path = folder.path / reaper_ini.FILE_NAME
        self._newline = _newline(system)

    def read(self) -> reaper_ini.PythonKeys:
        """What is set."""
        return reaper_ini.read_python_keys(read_file(self._path) or b"")

    def values_for(self, library: PurePath) -> dict[str, str]:
        """The values that name a library."""
        return reaper_ini.values_for(library, self.read())

    def write(self, values: Mapping[str, str], *, is_first: bool) -> None:
        """Set values; a backup is made the first time."""
        before = read_file(self._path)
        backup = backup_of(self._path)
        if is_first or not backup.exists():
            _keep(backup, before)
        after = reaper_ini.with_values(before or b"", values, newline=self._newline)
        change_file(self._path, before, after)

    def restore(self, written: Mapping[str, str]) -> bool:
        """Put back what was set before `written`; False when that is not known any more."""
        before = read_file(self._path)
        backup = backup_of(self._path)
        kept = read_file(backup)
        if before is None or kept is None:
            return False
        after = reaper_ini.restored(before, kept, written, newline=self._newline)
        change_file(self._path, before, after)
        if after == kept:
            remove_file(backup)
        return True


def _keep(path: Path, content: bytes | None) -> None:
    """Make a backup, or none of a file that is not there."""
    if content is None:
        remove_file(path)
    else:
        durable.write_bytes(path, content)


def _newline(system: System) -> bytes:
    return b"\r\n" if system is System.WINDOWS else b"\n"
