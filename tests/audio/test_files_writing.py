"""A file is there whole or not at all, and no error on the way is lost."""

import numpy as np
import pytest
from fakes.full_disk import files_at_most
from fakes.read_only import public_folder, read_only
from fakes.signals import noise

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import AudioWriter, read_audio, write_audio
from hanolab_dawtools.errors import DiskFull, NotWritable

FORMATS = [
    ("WAV", "FLOAT"),
    ("WAV", "PCM_24"),
    ("AIFF", "PCM_24"),
    ("FLAC", "PCM_24"),
    ("MP3", "MPEG_LAYER_III"),
    ("OGG", "VORBIS"),
]


@pytest.mark.parametrize(("container", "subtype"), FORMATS)
@pytest.mark.parametrize("missing", ["all", "header", "half", "9000 bytes", "1 byte"])
def test_a_full_disk_is_told_at_whatever_byte_it_happens(tmp_path, container, subtype, missing):
    sound = noise(44_100, 100_000, n_channels=2)
    path = tmp_path / "sound"
    write_audio(path, sound, format=container, subtype=subtype)
    n_bytes = path.stat().st_size
    path.unlink()
    room = {
        "all": 0,
        "header": 40,
        "half": n_bytes // 2,
        "9000 bytes": n_bytes - 9000,
        "1 byte": n_bytes - 1,
    }[missing]
    with files_at_most(room), pytest.raises(DiskFull, match="the disk is full"):
        write_audio(path, sound, format=container, subtype=subtype)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_file_that_was_there(tmp_path):
    old = noise(44_100, 100, seed=1)
    write_audio(tmp_path / "sound.wav", old)
    with files_at_most(5000), pytest.raises(DiskFull):
        write_audio(tmp_path / "sound.wav", noise(44_100, 50_000))
    assert (read_audio(tmp_path / "sound.wav").samples == old.samples).all()


def test_a_folder_that_cannot_be_written_is_told():
    with public_folder() as folder, read_only(folder):
        with pytest.raises(NotWritable, match="Permission denied"):
            write_audio(folder / "sound.wav", noise(44_100, 100))
        assert list(folder.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "folder").write_text("")
    with pytest.raises(NotWritable):
        write_audio(tmp_path / "folder" / "sound.wav", noise(44_100, 100))


@pytest.mark.parametrize(("container", "subtype"), FORMATS)
def test_an_error_on_the_way_leaves_nothing(tmp_path, container, subtype):
    writer = AudioWriter(tmp_path / "sound", 44_100, 1, format=container, subtype=subtype)
    trouble = RuntimeError("in the middle")
    writer.write(noise(44_100, 70_000).samples)
    assert not writer.__exit__(RuntimeError, trouble, None)
    assert list(tmp_path.iterdir()) == []


def test_the_file_appears_only_at_the_end(tmp_path):
    path = tmp_path / "sound.wav"
    with AudioWriter(path, 44_100, 1) as writer:
        writer.write(noise(44_100, 70_000).samples)
        assert not path.exists()
    assert read_audio(path).n_frames == 70_000


def test_folders_on_the_way_are_made(tmp_path):
    write_audio(tmp_path / "a" / "b" / "sound.wav", noise(44_100, 10))
    assert read_audio(tmp_path / "a" / "b" / "sound.wav").n_frames == 10


@pytest.mark.parametrize(("container", "subtype"), FORMATS[:-1])  # Ogg has a random number in it
def test_the_cut_into_blocks_leaves_the_bytes_alone(tmp_path, container, subtype):
    sound = noise(44_100, 150_000, n_channels=2)
    options = {"format": container, "subtype": subtype}
    for name, block_frames in (("a", 150_000), ("b", 999)):
        with AudioWriter(tmp_path / name, 44_100, 2, **options) as writer:
            for start in range(0, sound.n_frames, block_frames):
                writer.write(sound.samples[:, start : start + block_frames])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_samples_that_spell_the_name_of_a_chunk_stay_as_they_are(tmp_path, subtype):
    spelt = np.frombuffer(
        b"PEAK" + bytes(range(1, 61)), dtype="<i2" if subtype == "PCM_16" else "<f4"
    )
    samples = spelt.astype(np.float32)[np.newaxis] / (32768 if subtype == "PCM_16" else 1)
    write_audio(tmp_path / "spelt.wav", AudioBuffer(samples, 48_000), subtype=subtype)
    np.testing.assert_array_equal(read_audio(tmp_path / "spelt.wav").samples, samples)
