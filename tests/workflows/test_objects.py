"""The road from a bucket and into a bucket, on an S3 server of this machine."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import boto3
import pytest
from fakes.batch_songs import write_noise
from fakes.served import KEY_ID, SECRET, moto_s3
from fakes.services import ShareServices

from hanolab_dawtools.audio import files
from hanolab_dawtools.errors import HanolabError, InputError, UsageError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.jobs.model import JobState
from hanolab_dawtools.model import ObjectFacts
from hanolab_dawtools.workflows import objects
from hanolab_dawtools.workflows.batch.lengths import HEAD_BYTES, TAIL_BYTES, lengths_of
from hanolab_dawtools.workflows.batch.model import BatchAsked, Forecast
from hanolab_dawtools.workflows.objects import origin_path, tag_in
from hanolab_dawtools.workflows.outcomes import placed_of


@pytest.fixture(scope="module")
def endpoint():
    with moto_s3() as url:
        yield url


@pytest.fixture
def bucket(endpoint, monkeypatch):
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    s3 = boto3.resource("s3", endpoint_url=endpoint, region_name="us-east-1")
    return s3.create_bucket(Bucket=f"takes-{os.urandom(4).hex()}")


@pytest.fixture
def services(tmp_path):
    with ShareServices(tmp_path / "home") as made:
        yield made


def put(bucket, folder, key, seconds, seed=1):
    path = write_noise(folder / "made" / f"{seed}.wav", seconds, seed=seed)
    bucket.upload_file(str(path), key)
    return path


def planned(services, *sources, output=None, **fields):
    asked = BatchAsked(sources, ("separate",), output=output, **fields)
    return services.batching.plan(asked, stop=threading.Event())


def run(services, plan):
    job = services.create_job(plan)
    return services.run_job(job.id, stop=NeverStop(), progress=ignore_progress)


def keys(bucket, prefix):
    return sorted(one.key for one in bucket.objects.filter(Prefix=prefix))


def test_objects_are_measured_by_their_ends(services, bucket, tmp_path):
    put(bucket, tmp_path, "in/long.wav", 3.0)
    put(bucket, tmp_path, "in/deep/short.wav", 0.25, seed=2)
    matrix = planned(services, f"s3://{bucket.name}/in", output=str(tmp_path / "out"))
    assert {c.source: c.seconds for c in matrix.cells} == {"long": 3.0, "deep/short": 0.25}
    assert matrix.cells[0].plan.folder == tmp_path / "out/deep/short"


def test_object_goes_down_the_road_and_its_results_into_the_bucket(services, bucket, tmp_path):
    source = put(bucket, tmp_path, "in/a/song.wav", 0.5)
    out = f"s3://{bucket.name}/out"
    (cell,) = planned(services, f"s3://{bucket.name}/in", output=out).cells
    job = run(services, cell.plan)
    assert job.state is JobState.DONE
    tracks = placed_of(job.outcomes).tracks
    assert [t.url for t in tracks] == [f"{out}/a/song/{t.path.name}" for t in tracks]
    names = {f"out/a/song/{t.path.name}" for t in tracks}
    assert set(keys(bucket, "out/")) >= {*names, "out/a/song/job.json"}
    total = 0
    for track in tracks:
        bucket.download_file(track.url.partition(f"{bucket.name}/")[2], str(tmp_path / "back.wav"))
        total = total + files.read_audio(tmp_path / "back.wav").samples
    assert abs(total - files.read_audio(source).samples).max() < 1e-6
    folder = services.store.folder_of(job.id)
    assert not (folder / objects.ORIGINS).exists()
    assert not (folder / objects.RESULTS).exists()


def test_delivery_that_was_cut_off_is_made_again_as_a_whole(
    services, bucket, tmp_path, monkeypatch
):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    plan = (
        planned(services, f"s3://{bucket.name}/in", output=f"s3://{bucket.name}/out").cells[0].plan
    )
    store, n_put = services.road.objects(), []

    class Breaking:
        def __getattr__(self, name):
            return getattr(store, name)

        def put(self, path, url, **options):
            n_put.append(url)
            if len(n_put) == 2:
                raise InputError("the line is cut")
            store.put(path, url, **options)

    road = services.road
    monkeypatch.setitem(services.__dict__, "road", replace(road, objects=Breaking))
    with pytest.raises(InputError, match="cut"):
        run(services, plan)
    assert "out/song/job.json" not in keys(bucket, "out/")  # which says that all is there
    (job,) = services.store.list()
    done = services.run_job(job.id, stop=NeverStop(), progress=ignore_progress)
    assert done.state is JobState.DONE
    assert "out/song/job.json" in keys(bucket, "out/")


def test_object_that_was_changed_since_the_plan_fails_its_job(services, bucket, tmp_path):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    (cell,) = planned(services, f"s3://{bucket.name}/in", output=str(tmp_path / "out")).cells
    put(bucket, tmp_path, "in/song.wav", 0.5, seed=2)
    with pytest.raises(HanolabError, match="changed"):
        run(services, cell.plan)


def test_delivered_results_are_done_until_they_are_removed(services, bucket, tmp_path):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    where = (f"s3://{bucket.name}/in", f"s3://{bucket.name}/out")
    run(services, planned(services, where[0], output=where[1]).cells[0].plan)
    assert planned(services, where[0], output=where[1]).cells[0].forecast is Forecast.DONE
    bucket.objects.filter(Prefix="out/song/voc").delete()
    bucket.objects.filter(Prefix="out/song/acc").delete()
    assert planned(services, where[0], output=where[1]).cells[0].forecast is Forecast.CACHED


def test_object_without_an_output_is_refused(services, bucket, tmp_path):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    with pytest.raises(UsageError, match="where shall"):
        planned(services, f"s3://{bucket.name}/in")


def test_object_that_is_no_audio_is_left_out(services, bucket, tmp_path):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    bucket.put_object(Key="in/bad.wav", Body=b"nothing" * 50_000)
    matrix = planned(services, f"s3://{bucket.name}/in", output=str(tmp_path / "out"))
    assert [c.source for c in matrix.cells] == ["song"]
    assert [one.title for one in matrix.left_out] == ["bad"]


class Memory:
    """An object in memory, which counts what is read of it."""

    def __init__(self, content):
        self.content, self.n_read = content, 0

    def read(self, facts, start, end):
        self.n_read += end - start
        return self.content[start:end]


@pytest.mark.parametrize(
    ("suffix", "format_name", "subtype"),
    [
        ("wav", "WAV", "PCM_24"),
        ("aiff", "AIFF", "PCM_16"),
        ("flac", "FLAC", "PCM_16"),
        ("ogg", "OGG", "VORBIS"),
        ("mp3", "MP3", "MPEG_LAYER_III"),
        ("caf", "CAF", "PCM_16"),
    ],
)
def test_length_is_that_of_the_whole_file(tmp_path, suffix, format_name, subtype):
    noise = write_noise(tmp_path / "n.wav", 20.0)
    path = tmp_path / f"x.{suffix}"
    files.write_audio(path, files.read_audio(noise), format=format_name, subtype=subtype)
    content = path.read_bytes()
    memory = Memory(content)
    facts = ObjectFacts(f"s3://b/x.{suffix}", len(content), "t")
    (seconds,) = lengths_of([facts], lambda: memory, stop=NeverStop())
    assert seconds == files.probe(path).seconds
    assert memory.n_read == HEAD_BYTES + TAIL_BYTES


def test_path_of_an_object_keeps_its_tag():
    facts = ObjectFacts("s3://b/x/a:b.WAV", 1, '"é-1/2"')
    assert tag_in(origin_path(facts)) == facts.tag
    assert origin_path(facts).name == "a_b.wav"


def test_isolated_vocals_of_an_object_are_fetched_by_the_part_that_separates(
    services, bucket, tmp_path
):
    put(bucket, tmp_path, "in/song.wav", 0.5)
    url = f"s3://{bucket.name}/in/song.wav"
    asked = BatchAsked(
        (url,), ("convert",), output=f"s3://{bucket.name}/out", assignments=("job.isolate=true",)
    )
    (cell,) = services.batching.plan(asked, stop=threading.Event()).cells
    separation, conversion = cell.plan.parts
    assert (cell.plan.origin, separation.origin, conversion.origin) == (url, url, "")
    assert {separation.deliver_to, conversion.deliver_to} == {""}
    job = run(services, cell.plan)
    assert job.state is JobState.DONE
    assert "out/song/job.json" in keys(bucket, "out/")
