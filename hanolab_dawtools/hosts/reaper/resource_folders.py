"""REAPER's resource folders: where it keeps settings and scripts, one for each installation.

A folder counts when `reaper.ini` lies in it, so REAPER has run there once. A portable
installation keeps everything beside its program. The system is passed in, so that the layout of
each can be tested on any.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from hanolab_dawtools.errors import SetupError, UsageError
from hanolab_dawtools.hosts.reaper.processes import RunningReaper, running_reapers

INI_NAME = "reaper.ini"
SHOW_IT = "In REAPER: Options > Show REAPER resource path in explorer/finder."
_PROGRAMS = ("reaper.exe", "reaper", "REAPER.app", "REAPER64.app")


class System(StrEnum):
    """Systems that REAPER runs on, and differ in where it keeps things."""

    WINDOWS = "windows"
    MACOS = "macos"
    LINUX = "linux"

    @classmethod
    def here(cls) -> System:
        """The one this process runs on; what is not Windows or macOS is taken for Linux."""
        return {"win32": cls.WINDOWS, "darwin": cls.MACOS}.get(sys.platform, cls.LINUX)


@dataclass(frozen=True)
class Machine:
    """What the search looks at.

    Attributes
    ----------
    system, home, variables
        The system, the user's home folder, and the environment.
    ask_running
        Gives the REAPERs that run now; asked anew each time, as one may be started meanwhile.
    """

    system: System
    home: Path
    variables: Mapping[str, str] = field(repr=False)
    ask_running: Callable[[], tuple[RunningReaper, ...]] = running_reapers

    @classmethod
    def here(cls) -> Machine:
        """The one that we run on."""
        return cls(System.here(), Path.home(), os.environ)


@dataclass(frozen=True)
class ResourceFolder:
    """One resource folder; `is_portable`: REAPER's program lies in it."""

    path: Path
    is_portable: bool

    @property
    def scripts(self) -> Path:
        """Where REAPER looks for scripts."""
        return self.path / "Scripts"


def find_resource_folders(
    machine: Machine, also: Iterable[Path] = ()
) -> tuple[ResourceFolder, ...]:
    """The folders of this user: the usual one, and those of portable REAPERs that run now.

    `also` are places where one may be, such as those that were seen before.
    """
    running = (portable_folder(reaper) for reaper in machine.ask_running())
    candidates = [*_usual_folders(machine), *(path for path in running if path), *also]
    found: dict[str, ResourceFolder] = {}
    for path in candidates:
        if (path / INI_NAME).is_file():
            found.setdefault(os.path.realpath(path), _folder(path))
    return tuple(found.values())


def named_folder(path: Path) -> ResourceFolder:
    """The folder that a user named.

    Raises
    ------
    UsageError
        REAPER never ran there.
    """
    if not (path / INI_NAME).is_file():
        raise UsageError(
            f"{path} is no resource folder of REAPER: no {INI_NAME} lies in it",
            hint=f"{SHOW_IT} A new REAPER must be started once.",
        )
    return _folder(path)


def only_folder(folders: tuple[ResourceFolder, ...]) -> ResourceFolder:
    """The one there is.

    Raises
    ------
    SetupError
        There is none.
    UsageError
        There are several.
    """
    if not folders:
        raise SetupError(
            "no resource folder of REAPER was found",
            hint=f"Start REAPER once, or name the folder with --resource-path. {SHOW_IT}",
        )
    if len(folders) > 1:
        names = ", ".join(str(folder.path) for folder in folders)
        raise UsageError(
            f"there are {len(folders)} resource folders of REAPER: {names}",
            hint="Choose one with --resource-path FOLDER, or take them all with --all.",
        )
    return folders[0]


def reapers_in(folder: ResourceFolder, machine: Machine) -> tuple[RunningReaper, ...]:
    """The running REAPERs that keep their settings in a folder, or may do so."""
    return tuple(each for each in machine.ask_running() if _may_use(each, folder))


def portable_folder(reaper: RunningReaper) -> Path | None:
    """The resource folder beside a program; None when it is not portable, or nobody knows.

    On macOS the program lies in `REAPER.app/Contents/MacOS`, the settings beside `REAPER.app`.
    """
    if reaper.program is None:
        return None
    parents = reaper.program.parents
    bundles = [place for place in parents if place.suffix.lower() == ".app"]
    folder = bundles[-1].parent if bundles else parents[0]
    return folder if (folder / INI_NAME).is_file() else None


def _may_use(reaper: RunningReaper, folder: ResourceFolder) -> bool:
    if reaper.program is None:
        return True
    own = portable_folder(reaper)
    if own is None:
        return not folder.is_portable
    return os.path.realpath(own) == os.path.realpath(folder.path)


def _folder(path: Path) -> ResourceFolder:
    is_portable = any((path / program).exists() for program in _PROGRAMS)
    return ResourceFolder(path, is_portable)


def _usual_folders(machine: Machine) -> list[Path]:
    home, variables = machine.home, machine.variables
    if machine.system is System.WINDOWS:
        roaming = variables.get("APPDATA")
        return [(Path(roaming) if roaming else home / "AppData" / "Roaming") / "REAPER"]
    if machine.system is System.MACOS:
        return [home / "Library" / "Application Support" / "REAPER"]
    config = variables.get("XDG_CONFIG_HOME")
    return [*([Path(config) / "REAPER"] if config else []), home / ".config" / "REAPER"]
