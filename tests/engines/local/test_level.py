from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.engines.local.level import MAX_GAIN, _Meter, measure_gains
from hanolab_dawtools.errors import AudioFileError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.units import db_to_gain, gain_to_db

RATE = 8000


def _sine(seconds: float, amplitude: float) -> np.ndarray:
    """A 100 Hz sine: whole periods in each window of 0.4 s, so its RMS is exact."""
    times = np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(2 * np.pi * 100 * times)).astype(np.float32)


def _gains(folder: Path, *channels: np.ndarray, groups: tuple[tuple[int, ...], ...]) -> list[float]:
    path = folder / "in.wav"
    write_audio(path, AudioBuffer(np.stack(channels).astype(np.float32), RATE))
    return measure_gains(path, groups, NeverStop(), ignore_progress)


def test_a_sine_is_brought_to_fifteen_decibels_below_full_scale(tmp_path: Path) -> None:
    amplitude = np.sqrt(2) * db_to_gain(-30)
    [gain] = _gains(tmp_path, _sine(4, amplitude), groups=((0,),))
    assert gain_to_db(gain) == pytest.approx(15.0, abs=1e-4)


def test_each_group_has_its_own_gain(tmp_path: Path) -> None:
    loud, quiet = _sine(2, 0.5), _sine(2, 0.005)
    gains = _gains(tmp_path, loud, loud, quiet, groups=((0, 1), (2,)))
    assert gain_to_db(gains[1] / gains[0]) == pytest.approx(40.0, abs=1e-3)


@pytest.mark.parametrize("pause_seconds", [2, 40])
def test_pauses_do_not_count(tmp_path: Path, pause_seconds: int) -> None:
    phrase = _sine(2, 0.1)
    [alone] = _gains(tmp_path, phrase, groups=((0,),))
    [paused] = _gains(
        tmp_path, np.concatenate([phrase, np.zeros(pause_seconds * RATE)]), groups=((0,),)
    )
    assert paused == pytest.approx(alone)


def test_a_constant_offset_does_not_count(tmp_path: Path) -> None:
    [alone] = _gains(tmp_path, _sine(2, 0.1), groups=((0,),))
    [offset] = _gains(tmp_path, _sine(2, 0.1) + 0.5, groups=((0,),))
    assert offset == pytest.approx(alone, rel=1e-5)


@pytest.mark.parametrize("n_frames", [1, 7, 3200])
@pytest.mark.parametrize("value", [0.0, 0.5])
def test_what_never_moves_is_left_as_it_is(tmp_path: Path, n_frames: int, value: float) -> None:
    assert _gains(tmp_path, np.full(n_frames, value), groups=((0,),)) == [1.0]


def test_a_file_shorter_than_a_window_is_measured_whole(tmp_path: Path) -> None:
    [gain] = _gains(tmp_path, _sine(0.1, np.sqrt(2)), groups=((0,),))
    assert gain_to_db(gain) == pytest.approx(-15.0, abs=1e-4)


def test_rounding_noise_is_not_turned_up_without_end(tmp_path: Path) -> None:
    assert _gains(tmp_path, _sine(1, 1e-12), groups=((0,),)) == [MAX_GAIN]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_a_sample_that_is_no_usable_number_is_named_by_its_frame(
    tmp_path: Path, value: float
) -> None:
    samples = _sine(20, 0.5)
    samples[70_001] = value
    with pytest.raises(AudioFileError, match="frame 70001 holds no usable number"):
        _gains(tmp_path, _sine(20, 0.5), samples, groups=((0, 1),))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 9000), max_size=5))
def test_the_cut_into_blocks_is_no_matter(edges: list[int]) -> None:
    samples = np.random.default_rng(2).standard_normal((2, 9000)).astype(np.float32)
    whole, cut = _Meter(2, 1000), _Meter(2, 1000)
    whole.push(samples)
    for piece in np.split(samples, sorted(edges), axis=1):
        cut.push(piece)
    np.testing.assert_array_equal(cut.powers(), whole.powers())
