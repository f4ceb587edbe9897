"""The sound of containers comes out at its frame; what cannot be read is told in a sentence."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from fakes.containers import write_container, write_silent_video
from fakes.full_disk import files_at_most

from hanolab_dawtools.audio.containers import decode_container, probe_container
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import AudioFileError, DiskFull, ExtraMissing, JobCancelled
from hanolab_dawtools.events import NeverStop, ignore_progress


def clicks(n_channels, rate, seconds=2.0):
    samples = np.zeros((n_channels, round(seconds * rate)), np.float32)
    samples[:, [rate // 2, rate, rate + rate // 2]] = 0.9
    return samples


def decoded(path, target=None):
    target = target or path.with_suffix(".wav")
    decode_container(path, target, stop=NeverStop(), progress=ignore_progress)
    return read_audio(target)


def loudest(samples, count=3):
    """Places of the loudest samples that are 0.1 s apart, in order."""
    left = np.abs(samples).astype(float)
    places = []
    for _ in range(count):
        place = int(np.argmax(left))
        places.append(place)
        left[max(place - 4_000, 0) : place + 4_000] = 0.0
    return sorted(places)


@pytest.mark.parametrize(
    ("name", "codec", "with_video"),
    [
        ("a.m4a", "aac", False),
        ("a.mp4", "aac", True),
        ("a.mov", "aac", True),
        ("a.mkv", "aac", True),
        ("a.webm", "libopus", False),
        ("a.mp4", "libmp3lame", True),
    ],
)
@pytest.mark.parametrize("n_channels", [1, 2])
def test_lossy_sound_is_at_its_frame(tmp_path, name, codec, with_video, n_channels):
    rate = 48_000
    path = write_container(
        tmp_path / name, clicks(n_channels, rate), rate, codec=codec, with_video=with_video
    )
    made = decoded(path)
    assert (made.sample_rate, made.n_channels) == (rate, n_channels)
    for channel in made.samples:
        assert loudest(channel) == [rate // 2, rate, rate + rate // 2]


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_the_length_of_an_m4a_is_exact_at_any_rate(tmp_path, rate):
    made = decoded(write_container(tmp_path / "a.m4a", clicks(2, rate), rate))
    assert (made.sample_rate, made.n_frames) == (rate, 2 * rate)
    assert loudest(made.samples[0]) == [rate // 2, rate, rate + rate // 2]


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mov", "pcm_s16le"), ("a.avi", "pcm_s16le"), ("a.mkv", "flac")]
)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_lossless_sound_is_equal(tmp_path, name, codec, n_channels):
    whole = np.random.default_rng(0).integers(-32_768, 32_768, (n_channels, 70_001))
    samples = (whole / 32_768).astype(np.float32)
    path = write_container(tmp_path / name, samples, 44_100, codec=codec, with_video=True)
    assert np.array_equal(decoded(path).samples, samples)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_sound_that_begins_after_the_picture_stays_there(tmp_path, name):
    path = write_container(
        tmp_path / name,
        clicks(1, 48_000),
        48_000,
        codec="flac" if name == "a.mkv" else "aac",
        with_video=True,
        first_frame=12_000,
    )
    made = decoded(path)
    assert abs(loudest(made.samples[0])[0] - 36_000) <= 48  # both keep a start in milliseconds
    assert abs(made.n_frames - 108_000) <= 48


def test_probing_tells_what_decoding_gives(tmp_path):
    path = write_container(tmp_path / "a.m4a", clicks(2, 44_100), 44_100)
    told = probe_container(path)
    made = decode_container(path, tmp_path / "a.wav", stop=NeverStop(), progress=ignore_progress)
    assert (told.sample_rate, told.n_channels, told.n_frames) == (44_100, 2, 88_200)
    assert (made.sample_rate, made.n_channels, made.n_frames) == (44_100, 2, 88_200)
    assert made.path == tmp_path / "a.wav"


def test_a_file_whose_length_is_not_told_is_read_to_its_end(tmp_path):
    path = write_container(tmp_path / "a.mkv", clicks(1, 48_000), 48_000, codec="flac")
    assert probe_container(path).n_frames == pytest.approx(96_000, abs=100)
    assert decoded(path).n_frames == 96_000


def refused(path):
    with pytest.raises(AudioFileError) as caught:
        decoded(path)
    with pytest.raises(AudioFileError):
        probe_container(path)
    return str(caught.value)


def test_a_video_without_sound_is_refused(tmp_path):
    assert "has no audio stream" in refused(write_silent_video(tmp_path / "a.mp4"))


@pytest.mark.parametrize("content", [b"", b"\0" * 5_000, b"no container at all" * 100])
def test_what_is_no_container_is_refused(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    assert "cannot be decoded" in refused(tmp_path / "a.mp4")


def test_a_missing_file_is_refused(tmp_path):
    assert "No such file" in refused(tmp_path / "a.mp4")


def test_a_playlist_that_names_other_files_is_refused(tmp_path):
    secret = write_container(tmp_path / "secret.ts", clicks(1, 48_000), 48_000)
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n"
    (tmp_path / "a.mp4").write_text(text)
    assert "cannot be decoded" in refused(tmp_path / "a.mp4")


def test_a_file_without_its_index_is_refused(tmp_path):
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000)
    path.write_bytes(path.read_bytes()[:-2_000])  # an MP4's index is at its end
    assert "cannot be decoded" in refused(path)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = write_container(
        tmp_path / "a.m4a",
        np.random.default_rng(0).uniform(-0.5, 0.5, (1, 480_000)).astype(np.float32),
        48_000,
        options={"movflags": "faststart"},
    )
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(AudioFileError, match=r"ends after|cannot be decoded"):
        decoded(path)
    assert not path.with_suffix(".wav").exists()


@pytest.mark.parametrize(("kind", "other"), [(b"mp4a", b"drms"), (b"mp4a", b"enca")])
def test_an_encrypted_file_is_refused(tmp_path, kind, other):
    """Sold songs are marked `drms`, protected streams `enca`, where others say `mp4a`."""
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000)
    content = path.read_bytes()
    assert content.count(b"stsd") == 1
    at = content.index(kind, content.index(b"stsd"))
    path.write_bytes(content[:at] + other + content[at + 4 :])
    with pytest.raises(AudioFileError, match="may be encrypted"):
        decoded(path)


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_file_is_read_or_refused(tmp_path, seed):
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000, with_video=True)
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(seed)
    for at in rng.integers(0, len(content), 40):
        content[at] = rng.integers(0, 256)
    path.write_bytes(bytes(content))
    try:
        decoded(path)
    except AudioFileError as error:
        assert error.path == path  # noqa: PT017 - either outcome is right


def test_a_full_disk_is_told(tmp_path):
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000)
    with files_at_most(50_000), pytest.raises(DiskFull):
        decoded(path, tmp_path / "b.wav")
    assert not (tmp_path / "b.wav").exists()


def test_it_stops_when_told(tmp_path):
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000)
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        decode_container(path, tmp_path / "b.wav", stop=stop, progress=ignore_progress)
    assert not (tmp_path / "b.wav").exists()


def test_without_the_library_it_says_how_to_get_it(tmp_path, monkeypatch):
    path = write_container(tmp_path / "a.m4a", clicks(1, 48_000), 48_000)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ExtraMissing, match="without PyAV") as caught:
        probe_container(path)
    assert "pip install 'hanolab_dawtools[video]'" in caught.value.hint


def test_the_library_is_not_loaded_before_it_is_needed():
    code = "import sys, hanolab_dawtools.audio.containers; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
