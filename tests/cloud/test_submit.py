import socket
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
from fakes import http_behaviours as behaviours
from fakes.http_behaviours import answer, json_answer
from fakes.patience import MovedTime
from fakes.rude_listener import RudeListener
from fakes.scripted_server import ScriptedServer

from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.http import Http
from hanolab_dawtools.cloud.models import SeparateRequest, parse_accepted
from hanolab_dawtools.errors import (
    AuthFailed,
    BadRequest,
    Capped,
    CloudProtocolError,
    CloudServerError,
    CloudUnreachable,
    DiskFull,
    InsufficientCredits,
    JobCancelled,
    PlanRequired,
    RemoteNotFound,
    SubmissionUnsure,
)

KEY = "hl_secret_0123456789"
REQUEST = SeparateRequest(input_url="https://cdn.example.com/a.wav", mode="2stem")
ACCEPTED = json_answer(202, {"task_id": "t1"})
QUICK = {"connect_seconds": 2.0, "read_seconds": 1.0, "total_seconds": 1.0}


@dataclass
class Marks:
    """What a submission told, in order."""

    told: list[str] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def sending(self) -> None:
        self.told.append("sending")

    def answer(self, status: int, body: bytes) -> None:
        self.told.append("answer")
        self.answers.append((status, body))

    def refused(self) -> None:
        self.told.append("refused")

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_sending": self.sending,
            "on_answer": self.answer,
            "on_refused": self.refused,
        }


def client(url: str, time: MovedTime | None = None, **http: float) -> HanoLabClient:
    time = time or MovedTime()
    return HanoLabClient(
        url, KEY, http=Http(**http), clock=lambda: 5000.0, monotonic=time, chance=lambda: 1.0
    )


def submit(url: str, marks: Marks, stop=None, **http: float) -> str:
    time = MovedTime()
    return client(url, time, **http).submit(REQUEST, stop=stop or time, **marks.callbacks())


def test_a_submission_carries_key_type_and_body_and_returns_the_id():
    marks = Marks()
    with ScriptedServer(ACCEPTED) as server:
        assert submit(server.url, marks) == "t1"
    [received] = server.received
    assert (received.method, received.path) == ("POST", "/api/v1/audio/separate")
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["content-type"] == "application/json"
    assert received.json == {"input_url": "https://cdn.example.com/a.wav", "mode": "2stem"}
    assert marks.told == ["sending", "answer"]


def test_a_submission_has_a_connection_of_its_own():
    with ScriptedServer(json_answer(200, []), json_answer(200, []), ACCEPTED) as server:
        time = MovedTime()
        one = client(server.url, time)
        one.voice_models(stop=time)
        one.voice_models(stop=time)
        n_connections = len(server._threads)
        one.submit(REQUEST, stop=time, **Marks().callbacks())
        assert len(server._threads) == n_connections + 1


@pytest.mark.parametrize("behaviour", behaviours.DOUBTFUL, ids=lambda play: play.__name__)
def test_a_doubtful_end_is_unsure_and_nothing_is_sent_again(behaviour):
    marks = Marks()
    with (
        ScriptedServer(behaviour, ACCEPTED) as server,
        pytest.raises(SubmissionUnsure) as caught,
    ):
        submit(server.url, marks, **QUICK)
    assert len(server.posts()) == 1
    assert "refused" not in marks.told
    assert KEY not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "status", [201, 204, 300, 301, 302, 303, 304, 408, 501, 502, 503, 504, 520]
)
def test_a_doubtful_status_is_unsure_and_its_answer_is_kept(status):
    marks = Marks()
    body = b"" if status in {204, 304} else b"<html>who knows</html>"
    with (
        ScriptedServer(answer(status, body), ACCEPTED) as server,
        pytest.raises(SubmissionUnsure),
    ):
        submit(server.url, marks)
    assert len(server.posts()) == 1
    assert marks.told == ["sending", "answer"]
    assert marks.answers[0][0] == status
    assert marks.answers[0][1].endswith(body)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error": "malformed input url"}, BadRequest),
        (401, {"error": "unauthorized"}, AuthFailed),
        (402, {"error": "insufficient_credits", "required": 10}, InsufficientCredits),
        (403, {"error": "plan_tier_required"}, PlanRequired),
        (403, {"error": "forbidden"}, AuthFailed),
        (404, {"error": "voice model not found"}, RemoteNotFound),
        (409, {}, BadRequest),
        (413, {}, BadRequest),
        (422, {}, BadRequest),
        (429, {}, Capped),
        (307, {}, CloudProtocolError),
        (308, {}, CloudProtocolError),
    ],
)
def test_a_clear_refusal_is_told_and_not_sent_again(status, body, kind):
    marks = Marks()
    with ScriptedServer(json_answer(status, body), ACCEPTED) as server, pytest.raises(kind) as got:
        submit(server.url, marks)
    assert type(got.value) is kind
    assert len(server.posts()) == 1
    assert marks.told == ["sending", "refused"]


def test_a_500_is_sent_again_after_its_refusal_was_marked():
    marks = Marks()
    with ScriptedServer(answer(500), answer(500), ACCEPTED) as server:
        assert submit(server.url, marks) == "t1"
    assert marks.told == ["sending", "refused", "sending", "refused", "sending", "answer"]


def test_a_500_that_stays_is_told_after_a_bounded_number_of_tries():
    marks = Marks()
    with ScriptedServer(answer(500)) as server, pytest.raises(CloudServerError) as caught:
        submit(server.url, marks)
    assert caught.value.status == 500
    assert len(server.posts()) == 5
    assert marks.told == ["sending", "refused"] * 5


def test_a_502_after_a_500_is_unsure():
    marks = Marks()
    with (
        ScriptedServer(answer(500), answer(502), ACCEPTED) as server,
        pytest.raises(SubmissionUnsure),
    ):
        submit(server.url, marks)
    assert marks.told == ["sending", "refused", "sending", "answer"]


def test_nothing_listens_is_unreachable_and_surely_unsent():
    with ScriptedServer(ACCEPTED) as server:
        url = server.url
    marks = Marks()
    with pytest.raises(CloudUnreachable, match="refused"):
        submit(url, marks)
    assert marks.told == ["sending", "refused"] * 5


@pytest.mark.parametrize("greeting", [b"220 mail.example.com ESMTP\r\n", b""])
def test_a_failed_handshake_is_unreachable_and_surely_unsent(greeting):
    marks = Marks()
    with RudeListener(greeting) as listener, pytest.raises(CloudUnreachable):
        submit(f"https://127.0.0.1:{listener.port}", marks, connect_seconds=1.0)
    assert marks.told == ["sending", "refused"] * 5
    assert KEY.encode() not in listener.received


def test_a_silent_handshake_is_unreachable_and_surely_unsent():
    marks = Marks()
    with RudeListener(None) as listener, pytest.raises(CloudUnreachable):
        submit(f"https://127.0.0.1:{listener.port}", marks, connect_seconds=0.1, read_seconds=0.1)
    assert marks.told == ["sending", "refused"] * 5


def test_given_up_while_the_name_is_looked_up_nothing_is_sent_later(monkeypatch):
    stop, may_go_on, marks = threading.Event(), threading.Event(), Marks()
    look_up = socket.getaddrinfo

    def slow_look_up(*args, **options):
        stop.set()
        may_go_on.wait(10.0)
        return look_up(*args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow_look_up)
    with ScriptedServer(ACCEPTED) as server:
        with pytest.raises(JobCancelled):
            submit(server.url, marks, stop=stop)
        may_go_on.set()
        for thread in threading.enumerate():
            if thread.name == "hanolab-http":
                thread.join(10.0)
        assert not server.received
    assert marks.told == ["sending", "refused"]


def test_a_redirected_submission_goes_nowhere_else():
    with ScriptedServer(ACCEPTED) as other:
        for status in (301, 302, 303, 307, 308):
            with (
                ScriptedServer(
                    answer(status, location=f"{other.url}/api/v1/audio/separate")
                ) as server,
                pytest.raises((SubmissionUnsure, CloudProtocolError)),
            ):
                submit(server.url, Marks())
            assert len(server.posts()) == 1
    assert not other.received


def test_the_answer_is_told_before_it_is_read_and_can_be_read_again():
    marks = Marks()
    with ScriptedServer(answer(202, b"<ok>", location="/api/v1/tasks/t9?x=1")) as server:
        assert submit(server.url, marks) == "t9"
    assert parse_accepted(*marks.answers[0]) == "t9"


def test_an_answer_that_cannot_be_kept_does_not_lose_the_id(tmp_path):
    def full(status: int, body: bytes) -> None:
        raise DiskFull(tmp_path)

    with ScriptedServer(ACCEPTED) as server:
        callbacks = {**Marks().callbacks(), "on_answer": full}
        found = client(server.url).submit(REQUEST, stop=MovedTime(), **callbacks)
    assert found == "t1"


def test_an_intent_that_cannot_be_written_sends_nothing(tmp_path):
    def full() -> None:
        raise DiskFull(tmp_path)

    callbacks = {**Marks().callbacks(), "on_sending": full}
    with ScriptedServer(ACCEPTED) as server, pytest.raises(DiskFull):
        client(server.url).submit(REQUEST, stop=MovedTime(), **callbacks)
    assert not server.received


def test_stopped_before_anything_nothing_is_sent():
    stop, marks = threading.Event(), Marks()
    stop.set()
    with ScriptedServer(ACCEPTED) as server, pytest.raises(JobCancelled):
        submit(server.url, marks, stop=stop)
    assert not server.received
    assert not marks.told


def test_stopped_between_two_tries_nothing_is_sent_any_more():
    stop, marks = threading.Event(), Marks()

    def fails_and_stops(connection):
        stop.set()
        answer(500)(connection)

    with ScriptedServer(fails_and_stops, ACCEPTED) as server, pytest.raises(JobCancelled):
        submit(server.url, marks, stop=stop)
    assert marks.told == ["sending", "refused"]
    assert len(server.posts()) == 1


def test_stopped_after_it_was_sent_the_answer_still_counts():
    stop, marks = threading.Event(), Marks()

    def stops_then_accepts(connection):
        stop.set()
        connection.closing.wait(0.2)
        ACCEPTED(connection)

    with ScriptedServer(stops_then_accepts) as server:
        assert submit(server.url, marks, stop=stop) == "t1"


def test_stopped_after_it_was_sent_and_never_answered_is_unsure(monkeypatch):
    monkeypatch.setattr("hanolab_dawtools.cloud.client.AFTER_STOP_SECONDS", 0.1)
    stop, marks = threading.Event(), Marks()

    def stops(connection):
        stop.set()
        behaviours.says_nothing(connection)

    with ScriptedServer(stops) as server, pytest.raises(SubmissionUnsure):
        submit(server.url, marks, stop=stop)
    assert marks.told == ["sending"]


def test_a_cap_says_when_to_ask_again():
    with (
        ScriptedServer(json_answer(429, {"error": "rate_limited"}, retry_after="120")) as server,
        pytest.raises(Capped) as caught,
    ):
        submit(server.url, Marks())
    assert caught.value.retry_at == 5000.0 + 120.0
