"""Finding the bridges of the REAPERs that run on this machine.

A bridge leaves a file in the runtime folder (`bridge_file`). A file proves nothing: its REAPER
may be gone and its process id and port given to others. So a bridge counts as living when its
process may live and it takes our hello; one that takes the connection and is silent counts as
well, because REAPER stands still while it renders. Files of dead ones are left: they may belong
to another machine or container that shares the folder.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hanolab_dawtools.durable import may_run
from hanolab_dawtools.errors import HostTimeout, HostUnreachable, ProtocolMismatch
from hanolab_dawtools.events import NeverStop, Stop, raise_if_stopped
from hanolab_dawtools.hosts.reaper import known_folders
from hanolab_dawtools.hosts.reaper.bridge_file import (
    FILE_PATTERN,
    RUN_AN_ACTION,
    BridgeFile,
    read_bridge_file,
)
from hanolab_dawtools.hosts.reaper.installed_scripts import find_place
from hanolab_dawtools.hosts.reaper.link import shake_hands
from hanolab_dawtools.hosts.reaper.resource_folders import (
    Machine,
    find_resource_folders,
    reapers_in,
)

BRIDGE_VARIABLE = "HANOLAB_REAPER_BRIDGE"
BRIDGE_SCRIPT = "HanoLab_bridge.py"
_HELLO_SECONDS = 1.0
_START_SECONDS = 8.0  # from REAPER being asked to run the bridge's script until it answers
_LOOK_SECONDS = 0.1

Launcher = Callable[[list[str]], object]


def living_bridges(runtime_folder: Path, *, stop: Stop | None = None) -> list[BridgeFile]:
    """The bridges that answer, or whose REAPER is busy; the longest running first.

    Raises
    ------
    JobCancelled
    """
    found = []
    for path in sorted(runtime_folder.glob(FILE_PATTERN)):
        try:
            bridge = read_bridge_file(path)
        except HostUnreachable:  # damaged, or gone meanwhile
            continue
        if may_run(bridge.pid) and _answers(bridge, stop or NeverStop()):
            found.append(bridge)
    return sorted(found, key=lambda bridge: bridge.started)


def choose_bridge(
    runtime_folder: Path,
    pid: int | None = None,
    *,
    machine: Machine | None = None,
    stop: Stop | None = None,
    start: Launcher | None = None,
) -> BridgeFile:
    """The bridge of the REAPER with this process id, or of the only one.

    Where none answers, a running REAPER is asked from outside to run the bridge's script.

    Parameters
    ----------
    machine, start
        What is looked at to find a running REAPER, and what runs a command; for tests.

    Raises
    ------
    HostUnreachable
        None can be reached, or several are there and none was named.
    JobCancelled
    """
    named = os.environ.get(BRIDGE_VARIABLE)
    if named:
        bridge = read_bridge_file(Path(named))
        if pid in (None, bridge.pid):
            return bridge
    found = _fitting(runtime_folder, pid, stop)
    if not found and _start_bridges(runtime_folder, pid, machine or Machine.here(), start):
        found = _wait_for_bridges(runtime_folder, pid, stop)
    if not found:
        which = "no REAPER with HanoLab's bridge" if pid is None else f"no bridge in REAPER {pid}"
        raise HostUnreachable(f"{which} can be reached", hint=RUN_AN_ACTION)
    if len(found) > 1:
        names = ", ".join(f"reaper:{one.pid} ({one.resource_path})" for one in found)
        raise HostUnreachable(
            f"{len(found)} REAPERs are running: {names}",
            hint=f"Name the one you mean, for example reaper:{found[0].pid}.",
        )
    return found[0]


def _fitting(runtime_folder: Path, pid: int | None, stop: Stop | None) -> list[BridgeFile]:
    bridges = living_bridges(runtime_folder, stop=stop)
    return [bridge for bridge in bridges if pid in (None, bridge.pid)]


def _wait_for_bridges(runtime_folder: Path, pid: int | None, stop: Stop | None) -> list[BridgeFile]:
    deadline = time.monotonic() + _START_SECONDS
    found: list[BridgeFile] = []
    while not found and time.monotonic() < deadline:
        raise_if_stopped(stop or NeverStop())
        threading.Event().wait(_LOOK_SECONDS)
        found = _fitting(runtime_folder, pid, stop)
    return found


def _start_bridges(
    runtime_folder: Path, pid: int | None, machine: Machine, start: Launcher | None
) -> bool:
    """Have running REAPERs run the bridge's script; whether any was asked."""
    commands = []
    for folder in find_resource_folders(machine, known_folders.read(runtime_folder)):
        script = find_place(folder).folder / BRIDGE_SCRIPT
        if script.is_file():
            commands += [
                [str(reaper.program), "-nonewinst", str(script)]
                for reaper in reapers_in(folder, machine)
                if reaper.program is not None and pid in (None, reaper.pid)
            ]
    launcher = start or _start
    return any(_started(launcher, command) for command in commands)


def _started(launcher: Launcher, command: list[str]) -> bool:
    try:
        launcher(command)
    except OSError:  # REAPER was moved while it ran; the user is told to run an action
        return False
    return True


def _start(command: list[str]) -> None:
    process = subprocess.Popen(  # noqa: S603 - the program of a REAPER that runs, and our script
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # it hands the script to the running REAPER and ends; it is waited for so that none is left
    threading.Thread(target=process.wait, daemon=True).start()


def _answers(bridge: BridgeFile, stop: Stop) -> bool:
    try:
        link, _ = shake_hands(bridge, stop, _HELLO_SECONDS)
    except (HostTimeout, ProtocolMismatch):  # it is there; who opens it is told what is wrong
        return True
    except HostUnreachable:
        return False
    link.close()
    return True
