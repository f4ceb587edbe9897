"""Where there is nothing to repair, or nothing can be known, nothing is repaired."""

import functools

import numpy as np
import pytest
from fakes import singers
from fakes.band import RATE as BAND_RATE
from fakes.band import band
from fakes.conversions import write_wave

from hanolab_dawtools.audio.drift import measure_drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import probe, read_audio
from hanolab_dawtools.errors import AudioFileError, JobCancelled

RATE = singers.RATE


class Stopped:
    def is_set(self):
        return True

    def wait(self, timeout=None):
        raise AssertionError(timeout)


@pytest.fixture(scope="module")
def voice():
    return singers.sung(32, seed=2).played()


def noise(seconds, seed):
    return np.random.default_rng(seed).standard_normal(seconds * RATE)


def tone(seconds):
    return np.sin(2 * np.pi * 440.0 * np.arange(seconds * RATE) / RATE)


def music():
    mixed = sum(part.mean(axis=0) for part in band(30))
    return mixed[:: BAND_RATE // RATE]


def measured(folder, ours, theirs):
    return measure_drift(
        write_wave(folder / "a.wav", ours, 48_000), write_wave(folder / "b.wav", theirs, 40_000)
    )


def test_an_unprocessed_voice_is_left_where_it_is(voice, tmp_path):
    drift = measured(tmp_path, voice, voice)
    assert drift.is_confident
    assert (drift.moved_frames, drift.steps) == (0, ())


@pytest.mark.parametrize("late_frames", [160, 999])
def test_an_unprocessed_voice_is_measured_to_a_tenth_of_a_millisecond(voice, late_frames, tmp_path):
    late = np.concatenate([np.zeros(late_frames), voice])
    drift = measured(tmp_path, voice, late)
    assert drift.lag_frames == pytest.approx(late_frames * 3, abs=4.8)
    assert drift.steps == ()


PAIRS = {
    "silence": lambda: (np.zeros(30 * RATE), np.zeros(30 * RATE - 200)),
    "a tone": lambda: (tone(30), tone(30)[:-200]),
    "noise and other noise": lambda: (noise(30, 1), noise(30, 2)),
    "the same noise": lambda: (noise(30, 1), noise(30, 1)),
    "a band": lambda: (music(), music()),
    "unrelated voices": lambda: (singers.sung(30, 3).played(), singers.sung(30, 4).played()),
    "voice and silence": lambda: (singers.sung(10, 3).played(), np.zeros(10 * RATE)),
}


@pytest.fixture(scope="module")
def drift_of(tmp_path_factory):
    return functools.cache(lambda pair: measured(tmp_path_factory.mktemp("pair"), *PAIRS[pair]()))


@pytest.mark.parametrize("pair", PAIRS)
def test_no_step_and_no_move_is_made_up_for(pair, drift_of):
    drift = drift_of(pair)
    assert (drift.moved_frames, drift.steps) == (0, ())


@pytest.mark.parametrize("pair", ["silence", "noise and other noise", "unrelated voices"])
def test_nothing_is_known_of(pair, drift_of):
    assert not drift_of(pair).is_confident


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.3, 0.7, 1.0, 1.9])
def test_a_short_clip_is_left_where_it_is(seconds, tmp_path):
    take = singers.sung(3, seed=1)
    part = slice(RATE // 2, RATE // 2 + round(seconds * RATE))
    drift = measured(tmp_path, take.played()[part], take.played(semitones=5.0)[part])
    assert (drift.moved_frames, drift.steps) == (0, ())


def test_without_confidence_the_samples_stay_as_they_are(tmp_path):
    drift = measured(tmp_path, noise(3, 1), noise(3, 2))
    mended = repair_drift(tmp_path / "b.wav", drift, tmp_path / "c.wav", n_frames=3 * 48_000)
    same = measured(tmp_path, noise(3, 1), noise(3, 1))
    assert mended.repairs == mended.alignment.steps == ()
    assert read_audio(tmp_path / "c.wav").n_frames == 3 * same.sample_rate


def test_a_file_without_frames_is_refused(tmp_path):
    path = write_wave(tmp_path / "a.wav", np.zeros(0), 48_000)
    with pytest.raises(AudioFileError, match="no audio"):
        measure_drift(path, path)


def test_measuring_can_be_stopped(voice, tmp_path):
    path = write_wave(tmp_path / "a.wav", voice, 48_000)
    assert probe(path).n_frames
    with pytest.raises(JobCancelled):
        measure_drift(path, path, stop=Stopped())
