"""Every format in and out, exact where the format is."""

import numpy as np
import pytest
import soundfile
from fakes.signals import error_db, noise, sine

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.digest import content_digest
from hanolab_dawtools.audio.files import (
    AudioReader,
    AudioWriter,
    probe,
    read_audio,
    write_audio,
)
from hanolab_dawtools.errors import OutputError

EXACT = [
    *(("WAV", subtype) for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("WAVEX", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("RF64", subtype) for subtype in ("PCM_24", "FLOAT")),
    *(("AIFF", subtype) for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT")),
    *(("FLAC", subtype) for subtype in ("PCM_16", "PCM_24")),
    *(("W64", subtype) for subtype in ("PCM_24", "FLOAT")),
]
LOSSY = [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")]
BITS = {"PCM_16": 16, "PCM_24": 24}


def as_held_by(buffer, subtype):
    """The samples rounded to what an integer format can hold, in float32."""
    bits = BITS.get(subtype, 24)  # 24 bits are what float32 itself holds of a number near 1
    steps = np.round(buffer.samples.astype(np.float64) * 2.0 ** (bits - 1))
    return AudioBuffer((steps / 2.0 ** (bits - 1)).astype(np.float32), buffer.sample_rate)


@pytest.mark.parametrize(("container", "subtype"), EXACT)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_samples_that_the_format_can_hold_come_back_bit_for_bit(
    tmp_path, container, subtype, n_channels
):
    sound = as_held_by(noise(44_100, 70_001, n_channels=n_channels), subtype)
    path = tmp_path / "sound"
    write_audio(path, sound, format=container, subtype=subtype)
    back = read_audio(path)
    assert back.sample_rate == 44_100
    np.testing.assert_array_equal(back.samples, sound.samples)
    assert back.samples.flags.c_contiguous


@pytest.mark.parametrize(("container", "subtype"), EXACT)
def test_the_header_says_what_was_written(tmp_path, container, subtype):
    path = tmp_path / "sound"
    write_audio(path, noise(48_000, 1234, n_channels=2), format=container, subtype=subtype)
    info = probe(path)
    assert (info.sample_rate, info.n_channels, info.n_frames) == (48_000, 2, 1234)
    assert (info.format, info.subtype) == (container, subtype)
    assert info.seconds == 1234 / 48_000


@pytest.mark.parametrize("value", [-(2**23), -1, 0, 1, 2**23 - 1])
@pytest.mark.parametrize("container", ["WAV", "AIFF", "FLAC"])
def test_a_24_bit_integer_is_read_as_its_share_of_full_scale(tmp_path, container, value):
    path = tmp_path / "integers"
    samples = np.full((10, 1), value << 8, dtype=np.int32)
    soundfile.write(path, samples, 48_000, "PCM_24", format=container)
    assert np.all(read_audio(path).samples == np.float32(value / 2**23))


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 22_050, 44_100, 88_200, 176_400, 192_000])
@pytest.mark.parametrize("container", ["WAV", "AIFF", "FLAC"])
def test_any_usual_rate_is_kept(tmp_path, container, sample_rate):
    sound = as_held_by(noise(sample_rate, 300), "PCM_24")
    write_audio(tmp_path / "sound", sound, format=container, subtype="PCM_24")
    back = read_audio(tmp_path / "sound")
    assert back.sample_rate == sample_rate
    np.testing.assert_array_equal(back.samples, sound.samples)


@pytest.mark.parametrize("n_channels", [3, 8, 33, 64])
def test_up_to_64_channels_keep_their_places(tmp_path, n_channels):
    samples = np.repeat(np.arange(n_channels, dtype=np.float32)[:, np.newaxis], 5, axis=1) / 64
    write_audio(tmp_path / "many.wav", AudioBuffer(samples, 48_000))
    np.testing.assert_array_equal(read_audio(tmp_path / "many.wav").samples, samples)


@pytest.mark.parametrize(("container", "subtype"), LOSSY)
@pytest.mark.parametrize("n_channels", [1, 2])
def test_lossy_formats_keep_length_place_and_sound(tmp_path, container, subtype, n_channels):
    sound = sine(440.0, 48_000, 100_000, n_channels=n_channels)
    write_audio(tmp_path / "lossy", sound, format=container, subtype=subtype)
    back = read_audio(tmp_path / "lossy")
    assert back.samples.shape == sound.samples.shape
    middle = slice(20_000, 80_000)
    assert (
        error_db(back.samples[:, middle], sound.samples[:, middle]) < -30.0
    )  # what the coarsest codec leaves of a loud sine


@pytest.mark.parametrize(
    ("container", "subtype"), [("WAV", "FLOAT"), ("WAV", "PCM_16"), ("AIFF", "PCM_24")]
)
def test_a_file_without_frames_is_an_empty_buffer(tmp_path, container, subtype):
    empty = AudioBuffer(np.zeros((2, 0), dtype=np.float32), 44_100)
    write_audio(tmp_path / "empty", empty, format=container, subtype=subtype)
    assert read_audio(tmp_path / "empty").samples.shape == (2, 0)


def test_values_that_are_no_numbers_and_over_full_scale_pass_unchanged(tmp_path):
    odd = np.array([[np.nan, np.inf, -np.inf, 1e-45, -3.7, 1e30, -0.0]], dtype=np.float32)
    write_audio(tmp_path / "odd.wav", AudioBuffer(odd, 48_000))
    back = read_audio(tmp_path / "odd.wav").samples
    np.testing.assert_array_equal(back.view(np.uint32), odd.view(np.uint32))


@pytest.mark.parametrize(
    "name", ["Gesang – Tür.wav", "ボーカル.wav", 'a\'b "c".wav', "e\u0301.wav"]
)
def test_names_may_hold_any_letters(tmp_path, name):
    sound = noise(44_100, 100)
    write_audio(tmp_path / name, sound)
    np.testing.assert_array_equal(read_audio(tmp_path / name).samples, sound.samples)


@pytest.mark.parametrize(
    ("container", "subtype"),
    [("WAV", "FLOAT"), ("WAV", "PCM_24"), ("RF64", "FLOAT"), ("AIFF", "FLOAT"), ("FLAC", "PCM_24")],
)
def test_the_same_samples_give_the_same_bytes_at_any_time(
    tmp_path, container, subtype, monkeypatch
):
    sound = noise(44_100, 5000, n_channels=2)
    contents = []
    for name in ("first", "second"):
        write_audio(tmp_path / name, sound, format=container, subtype=subtype)
        contents.append((tmp_path / name).read_bytes())
    stamp = contents[0].find(b"PEAK")
    assert contents[0] == contents[1]
    assert stamp < 0 or contents[0][stamp + 12 : stamp + 16] == b"\0\0\0\0"


def test_the_digest_depends_on_the_audio_and_not_on_its_container(tmp_path):
    sound = as_held_by(noise(44_100, 70_000, n_channels=2), "PCM_16")
    write_audio(tmp_path / "a.wav", sound)
    write_audio(tmp_path / "b.flac", sound, format="FLAC", subtype="PCM_16")
    assert content_digest(tmp_path / "a.wav") == content_digest(tmp_path / "b.flac")


@pytest.mark.parametrize("change", ["rate", "channels", "sample"])
def test_the_digest_tells_other_audio(tmp_path, change):
    sound = noise(44_100, 500, n_channels=2)
    other = {
        "rate": AudioBuffer(sound.samples, 48_000),
        "channels": AudioBuffer(sound.samples.reshape(1, -1), 44_100),
        "sample": AudioBuffer(np.roll(sound.samples, 1, axis=1), 44_100),
    }[change]
    write_audio(tmp_path / "a.wav", sound)
    write_audio(tmp_path / "b.wav", other)
    assert content_digest(tmp_path / "a.wav") != content_digest(tmp_path / "b.wav")


def test_a_wav_is_written_as_rf64_once_it_is_too_long_for_32_bit_sizes(tmp_path):
    n_frames = 4_000_000_000 // 8
    with AudioWriter(tmp_path / "long.wav", 48_000, 2, n_frames=n_frames + 1):
        pass
    with AudioWriter(tmp_path / "short.wav", 48_000, 2, n_frames=n_frames):
        pass
    assert probe(tmp_path / "long.wav").format == "RF64"
    assert probe(tmp_path / "short.wav").format == "WAV"


@pytest.mark.parametrize("container", ["WAV", "AIFF"])
def test_writing_beyond_32_bit_sizes_unannounced_is_a_mistake(tmp_path, monkeypatch, container):
    monkeypatch.setattr("hanolab_dawtools.audio.files.WAV_LIMIT_BYTES", 1000)
    sound = noise(48_000, 400)
    with (
        pytest.raises(ValueError, match="n_frames was not given"),
        AudioWriter(tmp_path / "long", 48_000, 1, format=container) as writer,
    ):
        writer.write(sound.samples)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_a_real_file_over_4_gb_keeps_every_frame(tmp_path):
    n_frames, path = 560_000_000, tmp_path / "long.wav"
    block = noise(48_000, 1_000_000, n_channels=2)
    with AudioWriter(path, 48_000, 2, n_frames=n_frames) as writer:
        for _ in range(n_frames // block.n_frames):
            writer.write(block.samples)
    with AudioReader(path) as reader:
        assert reader.info.n_frames == n_frames
        np.testing.assert_array_equal(
            reader.read_at(n_frames - 1000, 1000), block.samples[:, -1000:]
        )


@pytest.mark.parametrize(
    ("container", "subtype", "sample_rate", "n_channels"),
    [("FLAC", "PCM_24", 44_100, 9), ("MP3", "MPEG_LAYER_III", 192_000, 2)],
)
def test_a_format_that_cannot_hold_the_audio_is_refused_in_words(
    tmp_path, container, subtype, sample_rate, n_channels
):
    sound = noise(sample_rate, 100, n_channels=n_channels)
    with pytest.raises(OutputError, match=f"{container} of {n_channels} channels"):
        write_audio(tmp_path / "no", sound, format=container, subtype=subtype)
    assert list(tmp_path.iterdir()) == []
