import subprocess
import sys
from pathlib import Path

import pytest

from hanolab_dawtools.hosts.rpp.processes import reaper_is_running


def processes(folder: Path, *names: str) -> Path:
    for number, name in enumerate(names, start=100):
        (folder / str(number)).mkdir()
        (folder / str(number) / "comm").write_text(f"{name}\n")
    return folder


@pytest.mark.parametrize("name", ["reaper", "REAPER", "reaper.exe"])
def test_a_running_reaper_is_seen(tmp_path, name):
    assert reaper_is_running(processes(tmp_path, "bash", name))


def test_other_processes_are_not_reaper(tmp_path):
    assert not reaper_is_running(processes(tmp_path, "bash", "grim_reaper", "python3"))


def test_a_process_that_ends_meanwhile_is_passed_over(tmp_path):
    processes(tmp_path, "bash", "reaper")
    (tmp_path / "99").mkdir()
    (tmp_path / "99" / "comm").symlink_to(tmp_path / "gone")
    assert reaper_is_running(tmp_path)


def test_without_a_process_folder_the_system_is_asked(tmp_path, monkeypatch):
    tool = tmp_path / "ps"
    tool.write_text("#!/bin/sh\nprintf 'bash\\nREAPER\\n'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert reaper_is_running(tmp_path / "none")


def test_a_system_that_cannot_tell_says_no(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not reaper_is_running(tmp_path / "none")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc to look into")
def test_a_real_process_named_reaper_is_seen(tmp_path):
    program = tmp_path / "reaper-test"
    program.symlink_to(Path(sys.executable).resolve())
    command = [program, "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            process.stdout.readline()  # now it has its own name
            assert reaper_is_running()
        finally:
            process.kill()
