"""Servers that mean harm get nothing: no file, no memory, no time, no way into the network."""

import gzip
import threading

import pytest
from fakes.file_server import file_server

from hanolab_dawtools.cloud.addresses import Reach, is_public_host
from hanolab_dawtools.cloud.transfer import MAX_REDIRECTS, Patience, download
from hanolab_dawtools.errors import CloudProtocolError, TransferFailed
from hanolab_dawtools.events import ignore_progress

AUDIO = b"RIFF" + b"\0\0\0\0WAVE" + bytes(100_000)
PUBLIC_API = "https://1.1.1.1"
HASTE = Patience(0.3, 50_000, head_seconds=0.5, waits_seconds=(0.0,))


@pytest.fixture
def server():
    with file_server() as made:
        yield made


@pytest.fixture
def fetch(server, tmp_path):
    def run(url="", *, base_url="", **options):
        path = tmp_path / "stem.wav"
        try:
            download(
                url or f"{server.url}/file",
                path,
                base_url=base_url or server.url,
                stop=threading.Event(),
                progress=ignore_progress,
                patience=HASTE,
                **options,
            )
        except Exception:
            assert not list(tmp_path.iterdir()), "something was left of what was refused"
            raise
        return path

    return run


def endless(handler, request):
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b"fLaC")
    while True:
        handler.wfile.write(bytes(65536))


def test_an_endless_body_ends_at_the_ceiling(server, fetch):
    server.answer = endless
    with pytest.raises(CloudProtocolError, match=r"more than 0\.003 GB"):
        fetch(max_bytes=3_000_000)
    assert len(server.requests) == 1


@pytest.mark.parametrize("n_bytes", [10**10, 10**17])
def test_an_absurd_length_is_refused_before_any_of_it(server, fetch, n_bytes):
    def answer(handler, request):
        handler.send_response(200)
        handler.send_header("Content-Length", str(n_bytes))
        handler.end_headers()
        handler.linger()

    server.answer = answer
    with pytest.raises(CloudProtocolError, match="more than 4 GB"):
        fetch()


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>Sign in to this network</body></html>",
        b'{"error": "expired", "detail": "ask again for another one"}',
        b"MZ\x90\0 this program cannot be run in DOS mode",
        b"#!/bin/sh\nrm -rf everything that is there\n",
        b"<",
    ],
)
def test_what_is_no_audio_is_refused_whatever_it_is_called(server, fetch, page):
    server.answer = lambda handler, request: handler.reply(200, page, Content_Type="audio/flac")
    with pytest.raises(CloudProtocolError, match=r"instead of stem\.wav"):
        fetch()


@pytest.mark.parametrize(
    "start",
    [
        b"RIFF",
        b"RF64",
        b"fLaC",
        b"OggS",
        b"ID3\4",
        b"\xff\xfb\x90\0",
        b"FORM",
        b"\0\0\0\x20ftypM4A ",
    ],
)
def test_what_begins_as_audio_is_taken(server, fetch, start):
    server.answer = lambda handler, request: handler.reply(200, start + bytes(100))
    assert fetch().read_bytes().startswith(start)


def test_a_dripping_body_is_given_up(server, fetch):
    def answer(handler, request):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(AUDIO)))
        handler.end_headers()
        for at in range(len(AUDIO)):
            handler.wfile.write(AUDIO[at : at + 1])
            if handler.file_server.closing.wait(0.01):
                return

    server.answer = answer
    with pytest.raises(TransferFailed, match="too slowly"):
        fetch()


def test_headers_that_drip_are_given_up(server, fetch):
    def answer(handler, request):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.file_server.closing.wait(0.01):
            handler.wfile.write(b"x")

    server.answer = answer
    with pytest.raises(TransferFailed, match="no answer came within"):
        fetch()


@pytest.mark.parametrize("header", [b"X-Long: " + b"x" * 100_000, b"X-Many: x\r\n" * 1000])
def test_headers_without_end_are_given_up(server, fetch, header):
    server.answer = lambda handler, request: handler.wfile.write(
        b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\n"
    )
    with pytest.raises(TransferFailed):
        fetch()


def test_a_body_that_ends_early_for_ever_is_given_up(server, fetch):
    def answer(handler, request):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(AUDIO)))
        handler.end_headers()
        handler.wfile.write(AUDIO[:500])
        handler.hang_up()

    server.answer = answer
    with pytest.raises(TransferFailed):
        fetch()


def test_a_packed_bomb_is_refused_before_it_is_unpacked(server, fetch):
    bomb = gzip.compress(b"fLaC" + bytes(50_000_000))
    server.answer = lambda handler, request: handler.reply(200, bomb, Content_Encoding="gzip")
    with pytest.raises(CloudProtocolError, match="packed"):
        fetch(max_bytes=1_000_000)


def test_a_server_cannot_name_the_file(server, fetch, tmp_path):
    evil = 'attachment; filename="../../evil.wav"'
    server.answer = lambda handler, request: handler.reply(200, AUDIO, Content_Disposition=evil)
    fetch(f"{server.url}/%2e%2e/%2e%2e/evil.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["stem.wav"]


def test_redirects_are_followed_to_another_host_without_credentials(server, fetch):
    with file_server() as other:
        other.answer = lambda handler, request: handler.reply(200, AUDIO)
        target = other.url.replace("127.0.0.1", "localhost") + "/real"
        server.answer = lambda handler, request: handler.reply(
            302, Location=target, Set_Cookie="session=1"
        )
        assert fetch().read_bytes() == AUDIO
        assert not {"authorization", "cookie", "referer"} & set(other.requests[0].headers)


def test_redirects_in_a_circle_end(server, fetch):
    server.answer = lambda handler, request: handler.reply(302, Location="/file")
    with pytest.raises(CloudProtocolError, match="redirects"):
        fetch()
    assert len(server.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/",
        "http://",
        "http://[::1",
        "",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_refused(server, fetch, target):
    server.answer = lambda handler, request: handler.reply(302, Location=target)
    with pytest.raises(CloudProtocolError):
        fetch()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/file",
        "http://localhost:{port}/file",
        "http://[::ffff:127.0.0.1]:{port}/file",
        "http://0.0.0.0:{port}/file",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.0.1/",
        "http://[fe80::1]/",
        "http://[64:ff9b::a00:1]/",
    ],
)
def test_a_public_api_cannot_send_us_into_the_network(server, fetch, url):
    server.answer = lambda handler, request: handler.reply(200, AUDIO)
    port = server.url.rpartition(":")[2]
    with pytest.raises((CloudProtocolError, TransferFailed)):
        fetch(url.format(port=port), base_url=PUBLIC_API)
    assert not server.requests


def test_a_local_api_cannot_send_us_to_a_metadata_service(server, fetch):
    server.answer = lambda handler, request: handler.reply(
        302, Location="http://169.254.169.254/latest/meta-data"
    )
    with pytest.raises(CloudProtocolError, match=r"169\.254"):
        fetch()


@pytest.mark.parametrize(
    ("base_url", "address", "is_allowed"),
    [
        (PUBLIC_API, "8.8.8.8", True),
        (PUBLIC_API, "2606:4700::1111", True),
        (PUBLIC_API, "10.0.0.1", False),
        (PUBLIC_API, "127.0.0.1", False),
        (PUBLIC_API, "::1", False),
        (PUBLIC_API, "fd00::1", False),
        (PUBLIC_API, "fe80::1%eth0", False),
        (PUBLIC_API, "::ffff:10.0.0.1", False),
        (PUBLIC_API, "2002:a00:1::", False),
        (PUBLIC_API, "64:ff9b::7f00:1", False),
        (PUBLIC_API, "100.64.0.1", False),
        (PUBLIC_API, "224.0.0.1", False),
        (PUBLIC_API, "not an address", False),
        ("http://127.0.0.1:8000", "127.0.0.1", True),
        ("http://localhost:8000", "127.0.0.1", True),
        ("http://192.168.1.5", "192.168.1.6", True),
        ("http://192.168.1.5", "169.254.169.254", False),
        ("http://192.168.1.5", "0.0.0.0", False),
        ("", "10.0.0.1", False),
    ],
)
def test_an_address_is_allowed_when_it_is_public_or_as_private_as_the_api(
    base_url, address, is_allowed
):
    assert Reach(base_url).allows(address) is is_allowed


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("localhost", False),
        ("nas.local", False),
        ("192.168.1.2", False),
        ("::1", False),
        ("s3.example.com", True),
        ("8.8.8.8", True),
    ],
)
def test_hosts_that_the_cloud_cannot_reach_are_known(host, is_public):
    assert is_public_host(host) is is_public
