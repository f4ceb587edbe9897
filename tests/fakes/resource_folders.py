"""REAPER's resource folders as its installers and first starts leave them, for each system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hanolab_dawtools.hosts.reaper.bridge_file import BridgeFile
from hanolab_dawtools.hosts.reaper.install import ReaperSetup
from hanolab_dawtools.hosts.reaper.installed_scripts import Launch
from hanolab_dawtools.hosts.reaper.processes import RunningReaper
from hanolab_dawtools.hosts.reaper.protocol import PROTOCOL_VERSION
from hanolab_dawtools.hosts.reaper.python_library import PythonBuild
from hanolab_dawtools.hosts.reaper.resource_folders import Machine, System
from hanolab_dawtools.package_data import host_bridge_folder

USUAL = {
    System.WINDOWS: "AppData/Roaming/REAPER",
    System.MACOS: "Library/Application Support/REAPER",
    System.LINUX: ".config/REAPER",
}
PROGRAMS = {
    System.WINDOWS: "reaper.exe",
    System.MACOS: "REAPER.app/Contents/MacOS/REAPER",
    System.LINUX: "reaper",
}
OTHERS_ACTIONS = (
    'SCR 4 0 RS1ee9bb229dabffe151848d7efa3c10f748e1a1cf "Custom: lyrics.lua" Cockos/lyrics.lua',
    'SCR 4 0 RSaaaa "Custom: HanoLab_open_panel.py" "Some One/HanoLab_open_panel.py"',
    'ACT 0 0 "0fb78e04a629b044bda3f757f3ecc041" "Custom: Play from time selection" 40630 1007',
    "KEY 1 65 _RS1ee9bb229dabffe151848d7efa3c10f748e1a1cf 0",
)
SETTINGS = ("[REAPER]", "lastproject=C:/x.rpp", "audioclosestop=1", "", "[Other]", "reascript=0")


def newline_of(system: System) -> str:
    return "\r\n" if system is System.WINDOWS else "\n"


def make_folder(path: Path, system: System = System.LINUX) -> Path:
    """A resource folder after REAPER's first start and an action of somebody else's."""
    path.mkdir(parents=True)
    newline = newline_of(system)
    for name, lines in (("reaper.ini", SETTINGS), ("reaper-kb.ini", OTHERS_ACTIONS)):
        (path / name).write_bytes((newline.join(lines) + newline).encode())
    return path


@dataclass
class Home:
    """A user's home folder on one of the systems, and the setup that works in it."""

    path: Path
    system: System = System.LINUX
    running: list[RunningReaper] = field(default_factory=list)
    bridges: list[BridgeFile] = field(default_factory=list)
    asked: list[tuple[str, object]] = field(default_factory=list)
    answer: Callable[[str, dict[str, object]], object] = lambda *_: {}
    source: Path = field(default_factory=lambda: host_bridge_folder() / "reaper")
    version: str = "0.1.0"

    @property
    def usual(self) -> Path:
        return self.path / USUAL[self.system]

    @property
    def runtime_folder(self) -> Path:
        return self.path / "hanolab" / "reaper"

    @property
    def machine(self) -> Machine:
        return Machine(self.system, self.path, {}, ask_running=lambda: tuple(self.running))

    @property
    def setup(self) -> ReaperSetup:
        launch = Launch(
            python=Path(sys.executable),
            arguments=("-m", "hanolab_dawtools"),
            runtime_folder=self.runtime_folder,
            version=self.version,
            environment={"HANOLAB_DATA_DIR": "/ü"},
        )
        return ReaperSetup(
            self.source,
            launch,
            machine=self.machine,
            build=PythonBuild.here(),
            bridges=lambda: self.bridges,
            ask=self._ask,
        )

    def start(self, folder: Path | None = None) -> None:
        """REAPER runs from now on: the usual one, or the portable one in a folder."""
        program = (folder or self.path / "programs") / PROGRAMS[self.system]
        self.running.append(RunningReaper(1000 + len(self.running), program))

    def start_bridge(self, resource_path: Path) -> None:
        """HanoLab answers in the REAPER of a folder."""
        self.bridges.append(
            BridgeFile(
                path=self.runtime_folder / "bridge-1000.json",
                protocol=PROTOCOL_VERSION,
                port=40000,
                token="0" * 32,
                pid=1000,
                started=0.0,
                reaper="7.22/linux-x86_64",
                resource_path=str(resource_path),
                bridge="0.1.0",
            )
        )

    def _ask(self, bridge: BridgeFile, command: str, arguments: dict[str, object]) -> object:
        self.asked.append((command, arguments["paths"]))
        return self.answer(command, arguments)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines_added(before: bytes, after: bytes) -> Sequence[bytes]:
    """The lines at the end of `after`, which starts with `before`."""
    assert after.startswith(before)
    return after[len(before) :].splitlines()
