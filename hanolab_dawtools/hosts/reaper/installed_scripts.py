"""Our scripts in one REAPER: copied into `Scripts/HanoLab`, whole, and never other people's files.

Beside them lies `hanolab_install.json` (ASCII), which tells the scripts how to start the program
outside, and us what we put there::

    {"python", "arguments", "runtime_folder", "version", "environment",   read by the scripts
     "files": {name: SHA-256}, "python_keys": {key: value}}               read by us

ReaPack puts the same scripts into a folder of its own, keeps them up to date and registers them.
Then only the file beside them is ours, so that no action is in the list twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanolab_dawtools import durable
from hanolab_dawtools.hosts.reaper.ini_files import read_file, remove_file
from hanolab_dawtools.hosts.reaper.resource_folders import ResourceFolder

FOLDER_NAME = "HanoLab"
RECORD_NAME = "hanolab_install.json"
ENTRY_PREFIX = "HanoLab_"
_MARK = "hanolab_protocol.py"  # lies in every folder of our scripts


@dataclass(frozen=True)
class Launch:
    """How a script inside REAPER starts the program outside.

    Attributes
    ----------
    python, arguments
        The command, `reaper action …` to follow.
    runtime_folder
        Where bridges write where they listen.
    version
        Of the program.
    environment
        Variables that name folders of the program, as far as the user set them.
    """

    python: Path
    arguments: tuple[str, ...]
    runtime_folder: Path
    version: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What `hanolab_install.json` holds."""

    launch: Launch
    files: Mapping[str, str]
    python_keys: Mapping[str, str]


@dataclass(frozen=True)
class ScriptPlace:
    """A folder of our scripts in a REAPER; `by_reapack`: ReaPack put them there."""

    folder: Path
    below_scripts: str  # with slashes: "HanoLab"
    by_reapack: bool

    @property
    def entry_start(self) -> str:
        """What the paths below `Scripts` of all entry scripts here start with."""
        return f"{self.below_scripts}/{ENTRY_PREFIX}"

    def paths(self, names: Iterable[str]) -> list[str]:
        """Paths below `Scripts` of scripts here, with slashes."""
        return [f"{self.below_scripts}/{name}" for name in names]


@dataclass(frozen=True)
class Wholeness:
    """How the scripts in a place differ from those that this version ships."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether they do not."""
        return not (self.missing or self.changed)


def shipped_scripts(source: Path) -> dict[str, bytes]:
    """Name -> content of every script that comes with the program."""
    return {path.name: path.read_bytes() for path in sorted(source.glob("[hH]ano[lL]ab_*.py"))}


def entry_scripts(names: Iterable[str]) -> tuple[str, ...]:
    """Those that stand in the action list; the others are modules of theirs."""
    return tuple(sorted(name for name in names if name.startswith(ENTRY_PREFIX)))


def find_place(folder: ResourceFolder) -> ScriptPlace:
    """Where our scripts lie in a REAPER, or would."""
    own = folder.scripts / FOLDER_NAME
    with suppress(OSError):
        for mark in sorted(folder.scripts.glob(f"*/*/{_MARK}")):
            if mark.parent.parent != own:
                below = mark.parent.relative_to(folder.scripts).as_posix()
                return ScriptPlace(mark.parent, below, by_reapack=True)
    return ScriptPlace(own, FOLDER_NAME, by_reapack=False)


def own_place(folder: ResourceFolder) -> ScriptPlace:
    """The place that we copy to."""
    return ScriptPlace(folder.scripts / FOLDER_NAME, FOLDER_NAME, by_reapack=False)


def look_at(place: ScriptPlace, shipped: Mapping[str, bytes]) -> Wholeness:
    """Compare what lies there with what ships."""
    there = {name: read_file(place.folder / name) for name in shipped}
    return Wholeness(
        missing=tuple(name for name in shipped if there[name] is None),
        changed=tuple(name for name in shipped if there[name] not in {None, shipped[name]}),
    )


def copy_scripts(place: ScriptPlace, shipped: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Write what is missing or different, remove what an older version left; both are named.

    Modules go first, so that an action triggered meanwhile finds what it imports.

    Raises
    ------
    DiskFull, NotWritable
    """
    found = look_at(place, shipped)
    wanted = {*found.missing, *found.changed}
    copied = sorted(wanted, key=lambda name: (name.startswith(ENTRY_PREFIX), name))
    for name in copied:
        durable.write_bytes(place.folder / name, shipped[name])
    record = read_record(place)
    old = [name for name in (record.files if record else ()) if name not in shipped]
    removed = [name for name in old if (place.folder / name).is_file()]
    for name in removed:
        remove_file(place.folder / name)
    return copied, removed


def write_record(
    place: ScriptPlace, launch: Launch, shipped: Mapping[str, bytes], keys: Mapping[str, str]
) -> None:
    """Write `hanolab_install.json`, unless it says the same already."""
    files = {} if place.by_reapack else shipped
    values = {
        "python": str(launch.python),
        "arguments": list(launch.arguments),
        "runtime_folder": str(launch.runtime_folder),
        "version": launch.version,
        "environment": dict(launch.environment),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "python_keys": dict(keys),
    }
    content = (json.dumps(values, indent=1) + "\n").encode("ascii")
    path = place.folder / RECORD_NAME
    if read_file(path) != content:
        durable.write_bytes(path, content)


def read_record(place: ScriptPlace) -> Record | None:
    """What `hanolab_install.json` holds; None when there is none that can be used."""
    content = read_file(place.folder / RECORD_NAME)
    if content is None:
        return None
    try:
        values = json.loads(content)
        return Record(_launch(values), _names(values["files"]), dict(values["python_keys"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def remove_scripts(place: ScriptPlace, shipped: Iterable[str]) -> list[str]:
    """Remove our files, and the folder when nothing else is in it; what was removed.

    Raises
    ------
    NotWritable
    """
    record = read_record(place)
    names = {RECORD_NAME}
    if not place.by_reapack:
        names |= {*shipped, *(record.files if record else ())}
    removed = [name for name in sorted(names) if (place.folder / name).is_file()]
    for name in removed:
        remove_file(place.folder / name)
    if not place.by_reapack and place.folder.is_dir():
        durable.remove_dead_parts(place.folder)
        _remove_compiled(place.folder / "__pycache__", names)
        with suppress(OSError):  # somebody else's file lies there
            place.folder.rmdir()
    return removed


def _remove_compiled(cache: Path, names: Iterable[str]) -> None:
    stems = {Path(name).stem for name in names}
    for path in cache.glob("*.pyc"):
        if path.name.partition(".")[0] in stems:
            remove_file(path)
    with suppress(OSError):  # there is none, or somebody else's file lies there
        cache.rmdir()


def _launch(values: Any) -> Launch:
    return Launch(
        python=Path(values["python"]),
        arguments=tuple(values["arguments"]),
        runtime_folder=Path(values["runtime_folder"]),
        version=str(values["version"]),
        environment=dict(values["environment"]),
    )


def _names(files: Any) -> dict[str, str]:
    """The files of a record; a name that leads out of the folder makes it one that is not ours."""
    if any(Path(name).name != name for name in files):
        raise ValueError("a file of another folder")
    return dict(files)
