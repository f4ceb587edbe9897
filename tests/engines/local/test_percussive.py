import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.engines.local.percussive import BALANCE, REACH_WINDOWS, harmonic_part
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop

INNER = slice(REACH_WINDOWS, -REACH_WINDOWS)


def _random(n_windows: int, n_bins: int, seed: int = 5) -> np.ndarray:
    shape = (n_windows, n_bins)
    return np.abs(np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def _by_the_paper(magnitudes: np.ndarray) -> np.ndarray:
    """Both parts kept, each step as it is printed, in float64; shape as given."""
    w = magnitudes.astype(np.float64)
    h = w / 2
    p = w - h
    for _ in range(REACH_WINDOWS):
        along_time = np.pad(h, ((1, 1), (0, 0)), mode="edge")
        along_bins = np.pad(p, ((0, 0), (1, 1)), mode="reflect")
        flow = BALANCE * (along_time[:-2] - 2 * h + along_time[2:]) / 4
        flow -= (1 - BALANCE) * (along_bins[:, :-2] - 2 * p + along_bins[:, 2:]) / 4
        h = np.minimum(np.maximum(h + flow, 0), w)
        p = w - h
    return h


def _cost(h: np.ndarray, w: np.ndarray) -> float:
    """What the method makes small: steps of H along time, of P along frequency."""
    along_time, along_bins = np.diff(h, axis=0), np.diff(w - h, axis=1)
    return float(BALANCE * np.sum(along_time**2) + (1 - BALANCE) * np.sum(along_bins**2))


@pytest.mark.parametrize("n_bins", [2, 3, 129])
@pytest.mark.parametrize("n_windows", [2 * REACH_WINDOWS + 1, 131])
def test_it_is_the_diffusion_of_the_paper(n_windows: int, n_bins: int) -> None:
    magnitudes = _random(n_windows, n_bins)
    np.testing.assert_allclose(
        harmonic_part(magnitudes, NeverStop()), _by_the_paper(magnitudes)[INNER], atol=2e-6
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100), st.integers(1, 60))
def test_a_spectrogram_may_be_cut_anywhere(start: int, n_rows: int) -> None:
    magnitudes = _random(240, 33)
    start = min(start, 240 - 2 * REACH_WINDOWS - n_rows)
    part = magnitudes[start : start + n_rows + 2 * REACH_WINDOWS]
    whole = harmonic_part(magnitudes, NeverStop())
    np.testing.assert_array_equal(harmonic_part(part, NeverStop()), whole[start : start + n_rows])


def test_the_parts_are_never_negative_nor_more_than_the_whole() -> None:
    magnitudes = _random(200, 65)
    harmonic = harmonic_part(magnitudes, NeverStop())
    assert (harmonic >= 0).all()
    assert (harmonic <= magnitudes[INNER]).all()


def test_the_cost_falls() -> None:
    magnitudes = _random(200, 65)
    harmonic = harmonic_part(magnitudes, NeverStop()).astype(np.float64)
    w = magnitudes[INNER].astype(np.float64)
    assert _cost(harmonic, w) < 0.8 * _cost(w / 2, w)


def test_what_lasts_is_harmonic_and_what_is_short_is_percussive() -> None:
    magnitudes = np.zeros((2 * REACH_WINDOWS + 51, 101), dtype=np.float32)
    tone_bin, hit_window = 30, REACH_WINDOWS + 25
    magnitudes[:, tone_bin] = 1
    magnitudes[hit_window, :] = 1
    harmonic = harmonic_part(magnitudes, NeverStop())
    assert harmonic[5, tone_bin] > 0.95
    assert harmonic[25, 70] < 0.05


def test_the_input_is_not_changed() -> None:
    magnitudes = _random(100, 20)
    before = magnitudes.copy()
    harmonic_part(magnitudes, NeverStop())
    np.testing.assert_array_equal(magnitudes, before)


@pytest.mark.parametrize("shape", [(2 * REACH_WINDOWS, 50), (100, 1)])
def test_too_small_a_spectrogram_is_a_mistake(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="too small"):
        harmonic_part(np.zeros(shape, dtype=np.float32), NeverStop())


def test_it_can_be_stopped() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        harmonic_part(_random(100, 20), stop)
