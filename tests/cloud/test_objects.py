"""Objects of buckets on S3 servers of this machine."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import boto3
import pytest
from fakes.served import KEY_ID, SECRET, moto_s3, nobody, rclone_s3

from hanolab_dawtools.cloud import objects
from hanolab_dawtools.cloud.objects import ObjectStores
from hanolab_dawtools.cloud.storage import StorageSettings
from hanolab_dawtools.errors import (
    CloudError,
    InputError,
    JobCancelled,
    SetupError,
    UsageError,
)
from hanolab_dawtools.events import NeverStop, ignore_progress

CONTENT = bytes(range(256)) * 100


@pytest.fixture(scope="module")
def endpoint():
    with moto_s3() as url:
        yield url


@pytest.fixture
def takes(endpoint, monkeypatch):
    """A bucket of its own for each test."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", SECRET)
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    bucket = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    name = f"takes-{os.urandom(4).hex()}"
    return bucket.create_bucket(Bucket=name)


@pytest.fixture
def stores(endpoint):
    # The settings name another bucket: what they say of the service counts for all of its buckets.
    return ObjectStores(
        StorageSettings("s3", bucket="other", endpoint=endpoint, access_key_id=KEY_ID)
    )


def put(bucket, key, content=CONTENT):
    bucket.put_object(Key=key, Body=content)


def listed(stores, url):
    return list(stores.list(url, stop=NeverStop()))


def fetch(stores, facts, path, stop=None):
    options = {"stop": stop or NeverStop(), "progress": ignore_progress}
    stores.fetch(facts.url, facts.tag, path, **options)


@pytest.mark.parametrize("slash", ["", "/"])
def test_prefix_lists_all_below_it(stores, takes, slash):
    for key in ("songs/a b.wav", "songs/deep/ü.wav", "songs-2/x.wav", "y.wav"):
        put(takes, key)
    top = f"s3://{takes.name}/songs"
    assert [one.url for one in listed(stores, top + slash)] == [
        f"{top}/a b.wav",
        f"{top}/deep/ü.wav",
    ]


def test_key_lists_that_object_with_its_length(stores, takes):
    put(takes, "songs/a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/songs/a.wav")
    assert (one.url, one.n_bytes) == (f"s3://{takes.name}/songs/a.wav", len(CONTENT))


def test_whole_bucket_can_be_listed(stores, takes):
    put(takes, "a.wav")
    assert len(listed(stores, f"s3://{takes.name}")) == 1


def test_part_of_an_object_is_read(stores, takes):
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")
    assert stores.read(one, 100, 300) == CONTENT[100:300]


def test_object_is_fetched_in_ranges_as_it_was_put(stores, takes, tmp_path, monkeypatch):
    monkeypatch.setattr(objects, "RANGE_BYTES", 1000)
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")
    fetch(stores, one, tmp_path / "in" / "a.wav")
    assert (tmp_path / "in" / "a.wav").read_bytes() == CONTENT


def test_object_that_changed_or_went_is_not_fetched(stores, takes, tmp_path):
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")
    put(takes, "a.wav", b"other")
    with pytest.raises(InputError, match="changed"):
        fetch(stores, one, tmp_path / "a.wav")
    takes.Object("a.wav").delete()
    with pytest.raises(InputError, match="not there any more"):
        fetch(stores, one, tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_object_that_changes_while_it_is_fetched_leaves_nothing(
    stores, takes, tmp_path, monkeypatch
):
    monkeypatch.setattr(objects, "RANGE_BYTES", 1000)
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")

    def change(progress):
        if progress.fraction:
            put(takes, "a.wav", CONTENT[::-1])

    with pytest.raises(InputError, match="changed"):
        stores.fetch(one.url, one.tag, tmp_path / "a.wav", stop=NeverStop(), progress=change)
    assert list(tmp_path.iterdir()) == []


def test_stop_ends_a_fetch_and_leaves_nothing(stores, takes, tmp_path):
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        fetch(stores, one, tmp_path / "a.wav", stop)
    assert list(tmp_path.iterdir()) == []


def test_file_is_put_where_its_url_says(stores, takes, tmp_path):
    (tmp_path / "v.wav").write_bytes(CONTENT)
    url = f"s3://{takes.name}/out/Señal $1/v.wav"
    stores.put(tmp_path / "v.wav", url, stop=NeverStop(), progress=ignore_progress)
    (one,) = listed(stores, url)
    fetch(stores, one, tmp_path / "back.wav")
    assert (tmp_path / "back.wav").read_bytes() == CONTENT


def test_variables_of_the_service_lead_to_a_bucket_without_settings(takes, endpoint, monkeypatch):
    put(takes, "a.wav")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert len(listed(ObjectStores(None), f"s3://{takes.name}")) == 1


@pytest.mark.usefixtures("takes")
def test_missing_bucket_is_told(stores):
    with pytest.raises((SetupError, CloudError), match="no such bucket"):
        listed(stores, "s3://nobody-has-this/x/")


def test_service_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", SECRET)
    with nobody() as url:
        settings = StorageSettings("s3", endpoint=url, access_key_id=KEY_ID)
        stores = ObjectStores(settings)
        with pytest.raises(CloudError):
            next(iter(stores.list("s3://takes/x.wav", stop=NeverStop())))


def test_service_that_nobody_has_a_key_for_is_told_with_its_variables(monkeypatch):
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    # What a machine in Amazon's cloud would ask for a key of its own is not there.
    with nobody() as url:
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", url)
        with pytest.raises(SetupError, match="no key for s3://takes is known") as told:
            listed(ObjectStores(None), "s3://takes/x/")
    assert "AWS_ACCESS_KEY_ID" in told.value.hint


def test_azure_without_an_account_is_told(monkeypatch):
    for variable in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(variable)
    with pytest.raises(SetupError, match="account"):
        listed(ObjectStores(None), "az://takes/x/")


@pytest.mark.parametrize("url", ["s3:/takes", "s3://", "ftp://x/y", "takes/a.wav"])
def test_other_urls_are_refused(stores, url):
    with pytest.raises(UsageError, match="names no bucket"):
        listed(stores, url)


def test_facts_of_another_object_read_nothing(stores, takes):
    put(takes, "a.wav")
    (one,) = listed(stores, f"s3://{takes.name}/a.wav")
    with pytest.raises(InputError, match="changed"):
        stores.read(replace(one, tag='"0"'), 0, 10)


def test_server_without_ranges_is_told_as_such(tmp_path, monkeypatch):
    monkeypatch.setenv("HANOLAB_STORAGE_SECRET", SECRET)
    (tmp_path / "takes").mkdir()
    (tmp_path / "takes" / "a.wav").write_bytes(CONTENT)
    with rclone_s3(tmp_path) as url:
        settings = StorageSettings("s3", bucket="takes", endpoint=url, access_key_id=KEY_ID)
        stores = ObjectStores(settings)
        (facts,) = listed(stores, "s3://takes/a.wav")
        with pytest.raises(SetupError, match="knows no ranges"):
            stores.read(facts, 0, 100)
