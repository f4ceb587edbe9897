"""The sandbox's upload area as a storage, and its files as downloads."""

import threading
import urllib.error
import urllib.request

import pytest
from fakes.sandbox import SandboxProcess

from hanolab_dawtools.cloud.credentials import Key
from hanolab_dawtools.cloud.storage import StorageSettings, open_storage
from hanolab_dawtools.cloud.transfer import download
from hanolab_dawtools.errors import AuthFailed, PlanRequired
from hanolab_dawtools.events import ignore_progress


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with SandboxProcess(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


def storage(sandbox, key=None):
    return open_storage(
        StorageSettings("sandbox"),
        base_url=sandbox.base_url,
        key=Key(key or sandbox.key, "HANOLAB_API_KEY"),
    )


def test_the_upload_area_passes_a_check(sandbox):
    outcome = storage(sandbox).check(stop=threading.Event(), progress=ignore_progress)
    assert "127.0.0.1" in outcome.warning


def test_what_was_put_is_fetched_without_a_key_until_it_is_deleted(sandbox, tmp_path):
    path, back = tmp_path / "take.flac", tmp_path / "back.flac"
    path.write_bytes(b"fLaC" + bytes(100_000))
    place = storage(sandbox)
    key = place.put(path, path.name, stop=threading.Event(), progress=ignore_progress)
    url = place.url_for(key)
    download(url, back, base_url=sandbox.base_url, stop=threading.Event(), progress=ignore_progress)
    assert back.read_bytes() == path.read_bytes()
    place.delete(key)
    place.delete(key)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(url, timeout=10)


def test_a_wrong_key_is_told_as_one(sandbox, tmp_path):
    path = tmp_path / "take.flac"
    path.write_bytes(b"fLaC")
    with pytest.raises(AuthFailed) as refused:
        storage(sandbox, "hl_wrong").put(
            path, path.name, stop=threading.Event(), progress=ignore_progress
        )
    assert "hl_wrong" not in str(refused.value)
    assert "hanolab login" in refused.value.hint


def test_a_plan_without_api_access_is_told_as_one(sandbox, tmp_path):
    path = tmp_path / "take.flac"
    path.write_bytes(b"fLaC")
    sandbox.change(plan="free")
    try:
        with pytest.raises(PlanRequired):
            storage(sandbox).put(path, path.name, stop=threading.Event(), progress=ignore_progress)
    finally:
        sandbox.change(plan="creator")
