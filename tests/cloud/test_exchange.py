import socket
import threading

import pytest

from hanolab_dawtools.cloud.http.exchange import Exchange, Gate, GivenUp, Head, NoAnswer, Stopped
from hanolab_dawtools.events import NeverStop

HEAD = Head(200, {})


def set_stop() -> threading.Event:
    stop = threading.Event()
    stop.set()
    return stop


def test_what_is_given_up_before_it_was_sent_is_never_sent():
    gate = Gate()
    gate.give_up()
    with pytest.raises(GivenUp):
        gate.begin_sending()
    assert not gate.was_sent


def test_what_was_sent_stays_sent_when_it_is_given_up():
    gate = Gate()
    gate.begin_sending()
    gate.give_up()
    assert gate.was_sent


def test_giving_up_breaks_the_connection_of_the_moment():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gate = Gate()
        gate.connected(ours)
        gate.give_up()
        assert theirs.recv(1) == b""


def test_giving_up_leaves_a_connection_that_was_released():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gate = Gate()
        gate.connected(ours)
        gate.release()
        gate.give_up()
        ours.sendall(b"x")
        assert theirs.recv(1) == b"x"


def test_a_connection_that_comes_too_late_is_refused():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        gate = Gate()
        gate.give_up()
        with pytest.raises(GivenUp):
            gate.connected(ours)


def test_what_comes_is_handed_over_in_order_up_to_the_end():
    def work(gate, emit):
        emit(HEAD)
        for number in range(100):  # more than may wait
            emit(bytes([number]))

    exchange = Exchange(work, total_seconds=20.0)
    assert exchange.next(NeverStop()) == HEAD
    assert [exchange.next(NeverStop()) for _ in range(100)] == [bytes([n]) for n in range(100)]
    assert exchange.next(NeverStop()) is None


def test_an_error_of_the_thread_is_raised_in_the_callers():
    def work(gate, emit):
        raise KeyError("x")

    with pytest.raises(KeyError):
        Exchange(work, total_seconds=20.0).next(NeverStop())


@pytest.mark.parametrize("was_sent", [False, True])
@pytest.mark.parametrize(("stop", "kind"), [(set_stop(), Stopped), (NeverStop(), NoAnswer)])
def test_stop_and_deadline_tell_whether_anything_was_sent(stop, kind, was_sent):
    over, sent = threading.Event(), threading.Event()

    def work(gate, emit):
        if was_sent:
            gate.begin_sending()
        sent.set()
        over.wait(20.0)

    exchange = Exchange(work, total_seconds=0.05)
    assert sent.wait(20.0)
    with pytest.raises(kind) as caught:
        exchange.next(stop)
    over.set()
    assert caught.value.was_sent is was_sent


def test_a_thread_that_nobody_listens_to_ends():
    ended = threading.Event()

    def work(gate, emit):
        try:
            while True:
                emit(b"x")
        finally:
            ended.set()

    exchange = Exchange(work, total_seconds=20.0)
    exchange.next(NeverStop())
    exchange.close()
    assert ended.wait(20.0)
