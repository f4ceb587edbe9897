"""Peaks: exact over every column, cached, never stale."""

import itertools
import os
import threading

import numpy as np
import pytest
from fakes.full_disk import files_at_most
from fakes.signals import noise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio import peaks as peaks_module
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.peaks import open_peaks
from hanolab_dawtools.errors import AudioFileError, JobCancelled

N_FRAMES = 300_077  # no multiple of any cell


@pytest.fixture(scope="module")
def wav(tmp_path_factory):
    path = tmp_path_factory.mktemp("peaks") / "sound.wav"
    write_audio(path, noise(48_000, N_FRAMES, n_channels=2))
    return path, read_audio(path).samples


@pytest.fixture(scope="module")
def peaks(wav, tmp_path_factory):
    with open_peaks(wav[0], tmp_path_factory.mktemp("cache")) as opened:
        yield opened


def expected_columns(samples, edges):
    """Column by column from the samples; one narrower than a frame shows the frame it lies in."""
    parts = [samples[:, a : max(a + 1, b)] for a, b in itertools.pairwise(edges)]
    minima = np.stack([part.min(axis=1) for part in parts], axis=1)
    return minima, np.stack([part.max(axis=1) for part in parts], axis=1)


def assert_exact(peaks, samples, start, stop, n_columns):
    edges = peaks.column_edges(start, stop, n_columns)
    minima, maxima = peaks.columns(start, stop, n_columns)
    assert minima.shape == maxima.shape == (samples.shape[0], n_columns)
    lows, highs = expected_columns(samples, edges)
    np.testing.assert_array_equal(minima, lows)
    np.testing.assert_array_equal(maxima, highs)


@settings(max_examples=200)
@given(
    start=st.integers(0, N_FRAMES - 1),
    n_frames=st.integers(1, N_FRAMES),
    n_columns=st.integers(1, 300),
)
def test_every_column_of_any_range_is_exact(wav, peaks, start, n_frames, n_columns):
    assert_exact(peaks, wav[1], start, min(start + n_frames, N_FRAMES), n_columns)


@pytest.mark.parametrize("n_columns", [1, 2, 3, 73, 1200])
def test_the_whole_file_is_exact(wav, peaks, n_columns):
    assert_exact(peaks, wav[1], 0, N_FRAMES, n_columns)


@given(
    start=st.integers(0, N_FRAMES - 1),
    n_frames=st.integers(1, N_FRAMES),
    n_columns=st.integers(1, 500),
)
def test_columns_are_equal_parts_to_an_eighth_of_their_width(peaks, start, n_frames, n_columns):
    stop = min(start + n_frames, N_FRAMES)
    edges = peaks.column_edges(start, stop, n_columns)
    assert (edges[0], edges[-1]) == (start, stop)
    width = (stop - start) / n_columns
    ideal = start + np.arange(n_columns + 1) * width
    assert np.abs(edges - ideal).max() <= width / 8 + 1
    assert (np.diff(edges) >= 0).all()


@pytest.mark.parametrize("at_frame", [0, 1, 255, 256, 99_999, N_FRAMES - 1])
def test_a_single_frame_is_seen_at_any_zoom(tmp_path, at_frame):
    samples = np.zeros((1, N_FRAMES), dtype=np.float32)
    samples[0, at_frame] = 1.0
    write_audio(tmp_path / "click.wav", AudioBuffer(samples, 48_000))
    with open_peaks(tmp_path / "click.wav", tmp_path) as opened:
        for n_columns in (1, 7, 100, 5000):
            edges = opened.column_edges(0, N_FRAMES, n_columns)
            _, maxima = opened.columns(0, N_FRAMES, n_columns)
            assert maxima.sum() == 1.0
            assert np.argmax(maxima[0]) == np.searchsorted(edges, at_frame, side="right") - 1


@pytest.mark.parametrize(
    ("start", "stop", "n_columns"), [(-1, 5, 3), (5, 5, 3), (0, N_FRAMES + 1, 3), (0, 10, 0)]
)
def test_a_range_that_is_none_is_a_mistake(peaks, start, stop, n_columns):
    with pytest.raises(ValueError, match="n_columns"):
        peaks.columns(start, stop, n_columns)


@pytest.mark.parametrize("n_frames", [1, 255, 256, 257, 1024, 1025])
def test_short_files_work(tmp_path, n_frames):
    sound = noise(48_000, n_frames, n_channels=3)
    write_audio(tmp_path / "short.wav", sound)
    for _ in range(2):  # built, then from the cache
        with open_peaks(tmp_path / "short.wav", tmp_path / "cache") as opened:
            for n_columns in (1, 2, 5):
                assert_exact(opened, sound.samples, 0, n_frames, n_columns)


def test_an_empty_file_has_no_columns(tmp_path):
    write_audio(tmp_path / "empty.wav", AudioBuffer(np.zeros((1, 0), np.float32), 48_000))
    for _ in range(2):
        with open_peaks(tmp_path / "empty.wav", tmp_path / "cache") as opened:
            assert opened.n_frames == 0


def test_samples_that_are_no_numbers_are_drawn_as_silence(tmp_path):
    samples = np.full((1, 5000), 0.5, dtype=np.float32)
    samples[0, 100] = np.nan
    write_audio(tmp_path / "nan.wav", AudioBuffer(samples, 48_000))
    with open_peaks(tmp_path / "nan.wav", tmp_path) as opened:
        for n_columns in (1, 4, 50):
            minima, maxima = opened.columns(0, 5000, n_columns)
            assert (minima.min(), maxima.max()) == (0.0, 0.5)


@pytest.fixture
def builds(monkeypatch):
    """Counts how often the pyramid is built."""
    made = []
    build = peaks_module.build_levels

    def counting(*args, **options):
        made.append(args)
        return build(*args, **options)

    monkeypatch.setattr(peaks_module, "build_levels", counting)
    return made


@pytest.fixture
def cached(tmp_path, builds):
    """A file whose peaks are in the cache, the cache's folder, and the samples."""
    sound = noise(48_000, 5000, n_channels=2)
    write_audio(tmp_path / "sound.wav", sound)
    open_peaks(tmp_path / "sound.wav", tmp_path / "cache").close()
    builds.clear()
    return tmp_path / "sound.wav", tmp_path / "cache", sound.samples


def test_a_second_opening_builds_nothing(cached, builds):
    path, cache, samples = cached
    with open_peaks(path, cache) as opened:
        assert_exact(opened, samples, 0, 5000, 3)
    assert not builds


def test_another_file_under_the_name_is_seen(cached, builds):
    path, cache, _ = cached
    before = path.stat()
    other = noise(48_000, 5000, n_channels=2, seed=7)
    write_audio(path, other)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    with open_peaks(path, cache) as opened:
        assert_exact(opened, other.samples, 0, 5000, 3)
    assert builds


@pytest.mark.parametrize("damage", ["cut", "longer", "magic", "header", "body", "empty", "folder"])
def test_a_damaged_cache_is_built_again(cached, builds, damage):
    path, cache, samples = cached
    (file,) = cache.iterdir()
    content = bytearray(file.read_bytes())
    if damage == "folder":
        file.unlink()
        file.mkdir()
    else:
        {
            "cut": lambda: content.__delitem__(slice(-10, None)),
            "longer": lambda: content.extend(b"1234"),
            "magic": lambda: content.__setitem__(7, ord("0")),
            "header": lambda: content.__setitem__(9, 99),
            "body": lambda: content.__setitem__(len(content) - 5, content[-5] ^ 1),
            "empty": content.clear,
        }[damage]()
        file.write_bytes(content)
    with open_peaks(path, cache) as opened:
        assert_exact(opened, samples, 0, 5000, 3)
    assert builds


def test_without_room_for_the_cache_the_peaks_are_there_all_the_same(tmp_path):
    sound = noise(48_000, 50_000)
    write_audio(tmp_path / "sound.wav", sound)
    with files_at_most(100), open_peaks(tmp_path / "sound.wav", tmp_path / "cache") as opened:
        assert_exact(opened, sound.samples, 0, 50_000, 7)
    assert list((tmp_path / "cache").iterdir()) == []


def test_building_reports_progress_and_stops_when_asked(tmp_path):
    write_audio(tmp_path / "sound.wav", noise(48_000, 200_000))
    reports = []
    stop = threading.Event()

    def note(progress):
        reports.append(progress.fraction)
        stop.set()

    with pytest.raises(JobCancelled):
        open_peaks(tmp_path / "sound.wav", tmp_path / "cache", stop=stop, progress=note)
    assert len(reports) == 1
    assert not (tmp_path / "cache").exists()
    open_peaks(tmp_path / "sound.wav", tmp_path / "cache", progress=note).close()
    assert reports[-1] == 1.0


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(AudioFileError, match="no such file"):
        open_peaks(tmp_path / "absent.wav", tmp_path)


@pytest.mark.parametrize(("container", "subtype"), [("MP3", "MPEG_LAYER_III"), ("FLAC", "PCM_16")])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 90_000), n_columns=st.integers(1, 30))
def test_compressed_files_are_as_exact(tmp_path, container, subtype, start, n_columns):
    path = tmp_path / "sound"
    if not path.exists():
        write_audio(path, noise(44_100, 100_000), format=container, subtype=subtype)
    with open_peaks(path, tmp_path / "cache") as opened:
        edges = opened.column_edges(start, 100_000, n_columns)
        minima, maxima = opened.columns(start, 100_000, n_columns)
    lows, highs = expected_columns(read_audio(path).samples, edges)
    np.testing.assert_allclose(minima, lows, rtol=0, atol=3e-7)  # see test_files_reading
    np.testing.assert_allclose(maxima, highs, rtol=0, atol=3e-7)
