import threading
import time

import pytest
from fakes.file_server import file_server
from fakes.served import nobody

from hanolab_dawtools.cloud.transfer import Patience, download
from hanolab_dawtools.errors import CloudProtocolError, JobCancelled, TransferFailed
from hanolab_dawtools.events import ignore_progress

AUDIO = b"fLaC" + bytes(range(256)) * 4000  # a megabyte that begins as FLAC does
ETAG = {"ETag": '"one"'}
HASTE = Patience(window_seconds=0.3, window_bytes=50_000, waits_seconds=(0.0, 0.0))

HEARD_SECONDS = 10.0  # of a busy machine; a stop that is not heard takes a minute


@pytest.fixture
def server():
    with file_server() as made:
        yield made


@pytest.fixture
def fetch(server, tmp_path):
    """Download from the server's /file; the path that it lands at."""

    def run(url="", *, stop=None, progress=ignore_progress, base_url="", patience=HASTE, **options):
        path = tmp_path / "out" / "stem.flac"
        download(
            url or f"{server.url}/file",
            path,
            base_url=base_url or server.url,
            stop=stop or threading.Event(),
            progress=progress,
            patience=patience,
            **options,
        )
        return path

    run.folder = tmp_path / "out"
    return run


def announce(handler, n_bytes, status=200, **headers):
    handler.send_response(status)
    for name, value in {"Content_Length": str(n_bytes), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def start_of(request):
    return int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))


def test_a_file_comes_whole_and_its_progress_ends_at_one(server, fetch):
    server.answer = lambda handler, request: handler.reply(200, AUDIO)
    shares = []
    path = fetch(progress=lambda progress: shares.append(progress.fraction))
    assert path.read_bytes() == AUDIO
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_body_without_a_length_comes_whole(server, fetch):
    def answer(handler, request):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(AUDIO), 100_000):
            block = AUDIO[at : at + 100_000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
        handler.wfile.write(b"0\r\n\r\n")

    server.answer = answer
    assert fetch().read_bytes() == AUDIO


def test_no_request_carries_a_key_or_asks_for_a_packed_body(server, fetch, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password topsecret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer = lambda handler, request: handler.reply(200, AUDIO)
    fetch(f"{server.url.replace('//', '//user:word@')}/file")
    assert "authorization" not in server.requests[0].headers
    assert "cookie" not in server.requests[0].headers
    assert server.requests[0].headers["accept-encoding"] == "identity"


def test_a_cut_body_is_taken_up_where_it_broke(server, fetch):
    def answer(handler, request):
        if "range" not in request.headers:
            announce(handler, len(AUDIO), **ETAG)
            handler.wfile.write(AUDIO[:300_000])
            handler.hang_up()
            return
        start = start_of(request)
        assert request.headers["if-range"] == '"one"'
        handler.reply(
            206, AUDIO[start:], Content_Range=f"bytes {start}-{len(AUDIO) - 1}/{len(AUDIO)}", **ETAG
        )

    server.answer = answer
    assert fetch().read_bytes() == AUDIO
    assert start_of(server.requests[1]) == 300_000


def test_a_line_that_breaks_again_and_again_gets_there_while_it_brings_enough(server, fetch):
    def answer(handler, request):
        start = start_of(request) if "range" in request.headers else 0
        piece = AUDIO[start : start + 100_000]
        left = len(AUDIO) - start
        content_range = f"bytes {start}-{len(AUDIO) - 1}/{len(AUDIO)}"
        announce(handler, left, 206 if start else 200, Content_Range=content_range, **ETAG)
        handler.wfile.write(piece)
        if len(piece) < left:
            handler.hang_up()

    server.answer = answer
    assert fetch().read_bytes() == AUDIO
    assert len(server.requests) == 11


def cut_first_then(rest):
    """An answer cut after 1000 bytes of one file; later requests are answered by `rest`."""

    def answer(handler, request):
        if len(handler.file_server.requests) == 1:
            announce(handler, 5000, **ETAG)
            handler.wfile.write(b"fLaC" + b"old!" * 249)
            handler.hang_up()
        else:
            rest(handler, request)

    return answer


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (200, {}),  # it ignores Range
        (206, {"Content_Range": "bytes 900-999/5000", **ETAG}),  # another part
        (206, {"Content_Range": "bytes 1000-4999/9000", **ETAG}),  # another length
        (206, {"Content_Range": "bytes 1000-4999/5000", "ETag": '"two"'}),  # another version
        (206, {"Content_Range": "nonsense", **ETAG}),
        (206, ETAG),
        (416, {}),
    ],
)
def test_what_does_not_continue_the_file_makes_it_begin_anew(server, fetch, status, headers):
    def rest(handler, request):
        if "range" in request.headers:
            handler.reply(status, AUDIO if status == 200 else b"x" * 100, **headers)
        else:
            handler.reply(200, AUDIO)

    server.answer = cut_first_then(rest)
    assert fetch().read_bytes() == AUDIO


def test_a_file_without_a_version_is_never_continued(server, fetch):
    def answer(handler, request):
        assert "range" not in request.headers
        if len(server.requests) == 1:
            announce(handler, len(AUDIO))
            handler.wfile.write(AUDIO[:1000])
            handler.hang_up()
        else:
            handler.reply(200, AUDIO)

    server.answer = answer
    assert fetch().read_bytes() == AUDIO


@pytest.mark.parametrize("status", [401, 403, 404, 410, 400, 418])
def test_a_refusal_is_told_at_once_with_its_status(server, fetch, status):
    server.answer = lambda handler, request: handler.reply(status, b"no")
    with pytest.raises(TransferFailed) as caught:
        fetch()
    assert caught.value.status == status
    assert len(server.requests) == 1
    assert not list(fetch.folder.iterdir())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_borne(server, fetch, status):
    def answer(handler, request):
        first = len(server.requests) == 1
        handler.reply(status if first else 200, b"" if first else AUDIO)

    server.answer = answer
    assert fetch().read_bytes() == AUDIO


def test_a_lasting_failure_is_told_with_its_status(server, fetch):
    server.answer = lambda handler, request: handler.reply(503)
    with pytest.raises(TransferFailed) as caught:
        fetch()
    assert caught.value.status == 503
    assert len(server.requests) == 1 + len(HASTE.waits_seconds)


def test_nobody_there_is_told_in_words(fetch):
    with nobody() as url, pytest.raises(TransferFailed, match="takes no connection") as caught:
        fetch(f"{url}/file")
    assert caught.value.status == 0


def test_a_stop_is_heard_while_the_server_says_nothing(server, fetch):
    stop = threading.Event()

    def answer(handler, request):
        announce(handler, len(AUDIO), **ETAG)
        handler.wfile.write(AUDIO[:1000])
        handler.wfile.flush()
        stop.set()
        handler.linger()

    server.answer = answer
    began = time.monotonic()
    with pytest.raises(JobCancelled):
        fetch(stop=stop, patience=Patience())
    assert time.monotonic() - began < HEARD_SECONDS
    assert not list(fetch.folder.iterdir())


def test_a_stop_is_heard_before_any_answer(server, fetch):
    stop = threading.Event()

    def answer(handler, request):
        stop.set()
        handler.linger()

    server.answer = answer
    began = time.monotonic()
    with pytest.raises(JobCancelled):
        fetch(stop=stop)
    assert time.monotonic() - began < HEARD_SECONDS


def test_an_empty_file_is_no_audio(server, fetch):
    server.answer = lambda handler, request: handler.reply(200, b"")
    with pytest.raises(CloudProtocolError):
        fetch()
