"""What a lane draws is what the file holds, coarse or fine, before and after it is read whole."""

import threading

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.events import Progress
from hanolab_dawtools.presenters.lane_peaks import LanePeaks

RATE = 48_000
N_FRAMES = 300_000


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    samples = np.random.default_rng(5).uniform(-1, 1, (N_FRAMES, 2)).astype(np.float32)
    path = tmp_path_factory.mktemp("lanes") / "noise.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path, samples.T


@pytest.fixture(scope="module")
def peaks(file, tmp_path_factory):
    peaks = LanePeaks(file[0], RATE, N_FRAMES)
    peaks.load(tmp_path_factory.mktemp("cache"), threading.Event(), lambda _: None)
    yield peaks
    peaks.close()


@settings(deadline=None, max_examples=60)
@given(
    start=st.integers(0, N_FRAMES - 2),
    length=st.integers(1, N_FRAMES),
    n_columns=st.integers(1, 2000),
)
def test_every_column_holds_the_extremes_of_its_frames(file, peaks, start, length, n_columns):
    _, samples = file
    stop = min(start + length, N_FRAMES)
    if peaks.wants_samples(start, stop, n_columns):
        peaks.read_samples(start, stop)
    drawing = peaks.draw(start, stop, n_columns)
    edges = [*drawing.frames.astype(int), max(stop, int(drawing.frames[-1]) + 1)]
    if not drawing.is_samples:
        edges[-1] = stop if edges[0] >= start else -(-stop // 256) * 256
    for low, high, at, end in zip(
        drawing.minima[:-1], drawing.maxima[:-1], edges[:-2], edges[1:-1], strict=True
    ):
        assert low == samples[:, at:end].min() or drawing.is_samples
        assert high == samples[:, at:end].max() or drawing.is_samples
    assert drawing.minima.min() <= samples[:, start:stop].min() or drawing.is_samples
    assert drawing.maxima.max() >= samples[:, start:stop].max() or drawing.is_samples
    assert len(drawing.frames) <= max(n_columns, stop - start) + 1


def test_single_samples_are_drawn_as_they_are(tmp_path):
    path = tmp_path / "one.wav"
    samples = np.zeros(1000, np.float32)
    samples[500] = -0.75
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    peaks = LanePeaks(path, RATE, 1000)
    peaks.load(tmp_path, threading.Event(), lambda _: None)
    assert peaks.wants_samples(490, 510, 400)
    peaks.read_samples(490, 510)
    assert not peaks.wants_samples(490, 510, 400)
    drawing = peaks.draw(490, 510, 400)
    peaks.close()
    assert drawing.is_samples
    assert dict(zip(drawing.frames, drawing.maxima, strict=True))[500.0] == -0.75
    assert np.count_nonzero(drawing.maxima) == 1


def test_what_was_read_is_seen_before_the_rest_is(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.full(RATE * 60, 0.5, np.float32), RATE, subtype="FLOAT")
    peaks = LanePeaks(path, RATE, RATE * 60)
    seen = []

    def look(progress: Progress) -> None:
        drawing = peaks.draw(0, peaks.n_frames, 100)
        seen.append((progress.fraction, np.count_nonzero(drawing.maxima == 0.5) / 100))

    peaks.load(tmp_path / "cache", threading.Event(), look)
    peaks.close()
    assert len(seen) > 1
    for fraction, drawn in seen:
        assert drawn == pytest.approx(fraction, abs=0.03)


def test_outside_the_file_there_is_nothing(peaks):
    assert peaks.draw(-500, -1, 100) is None
    assert peaks.draw(N_FRAMES + 1, N_FRAMES + 500, 100) is None
    assert peaks.draw(-500, 500, 100).frames[0] == 0
