"""Installing into a REAPER that runs, with HanoLab alive in it: REAPER itself does the list."""

import sys
from pathlib import Path

from fakes.bridge_clients import start_bridge
from fakes.reaper import FakeReaper
from fakes.resource_folders import contents

from hanolab_dawtools.hosts.reaper.discovery import living_bridges
from hanolab_dawtools.hosts.reaper.install import ReaperSetup
from hanolab_dawtools.hosts.reaper.install_reports import Registered
from hanolab_dawtools.hosts.reaper.installed_scripts import Launch
from hanolab_dawtools.hosts.reaper.kb_ini import registrations
from hanolab_dawtools.hosts.reaper.processes import RunningReaper
from hanolab_dawtools.hosts.reaper.python_library import PythonBuild
from hanolab_dawtools.hosts.reaper.resource_folders import Machine, System, named_folder
from hanolab_dawtools.hosts.reaper.setup_here import ask_bridge
from hanolab_dawtools.package_data import host_bridge_folder


def setup_for(reaper: FakeReaper) -> ReaperSetup:
    launch = Launch(
        Path(sys.executable), ("-m", "hanolab_dawtools"), reaper.runtime_folder, "0.1.0"
    )
    running = (RunningReaper(reaper.pid, None),)
    return ReaperSetup(
        host_bridge_folder() / "reaper",
        launch,
        machine=Machine(System.LINUX, reaper.folder, {}, ask_running=lambda: running),
        build=PythonBuild.here(),
        bridges=lambda: living_bridges(reaper.runtime_folder),
        ask=ask_bridge,
    )


def ours(kb_ini: Path) -> list[str]:
    """Our scripts in the action list; without that of the fakes."""
    found = (each.script for each in registrations(kb_ini.read_bytes()))
    return [script for script in found if script.startswith("HanoLab/HanoLab_")]


def test_reaper_registers_every_action_and_takes_them_out(tmp_path):
    with FakeReaper(tmp_path / "r") as reaper:
        reaper.install()
        start_bridge(reaper)
        (reaper.resource_path / "reaper.ini").touch()
        folder, setup = named_folder(reaper.resource_path), setup_for(reaper)
        assert setup.install(folder).registered is Registered.BY_REAPER
        assert setup.install(folder).registered is Registered.ALREADY
        kb_ini = reaper.resource_path / "reaper-kb.ini"
        assert len(ours(kb_ini)) == 12
        status = setup.status(folder)
        assert status.bridge
        assert status.bridge.pid == reaper.pid
        assert status.is_understood
        setup.uninstall(folder)
        assert not ours(kb_ini)
        assert not [name for name in contents(reaper.scripts_folder) if "HanoLab_" in name]
