"""Installing HanoLab into REAPER's resource folders, taking it out again, and how it stands.

What is done, in this order, so that a stop anywhere leaves a REAPER that works, and doing it
again goes on: scripts are copied, registered in the action list (by REAPER itself when a bridge
answers, else in `reaper-kb.ini`, and only while REAPER does not run), and, where it is asked for,
a Python is named in `reaper.ini`. Taking out goes the other way, back to the very bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hanolab_dawtools.errors import HostError, SetupError, UsageError
from hanolab_dawtools.hosts.reaper import known_folders
from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile
from hanolab_dawtools.hosts.reaper.edited_inis import ActionList, PythonSettings
from hanolab_dawtools.hosts.reaper.install_reports import (
    Installed,
    PythonState,
    Registered,
    Status,
    Uninstalled,
)
from hanolab_dawtools.hosts.reaper.installed_scripts import (
    Launch,
    ScriptPlace,
    copy_scripts,
    entry_scripts,
    find_place,
    look_at,
    own_place,
    read_record,
    remove_scripts,
    shipped_scripts,
    write_record,
)
from hanolab_dawtools.hosts.reaper.python_library import (
    HOW_TO_GET,
    Loaded,
    PythonBuild,
    find_libraries,
    first_that_loads,
    load,
)
from hanolab_dawtools.hosts.reaper.resource_folders import (
    Machine,
    ResourceFolder,
    find_resource_folders,
    named_folder,
    only_folder,
    reapers_in,
)

CLOSE_REAPER = "Close REAPER (it would write its settings back over these), then run it again."


class ReaperSetup:
    """All of it; `source` holds the scripts that ship.

    `bridges` gives the bridges that answer, `ask` has a command done by one.
    """

    def __init__(
        self,
        source: Path,
        launch: Launch,
        *,
        machine: Machine,
        build: PythonBuild,
        bridges: Callable[[], Sequence[BridgeFile]],
        ask: Callable[[BridgeFile, str, dict[str, object]], object],
    ) -> None:
        self._source = source
        self._launch = launch
        self._machine = machine
        self._build = build
        self._bridges = bridges
        self._ask = ask

    def find(self) -> tuple[ResourceFolder, ...]:
        """Every resource folder that can be found, also those installed into before."""
        also = [Path(bridge.resource_path) for bridge in self._bridges()]
        also += known_folders.read(self._launch.runtime_folder)
        return find_resource_folders(self._machine, also)

    def choose(self, named: Sequence[Path], *, everything: bool) -> tuple[ResourceFolder, ...]:
        """The folders a command is about: those named, all, or the only one.

        Raises
        ------
        SetupError
            There is none.
        UsageError
            There are several, or one that was named is none.
        """
        if named and everything:
            raise UsageError("--all and --resource-path exclude each other")
        if named:
            return tuple(named_folder(path.absolute()) for path in named)
        found = self.find()
        return found if everything and found else (only_folder(found),)

    def install(
        self, folder: ResourceFolder, *, set_python: bool = False, library: Path | None = None
    ) -> Installed:
        """Install into a folder; a second time changes only what is not as it should be.

        Parameters
        ----------
        set_python
            Name a Python in `reaper.ini` where none is named that loads.
        library
            Name this one, whatever is named now.

        Raises
        ------
        HostError
            REAPER runs, and `reaper.ini` was to be changed.
        SetupError, UsageError
            No Python can be named, or not this one.
        InputError, FileChanged, DiskFull, NotWritable
        """
        chosen = self._library(folder, set_python=set_python, library=library)
        shipped = shipped_scripts(self._source)
        place = find_place(folder)
        copied, removed = ([], []) if place.by_reapack else copy_scripts(place, shipped)
        settings = PythonSettings(folder, self._machine.system)
        record = read_record(place)
        keys = dict(record.python_keys) if record else {}
        if chosen is not None:
            keys = settings.values_for(chosen.path)
        write_record(place, self._launch, shipped, keys)
        known_folders.add(self._launch.runtime_folder, folder.path)
        registered, to_load = self._register(folder, place, entry_scripts(shipped))
        if chosen is not None:
            settings.write(keys, is_first=not (record and record.python_keys))
        return Installed(
            folder=folder,
            place=place,
            copied=tuple(copied),
            removed=tuple(removed),
            registered=registered,
            to_load=to_load,
            python=self.python_state(folder),
            set_python=chosen is not None,
        )

    def uninstall(self, folder: ResourceFolder) -> Uninstalled:
        """Take everything of ours out of a folder; nothing is done where nothing is.

        Raises
        ------
        HostError
            REAPER runs, and what must be changed cannot be changed meanwhile.
        InputError, FileChanged, DiskFull, NotWritable
        """
        shipped = shipped_scripts(self._source)
        own, found = own_place(folder), find_place(folder)
        records = [record for place in (own, found) if (record := read_record(place))]
        keys = {key: text for record in records for key, text in record.python_keys.items()}
        actions = ActionList(folder, self._machine.system)
        present = actions.ours(own.entry_start)
        if (present or keys) and reapers_in(folder, self._machine):
            self._unregister(folder, own, present, may=not keys)
        else:
            actions.restore(present)
        reset = PythonSettings(folder, self._machine.system).restore(keys) if keys else False
        places = [own, found] if found.by_reapack else [own]
        removed = [name for place in places for name in remove_scripts(place, shipped)]
        known_folders.remove(self._launch.runtime_folder, folder.path)
        return Uninstalled(folder, tuple(removed), len(present), reset)

    def status(self, folder: ResourceFolder) -> Status:
        """How it stands in a folder; nothing is changed.

        Raises
        ------
        InputError
            A file cannot be read.
        """
        shipped = shipped_scripts(self._source)
        place, own = find_place(folder), own_place(folder)
        names = entry_scripts(shipped)
        actions = ActionList(folder, self._machine.system)
        missing = actions.missing(place.paths(names))
        return Status(
            folder=folder,
            place=place,
            record=read_record(place),
            scripts=look_at(place, shipped),
            unregistered=tuple(path.rpartition("/")[2] for path in missing),
            python=self.python_state(folder),
            bridge=self._bridge_of(folder),
            n_running=len(reapers_in(folder, self._machine)),
            is_double=place.by_reapack and read_record(own) is not None,
        )

    def python_state(self, folder: ResourceFolder) -> PythonState:
        """What `reaper.ini` says of Python, tried out."""
        keys = PythonSettings(folder, self._machine.system).read()
        return PythonState(keys, load(Path(keys.library)) if keys.library else None)

    def offered_library(self) -> Loaded | None:
        """The Python that `set_python` would name; one with a `problem` when none loads."""
        return first_that_loads(find_libraries(self._build))

    def _library(
        self, folder: ResourceFolder, *, set_python: bool, library: Path | None
    ) -> Loaded | None:
        """The library to name; None when nothing is to be changed."""
        if library is None and (not set_python or self.python_state(folder).works):
            return None
        if reapers_in(folder, self._machine):
            raise HostError(
                f"REAPER is running with {folder.path}: its Python cannot be set", hint=CLOSE_REAPER
            )
        if library is not None:
            loaded = load(library.absolute())
            if not loaded.works:
                raise UsageError(f"{library} cannot be REAPER's Python: {loaded.problem}")
            return loaded
        offered = self.offered_library()
        if offered is None or not offered.works:
            why = f": {offered.path}: {offered.problem}" if offered else ""
            raise SetupError(
                f"no shared library of Python was found that loads{why}",
                hint=f"{HOW_TO_GET[self._build.system]} Or name one with --python-library FILE.",
            )
        return offered

    def _register(
        self, folder: ResourceFolder, place: ScriptPlace, names: Sequence[str]
    ) -> tuple[Registered, tuple[Path, ...]]:
        actions = ActionList(folder, self._machine.system)
        wanted, ours = place.paths(names), actions.ours(place.entry_start)
        missing = actions.missing(wanted)
        stale = [path for path in ours if path.upper() not in {each.upper() for each in wanted}]
        if not (missing or stale):
            return Registered.ALREADY, ()
        if place.by_reapack:
            return Registered.BY_REAPACK, ()
        if not reapers_in(folder, self._machine):
            actions.change(wanted, stale, is_first=not ours)
            return Registered.IN_FILE, ()
        if stale:  # without a bridge they stay until the next time; they lead nowhere
            self._told(folder, "unregister", [folder.scripts / path for path in stale])
        paths = tuple(folder.scripts / path for path in missing)
        if not missing:
            return Registered.ALREADY, ()
        if self._told(folder, "register", paths):
            return Registered.BY_REAPER, ()
        return Registered.BY_HAND, paths

    def _unregister(
        self, folder: ResourceFolder, own: ScriptPlace, present: Iterable[str], *, may: bool
    ) -> None:
        """Have REAPER take our actions out, or refuse."""
        paths = [own.folder / path.rpartition("/")[2] for path in present]
        if not (may and self._told(folder, "unregister", paths)):
            raise HostError(
                f"REAPER is running with {folder.path}: its settings cannot be put back",
                hint=CLOSE_REAPER,
            )

    def _told(self, folder: ResourceFolder, command: str, paths: Sequence[Path]) -> bool:
        """Whether the REAPER of a folder did a command."""
        bridge = self._bridge_of(folder)
        if bridge is None:
            return False
        try:
            self._ask(bridge, command, {"paths": [str(path) for path in paths]})
        except HostError:  # an older bridge, or one that ended: the same as none
            return False
        return True

    def _bridge_of(self, folder: ResourceFolder) -> BridgeFile | None:
        own = os.path.realpath(folder.path)
        bridges = self._bridges()
        return next((b for b in bridges if os.path.realpath(b.resource_path) == own), None)
