"""Which bridges count as living, which one is meant, and how one is started from outside."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.bridge_clients import PATIENCE_SECONDS, port_file_of, start_bridge
from fakes.reaper import FakeReaper
from fakes.scripted_bridge import Peer, scripted_bridge, write_bridge_file

from hanolab_dawtools.errors import HostUnreachable
from hanolab_dawtools.hosts.reaper.bridge_file import read_bridge_file
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.discovery import (
    BRIDGE_VARIABLE,
    choose_bridge,
    living_bridges,
)
from hanolab_dawtools.hosts.reaper.processes import RunningReaper
from hanolab_dawtools.hosts.reaper.resource_folders import Machine, System


def machine(home: Path, *running: RunningReaper) -> Machine:
    """One whose only REAPERs are these."""
    return Machine(System.LINUX, home, {"HOME": str(home)}, lambda: running)


@pytest.fixture
def reaper(tmp_path):
    with FakeReaper(tmp_path / "r") as running:
        yield running


@pytest.fixture
def ended_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(PATIENCE_SECONDS)
    return process.pid


def test_the_bridge_of_a_running_reaper_is_found(reaper):
    bridge = start_bridge(reaper)
    assert living_bridges(reaper.runtime_folder) == [bridge]
    assert choose_bridge(reaper.runtime_folder) == bridge
    assert choose_bridge(reaper.runtime_folder, reaper.pid) == bridge
    assert bridge.pid == reaper.pid
    assert Path(bridge.resource_path) == reaper.resource_path


def test_the_file_of_a_killed_reaper_counts_for_nothing(reaper, tmp_path):
    start_bridge(reaper)
    reaper.kill()
    assert port_file_of(reaper).exists()
    assert living_bridges(reaper.runtime_folder) == []
    with pytest.raises(HostUnreachable) as told:
        choose_bridge(reaper.runtime_folder, machine=machine(tmp_path))
    assert "Run any HanoLab action in REAPER" in told.value.hint


def test_the_file_of_a_dead_process_is_not_even_tried(tmp_path, ended_pid):
    def act(peer: Peer) -> None:
        raise AssertionError("nobody is to connect")

    with scripted_bridge(tmp_path / "other") as bridge:
        write_bridge_file(tmp_path, bridge.port, ended_pid)
        assert living_bridges(tmp_path) == []


def test_a_port_that_another_program_got_is_no_bridge(tmp_path):
    def answers_as_a_web_server(peer: Peer) -> None:
        peer.receive()
        peer.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with scripted_bridge(tmp_path, answers_as_a_web_server):
        assert living_bridges(tmp_path) == []


def test_a_port_where_nobody_listens_is_no_bridge(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    write_bridge_file(tmp_path, port)
    assert living_bridges(tmp_path) == []


def test_a_bridge_that_is_silent_is_a_busy_one(tmp_path):
    with scripted_bridge(tmp_path, lambda peer: [peer.receive(), peer.receive()]) as bridge:
        assert living_bridges(tmp_path) == [bridge]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"[" * 60_000,
        b'{"protocol": 1, "port": "x"}',
        (
            b'{"protocol": 1, "port": 70000, "token": "", "pid": 1, "started": 1, "reaper": "", '
            b'"resource_path": "", "bridge": ""}'
        ),
    ],
)
def test_a_damaged_file_is_no_bridge(tmp_path, content):
    path = tmp_path / "bridge-1.json"
    path.write_bytes(content)
    assert living_bridges(tmp_path) == []
    with pytest.raises(HostUnreachable, match=r"bridge-1\.json"):
        read_bridge_file(path)


def test_a_folder_in_the_place_of_a_file_or_no_folder_at_all_is_no_bridge(tmp_path):
    (tmp_path / "bridge-1.json").mkdir()
    assert living_bridges(tmp_path) == []
    assert living_bridges(tmp_path / "missing") == []


def test_of_several_one_must_be_named(reaper, tmp_path):
    first = start_bridge(reaper)
    with FakeReaper(tmp_path / "second") as other:
        second = start_bridge(other)
        target = reaper.runtime_folder / port_file_of(other).name
        target.write_bytes(port_file_of(other).read_bytes())
        assert [one.pid for one in living_bridges(reaper.runtime_folder)] == [first.pid, second.pid]
        with pytest.raises(HostUnreachable, match="2 REAPERs are running") as told:
            choose_bridge(reaper.runtime_folder)
        assert f"reaper:{first.pid} ({reaper.resource_path})" in str(told.value)
        assert f"reaper:{second.pid} ({other.resource_path})" in str(told.value)
        chosen = choose_bridge(reaper.runtime_folder, second.pid)
        with Channel.open(chosen) as channel:
            assert channel.welcome["pid"] == other.pid


def test_a_process_that_has_no_bridge_is_named(reaper, tmp_path):
    start_bridge(reaper)
    with pytest.raises(HostUnreachable, match="no bridge in REAPER 999999"):
        choose_bridge(reaper.runtime_folder, 999999, machine=machine(tmp_path))


def test_the_variable_names_a_file(reaper, tmp_path, monkeypatch):
    bridge = start_bridge(reaper)
    monkeypatch.setenv(BRIDGE_VARIABLE, str(port_file_of(reaper)))
    assert choose_bridge(tmp_path / "elsewhere") == bridge
    monkeypatch.setenv(BRIDGE_VARIABLE, str(tmp_path / "missing.json"))
    with pytest.raises(HostUnreachable, match=r"missing\.json"):
        choose_bridge(tmp_path / "elsewhere")


def test_a_running_reaper_without_a_bridge_is_asked_to_start_one(reaper):
    reaper.install()
    (reaper.resource_path / "reaper.ini").touch()
    program = reaper.resource_path / "reaper"  # beside its settings: a portable one
    asked = []

    def start(command: list[str]) -> None:
        asked.append(command)
        reaper.run_action(Path(command[-1]).name)

    here = machine(reaper.folder, RunningReaper(reaper.pid, program))
    bridge = choose_bridge(reaper.runtime_folder, machine=here, start=start)
    assert bridge.pid == reaper.pid
    script = reaper.scripts_folder / "HanoLab_bridge.py"
    assert asked == [[str(program), "-nonewinst", str(script)]]


def test_a_reaper_whose_program_is_gone_is_not_started(reaper):
    reaper.install()
    (reaper.resource_path / "reaper.ini").touch()
    here = machine(reaper.folder, RunningReaper(os.getpid(), reaper.resource_path / "reaper"))
    with pytest.raises(HostUnreachable):
        choose_bridge(reaper.runtime_folder, machine=here)
