import numpy as np
import pytest

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.cloud.models import Output, Task
from hanolab_dawtools.engines.hanolab.outputs import (
    EXPIRED,
    MAX_RENEWALS,
    Wanted,
    fetch_outputs,
    make_stems,
)
from hanolab_dawtools.errors import AudioFileError, CloudProtocolError, TransferFailed
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.model import RequestKind, StemRole

RATE = 44_100
NOISE = np.random.default_rng(2).normal(0, 0.1, (2, RATE)).astype(np.float32)
PARTS = {"stop": NeverStop(), "progress": ignore_progress}


def came(folder, *names, **options):
    paths = [folder / f"came-{number}" for number in range(len(names))]
    for path in paths:
        write_audio(path, AudioBuffer(NOISE, RATE), **options)
    return [Output(name, f"https://cdn.test/{name}") for name in names], paths


def task(*names) -> Task:
    return Task("t", "completed", tuple(Output(name, f"https://cdn.test/{name}") for name in names))


@pytest.mark.parametrize(
    ("file_format", "subtype", "ending"),
    [
        ("WAV", "FLOAT", ".wav"),
        ("FLAC", "PCM_24", ".flac"),
        ("MP3", "MPEG_LAYER_III", ".mp3"),
        ("OGG", "VORBIS", ".ogg"),
    ],
)
def test_what_needs_no_change_stays_as_it_came(tmp_path, file_format, subtype, ending):
    outputs, paths = came(tmp_path, "song", format=file_format, subtype=subtype)
    content = paths[0].read_bytes()
    (stem,) = make_stems(outputs, paths, tmp_path, Wanted(RequestKind.GENERATE), **PARTS)
    assert (stem.role, stem.path.suffix) == (StemRole.MIX, ending)
    assert stem.path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [stem.path]


def test_the_gain_of_the_upload_is_taken_out_again(tmp_path):
    outputs, paths = came(tmp_path, "vocals", "no_vocals", format="FLAC", subtype="PCM_24")
    wanted = Wanted(RequestKind.SEPARATE, n_stems=2, gain=0.25)
    stems = make_stems(outputs, paths, tmp_path, wanted, **PARTS)
    for stem in stems:
        assert not stem.guessed
        np.testing.assert_allclose(read_audio(stem.path).samples, NOISE * 4, atol=4 * 2**-23)


def test_a_stem_that_is_missing_is_told(tmp_path):
    outputs, paths = came(tmp_path, "vocals", "drums", "bass")
    with pytest.raises(CloudProtocolError, match="other") as caught:
        make_stems(outputs, paths, tmp_path, Wanted(RequestKind.SEPARATE, n_stems=4), **PARTS)
    assert str(tmp_path) in caught.value.hint  # it was paid for, and the user can have it
    assert all(path.is_file() for path in paths)


@pytest.mark.parametrize("fault", ["cut off", "no audio", "empty", "no number"])
def test_what_does_not_decode_to_its_end_is_not_believed(tmp_path, fault):
    outputs, paths = came(tmp_path, "song", format="FLAC", subtype="PCM_16")
    if fault == "cut off":
        paths[0].write_bytes(paths[0].read_bytes()[:-20_000])
    elif fault == "no audio":
        paths[0].write_text("<html>")
    else:
        bad = NOISE[:, :0] if fault == "empty" else np.full((1, 10), np.nan, np.float32)
        write_audio(paths[0], AudioBuffer(bad, RATE))
    with pytest.raises(AudioFileError):
        make_stems(outputs, paths, tmp_path, Wanted(RequestKind.GENERATE), **PARTS)


@pytest.mark.parametrize("status", sorted(EXPIRED))
def test_expired_urls_are_renewed_in_the_middle(tmp_path, status):
    fetched = []

    def fetch(url, path, stop, progress):
        if url.endswith("b"):
            raise TransferFailed("expired", status=status)
        fetched.append((url, path.name))

    outputs, paths = fetch_outputs(
        task("a", "b"), tmp_path, renewed=lambda: task("c", "d"), fetch=fetch, **PARTS
    )
    assert fetched == [
        ("https://cdn.test/a", "result 1 of 2"),
        ("https://cdn.test/d", "result 2 of 2"),
    ]
    assert [output.name for output in outputs] == ["c", "d"]
    assert [path.name for path in paths] == ["result 1 of 2", "result 2 of 2"]


@pytest.mark.parametrize(("status", "n_asked"), [(410, MAX_RENEWALS), (500, 0), (0, 0)])
def test_what_cannot_be_fetched_is_given_up(tmp_path, status, n_asked):
    asked = []

    def fetch(url, path, stop, progress):
        raise TransferFailed("no", status=status)

    def renewed():
        asked.append(1)
        return task("a")

    with pytest.raises(TransferFailed):
        fetch_outputs(task("a"), tmp_path, renewed=renewed, fetch=fetch, **PARTS)
    assert len(asked) == n_asked


def test_a_task_that_has_other_files_all_at_once_makes_no_sense(tmp_path):
    def fetch(url, path, stop, progress):
        raise TransferFailed("expired", status=403)

    with pytest.raises(CloudProtocolError, match="had 2 files, and now it has 1"):
        fetch_outputs(task("a", "b"), tmp_path, renewed=lambda: task("a"), fetch=fetch, **PARTS)
