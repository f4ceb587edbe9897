"""Which REAPERs run, and whose settings they keep."""

import shutil
import subprocess
from pathlib import Path

import pytest
from fakes.resource_folders import PROGRAMS, Home, make_folder

from hanolab_dawtools.hosts.reaper.processes import (
    RunningReaper,
    reapers_of_powershell,
    reapers_of_ps,
    running_reapers,
)
from hanolab_dawtools.hosts.reaper.resource_folders import (
    System,
    named_folder,
    portable_folder,
    reapers_in,
)

PS = """\
    1 /sbin/launchd
  501 /Applications/REAPER.app/Contents/MacOS/REAPER
  502 /Applications/REAPER.app/Contents/Plugins/reaper_host64.app/Contents/MacOS/reaper_host64
  503 /Volumes/My Stick/REAPER.app/Contents/MacOS/REAPER
  504 grim_reaper
"""
POWERSHELL = (
    '"Id","Path"\r\n"42","C:\\Program Files\\REAPER (x64)\\reaper.exe"\r\n"43",\r\n"44",""\r\n'
)


def test_macos_tells_whole_paths():
    found = reapers_of_ps(PS)
    assert [each.pid for each in found] == [501, 503]
    assert found[1].program == Path("/Volumes/My Stick/REAPER.app/Contents/MacOS/REAPER")


def test_windows_tells_paths_of_the_own_users_processes():
    found = reapers_of_powershell(POWERSHELL)
    assert [each.pid for each in found] == [42, 43, 44]
    assert [each.program is None for each in found] == [False, True, True]


@pytest.mark.parametrize("answer", ["", "\n", "error: denied", '"Id","Path"\n'])
def test_an_answer_without_processes_is_none(answer):
    assert reapers_of_ps(answer) == reapers_of_powershell(answer) == ()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc to look into")
def test_a_real_portable_reaper_is_seen_with_its_folder(tmp_path):
    folder = make_folder(tmp_path / "stick")
    program = folder / "reaper"
    shutil.copy("/bin/cat", program)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            process.stdin.write(b"\n")
            process.stdin.flush()
            process.stdout.readline()  # now it is that program
            (found,) = (each for each in running_reapers() if each.pid == process.pid)
            assert portable_folder(found) == folder
        finally:
            process.kill()


def test_processes_of_a_folder_of_linux_are_read(tmp_path):
    for pid, name, program in (
        ("7", "reaper", "/opt/REAPER/reaper"),
        ("8", "reaper", None),  # another user's
        ("9", "bash", "/bin/bash"),
        ("10", "reaper", "/opt/old/reaper (deleted)"),
    ):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "comm").write_text(f"{name}\n")
        if program:
            (tmp_path / pid / "exe").symlink_to(program)
    found = {each.pid: each.program for each in running_reapers(tmp_path)}
    assert found == {7: Path("/opt/REAPER/reaper"), 8: None, 10: Path("/opt/old/reaper")}


@pytest.mark.parametrize("system", list(System))
def test_a_portable_program_uses_its_own_folder_only(tmp_path, system):
    home = Home(tmp_path / "home", system)
    usual, stick = make_folder(home.usual, system), make_folder(tmp_path / "stick", system)
    (stick / PROGRAMS[system]).parent.mkdir(parents=True, exist_ok=True)
    (stick / PROGRAMS[system]).touch()
    home.start(stick)
    assert not reapers_in(named_folder(usual), home.machine)
    assert reapers_in(named_folder(stick), home.machine)
    home.running.clear()
    home.start()
    assert reapers_in(named_folder(usual), home.machine)
    assert not reapers_in(named_folder(stick), home.machine)


def test_a_program_that_nobody_can_name_may_use_any_folder(tmp_path):
    home = Home(tmp_path / "home", running=[RunningReaper(5, None)])
    make_folder(home.usual)
    (folder,) = home.setup.find()
    assert reapers_in(folder, home.machine)
