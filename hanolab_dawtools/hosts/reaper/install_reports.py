"""What installing, uninstalling and looking say about one resource folder."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile
from hanolab_dawtools.hosts.reaper.installed_scripts import Record, ScriptPlace, Wholeness
from hanolab_dawtools.hosts.reaper.protocol import PROTOCOL_VERSION
from hanolab_dawtools.hosts.reaper.python_library import Loaded
from hanolab_dawtools.hosts.reaper.reaper_ini import PythonKeys
from hanolab_dawtools.hosts.reaper.resource_folders import ResourceFolder


class Registered(StrEnum):
    """How the actions came into the action list."""

    ALREADY = "already"
    IN_FILE = "in_file"
    BY_REAPER = "by_reaper"
    BY_REAPACK = "by_reapack"
    BY_HAND = "by_hand"  # not yet: the user loads them, or runs the command with REAPER closed


@dataclass(frozen=True)
class PythonState:
    """What `reaper.ini` says of Python; `loaded`: the library it names, None when it names none."""

    keys: PythonKeys
    loaded: Loaded | None

    @property
    def works(self) -> bool:
        """Whether Python is allowed, and a library named that loads."""
        return bool(self.keys.is_enabled and self.loaded and self.loaded.works)


@dataclass(frozen=True)
class Installed:
    """What installing did in one folder; `to_load` are scripts that the user must load."""

    folder: ResourceFolder
    place: ScriptPlace
    copied: tuple[str, ...]
    removed: tuple[str, ...]
    registered: Registered
    to_load: tuple[Path, ...]
    python: PythonState
    set_python: bool


@dataclass(frozen=True)
class Uninstalled:
    """What was taken out of one folder."""

    folder: ResourceFolder
    removed: tuple[str, ...]
    n_actions: int
    reset_python: bool


@dataclass(frozen=True)
class Status:
    """How it stands in one folder.

    Attributes
    ----------
    record
        What was installed; None when nothing was.
    scripts
        Against those of this version.
    unregistered
        Entry scripts that the action list lacks.
    bridge
        Of the REAPER that runs with this folder; None when none answers.
    n_running
        REAPERs that run with this folder.
    is_double
        Both ReaPack's and our own copy are there.
    """

    folder: ResourceFolder
    place: ScriptPlace
    record: Record | None
    scripts: Wholeness
    unregistered: tuple[str, ...]
    python: PythonState
    bridge: BridgeFile | None
    n_running: int
    is_double: bool

    @property
    def is_understood(self) -> bool:
        """Whether the bridge speaks our version of the protocol; so when none answers."""
        return self.bridge is None or self.bridge.protocol == PROTOCOL_VERSION
