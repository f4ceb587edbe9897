"""Files that cannot be aligned are named; the work can be watched and stopped."""

import threading

import numpy as np
import pytest
from fakes.delays import pink_noise, write

from hanolab_dawtools.audio.align import measure_alignment
from hanolab_dawtools.errors import AudioFileError, InputError, JobCancelled


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("bad", ["mix.wav", "a.wav", "b.wav"])
def test_a_file_with_samples_that_are_no_audio_is_named(tmp_path, value, bad):
    paths = {}
    for name in ("mix.wav", "a.wav", "b.wav"):
        samples = pink_noise(20_000, n_channels=2)
        if name == bad:
            samples[1, 12_345] = value
        paths[name] = write(tmp_path / name, samples, 48_000)
    with pytest.raises(InputError, match=bad) as caught:
        measure_alignment(paths["mix.wav"], [paths["a.wav"], paths["b.wav"]])
    assert caught.value.hint


@pytest.mark.parametrize("empty", ["mix.wav", "stem.wav"])
def test_a_file_of_length_0_is_named(tmp_path, empty):
    paths = [
        write(tmp_path / name, pink_noise(100)[:, : 0 if name == empty else None], 48_000)
        for name in ("mix.wav", "stem.wav")
    ]
    with pytest.raises(AudioFileError, match=f"{empty}.*length is 0"):
        measure_alignment(paths[0], paths[1:])


def test_a_missing_file_is_named(tmp_path):
    reference = write(tmp_path / "mix.wav", pink_noise(100), 48_000)
    with pytest.raises(AudioFileError, match=r"gone\.wav"):
        measure_alignment(reference, [tmp_path / "gone.wav"])


@pytest.mark.parametrize(("n_targets", "max_lag_seconds"), [(0, 1.0), (1, 0.0), (1, -1.0)])
def test_nothing_to_measure_is_a_mistake_of_the_caller(tmp_path, n_targets, max_lag_seconds):
    path = write(tmp_path / "mix.wav", pink_noise(100), 48_000)
    with pytest.raises(ValueError, match="targets"):
        measure_alignment(path, [path] * n_targets, max_lag_seconds=max_lag_seconds)


def test_progress_rises_to_the_end(tmp_path):
    path = write(tmp_path / "mix.wav", pink_noise(30 * 22_050), 22_050)
    seen = []
    measure_alignment(path, [path], max_lag_seconds=0.1, progress=seen.append)
    shares = [report.fraction for report in seen]
    assert shares == sorted(shares)
    assert len(set(shares)) > 10
    assert 0.9 < shares[-1] <= 1.0
    assert seen[-1].audio_seconds == pytest.approx(30 * shares[-1])


def test_stopping_ends_the_work(tmp_path):
    path = write(tmp_path / "mix.wav", pink_noise(30 * 22_050), 22_050)
    stop, seen = threading.Event(), []

    def stop_soon(report):
        seen.append(report)
        stop.set()

    with pytest.raises(JobCancelled):
        measure_alignment(path, [path], max_lag_seconds=0.1, stop=stop, progress=stop_soon)
    assert len(seen) == 1


@pytest.mark.parametrize("max_lag_seconds", [0.001, 30.0])
def test_any_range_works(tmp_path, max_lag_seconds):
    path = write(tmp_path / "mix.wav", pink_noise(22_050), 22_050)
    found = measure_alignment(path, [path], max_lag_seconds=max_lag_seconds)
    assert (found.lag_frames, found.is_confident) == (0.0, True)
