"""Installing into REAPER on this machine: `ReaperSetup` with everything real."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.discovery import living_bridges
from hanolab_dawtools.hosts.reaper.install import ReaperSetup
from hanolab_dawtools.hosts.reaper.installed_scripts import Launch
from hanolab_dawtools.hosts.reaper.python_library import PythonBuild
from hanolab_dawtools.hosts.reaper.resource_folders import Machine, System

_PROGRAM = ("-m", "hanolab_dawtools")


def setup_here(
    source: Path, runtime_folder: Path, version: str, environment: Mapping[str, str]
) -> ReaperSetup:
    """What installs the scripts in `source`, to be started as this process was."""
    launch = Launch(
        python=windowless(Path(sys.executable), System.here()),
        arguments=_PROGRAM,
        runtime_folder=runtime_folder,
        version=version,
        environment=environment,
    )
    return ReaperSetup(
        source,
        launch,
        machine=Machine.here(),
        build=PythonBuild.here(),
        bridges=lambda: living_bridges(runtime_folder),
        ask=ask_bridge,
    )


def windowless(python: Path, system: System) -> Path:
    """The interpreter that opens no console on Windows; a virtual environment's stays its own."""
    python = python.absolute()  # its links are kept: they say which environment it is
    beside = python.with_name("pythonw.exe")
    is_console = system is System.WINDOWS and python.name.lower() == "python.exe"
    return beside if is_console and beside.is_file() else python


def ask_bridge(bridge: BridgeFile, command: str, arguments: dict[str, object]) -> object:
    """Have a bridge do one command; raises the errors of `Channel`."""
    channel = Channel.open(bridge)
    try:
        return channel.call(command, arguments)
    finally:
        channel.close()
