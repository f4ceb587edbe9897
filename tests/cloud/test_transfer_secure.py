"""Downloads over TLS, and through a proxy."""

import threading

import pytest
from fakes.file_server import file_server
from fakes.tls import server_context

from hanolab_dawtools.cloud.transfer import Patience, download
from hanolab_dawtools.errors import CloudProtocolError, TransferFailed
from hanolab_dawtools.events import ignore_progress

AUDIO = b"fLaC" + bytes(1000)


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return server_context(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(tls):
    with file_server(tls=tls[0]) as made:
        yield made


@pytest.fixture
def fetch(tmp_path):
    def run(server, url="", base_url=""):
        download(
            url or f"{server.url}/file",
            tmp_path / "stem.flac",
            base_url=base_url or server.url,
            stop=threading.Event(),
            progress=ignore_progress,
            patience=Patience(waits_seconds=()),
        )
        return (tmp_path / "stem.flac").read_bytes()

    return run


def test_a_file_comes_over_a_trusted_line(server, tls, fetch, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[1]))
    server.answer = lambda handler, request: handler.reply(200, AUDIO)
    assert fetch(server) == AUDIO


def test_nothing_is_asked_of_a_server_that_proves_nothing(server, fetch):
    with pytest.raises(TransferFailed, match="certificate is not trusted"):
        fetch(server)
    assert not server.requests


def test_a_redirect_to_an_open_line_is_refused(server, tls, fetch, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[1]))
    server.answer = lambda handler, request: handler.reply(302, Location="http://cdn.example/x")
    with pytest.raises(CloudProtocolError, match="open line"):
        fetch(server)


def test_a_redirect_to_an_open_line_on_this_machine_is_followed(server, tls, fetch, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls[1]))
    with file_server() as other:
        other.answer = lambda handler, request: handler.reply(200, AUDIO)
        server.answer = lambda handler, request: handler.reply(302, Location=f"{other.url}/x")
        assert fetch(server) == AUDIO


def test_a_proxy_is_used_but_not_for_this_machine(fetch, monkeypatch):
    with file_server() as proxy, file_server() as here:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        for server in (proxy, here):
            server.answer = lambda handler, request: handler.reply(200, AUDIO)
        fetch(here)
        assert not proxy.requests
        fetch(here, "http://cdn.example/stem.flac", "https://1.1.1.1")
        assert [request.path for request in proxy.requests] == ["http://cdn.example/stem.flac"]


def test_a_proxy_is_not_asked_for_a_private_address_either(fetch, monkeypatch):
    with file_server() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with pytest.raises(CloudProtocolError, match="no public one"):
            fetch(proxy, "http://192.168.0.1/", "https://1.1.1.1")
        assert not proxy.requests
