import http.client
import itertools
import threading
from email.utils import formatdate

import pytest
from fakes import http_behaviours as behaviours
from fakes.http_behaviours import answer, json_answer
from fakes.patience import MovedTime
from fakes.scripted_server import ScriptedServer

from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.http import Http, HttpRequest, NoAnswer
from hanolab_dawtools.cloud.models import VoiceModel
from hanolab_dawtools.errors import (
    AuthFailed,
    Capped,
    CloudError,
    CloudProtocolError,
    CloudServerError,
    CloudUnreachable,
    JobCancelled,
    RemoteNotFound,
    UsageError,
)
from hanolab_dawtools.events import NeverStop

KEY = "hl_secret_0123456789"
VOICES = json_answer(200, {"items": [{"id": "vm_1", "name": "Anna"}]})
NOW = 5000.0


def client(url: str, time: MovedTime, **http: float) -> HanoLabClient:
    return HanoLabClient(
        url, KEY, http=Http(**http), clock=lambda: NOW, monotonic=time, chance=lambda: 1.0
    )


def voices(url: str, time: MovedTime | None = None, **http: float) -> list[VoiceModel]:
    time = time or MovedTime()
    return client(url, time, **http).voice_models(stop=time)


def test_a_question_carries_the_key_and_goes_to_its_path():
    with ScriptedServer(VOICES) as server:
        assert voices(f"{server.url}/api/v1/") == [VoiceModel("vm_1", "Anna")]
    [received] = server.received
    assert (received.method, received.path) == ("GET", "/api/v1/voice/models")
    assert received.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("task_id", ["a/b", "../voice/models", "x?y=1", "ä", "100%"])
def test_a_task_id_cannot_leave_its_place_in_the_path(task_id):
    with ScriptedServer(json_answer(200, {"status": "running"})) as server:
        time = MovedTime()
        assert client(server.url, time).task(task_id, stop=time).id == task_id
    place = server.received[0].path.removeprefix("/api/v1/tasks/")
    assert not set(place) & set("/?#")


@pytest.mark.parametrize("task_id", ["", ".", "..", "a b", "x\n", "x" * 201, "\ud800"])
def test_what_can_be_no_task_id_is_refused_before_anything_is_asked(task_id):
    time = MovedTime()
    with ScriptedServer(VOICES) as server, pytest.raises(UsageError, match="no id of a task"):
        client(server.url, time).task(task_id, stop=time)
    assert not server.received


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(status):
    time = MovedTime()
    with ScriptedServer(answer(status), answer(status), VOICES) as server:
        assert voices(server.url, time)
    assert len(server.received) == 3
    assert time.waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Capped), (500, CloudServerError), (503, CloudServerError)]
)
def test_what_does_not_pass_is_told_after_five_tries(status, kind):
    time = MovedTime()
    with ScriptedServer(answer(status)) as server, pytest.raises(kind):
        voices(server.url, time)
    assert len(server.received) == 5
    assert time.waits == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("header", "waits"),
    [
        ("7", [7.0]),
        (formatdate(NOW + 20, usegmt=True), [20.0]),
        (formatdate(NOW - 20, usegmt=True), [0.5]),
        ("0", [0.5]),
        ("soon", [0.5]),
        ("nan", [0.5]),
        ("-3", [0.5]),
    ],
)
def test_a_servers_wish_to_wait_is_heeded(header, waits):
    time = MovedTime()
    with ScriptedServer(answer(503, retry_after=header), VOICES) as server:
        assert voices(server.url, time)
    assert time.waits == pytest.approx(waits)


def test_a_wish_to_wait_for_too_long_ends_the_tries():
    time = MovedTime()
    with ScriptedServer(answer(503, retry_after="3600"), VOICES) as server:
        with pytest.raises(CloudServerError):
            voices(server.url, time)
        assert len(server.received) == 1
    assert time.waits == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 501])
def test_what_will_not_pass_is_asked_once(status):
    with ScriptedServer(answer(status), VOICES) as server, pytest.raises(CloudError) as caught:
        voices(server.url)
    assert str(status) in str(caught.value)
    assert len(server.received) == 1


def test_a_page_of_a_gateway_is_a_protocol_error_that_quotes_it_shortly():
    page = b"<html><h1>Welcome</h1>" + b"<p>to the hotel</p>" * 1000
    with (
        ScriptedServer(answer(200, page, content_type="text/html")) as server,
        pytest.raises(CloudProtocolError, match="Welcome") as caught,
    ):
        voices(server.url)
    assert len(str(caught.value)) < 400


BREAKING = [play for play in behaviours.DOUBTFUL if play is not behaviours.sends_without_end]


@pytest.mark.parametrize("behaviour", BREAKING, ids=lambda play: play.__name__)
def test_a_broken_answer_is_asked_for_again(behaviour):
    with ScriptedServer(behaviour, VOICES) as server:
        assert voices(server.url, read_seconds=1.0, total_seconds=1.0)
    assert len(server.received) == 2


def test_an_endless_answer_is_cut_off_and_not_asked_for_again():
    with (
        ScriptedServer(behaviours.sends_without_end) as server,
        pytest.raises(CloudProtocolError, match="longer than 100000 bytes"),
    ):
        voices(server.url, max_answer_bytes=100_000)
    assert len(server.received) == 1


def test_a_large_answer_within_the_limit_is_taken():
    many = {"items": [{"id": f"vm_{number}"} for number in range(100_000)]}
    with ScriptedServer(json_answer(200, many)) as server:
        assert len(voices(server.url)) == 100_000


def test_a_stop_ends_a_question_within_a_moment():
    stop = threading.Event()

    def stops(connection):
        stop.set()
        behaviours.says_nothing(connection)

    with ScriptedServer(stops) as server, pytest.raises(JobCancelled):
        HanoLabClient(server.url, KEY).voice_models(stop=stop)


def test_a_stop_wakes_the_wait_between_two_tries():
    time = MovedTime(stop_after=1)
    with ScriptedServer(answer(503)) as server, pytest.raises(JobCancelled):
        voices(server.url, time)
    assert len(server.received) == 1


def test_redirects_within_the_origin_are_followed():
    with ScriptedServer(answer(308, location="/api/v1/voices/"), VOICES) as server:
        assert voices(server.url)
    assert server.received[1].path == "/api/v1/voices/"
    assert server.received[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_place_gets_neither_us_nor_the_key(status):
    with (
        ScriptedServer(VOICES) as other,
        ScriptedServer(answer(status, location=f"{other.url}/api/v1/voice/models")) as server,
        pytest.raises(CloudProtocolError, match="leads to http") as caught,
    ):
        voices(server.url)
    assert not other.received
    assert "login" in caught.value.hint


def test_redirects_in_a_circle_end():
    with (
        ScriptedServer(answer(302, location="/round")) as server,
        pytest.raises(CloudProtocolError),
    ):
        voices(server.url)
    assert len(server.received) == 4


def test_a_netrc_file_never_replaces_the_key(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(VOICES) as server:
        assert voices(server.url)
    assert server.received[0].headers["authorization"] == f"Bearer {KEY}"


def test_cookies_are_not_kept():
    with ScriptedServer(answer(503, set_cookie="session=1; Path=/"), VOICES) as server:
        assert voices(server.url)
    assert "cookie" not in server.received[1].headers


def test_this_machine_is_reached_without_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with ScriptedServer(VOICES) as server:
        assert voices(server.url)


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_refuses_is_told_and_the_key_stays(monkeypatch, status):
    with ScriptedServer(answer(status)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(CloudUnreachable, match="proxy"):
            voices("https://api.example.com")
    assert {received.method for received in proxy.received} == {"CONNECT"}
    assert not any("authorization" in received.headers for received in proxy.received)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("HTTPS_PROXY", "http://[", "."),
        ("HTTPS_PROXY", "socks5://127.0.0.1:9", "proxy"),
        ("HTTPS_PROXY", "http://127.0.0.1:9", "proxy"),
        ("HTTPS_PROXY", "what is this", "."),
        ("REQUESTS_CA_BUNDLE", "/no/such/bundle.pem", "bundle.pem"),
    ],
)
def test_a_wrong_variable_is_no_crash_and_nothing_was_sent(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    place = "https://127.0.0.2:9" if variable == "REQUESTS_CA_BUNDLE" else "https://a.example"
    request = HttpRequest("GET", f"{place}/x", key=KEY)
    with pytest.raises(NoAnswer, match=told) as caught:
        Http().get(request, stop=NeverStop())
    assert not caught.value.was_sent


def test_connections_are_used_again():
    with ScriptedServer(VOICES) as server:
        time = MovedTime()
        one = client(server.url, time)
        for _ in range(3):
            one.voice_models(stop=time)
        assert len(server._threads) == 2  # one that accepts, and one connection


def test_many_threads_may_ask_at_once():
    with ScriptedServer(VOICES) as server:
        time = MovedTime()
        one = client(server.url, time)
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda: found.append(len(one.voice_models(stop=time))))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20.0)
    assert found == [1] * 8


def test_a_404_for_a_task_names_it():
    time = MovedTime()
    with (
        ScriptedServer(json_answer(404, {"error": "not found"})) as server,
        pytest.raises(RemoteNotFound, match="t9"),
    ):
        client(server.url, time).task("t9", stop=time)


def test_a_key_that_the_server_repeats_is_not_shown():
    with (
        ScriptedServer(json_answer(401, {"error": f"no such key {KEY}"})) as server,
        pytest.raises(AuthFailed) as caught,
    ):
        voices(server.url)
    assert KEY not in str(caught.value)
    assert "[key]" in str(caught.value)


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x\r\nHost: evil", "x\n"])
def test_a_key_that_no_header_can_carry_is_refused(key):
    with pytest.raises(UsageError):
        HanoLabClient("https://api.example.com", key)


def test_every_status_has_a_class_and_only_5xx_are_the_servers_faults():
    statuses = itertools.chain(range(300, 304), range(305, 600))
    known = set(http.client.responses)
    for status in (status for status in statuses if status in known):
        with ScriptedServer(answer(status)) as server, pytest.raises(CloudError) as caught:
            voices(server.url)
        assert isinstance(caught.value, CloudServerError) == (status >= 500)
