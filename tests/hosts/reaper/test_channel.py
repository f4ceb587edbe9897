"""What a channel makes of what it meets, and how long it waits."""

import socket
import struct
import threading

import pytest
from fakes.scripted_bridge import Peer, scripted_bridge

from hanolab_dawtools.errors import (
    HostCallFailed,
    HostTimeout,
    HostUnreachable,
    JobCancelled,
    ProtocolMismatch,
)
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.protocol import MAX_MESSAGE_BYTES, PROTOCOL_VERSION, encode

SOON = 0.2
OTHER_PROTOCOL = f"speak protocol 7, this program {PROTOCOL_VERSION}"


def until_the_end(peer: Peer) -> None:
    while peer.receive() is not None:
        pass


def welcomes(*then):
    def act(peer: Peer) -> None:
        peer.welcome()
        for one in then:
            one(peer)

    return act


def refuses(code):
    def act(peer: Peer) -> None:
        peer.receive()
        peer.send({"refused": {"code": code, "message": "no", "protocol": 7}})

    return act


def fails(code, **more):
    def act(peer: Peer) -> None:
        number = peer.receive()["id"]
        error = {"code": code, "message": "the track is gone", "hint": "", "trace": ""}
        peer.send({"id": number, "error": error | more})

    return act


def hangs_up(peer: Peer) -> None:
    peer.receive()


def test_what_the_bridge_tells_of_itself_is_kept(tmp_path):
    with scripted_bridge(tmp_path, welcomes()) as bridge, Channel.open(bridge) as channel:
        assert channel.welcome["protocol"] == PROTOCOL_VERSION


def test_nobody_at_the_port_is_told_with_the_next_step(tmp_path):
    with scripted_bridge(tmp_path) as bridge:
        pass
    with pytest.raises(HostUnreachable, match="no bridge answers") as told:
        Channel.open(bridge)
    assert "Run any HanoLab action" in told.value.hint


def test_a_refused_token_is_unreachable(tmp_path):
    with (
        scripted_bridge(tmp_path, refuses("token")) as bridge,
        pytest.raises(HostUnreachable, match="does not take the token"),
    ):
        Channel.open(bridge)


def test_another_protocol_says_what_to_install(tmp_path):
    with (
        scripted_bridge(tmp_path, refuses("protocol")) as bridge,
        pytest.raises(ProtocolMismatch, match=OTHER_PROTOCOL) as told,
    ):
        Channel.open(bridge)
    assert "hanolab reaper install" in told.value.hint


@pytest.mark.parametrize(
    "garbage",
    [b"HTTP/1.1 400 Bad Request\r\n", struct.pack(">I", MAX_MESSAGE_BYTES + 1), b"\0\0\0\2[]", b""],
)
def test_something_else_at_the_port_is_unreachable(tmp_path, garbage):
    def act(peer: Peer) -> None:
        peer.receive()
        peer.socket.sendall(garbage)

    with (
        scripted_bridge(tmp_path, act) as bridge,
        pytest.raises(HostUnreachable, match="is not the bridge"),
    ):
        Channel.open(bridge)


def test_a_silent_bridge_is_a_time_out(tmp_path):
    with (
        scripted_bridge(tmp_path, until_the_end) as bridge,
        pytest.raises(HostTimeout, match="may be rendering"),
    ):
        Channel.open(bridge, timeout_seconds=SOON)


def test_a_full_bridge_says_so(tmp_path):
    def act(peer: Peer) -> None:
        peer.receive()
        peer.send({"closing": {"why": "16 programs are connected already"}})

    with (
        scripted_bridge(tmp_path, act) as bridge,
        pytest.raises(HostUnreachable, match="16 programs"),
    ):
        Channel.open(bridge)


@pytest.mark.parametrize("code", ["gone", "changed", "refused", "render", "internal"])
def test_a_refused_command_carries_its_code(tmp_path, code):
    with (
        scripted_bridge(tmp_path, welcomes(fails(code, hint="Look.", trace="line 1"))) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostCallFailed, match="the track is gone") as told,
    ):
        channel.call("place", {})
    assert (told.value.command, told.value.code, told.value.hint) == ("place", code, "Look.")
    assert told.value.__notes__ == ["line 1"]


def test_an_unknown_command_means_older_scripts(tmp_path):
    with (
        scripted_bridge(tmp_path, welcomes(fails("unknown_command"))) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(ProtocolMismatch),
    ):
        channel.call("place", {})


def test_a_slow_answer_is_a_time_out_and_its_late_answer_is_nobodys(tmp_path):
    numbers = []

    def late(peer: Peer) -> None:
        numbers.append(peer.receive()["id"])
        numbers.append(peer.receive()["cancel"])
        peer.send({"id": numbers[0], "result": {"late": True}})
        peer.answer(late=False)

    with scripted_bridge(tmp_path, welcomes(late)) as bridge, Channel.open(bridge) as channel:
        with pytest.raises(HostTimeout):
            channel.call("place", {}, timeout_seconds=SOON)
        assert channel.call("place", {}) == {"late": False}
    assert numbers[0] == numbers[1]


def test_no_time_out_runs_while_reaper_is_busy(tmp_path):
    told = []
    has_waited = threading.Event()

    def renders(peer: Peer) -> None:
        number = peer.receive()["id"]
        peer.send({"busy": {"doing": "rendering", "id": number}})
        has_waited.wait(5 * SOON)
        peer.send({"id": number, "result": {"files": []}})

    with scripted_bridge(tmp_path, welcomes(renders)) as bridge, Channel.open(bridge) as channel:
        result = channel.call("render", {}, timeout_seconds=SOON, on_busy=told.append)
    assert result == {"files": []}
    assert told == ["rendering"]


def test_the_time_out_runs_again_after_a_render(tmp_path):
    def renders(peer: Peer) -> None:
        peer.receive()
        peer.send({"busy": {"doing": "rendering", "id": None}})
        peer.send({"id": 999, "result": {}})
        until_the_end(peer)

    with (
        scripted_bridge(tmp_path, welcomes(renders)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostTimeout),
    ):
        channel.call("render", {}, timeout_seconds=SOON)


def test_a_reaper_that_dies_amid_a_render_ends_the_waiting(tmp_path):
    def dies(peer: Peer) -> None:
        number = peer.receive()["id"]
        peer.send({"busy": {"doing": "rendering", "id": number}})

    with (
        scripted_bridge(tmp_path, welcomes(dies)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostUnreachable, match="whether that was done is unknown"),
    ):
        channel.call("render", {})


def test_stopping_tells_the_bridge_even_amid_a_render(tmp_path):
    stop = threading.Event()
    heard = []

    def renders(peer: Peer) -> None:
        number = peer.receive()["id"]
        peer.send({"busy": {"doing": "rendering", "id": number}})
        heard.extend([number, peer.receive()["cancel"]])

    with (
        scripted_bridge(tmp_path, welcomes(renders)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(JobCancelled),
    ):
        channel.call("render", {}, stop=stop, on_busy=lambda _: stop.set())
    assert heard[0] == heard[1]


def test_what_only_reads_is_asked_again_when_the_connection_breaks(tmp_path):
    acts = welcomes(hangs_up), welcomes(lambda peer: peer.answer(n=1))
    with scripted_bridge(tmp_path, *acts) as bridge, Channel.open(bridge) as channel:
        assert channel.call("timeline", {}) == {"n": 1}


def test_it_is_asked_again_once(tmp_path):
    with (
        scripted_bridge(tmp_path, welcomes(hangs_up), welcomes(hangs_up)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostUnreachable, match="timeline"),
    ):
        channel.call("timeline", {})


def test_what_changes_something_is_never_asked_twice(tmp_path):
    with (
        scripted_bridge(tmp_path, welcomes(hangs_up)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostUnreachable, match="whether that was done is unknown"),
    ):
        channel.send_many([("status", {}), ("place", {})])


def test_a_bridge_that_went_between_two_calls_is_found_again(tmp_path):
    def answers_and_goes(peer: Peer) -> None:
        answer = encode({"id": peer.receive()["id"], "result": {"n": 1}})
        peer.socket.sendall(answer + encode({"closing": {"why": "nobody needs it"}}))

    acts = welcomes(answers_and_goes), welcomes(lambda peer: peer.answer(n=2))
    with scripted_bridge(tmp_path, *acts) as bridge, Channel.open(bridge) as channel:
        assert channel.call("place", {}) == {"n": 1}
        assert channel.call("place", {}) == {"n": 2}


def test_requests_and_answers_larger_than_the_pipes_do_not_hold_each_other_up(tmp_path):
    n, size = 40, 1_000_000

    def echoes(peer: Peer) -> None:
        for _ in range(n):
            request = peer.receive()
            peer.send({"id": request["id"], "result": request["arguments"]})

    with scripted_bridge(tmp_path, welcomes(echoes)) as bridge, Channel.open(bridge) as channel:
        results = channel.send_many(
            [("values", {"text": chr(65 + k % 26) * size}) for k in range(n)]
        )
    assert [result["text"][0] for result in results] == [chr(65 + k % 26) for k in range(n)]
    assert {len(result["text"]) for result in results} == {size}


def test_a_request_beyond_the_limit_is_refused_before_it_is_sent(tmp_path):
    with (
        scripted_bridge(tmp_path, welcomes(until_the_end)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostCallFailed, match="too much for one request") as told,
    ):
        channel.call("place", {"plan": "x" * MAX_MESSAGE_BYTES})
    assert told.value.code == "too_large"


def test_a_connection_that_was_reset_is_broken(tmp_path):
    def resets(peer: Peer) -> None:
        peer.receive()
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with (
        scripted_bridge(tmp_path, welcomes(resets)) as bridge,
        Channel.open(bridge) as channel,
        pytest.raises(HostUnreachable),
    ):
        channel.call("place", {})
