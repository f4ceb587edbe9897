"""A file at another rate, read from anywhere: the same as the whole of it."""

import os
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from fakes.signals import error_db, noise, sine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.resample import ResampledReader, resample
from hanolab_dawtools.errors import AudioFileError

TOLERANCE_DB = -140.0
ODD_RATES_TOLERANCE_DB = -100.0  # soxr's own clock is not exact there
N_FRAMES = 200_000
PAIRS = [
    (22_050, 48_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (96_000, 48_000),
    (44_100, 192_000),
    (192_000, 44_100),
    (192_000, 22_050),
    (8_000, 44_100),
]
ODD_PAIRS = [(44_056, 48_000), (44_100, 44_099)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file for each rate, and its whole at each other rate."""
    folder = tmp_path_factory.mktemp("rates")
    made = {}
    for from_rate, to_rate in [*PAIRS, *ODD_PAIRS]:
        path = folder / f"{from_rate}.wav"
        sound = noise(from_rate, N_FRAMES, n_channels=2)
        write_audio(path, sound)
        made[from_rate, to_rate] = (path, resample(sound, to_rate).samples)
    return made


@pytest.mark.parametrize("rates", PAIRS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), n_frames=st.integers(1, 20_000))
def test_any_range_equals_that_of_the_whole_file(files, rates, place, n_frames):
    path, whole = files[rates]
    start = int(place * (whole.shape[1] - 1))
    stop = min(start + n_frames, whole.shape[1])
    with ResampledReader(path, rates[1]) as reader:
        assert reader.n_frames == whole.shape[1]
        samples = reader.read(start, stop)
    assert samples.flags.c_contiguous
    assert error_db(samples, whole[:, start:stop]) < TOLERANCE_DB


@pytest.mark.parametrize("rates", ODD_PAIRS)
@pytest.mark.parametrize("place", [0.0, 0.3, 0.99])
def test_odd_rates_are_as_exact_as_the_resampler(files, rates, place):
    path, whole = files[rates]
    start = int(place * whole.shape[1])
    stop = min(start + 5000, whole.shape[1])
    with ResampledReader(path, rates[1]) as reader:
        samples = reader.read(start, stop)
    assert error_db(samples, whole[:, start:stop]) < ODD_RATES_TOLERANCE_DB


@pytest.mark.parametrize("rates", [*PAIRS, (44_100, 44_100)])
def test_outside_the_file_there_is_silence(files, tmp_path, rates):
    path = tmp_path / "short.wav"
    write_audio(path, noise(rates[0], 3000))
    whole = resample(read_audio(path), rates[1]).samples
    with ResampledReader(path, rates[1]) as reader:
        samples = reader.read(-100, whole.shape[1] + 50)
        assert error_db(samples, np.pad(whole, ((0, 0), (100, 50)))) < TOLERANCE_DB
        assert not reader.read(-500, -100).any()
        assert not reader.read(whole.shape[1], whole.shape[1] + 9).any()
        assert reader.read(5, 5).shape == (1, 0)


@pytest.mark.parametrize("block_frames", [1000, 65_536])
def test_blocks_join_without_a_seam(files, block_frames):
    path, whole = files[44_100, 48_000]
    with ResampledReader(path, 48_000) as reader:
        starts = range(0, reader.n_frames, block_frames)
        parts = [reader.read(at, min(at + block_frames, reader.n_frames)) for at in starts]
    assert error_db(np.concatenate(parts, axis=1), whole) < TOLERANCE_DB


@pytest.mark.parametrize("rates", [*PAIRS, *ODD_PAIRS])
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(-500, 20_000),
    lengths=st.lists(st.integers(0, 9000), min_size=1, max_size=8),
)
def test_reads_that_go_on_give_the_same_bits_however_they_are_cut(files, rates, start, lengths):
    path, _ = files[rates]
    edges = np.cumsum([start, *lengths]).tolist()
    with ResampledReader(path, rates[1]) as reader:
        parts = [reader.read(first, last) for first, last in pairwise(edges)]
    with ResampledReader(path, rates[1]) as reader:
        at_once = reader.read(edges[0], edges[-1])
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), at_once)


@pytest.mark.parametrize("rates", PAIRS)
def test_going_on_and_going_elsewhere_in_turn_gives_the_same(files, rates):
    path, whole = files[rates]
    random = np.random.default_rng(0)
    n_frames = 2000
    with ResampledReader(path, rates[1]) as reader, ResampledReader(path, rates[1]) as again:
        start = 0
        for _ in range(60):
            samples = reader.read(start, start + n_frames)
            np.testing.assert_array_equal(samples, again.read(start, start + n_frames))
            assert error_db(samples, whole[:, start : start + n_frames]) < TOLERANCE_DB
            start += n_frames
            if random.random() < 0.3 or start + n_frames > whole.shape[1]:
                start = int(random.integers(0, whole.shape[1] - n_frames))


@pytest.mark.parametrize("from_rate", [44_100, 192_000])
def test_memory_stays_bounded_while_reading_on(tmp_path, from_rate):
    write_audio(tmp_path / "long.wav", noise(from_rate, 2_000_000, n_channels=2))
    with ResampledReader(tmp_path / "long.wav", 48_000) as reader:
        reader.read(0, 1000)
        tracemalloc.start()
        for start in range(1000, reader.n_frames - 1000, 1000):
            reader.read(start, start + 1000)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak_bytes < 2_000_000  # of 16 MB


def test_after_an_error_a_read_begins_anew(files, tmp_path):
    path, whole = files[44_100, 48_000]
    content = path.read_bytes()
    away = tmp_path / "comes and goes.wav"
    away.write_bytes(content)
    with ResampledReader(away, 48_000) as reader:
        reader.read(0, 5000)
        os.truncate(away, len(content) // 2)
        with pytest.raises(AudioFileError, match="ends after"):
            reader.read(5000, whole.shape[1])
        away.write_bytes(content)
        assert error_db(reader.read(5000, 9000), whole[:, 5000:9000]) < TOLERANCE_DB


def test_equal_rates_give_the_file_bit_for_bit(tmp_path):
    sound = sine(440.0, 48_000, 5000, n_channels=2)
    write_audio(tmp_path / "a.wav", sound)
    with ResampledReader(tmp_path / "a.wav", 48_000) as reader:
        np.testing.assert_array_equal(reader.read(10, 4000), sound.samples[:, 10:4000])


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(AudioFileError, match="no such file"):
        ResampledReader(tmp_path / "absent.wav", 48_000)
