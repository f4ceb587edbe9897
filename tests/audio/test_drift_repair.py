"""Repair puts every sample where it belongs, keeps the channels, and has the length asked for."""

import numpy as np
import pytest
from fakes.delays import write
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.drift import Drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.model import AlignmentStep

RATE = 16_000
LOST = 160


def drift(steps, *, lag=0.0, confidence=0.9, error=40.0):
    return Drift(lag, tuple(steps), confidence, 1.0, RATE, 0.9, lag_error_frames=error)


def step(at, shift=-LOST, repaired=True):
    return AlignmentStep(at, shift, repaired)


def sound(n_frames, n_channels):
    """Clicks a tenth of a second apart, on each channel another size; quiet between them."""
    samples = np.zeros((n_channels, n_frames), dtype=np.float32)
    samples[:, RATE // 20 :: RATE // 10] = 0.5 / np.arange(1, n_channels + 1)[:, np.newaxis]
    return samples


@pytest.mark.parametrize("n_channels", [1, 2, 6])
@settings(max_examples=10)
@given(
    cuts=st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
    short=st.integers(0, 400),
)
def test_all_clicks_are_where_they_were(n_channels, tmp_path_factory, cuts, short):
    folder = tmp_path_factory.mktemp("repair")
    whole = sound(RATE, n_channels)
    places = [cut * RATE // 10 for cut in sorted(cuts)]
    lost = np.concatenate([np.arange(place - LOST, place) for place in places])
    received = np.delete(whole, lost, axis=1)
    path = write(folder / "a.wav", received[:, : received.shape[1] - short], RATE)
    mended = repair_drift(
        path, drift([step(place) for place in places]), folder / "b.wav", n_frames=RATE
    )
    repaired = read_audio(folder / "b.wav").samples
    assert repaired.shape == whole.shape
    assert np.array_equal(repaired[:, : RATE - 400], whole[:, : RATE - 400])
    assert len(mended.alignment.steps) == len(cuts)


def test_a_lag_is_taken_out_only_beyond_its_error(tmp_path):
    path = write(tmp_path / "a.wav", np.pad(sound(RATE, 1), ((0, 0), (500, 0))), RATE)
    repair_drift(path, drift([], lag=500.0), tmp_path / "b.wav", n_frames=RATE)
    assert np.array_equal(read_audio(tmp_path / "b.wav").samples, sound(RATE, 1))
    repair_drift(path, drift([], lag=39.0), tmp_path / "b.wav", n_frames=RATE)
    assert read_audio(tmp_path / "b.wav").samples[0, 500 + RATE // 20] == 0.5


def test_a_tone_goes_through_a_repair_without_a_click(tmp_path):
    times = np.arange(RATE) / RATE
    tone = np.float32(0.5) * np.sin(2 * np.pi * 300.0 * times, dtype=np.float64)
    path = write(tmp_path / "a.wav", np.delete(tone, range(8000 - LOST, 8000))[np.newaxis], RATE)
    repair_drift(path, drift([step(8000)]), tmp_path / "b.wav", n_frames=RATE)
    repaired = read_audio(tmp_path / "b.wav").samples[0, : RATE - LOST]
    steepest = np.abs(np.diff(tone)).max()
    assert np.abs(np.diff(repaired)).max() < 1.6 * steepest


def test_a_step_that_is_not_sure_is_told_and_left(tmp_path):
    path = write(tmp_path / "a.wav", sound(RATE, 1), RATE)
    mended = repair_drift(
        path, drift([step(8000, -4800, repaired=False)]), tmp_path / "b.wav", n_frames=RATE
    )
    assert mended.repairs == ("300 ms missing from 0:00.500 on: left so",)
    assert np.array_equal(read_audio(tmp_path / "b.wav").samples, sound(RATE, 1))


def test_a_lag_that_is_not_clear_is_told(tmp_path):
    path = write(tmp_path / "a.wav", sound(RATE, 1), RATE)
    mended = repair_drift(path, drift([], error=80.0), tmp_path / "b.wav", n_frames=RATE)
    assert mended.repairs == ("where the whole lies is only known to 5 ms: too few clear sounds",)


def test_the_result_has_the_rate_of_the_source(tmp_path):
    path = write(tmp_path / "a.wav", sound(20_000, 2), 20_000)
    repair_drift(path, drift([]), tmp_path / "b.wav", n_frames=RATE + 123)
    buffer = read_audio(tmp_path / "b.wav")
    assert (buffer.sample_rate, buffer.samples.shape) == (RATE, (2, RATE + 123))
