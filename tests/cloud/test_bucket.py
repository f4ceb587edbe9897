"""Buckets on S3 servers of this machine: rclone's checks signatures, moto's knows all of S3."""

import os
import threading
import time
import urllib.error
import urllib.request

import boto3
import pytest
from fakes.file_server import file_server
from fakes.served import KEY_ID, SECRET, moto_s3, nobody, rclone_s3

from hanolab_dawtools.cloud.bucket import PART_BYTES
from hanolab_dawtools.cloud.storage import StorageSettings, open_storage
from hanolab_dawtools.errors import (
    InputError,
    JobCancelled,
    StorageFailed,
    StorageNotSet,
    TransferFailed,
)
from hanolab_dawtools.events import ignore_progress

HEARD_SECONDS = 10.0  # of a busy machine; a stop that is not heard takes a minute


@pytest.fixture(scope="module")
def rclone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("buckets")
    (folder / "takes").mkdir()
    with rclone_s3(folder) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def moto():
    with moto_s3() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", SECRET)


def bucket(endpoint, **changes):
    fields = {"bucket": "takes", "endpoint": endpoint, "access_key_id": KEY_ID, **changes}
    return open_storage(StorageSettings("s3", **fields))


def put(storage, path, name="take.flac", **options):
    options = {"stop": threading.Event(), "progress": ignore_progress, **options}
    return storage.put(path, name, **options)


def fetched(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def status_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def audio(tmp_path):
    def make(n_bytes):
        path = tmp_path / "take.flac"
        path.write_bytes(os.urandom(n_bytes))
        return path

    return make


@pytest.mark.parametrize("server", ["rclone", "moto"])
@pytest.mark.parametrize("n_bytes", [0, 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES + 7])
def test_anybody_with_the_link_fetches_what_was_put(server, n_bytes, audio, request):
    endpoint = request.getfixturevalue(server)
    if server == "moto":
        made_bucket(endpoint, "takes")
    storage, path = bucket(endpoint), audio(n_bytes)
    key = put(storage, path)
    assert key == "hanolab/take.flac"
    assert fetched(storage.url_for(key)) == path.read_bytes()
    storage.delete(key)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(storage.url_for(key))


def made_bucket(endpoint, name):
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
    )
    client.create_bucket(Bucket=name)
    return client


def test_putting_again_replaces(rclone, audio):
    storage = bucket(rclone)
    put(storage, audio(100))
    again = audio(50)
    assert fetched(storage.url_for(put(storage, again))) == again.read_bytes()


def test_deleting_what_is_not_there_is_no_error(rclone):
    bucket(rclone).delete("hanolab/never-was.flac")


def test_a_link_that_was_changed_opens_nothing(rclone, audio):
    storage = bucket(rclone)
    url = storage.url_for(put(storage, audio(10)))
    for wrong in (url[:-1] + ("0" if url[-1] != "0" else "1"), url.partition("?")[0]):
        with pytest.raises(urllib.error.HTTPError, match=r"40[03]"):
            fetched(wrong)


def test_a_link_ends_when_it_was_said_to(rclone, audio):
    storage = bucket(rclone)
    url = storage.url_for(put(storage, audio(10)), seconds=1)
    fetched(url)
    deadline, tick = time.monotonic() + 10, threading.Event()
    while time.monotonic() < deadline and status_of(url) == 200:
        tick.wait(0.2)
    assert status_of(url) in {400, 403}


def test_a_link_lasts_a_day_and_never_over_a_week(rclone):
    storage = bucket(rclone)
    assert "X-Amz-Expires=86400&" in storage.url_for("x")
    assert "X-Amz-Expires=604800&" in storage.url_for("x", seconds=10**9)


def test_a_check_proves_the_way_and_warns_of_a_place_the_cloud_cannot_reach(rclone, tmp_path):
    steps = []
    outcome = bucket(rclone).check(stop=threading.Event(), progress=steps.append)
    assert len(outcome.steps) == len(steps) == 3
    assert "127.0.0.1" in outcome.warning
    with pytest.raises(urllib.error.HTTPError):  # nothing is left there for a guess
        fetched(f"{rclone}/takes/hanolab/")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"access_key_id": "somebody"}, "does not know the access key id"),
        ({"bucket": "no-such-bucket"}, "no such bucket"),
    ],
)
def test_a_refusal_says_what_to_change(rclone, audio, changes, why):
    storage = bucket(rclone, **changes)
    with pytest.raises(StorageFailed, match=why) as caught:
        put(storage, audio(10))
    assert "hanolab storage setup" in caught.value.hint


def test_a_wrong_secret_is_told_and_not_shown(rclone, audio, monkeypatch):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", "wrong-secret")
    with pytest.raises(StorageFailed, match="secret does not fit") as caught:
        put(bucket(rclone), audio(10))
    assert "wrong-secret" not in f"{caught.value}{caught.value.hint}"


def test_a_bucket_that_is_not_there_is_told_for_large_files_too(moto, audio):
    with pytest.raises(StorageFailed, match="no such bucket"):
        put(bucket(moto, bucket="no-such-bucket"), audio(PART_BYTES + 1))


def test_nobody_at_the_endpoint_is_told_in_words(audio):
    with nobody() as url, pytest.raises(TransferFailed, match="takes no connection"):
        put(bucket(url), audio(10))


def test_a_missing_file_is_told_before_anything_is_sent(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        put(bucket("http://127.0.0.1:1"), tmp_path / "not-there.flac")


UPLOAD_BEGUN = (
    b"<InitiateMultipartUploadResult><UploadId>7</UploadId></InitiateMultipartUploadResult>"
)


def test_a_stopped_upload_removes_its_parts(audio):
    stop, is_heard, is_removed = threading.Event(), threading.Event(), threading.Event()

    def answer(handler, request):
        if request.method == "POST":
            handler.reply(200, UPLOAD_BEGUN)
        elif request.method == "PUT":
            stop.set()
            is_heard.wait(60)
            handler.reply(200, ETag='"part"')
        else:
            assert "uploadId=7" in request.path
            handler.reply(204)
            is_removed.set()

    with file_server() as server:
        server.answer = answer
        path = audio(12 * PART_BYTES)
        began = time.monotonic()
        with pytest.raises(JobCancelled):
            put(bucket(server.url), path, stop=stop)
        assert time.monotonic() - began < HEARD_SECONDS
        is_heard.set()
        assert is_removed.wait(10), "parts were left that cost storage"


def xml(code):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()


def test_a_stop_is_heard_while_the_server_says_nothing(audio):
    stop = threading.Event()
    with file_server() as server:
        server.answer = lambda handler, request: (stop.set(), handler.linger())
        began = time.monotonic()
        with pytest.raises(JobCancelled):
            put(bucket(server.url), audio(10), stop=stop)
        assert time.monotonic() - began < HEARD_SECONDS


def test_a_failure_that_passes_is_borne(audio):
    with file_server() as server:
        server.answer = lambda handler, request: handler.reply(
            503 if len(server.requests) < 3 else 200, ETag='"x"'
        )
        put(bucket(server.url), audio(10))
        assert len(server.requests) == 3


@pytest.mark.parametrize(("hour", "direction"), [(3, "behind"), (-3, "ahead")])
def test_a_wrong_clock_is_told_as_that(audio, hour, direction):
    def told(self, timestamp=None):
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + hour * 3600))

    with file_server(date_time_string=told) as server:
        server.answer = lambda handler, request: handler.reply(403, xml("RequestTimeTooSkewed"))
        with pytest.raises(StorageFailed, match=f"clock is 180 minutes {direction}"):
            put(bucket(server.url), audio(10))


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (403, "AccessDenied", "may not do that"),
        (301, "PermanentRedirect", "another region"),
        (400, "AuthorizationHeaderMalformed", "another region"),
        (400, "ExpiredToken", "session has ended"),
        (400, "SomethingNew", "answered 400 SomethingNew"),
    ],
)
def test_codes_of_other_services_are_understood(audio, status, code, why):
    with file_server() as server:
        server.answer = lambda handler, request: handler.reply(status, xml(code))
        with pytest.raises(StorageFailed, match=why):
            put(bucket(server.url), audio(10))


def test_a_key_that_may_not_delete_is_told(audio):
    with file_server() as server:
        server.answer = lambda handler, request: handler.reply(
            *((403, xml("AccessDenied")) if request.method in {"DELETE", "POST"} else (200, b"")),
            ETag='"x"',
        )
        storage = bucket(server.url)
        key = put(storage, audio(10))
        with pytest.raises(StorageFailed, match="does not delete the file: the key may not"):
            storage.delete(key)


@pytest.mark.parametrize("name", ["../evil.flac", "a/b.flac", "", ".hidden", "a b.flac", "x" * 300])
def test_only_names_of_ours_are_taken(audio, name):
    with pytest.raises(ValueError, match="no name for an upload"):
        put(bucket("http://127.0.0.1:1"), audio(1), name)


def test_without_a_secret_setup_is_named(monkeypatch):
    monkeypatch.delenv("HANOLAB_STORAGE_SECRET")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(StorageNotSet, match="secret") as caught:
        bucket("http://127.0.0.1:1")
    assert "HANOLAB_STORAGE_SECRET" in caught.value.hint


@pytest.mark.parametrize(
    "settings",
    [None, StorageSettings("s3"), StorageSettings("http"), StorageSettings("azure", bucket="x")],
)
def test_what_is_missing_in_the_settings_is_named(settings):
    with pytest.raises(StorageNotSet) as caught:
        open_storage(settings)
    assert "hanolab storage setup" in caught.value.hint


def test_the_usual_variables_of_amazon_do_without_a_key_id(rclone, audio, monkeypatch):
    monkeypatch.delenv("HANOLAB_STORAGE_SECRET")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    storage, path = bucket(rclone, access_key_id=""), audio(10)
    assert fetched(storage.url_for(put(storage, path))) == path.read_bytes()
