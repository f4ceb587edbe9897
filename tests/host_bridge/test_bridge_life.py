"""When a bridge lives, for whom it ends, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes.bridge_clients import RawClient
from fakes.bridge_here import inside_reaper

LINGER_TICKS = 32  # a second each


@pytest.fixture
def inside(tmp_path):
    with inside_reaper(tmp_path / "runtime") as reaper:
        yield reaper


def friend_of(inside, bridge) -> RawClient:
    client = RawClient(bridge.port)
    client.hello(inside.bridge_file(bridge))
    inside.tick(2)
    assert "welcome" in client.receive()
    return client


def files_in(inside) -> list[str]:
    return [path.name for path in inside.runtime_folder.iterdir()]


def mark_of(inside) -> str:
    return inside.host.ext_state.get("hanolab_bridge", "alive")


def test_only_the_user_can_read_the_token(inside):
    bridge = inside.start()
    assert Path(bridge.port_file).stat().st_mode & 0o777 == 0o600
    assert inside.runtime_folder.stat().st_mode & 0o077 == 0
    assert files_in(inside) == [f"bridge-{os.getpid()}.json"]
    told = inside.bridge_file(bridge)
    assert (told.port, told.pid, told.reaper[:4]) == (bridge.port, os.getpid(), "7.22")
    assert len(bytes.fromhex(told.token)) == 32
    assert told.token not in repr(told)


def test_nobody_comes_and_it_ends_without_a_trace(inside):
    bridge = inside.start()
    inside.tick(29, seconds=1.0)
    assert bridge.state == "open"
    inside.tick(3, seconds=1.0)
    assert bridge.state == "ended"
    assert files_in(inside) == []
    assert mark_of(inside) == ""
    assert bridge.n_deferred == 31, "it asks for no tick after its end"


def test_a_client_keeps_it_and_it_ends_when_the_client_left(inside):
    bridge = inside.start()
    client = friend_of(inside, bridge)
    inside.tick(60, seconds=1.0)
    assert bridge.state == "open"
    client.socket.close()
    inside.tick(29, seconds=1.0)
    assert bridge.state == "open"
    inside.tick(3, seconds=1.0)
    assert bridge.state == "ended"


def test_a_process_that_an_action_started_keeps_it(inside):
    bridge = inside.start()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    inside.host.ext_state.set("hanolab_bridge", "launched", str(process.pid), False)
    inside.tick(60, seconds=1.0)
    assert bridge.state == "open"
    process.communicate(b"\n")
    inside.tick(LINGER_TICKS, seconds=1.0)
    assert bridge.state == "ended"
    assert inside.host.ext_state.get("hanolab_bridge", "launched") == ""


def test_an_hour_without_ticks_makes_nobody_late(inside):
    bridge = inside.start()
    with RawClient(bridge.port) as client:
        inside.tick()
        inside.tick(seconds=3600.0)
        client.hello(inside.bridge_file(bridge))
        inside.tick(2)
        assert "welcome" in client.receive()
    assert bridge.state == "open"


def test_who_does_not_say_hello_is_dropped_after_five_seconds(inside):
    bridge = inside.start()
    with RawClient(bridge.port) as client:
        inside.tick(5, seconds=1.0)
        client.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.socket.recv(1)
        inside.tick(2, seconds=1.0)
        assert client.socket.recv(1) == b""


def test_who_does_not_take_what_is_sent_is_dropped_after_half_a_minute(inside):
    bridge = inside.start({"large": lambda face, arguments: {"text": "x" * 12_000_000}})
    with friend_of(inside, bridge) as client:
        client.ask(1, "large")
        inside.tick(29, seconds=1.0)
        client.ask(2, "large")
        inside.tick(1, seconds=1.0)
        client.socket.sendall(b"")  # still connected
        inside.tick(3, seconds=1.0)
        n_received = 0
        while received := client.socket.recv(1 << 20):
            n_received += len(received)
    assert 0 < n_received < 12_000_000


@pytest.mark.parametrize(
    ("last", "is_second"),
    [
        ("{pid} sing 999.6", True),
        ("{pid} sing 999.4", False),
        ("{pid} hum 999.9", False),
        ("1 sing 999.9", False),
        ("{pid} sing", False),
        ("", False),
    ],
)
def test_the_same_action_within_half_a_second_is_a_double_click(inside, last, is_second):
    from hanolab_alive import Alive

    api = inside.face.api
    api.SetExtState("hanolab_bridge", "clicked", last.format(pid=os.getpid()), False)
    assert Alive(api, lambda: 1000.0).is_second_click("sing") is is_second
    assert Alive(api, lambda: 1000.4).is_second_click("sing")


def test_a_second_one_ends_at_once(inside):
    first, second = inside.start(), inside.start()
    assert (first.state, second.state) == ("open", "ended")
    assert second.n_deferred == 0
    assert inside.bridge_file(first).port == first.port


def test_one_that_missed_its_ticks_shows_that_it_lives(inside):
    first = inside.start()
    inside.clock.now += 600.0
    second = inside.start()
    assert second.state == "waiting"
    inside.tick(2)
    assert (first.state, second.state) == ("open", "ended")


def test_one_that_is_dead_is_followed_by_the_next(inside):
    first = inside.start()
    inside.bridges.remove(first)
    inside.clock.now += 600.0
    second = inside.start()
    inside.tick(5)
    assert second.state == "open"
    assert inside.bridge_file(second).port == second.port
    inside.bridges.append(first)
    inside.tick(2)
    assert (first.state, second.state) == ("ended", "open")
    assert inside.bridge_file(second).port == second.port, "the file is not the first one's"
    assert str(second.port) in mark_of(inside)


@pytest.mark.parametrize("mark", ["", "x", "1 2", "1 5555 1000.0", "a b c d", "1 2 nan"])
def test_a_mark_that_is_not_of_this_process_counts_for_nothing(inside, mark):
    inside.host.ext_state.set("hanolab_bridge", "alive", mark, False)
    assert inside.start().state == "open"


def test_a_bridge_that_is_busy_is_alive_however_long(inside):
    inside.host.ext_state.set("hanolab_bridge", "alive", f"{os.getpid()} 5 400.0 busy", False)
    assert inside.start().state == "ended"


def test_a_runtime_folder_that_cannot_be_made_is_told(inside):
    inside.runtime_folder.write_bytes(b"")
    assert inside.start().state == "ended"
    assert "HanoLab: the bridge cannot start" in inside.host.console


@pytest.mark.parametrize("fault", [SystemExit(3), KeyboardInterrupt(), MemoryError(), OSError("x")])
def test_a_fault_in_a_tick_is_told_once_and_the_loop_goes_on(inside, fault, monkeypatch):
    bridge = inside.start()

    def fail() -> None:
        raise fault

    monkeypatch.setattr(bridge, "_renew", fail)
    inside.tick(5, seconds=1.0)
    assert bridge.state == "open"
    assert bridge.n_deferred == 6
    assert inside.host.console.count("a fault in the bridge") == 1


def test_a_request_that_came_in_a_tick_that_failed_is_answered(inside, monkeypatch):
    bridge = inside.start()

    def fail(deadline: float) -> None:
        monkeypatch.undo()
        raise OSError("x")

    with friend_of(inside, bridge) as client:
        inside.tick(2)
        client.ask(1, "ping")
        monkeypatch.setattr(bridge, "_work", fail)
        inside.tick(2)
        assert client.receive() == {"id": 1, "result": {}}


def test_clients_that_want_nothing_cost_nothing(inside):
    bridge = inside.start()

    def calls_of_a_tick() -> list[str]:
        inside.tick(2, seconds=0.0)
        seen: list[str] = []
        sys.setprofile(lambda frame, event, _: seen.append(event + frame.f_code.co_name))
        try:
            bridge.tick()
        finally:
            sys.setprofile(None)
        return seen

    alone = calls_of_a_tick()
    with friend_of(inside, bridge), friend_of(inside, bridge):
        assert calls_of_a_tick() == alone


def test_a_reaper_that_defers_no_more_ends_it(inside, monkeypatch):
    bridge = inside.start()

    def fail() -> None:
        raise SystemError

    with friend_of(inside, bridge) as client:
        monkeypatch.setattr(bridge, "_defer", fail)
        inside.tick()
        assert "closing" in client.receive()
    assert bridge.state == "ended"
    assert files_in(inside) == []


def test_a_slice_for_each_in_turn_within_the_time_of_a_tick(inside):
    def works(face, arguments):
        for _ in range(100):
            inside.clock.now += 0.003  # what a slice takes
            done[arguments["who"]] += 1
            yield

    done = {"a": 0, "b": 0}
    bridge = inside.start({"works": works})
    with friend_of(inside, bridge) as a, friend_of(inside, bridge) as b:
        a.ask(1, "works", who="a")
        b.ask(1, "works", who="b")
        for n_ticks in range(1, 8):
            before = inside.clock.now
            inside.tick(seconds=0.0)
            assert inside.clock.now - before == pytest.approx(0.009), "three slices reach 8 ms"
            assert sum(done.values()) == 3 * n_ticks
            assert abs(done["a"] - done["b"]) <= 1
