"""The same over TLS, which is what every real account is reached by."""

import pytest
from fakes import http_behaviours as behaviours
from fakes.certificates import server_context
from fakes.http_behaviours import answer, json_answer
from fakes.patience import MovedTime
from fakes.scripted_server import ScriptedServer

from hanolab_dawtools.cloud.client import HanoLabClient
from hanolab_dawtools.cloud.http import Http
from hanolab_dawtools.cloud.models import SeparateRequest
from hanolab_dawtools.errors import CloudUnreachable, SubmissionUnsure

REQUEST = SeparateRequest(input_url="https://cdn.example.com/a.wav", mode="2stem")
ACCEPTED = json_answer(202, {"task_id": "t1"})


@pytest.fixture
def tls(tmp_path):
    return server_context(tmp_path)


@pytest.fixture
def trusted(tls, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    return tls


def submit(url: str, told: list[str]) -> str:
    time = MovedTime()
    http = Http(connect_seconds=5.0, read_seconds=1.0, total_seconds=1.0)
    return HanoLabClient(url, "hl_key", http=http, monotonic=time).submit(
        REQUEST,
        stop=time,
        on_sending=lambda: told.append("sending"),
        on_answer=lambda status, body: told.append("answer"),
        on_refused=lambda: told.append("refused"),
    )


def test_a_certificate_nobody_vouches_for_ends_it_before_anything_is_sent(tls):
    told: list[str] = []
    with ScriptedServer(ACCEPTED, tls=tls) as server:
        with pytest.raises(CloudUnreachable, match="certificate"):
            submit(server.url, told)
        assert not server.received
    assert told == ["sending", "refused"] * 5


def test_a_trusted_certificate_carries_a_submission(trusted):
    told: list[str] = []
    with ScriptedServer(answer(500), ACCEPTED, tls=trusted) as server:
        assert submit(server.url, told) == "t1"
    assert told == ["sending", "refused", "sending", "answer"]
    assert server.received[0].headers["authorization"] == "Bearer hl_key"


@pytest.mark.parametrize("behaviour", behaviours.DOUBTFUL, ids=lambda play: play.__name__)
def test_a_doubtful_end_is_unsure_and_nothing_is_sent_again(trusted, behaviour):
    told: list[str] = []
    with ScriptedServer(behaviour, ACCEPTED, tls=trusted) as server:
        with pytest.raises(SubmissionUnsure):
            submit(server.url, told)
        assert len(server.posts()) == 1
    assert "refused" not in told
