"""The same frames, however they are reached."""

import numpy as np
import pytest
from fakes.signals import noise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import BLOCK_FRAMES, AudioReader, read_audio, write_audio
from hanolab_dawtools.errors import AudioFileError

SAMPLE_RATE = 48_000
CODEC_TOLERANCE = 3e-7  # MP3's and Opus' decoders round differently after a seek, below -130 dB

# Name: container, subtype, largest difference after a seek. Vorbis has tests of its own.
KINDS = {
    "wav": ("WAV", "PCM_24", 0.0),
    "float": ("WAV", "FLOAT", 0.0),
    "aiff": ("AIFF", "PCM_16", 0.0),
    "flac": ("FLAC", "PCM_24", 0.0),
    "mp3": ("MP3", "MPEG_LAYER_III", CODEC_TOLERANCE),
    "vorbis": ("OGG", "VORBIS", 0.0),
    "opus": ("OGG", "OPUS", CODEC_TOLERANCE),
}


@pytest.fixture(scope="module", params=KINDS)
def recording(request, tmp_path_factory):
    """A file with loud, quiet and silent parts, what it holds, and how exact seeking is."""
    container, subtype, tolerance = KINDS[request.param]
    samples = noise(SAMPLE_RATE, 400_000, n_channels=2).samples.copy()
    samples[:, 130_000:180_000] = 0.0  # MP3 stores what follows silence in frames before it
    samples[:, 250_000:280_000] *= 0.001
    path = tmp_path_factory.mktemp("reading") / "recording"
    write_audio(path, AudioBuffer(samples, SAMPLE_RATE), format=container, subtype=subtype)
    return path, read_audio(path).samples, tolerance


@pytest.mark.parametrize("block_frames", [1000, 4096, 65_536, 400_000])
def test_the_block_size_changes_nothing(recording, block_frames):
    path, whole, _ = recording
    with AudioReader(path) as reader:
        blocks = [reader.read(block_frames) for _ in range(0, whole.shape[1], block_frames)]
        assert reader.read(10).shape == (2, 0)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 399_000), n_frames=st.integers(1, 5000))
def test_any_place_holds_what_decoding_from_the_start_gives(recording, start, n_frames):
    path, whole, tolerance = recording
    with AudioReader(path) as reader:
        reader.seek(start)
        samples = reader.read(n_frames)
    expected = whole[:, start : start + n_frames]
    np.testing.assert_allclose(samples, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize("start", [178_000, 179_950, 180_300, 181_000, 279_990, 280_100])
def test_places_behind_silence_hold_what_decoding_from_the_start_gives(recording, start):
    path, whole, tolerance = recording
    with AudioReader(path) as reader:
        reader.read(1000)
        reader.seek(start)
        samples = reader.read(3000)
    np.testing.assert_allclose(samples, whole[:, start : start + 3000], rtol=0, atol=tolerance)


def test_going_back_to_the_start_gives_the_start_again(recording):
    path, whole, tolerance = recording
    with AudioReader(path) as reader:
        reader.read(300_000)
        reader.seek(0)
        samples = reader.read(5000)
    np.testing.assert_allclose(samples, whole[:, :5000], rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    ("start", "n_frames"), [(-50, 200), (399_900, 500), (-10, 400_020), (-300, 100), (500_000, 9)]
)
def test_outside_the_file_there_is_silence(recording, start, n_frames):
    path, whole, tolerance = recording
    padded = np.pad(whole, ((0, 0), (1000, 200_000)))
    expected = padded[:, start + 1000 : start + 1000 + n_frames]
    with AudioReader(path) as reader:
        samples = reader.read_at(start, n_frames)
    np.testing.assert_allclose(samples, expected, rtol=0, atol=tolerance)


@pytest.mark.parametrize(("start", "stop"), [(0, None), (5, 70_000), (65_536, 65_536), (9, 9)])
def test_blocks_cover_a_range_exactly(recording, start, stop):
    path, whole, tolerance = recording
    with AudioReader(path) as reader:
        blocks = [np.zeros((2, 0), dtype=np.float32), *reader.blocks(start, stop)]
    assert all(block.shape[1] <= BLOCK_FRAMES for block in blocks)
    joined = np.concatenate(blocks, axis=1)
    np.testing.assert_allclose(joined, whole[:, start:stop], rtol=0, atol=tolerance)


def test_a_range_beyond_the_end_is_told(recording):
    path, _, _ = recording
    with (
        AudioReader(path) as reader,
        pytest.raises(AudioFileError, match="ends after 400000 of 400100 frames"),
    ):
        list(reader.blocks(399_000, 400_100))


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("sample_rate", "n_channels"), [(48_000, 1), (24_000, 2), (48_000, 2)])
def test_thousands_of_places_hold_what_decoding_from_the_start_gives(
    tmp_path, kind, sample_rate, n_channels
):
    container, subtype, tolerance = KINDS[kind]
    sound = noise(sample_rate, 2_000_000, n_channels=n_channels)
    sound.samples[:, 700_000:1_100_000] *= 0.001
    write_audio(tmp_path / "a", sound, format=container, subtype=subtype)
    whole = read_audio(tmp_path / "a").samples
    with AudioReader(tmp_path / "a") as reader:
        for start in np.random.default_rng(0).integers(0, sound.n_frames, 1000):
            samples = reader.read_at(int(start), 500)[:, : sound.n_frames - start]
            expected = whole[:, start : start + 500]
            np.testing.assert_allclose(samples, expected, rtol=0, atol=tolerance)


def test_reading_many_files_leaves_none_open(tmp_path):
    write_audio(tmp_path / "a.wav", noise(SAMPLE_RATE, 100))
    for _ in range(2000):  # more than a process may hold open
        read_audio(tmp_path / "a.wav")
