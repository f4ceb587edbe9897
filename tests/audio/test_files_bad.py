"""Files that are no audio, or not all of it."""

import errno
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from fakes.signals import noise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import AudioReader, probe, read_audio, write_audio
from hanolab_dawtools.errors import AudioFileError

FLAC_TOTAL_FRAMES = slice(22, 26)  # the low 32 of its 36 bits, in STREAMINFO
WAV_RATE = slice(24, 28)
WAV_CHANNELS = slice(22, 24)
WAV_SIZES = (slice(4, 8), slice(40, 44))


def content_of(tmp_path, container="WAV", subtype="PCM_16", n_frames=20_000):
    path = tmp_path / "good"
    write_audio(path, noise(44_100, n_frames, n_channels=2), format=container, subtype=subtype)
    return bytearray(path.read_bytes())


def refusal(path):
    with pytest.raises(AudioFileError) as caught:
        read_audio(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Format not recognised"),
        (b"hello, this is text\n" * 50, "Format not recognised"),
        (bytes(range(256)) * 40, "Format not recognised"),
        (b"RIFF\x10\0\0\0WAVE", "."),
    ],
)
@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".raw", ".vox", ".gsm", ""])
def test_what_is_no_audio_is_refused_whatever_its_name(tmp_path, content, reason, suffix):
    path = tmp_path / f"file{suffix}"
    path.write_bytes(content)
    error = refusal(path)
    assert reason in str(error)
    assert "can be read" in error.hint


def test_a_good_file_is_read_whatever_its_name(tmp_path):
    path = tmp_path / "take.raw"
    path.write_bytes(content_of(tmp_path))
    assert read_audio(path).n_frames == 20_000


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("absent.wav", "there is no such file"),
        ("", "it is a folder"),
        ("x" * 300 + ".wav", "too long"),
        ("good/inside.wav", "Not a directory"),
        ("nul\0.wav", "no possible file name"),
    ],
)
def test_a_path_that_leads_to_no_file_is_told(tmp_path, name, reason):
    content_of(tmp_path)
    with pytest.raises(AudioFileError, match=reason):
        probe(tmp_path / name)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "not a regular file" in str(refusal(tmp_path / "pipe.wav"))


def test_a_name_that_is_no_utf_8_is_no_obstacle(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))
    path.write_bytes(content_of(tmp_path))
    assert read_audio(path).n_frames == 20_000


@pytest.mark.parametrize("promised", [20_001, 50_000, 2**32 - 1])
def test_a_flac_that_promises_more_than_it_holds_is_told(tmp_path, promised):
    content = content_of(tmp_path, "FLAC")
    content[FLAC_TOTAL_FRAMES] = struct.pack(">I", promised)
    (tmp_path / "more.flac").write_bytes(content)
    error = refusal(tmp_path / "more.flac")
    assert f"ends after 20000 of {promised} frames" in str(error)
    assert "cut off" in error.hint


def test_a_flac_that_was_streamed_without_a_length_is_read_whole(tmp_path):
    content = content_of(tmp_path, "FLAC")
    content[FLAC_TOTAL_FRAMES] = bytes(4)
    (tmp_path / "streamed.flac").write_bytes(content)
    assert probe(tmp_path / "streamed.flac").n_frames == 20_000
    np.testing.assert_array_equal(
        read_audio(tmp_path / "streamed.flac").samples, read_audio(tmp_path / "good").samples
    )


def test_a_wav_that_was_streamed_without_a_length_is_read_whole(tmp_path):
    content = content_of(tmp_path)
    for place in WAV_SIZES:
        content[place] = b"\xff" * 4
    (tmp_path / "streamed.wav").write_bytes(content)
    assert read_audio(tmp_path / "streamed.wav").n_frames == 20_000


@pytest.mark.parametrize("kind", [("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")])
def test_a_compressed_file_that_was_cut_off_is_told(tmp_path, kind):
    content = content_of(tmp_path, *kind, n_frames=200_000)
    (tmp_path / "cut").write_bytes(content[: len(content) // 2])
    refusal(tmp_path / "cut")


def test_of_a_wav_that_was_cut_off_the_rest_is_read(tmp_path):
    content = content_of(tmp_path)
    (tmp_path / "cut.wav").write_bytes(content[: 44 + 4 * 5000 + 1])  # within a sample
    whole = read_audio(tmp_path / "good").samples
    np.testing.assert_array_equal(read_audio(tmp_path / "cut.wav").samples, whole[:, :5000])


def test_damage_inside_a_flac_is_told(tmp_path):
    content = content_of(tmp_path, "FLAC", n_frames=200_000)
    middle = len(content) // 2
    content[middle : middle + 300] = b"\x55" * 300
    (tmp_path / "bad.flac").write_bytes(content)
    refusal(tmp_path / "bad.flac")


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        (WAV_RATE, struct.pack("<I", 0), "."),
        (WAV_RATE, struct.pack("<I", 500), "sample rate is 500 Hz"),
        (WAV_RATE, struct.pack("<I", 2**31 - 1), "sample rate is 2147483647 Hz"),
        (WAV_CHANNELS, struct.pack("<H", 0), "Channel count is zero"),
        (WAV_CHANNELS, struct.pack("<H", 65), "65 channels; 64 at most"),
        (WAV_CHANNELS, struct.pack("<H", 40_000), "Too many channels"),
    ],
)
def test_a_header_that_cannot_be_true_is_told(tmp_path, place, value, reason):
    content = content_of(tmp_path)
    content[place] = value
    (tmp_path / "odd.wav").write_bytes(content)
    assert reason in str(refusal(tmp_path / "odd.wav"))


@pytest.mark.parametrize("container", ["WAV", "FLAC", "AIFF", "OGG"])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_read_or_told_but_never_a_crash(tmp_path, container, data):
    subtype = "VORBIS" if container == "OGG" else "PCM_16"
    content = content_of(tmp_path, container, subtype, n_frames=3000)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(content) - 1, 400)))
        content[place] = data.draw(st.integers(0, 255))
    (tmp_path / "damaged").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        with AudioReader(tmp_path / "damaged") as reader:
            for _, block in zip(range(5), reader.blocks(), strict=False):
                assert block.dtype == np.float32
    except AudioFileError:
        pass


def test_a_disk_that_fails_while_reading_is_told_with_its_reason(tmp_path, monkeypatch):
    content_of(tmp_path, n_frames=200_000)
    with AudioReader(tmp_path / "good") as reader:
        reader.read(1000)
        monkeypatch.setattr(reader._source, "_stream", _FailingStream())
        with pytest.raises(AudioFileError, match="Input/output error"):
            reader.read(100_000)


class _FailingStream:
    def readinto(self, target):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_buffer_must_have_our_shape_and_type():
    with pytest.raises(ValueError, match="samples must be float32"):
        AudioBuffer(np.zeros(10, dtype=np.float32), 44_100)
    with pytest.raises(ValueError, match="samples must be float32"):
        AudioBuffer(np.zeros((1, 10)), 44_100)
    with pytest.raises(ValueError, match="rate must be positive"):
        AudioBuffer(np.zeros((1, 10), dtype=np.float32), 0)
    turned = AudioBuffer(np.zeros((10, 2), dtype=np.float32).T, 44_100)
    assert turned.samples.flags.c_contiguous
