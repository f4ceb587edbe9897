"""Plain HTTP targets: a real WebDAV server, and scripted ones for what it never does."""

import base64
import threading
import time
import urllib.request

import pytest
from fakes.file_server import file_server
from fakes.served import nobody, rclone_http, rclone_webdav

from hanolab_dawtools.cloud import put_target
from hanolab_dawtools.cloud.credentials import Key
from hanolab_dawtools.cloud.storage import StorageSettings, open_storage
from hanolab_dawtools.errors import (
    InputError,
    JobCancelled,
    StorageFailed,
    StorageNotSet,
    TransferFailed,
)
from hanolab_dawtools.events import ignore_progress

USER, PASSWORD = "me", "pass word: é"
KEY = Key("hl_live_0123456789abcdef", "keychain")

HEARD_SECONDS = 10.0  # of a busy machine; a stop that is not heard takes a minute


@pytest.fixture
def audio(tmp_path):
    path = tmp_path / "take.flac"
    path.write_bytes(bytes(range(256)) * 4000)
    return path


@pytest.fixture(autouse=True)
def _haste(monkeypatch):
    monkeypatch.setattr(put_target, "_WAITS_SECONDS", (0.0, 0.0))
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", PASSWORD)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder behind WebDAV with a sign-in, and open to read elsewhere: both URLs."""
    folder = tmp_path_factory.mktemp("shared")
    with rclone_webdav(folder, USER, PASSWORD) as dav, rclone_http(folder) as web:
        yield dav, web


@pytest.fixture
def server():
    with file_server() as made:
        yield made


def target(url, **fields):
    fields.setdefault("user", USER)
    return open_storage(StorageSettings("http", url=url, **{"prefix": "", **fields}))


def put(storage, path, *, stop=None, progress=ignore_progress):
    return storage.put(path, "take.flac", stop=stop or threading.Event(), progress=progress)


def test_a_file_goes_to_webdav_is_read_in_the_open_and_deleted(shared, audio):
    storage = target(shared[0], public_url=shared[1])
    key = put(storage, audio)
    with urllib.request.urlopen(storage.url_for(key), timeout=10) as answer:
        assert answer.read() == audio.read_bytes()
    storage.delete(key)
    storage.delete(key)
    assert storage.check(stop=threading.Event(), progress=ignore_progress).warning


def test_a_check_finds_a_link_that_wants_a_sign_in(shared):
    storage = target(shared[0])
    with pytest.raises(StorageFailed, match="link answers 401"):
        storage.check(stop=threading.Event(), progress=ignore_progress)


def test_a_check_finds_a_link_that_gives_something_else(server):
    stored = {}

    def answer(handler, request):
        if request.method == "GET":
            handler.reply(200, b"<html>Please sign in</html>")
        else:
            stored[request.path] = request.method
            handler.reply(204)

    server.answer = answer
    with pytest.raises(StorageFailed, match="gives another one"):
        target(server.url).check(stop=threading.Event(), progress=ignore_progress)
    assert set(stored.values()) == {"DELETE"}, "what the check put was left there"


@pytest.mark.parametrize(("user", "secret"), [(USER, "wrong"), ("wrong", PASSWORD)])
def test_a_wrong_sign_in_is_told(shared, audio, monkeypatch, user, secret):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", secret)
    with pytest.raises(StorageFailed, match="wants a sign-in") as caught:
        put(target(shared[0], user=user), audio)
    assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (301, "has moved"),
        (403, "may not do that"),
        (404, "folder is not there"),
        (405, "takes no uploads"),
        (409, "folder is not there"),
        (413, "too large"),
        (418, "answered 418"),
        (503, "answered 503"),
        (507, "is full"),
    ],
)
def test_a_refusal_says_what_to_change(server, audio, status, why):
    server.answer = lambda handler, request: handler.reply(status)
    with pytest.raises(StorageFailed, match=why) as caught:
        put(target(server.url), audio)
    assert caught.value.hint


def test_a_refusal_before_the_body_was_taken_is_told(audio, tmp_path):
    large = tmp_path / "large.flac"
    large.write_bytes(bytes(20_000_000))

    def answer(handler, request):
        handler.reply(413)
        handler.hang_up()

    with file_server(reads_body=False) as server:
        server.answer = answer
        with pytest.raises(StorageFailed, match="too large"):
            put(target(server.url), large)


def test_a_cut_connection_is_tried_again(server, audio):
    def answer(handler, request):
        if len(server.requests) == 1:
            handler.hang_up()
        else:
            handler.reply(201)

    server.answer = answer
    put(target(server.url), audio)
    assert server.requests[-1].body in {audio.read_bytes(), b""}
    assert audio.read_bytes() in [request.body for request in server.requests[1:]]


def test_nobody_there_is_told_in_words(audio):
    with nobody() as url, pytest.raises(TransferFailed, match="takes no connection"):
        put(target(url), audio)


def test_a_missing_file_is_told(server, tmp_path):
    with pytest.raises(InputError):
        put(target(server.url), tmp_path / "not-there.flac")
    assert not server.requests


def test_a_stop_is_heard_while_the_body_is_not_taken(tmp_path):
    large, stop = tmp_path / "large.flac", threading.Event()
    large.write_bytes(bytes(20_000_000))
    with file_server(reads_body=False) as server:
        server.answer = lambda handler, request: (stop.set(), handler.linger())
        began = time.monotonic()
        with pytest.raises(JobCancelled):
            put(target(server.url), large, stop=stop)
        assert time.monotonic() - began < HEARD_SECONDS


def test_progress_is_told_on_the_callers_thread_and_rises(server, audio):
    told = []
    server.answer = lambda handler, request: handler.reply(201)
    put(
        target(server.url),
        audio,
        progress=lambda progress: told.append((progress.fraction, threading.get_ident())),
    )
    assert told
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert {thread for _, thread in told} == {threading.get_ident()}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (USER, "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()),
        ("", "Bearer token-of-the-storage"),
    ],
)
def test_the_storage_gets_its_own_credentials(server, audio, monkeypatch, user, expected):
    if not user:
        monkeypatch.setenv("HANOLAB_STORAGE_SECRET", "token-of-the-storage")
    server.answer = lambda handler, request: handler.reply(201)
    put(target(server.url, user=user), audio)
    assert server.requests[0].headers["authorization"] == expected


def test_a_redirect_takes_no_credentials_along(server, audio):
    with file_server() as other:
        server.answer = lambda handler, request: handler.reply(307, Location=other.url)
        with pytest.raises(StorageFailed):
            put(target(server.url), audio)
        assert not other.requests


def test_the_prefix_goes_before_the_name_in_both_urls(server, audio):
    server.answer = lambda handler, request: handler.reply(201)
    storage = target(f"{server.url}/dav/", public_url="https://x.example/f", prefix="hanolab/")
    key = put(storage, audio)
    assert server.requests[0].path == "/dav/hanolab/take.flac"
    assert storage.url_for(key) == "https://x.example/f/hanolab/take.flac"


def test_folders_of_the_prefix_are_made_when_they_are_missing(server, audio):
    folders = {"/dav"}

    def answer(handler, request):
        folder = request.path.rstrip("/").rpartition("/")[0]
        if folder not in folders:
            handler.reply(409)
        elif request.method == "MKCOL":
            folders.add(request.path.rstrip("/"))
            handler.reply(201)
        else:
            handler.reply(201)

    server.answer = answer
    key = put(target(f"{server.url}/dav", prefix="a/b/"), audio)
    assert key == "a/b/take.flac"
    assert folders == {"/dav", "/dav/a", "/dav/a/b"}
    assert server.requests[-1].body == audio.read_bytes()


def test_the_sandbox_names_the_url_and_gets_the_key(server, audio):
    named = f"{server.url}/files/abc"
    server.answer = lambda handler, request: handler.reply(
        201, b'{"input_url": "%s"}' % named.encode()
    )
    storage = open_storage(StorageSettings("sandbox"), base_url=f"{server.url}/api/v1", key=KEY)
    key = put(storage, audio)
    assert storage.url_for(key) == named
    storage.delete(key)
    assert [(each.method, each.path) for each in server.requests] == [
        ("PUT", "/api/v1/uploads/take.flac"),
        ("DELETE", "/api/v1/uploads/take.flac"),
    ]
    assert {each.headers["authorization"] for each in server.requests} == {f"Bearer {KEY.text}"}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"input_url": 5}', b'{"input_url": "x y"}'])
def test_an_upload_area_that_names_no_url_is_told(server, audio, body):
    server.answer = lambda handler, request: handler.reply(201, body)
    storage = open_storage(StorageSettings("sandbox"), base_url=server.url, key=KEY)
    with pytest.raises(StorageFailed, match="named no URL"):
        put(storage, audio)


@pytest.mark.parametrize(("base_url", "key"), [("", KEY), ("http://127.0.0.1:1", None)])
def test_the_sandboxs_area_needs_a_login(base_url, key):
    with pytest.raises(StorageNotSet) as caught:
        open_storage(StorageSettings("sandbox"), base_url=base_url, key=key)
    assert "hanolab login" in caught.value.hint
