"""Whatever clients and commands do: REAPER goes on, and the bridge answers the others."""

from __future__ import annotations

import struct

import pytest
from fakes.bridge_clients import RawClient, friend, start_bridge
from fakes.reaper import FakeReaper

from hanolab_dawtools.hosts.reaper.protocol import (
    MAX_HELLO_BYTES,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    encode,
)


@pytest.fixture(scope="module")
def reaper(tmp_path_factory):
    with FakeReaper(tmp_path_factory.mktemp("reaper")) as running:
        yield running


@pytest.fixture(scope="module")
def bridge(reaper):
    return start_bridge(reaper)


@pytest.fixture(autouse=True)
def goes_on(bridge):
    """After each test the bridge answers, and has said nothing about a fault of its own."""
    yield
    with friend(bridge) as client:
        client.ask(1, "ping")
        assert client.receive() == {"id": 1, "result": {}}


def test_a_wrong_token_is_refused(bridge):
    with RawClient(bridge.port) as client:
        client.hello(bridge, token="0" * 64)
        (answer,) = client.receive_all()
    assert answer["refused"]["code"] == "token"


@pytest.mark.parametrize("token", [None, 5, "", "\ud800", "é", ["x"]])
def test_a_token_that_is_none_is_refused(bridge, token):
    with RawClient(bridge.port) as client:
        client.hello(bridge, token=token)
        (answer,) = client.receive_all()
    assert answer["refused"]["code"] == "token"


@pytest.mark.parametrize("version", [0, PROTOCOL_VERSION + 1, None, str(PROTOCOL_VERSION)])
def test_another_protocol_is_refused_and_ours_is_told(bridge, version):
    with RawClient(bridge.port) as client:
        client.hello(bridge, protocol=version)
        (answer,) = client.receive_all()
    assert answer["refused"]["code"] == "protocol"
    assert answer["refused"]["protocol"] == PROTOCOL_VERSION


def test_nothing_is_done_before_the_hello(bridge):
    with RawClient(bridge.port) as client:
        client.ask(1, "ping")
        (answer,) = client.receive_all()
    assert "closing" in answer


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        struct.pack(">I", MAX_HELLO_BYTES + 1),
        struct.pack(">I", 5) + b"\xff\xfe\x00\x01\x02",
        struct.pack(">I", 3) + b"[1]",
        struct.pack(">I", 2000) + b"[" * 2000,
    ],
)
def test_a_stranger_who_sends_garbage_is_hung_up_on(bridge, garbage):
    with RawClient(bridge.port) as client:
        client.socket.sendall(garbage)
        assert [list(message) for message in client.receive_all()] == [["closing"]]


def test_a_friend_who_announces_an_endless_message_is_hung_up_on(bridge):
    with friend(bridge) as client:
        client.socket.sendall(struct.pack(">I", MAX_MESSAGE_BYTES + 1))
        assert [list(message) for message in client.receive_all()] == [["closing"]]


@pytest.mark.parametrize(
    "message",
    [
        {"id": 1},
        {"id": 1, "command": 5},
        {"id": "1", "command": "ping"},
        {"id": 1, "command": "ping", "arguments": []},
    ],
)
def test_a_friend_whose_request_is_none_is_hung_up_on(bridge, message):
    with friend(bridge) as client:
        client.send(message)
        assert [list(message) for message in client.receive_all()] == [["closing"]]


def test_a_byte_at_a_time_is_fine(bridge):
    with friend(bridge) as client:
        for byte in encode({"id": 9, "command": "ping", "arguments": {}}):
            client.socket.sendall(bytes([byte]))
        assert client.receive() == {"id": 9, "result": {}}


def test_a_client_that_goes_amid_a_message_is_forgotten(bridge):
    with friend(bridge) as client:
        client.socket.sendall(encode({"id": 1, "command": "ping", "arguments": {}})[:-3])


def test_a_command_cleans_up_when_its_client_dies(bridge, reaper):
    reaper.set_ext_state("test", "closed", "no")
    client = friend(bridge)
    client.ask(1, "endless")
    client.ask(2, "ping")
    reaper.wait_ticks(5)
    client.reset()
    reaper.wait_until(lambda: reaper.ext_state["test/closed"] == "yes")


def test_a_command_that_refuses_to_end_is_left(bridge, reaper):
    client = friend(bridge)
    client.ask(1, "stubborn")
    reaper.wait_ticks(5)
    client.reset()
    reaper.wait_until(lambda: "generator ignored GeneratorExit" in reaper.console)


def test_cancelling_ends_what_runs_and_what_waits(bridge, reaper):
    reaper.set_ext_state("test", "closed", "no")
    with friend(bridge) as client:
        client.ask(1, "endless")
        client.ask(2, "ping")
        client.ask(3, "ping")
        reaper.wait_ticks(3)
        client.send({"cancel": 2})
        client.send({"cancel": 1})
        client.send({"cancel": 99})
        answers = [client.receive() for _ in range(3)]
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert [answer.get("error", {}).get("code") for answer in answers] == ["cancelled"] * 2 + [None]
    assert reaper.ext_state["test/closed"] == "yes"


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("exits", "SystemExit: 7"),
        ("interrupts", "KeyboardInterrupt"),
        ("exits_late", "SystemExit: 8"),
        ("counts", "KeyError: 'n'"),
        ("odd", "not JSON serializable"),
    ],
)
def test_a_fault_of_a_command_goes_to_who_asked(bridge, command, named):
    with friend(bridge) as client:
        client.ask(1, command)
        client.ask(2, "ping")
        answer = client.receive()
        assert client.receive() == {"id": 2, "result": {}}
    assert answer["id"] == 1
    assert answer["error"]["code"] == "internal"
    assert named in answer["error"]["message"]


def test_an_unknown_command_is_told(bridge):
    with friend(bridge) as client:
        client.ask(1, "__import__")
        assert client.receive()["error"]["code"] == "unknown_command"


def test_a_result_that_is_too_large_is_told(bridge):
    with friend(bridge) as client:
        client.ask(1, "large", n=MAX_MESSAGE_BYTES)
        assert client.receive()["error"]["code"] == "too_large"


def test_no_more_than_sixteen_are_taken(bridge):
    clients = [friend(bridge) for _ in range(16)]
    with RawClient(bridge.port) as client:
        assert "closing" in client.receive()
        assert client.receive() is None
    for client in clients:
        client.socket.close()


def test_a_client_that_does_not_read_holds_nobody_up(bridge):
    with friend(bridge) as slow, friend(bridge) as quick:
        for number in range(60):
            slow.ask(number, "large", n=1_000_000)
        for number in range(20):
            quick.ask(number, "ping")
            assert quick.receive() == {"id": number, "result": {}}
        answers = [slow.receive() for _ in range(60)]
    assert [answer["id"] for answer in answers] == list(range(60))
    assert {len(answer["result"]["text"]) for answer in answers} == {1_000_000}
