"""Google's and Azure's buckets: what is sent to them, and the links that are signed for them."""

import base64
import json
import threading
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fakes.file_server import file_server

from hanolab_dawtools.cloud.bucket import PART_BYTES
from hanolab_dawtools.cloud.storage import StorageSettings, open_storage
from hanolab_dawtools.errors import StorageFailed, StorageNotSet
from hanolab_dawtools.events import ignore_progress

AZURE_KEY = base64.b64encode(bytes(64)).decode()


@pytest.fixture(scope="module")
def account_file(tmp_path_factory):
    """A service account of Google's as its file tells it, or one that need not sign in."""

    def make(*, signs_in=True):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        account = {
            "type": "service_account",
            "client_email": "me@project.iam.example",
            "private_key": private.decode(),
            "private_key_id": "1",
        }
        if not signs_in:
            account["disable_oauth"] = True
        path = tmp_path_factory.mktemp("account") / "account.json"
        path.write_text(json.dumps(account))
        return str(path)

    return make


@pytest.fixture
def server():
    with file_server() as made:
        yield made


@pytest.fixture(autouse=True)
def _secret(monkeypatch):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", AZURE_KEY)


def put(storage, folder, n_bytes):
    path = folder / "take.flac"
    path.write_bytes(bytes(n_bytes))
    return storage.put(path, "take.flac", stop=threading.Event(), progress=ignore_progress)


def google(**fields):
    return open_storage(StorageSettings("gcs", bucket="takes", **fields))


def azure(**fields):
    return open_storage(StorageSettings("azure", bucket="takes", account="me", **fields))


def test_googles_links_are_signed_here_for_a_day(account_file):
    url = urlsplit(google(credentials_file=account_file()).url_for("hanolab/take.flac"))
    assert (url.scheme, url.hostname) == ("https", "storage.googleapis.com")
    assert url.path == "/takes/hanolab/take.flac"
    asked = parse_qs(url.query)
    assert asked["X-Goog-Expires"] == ["86400"]
    assert len(asked["X-Goog-Signature"][0]) == 512


def test_azures_links_are_signed_here_to_read(server):
    url = urlsplit(azure().url_for("hanolab/take.flac"))
    assert (url.scheme, url.hostname) == ("https", "me.blob.core.windows.net")
    asked = parse_qs(url.query)
    assert asked["sp"] == ["r"]
    assert asked["sig"]


def test_a_small_file_goes_to_google_in_one_request(server, account_file, tmp_path):
    server.answer = lambda handler, request: handler.reply(200, ETag='"x"')
    storage = google(credentials_file=account_file(signs_in=False), endpoint=server.url)
    assert put(storage, tmp_path, 10) == "hanolab/take.flac"
    assert [(each.method, unquote(each.path)) for each in server.requests] == [
        ("PUT", "/takes/hanolab/take.flac")
    ]


@pytest.mark.parametrize(("n_bytes", "n_requests"), [(10, 1), (2 * PART_BYTES, 3)])
def test_a_file_goes_to_azure_whole_or_in_blocks(server, tmp_path, n_bytes, n_requests):
    server.answer = lambda handler, request: handler.reply(201, ETag='"x"')
    put(azure(endpoint=server.url), tmp_path, n_bytes)
    assert {each.method for each in server.requests} == {"PUT"}
    assert len(server.requests) == n_requests
    assert sum(len(each.body) for each in server.requests if b"<" not in each.body) == n_bytes
    assert all(
        each.headers["authorization"].startswith("SharedKey me:") for each in server.requests
    )


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("ContainerNotFound", 404, "no such bucket"),
        ("AuthenticationFailed", 403, "secret does not fit"),
        ("AuthorizationPermissionMismatch", 403, "may not do that"),
    ],
)
def test_azures_refusals_are_understood(server, tmp_path, code, status, why):
    def answer(handler, request):
        told = code if "x-ms-blob-type" in request.headers else "MissingRequiredHeader"
        handler.reply(status, f"\ufeff<Error><Code>{told}</Code></Error>".encode())

    server.answer = answer
    with pytest.raises(StorageFailed, match=why):
        put(azure(endpoint=server.url), tmp_path, 10)


@pytest.mark.parametrize(
    ("prefix", "key"), [("", "x"), ("/", "x"), ("a", "a/x"), ("/a/b/", "a/b/x")]
)
def test_a_prefix_is_a_folder(server, tmp_path, prefix, key):
    server.answer = lambda handler, request: handler.reply(201, ETag='"x"')
    storage = azure(endpoint=server.url, prefix=prefix)
    path = tmp_path / "x"
    path.write_bytes(b"x")
    assert storage.put(path, "x", stop=threading.Event(), progress=ignore_progress) == key
    assert server.requests[0].path == f"/takes/{key}"


def test_a_credentials_file_that_is_none_is_told(tmp_path):
    path = tmp_path / "account.json"
    path.write_text("{}")
    for wrong in (path, tmp_path / "not-there.json"):
        with pytest.raises(StorageNotSet, match="not set up right"):
            google(credentials_file=str(wrong))


def test_an_azure_key_that_is_none_is_told(monkeypatch):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", "not base64!")
    with pytest.raises(StorageNotSet, match="not set up right") as caught:
        azure()
    assert "base64!" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "host", "path"),
    [
        ({"region": "eu-west-1"}, "takes.s3.eu-west-1.amazonaws.com", "/x"),
        ({"endpoint": "https://s3.example:9000"}, "s3.example", "/takes/x"),
        ({"endpoint": "https://s3.example", "path_style": False}, "takes.s3.example", "/x"),
        ({"bucket": "my.takes"}, "s3.us-east-1.amazonaws.com", "/my.takes/x"),
    ],
)
def test_an_s3_link_names_the_bucket_where_the_service_wants_it(fields, host, path):
    fields = {"bucket": "takes", "access_key_id": "me", **fields}
    url = urlsplit(open_storage(StorageSettings("s3", **fields)).url_for("x"))
    assert (url.scheme, url.hostname, url.path) == ("https", host, path)
