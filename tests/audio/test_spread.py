"""A mono voice over several channels: the centre is exact, a panned voice stands where it stood."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import BLOCK_FRAMES, read_audio, write_audio
from hanolab_dawtools.audio.spread import (
    FADE_SECONDS,
    HOP_SECONDS,
    SILENT_POWER,
    Balance,
    SpreadReader,
    measure_balance,
)
from hanolab_dawtools.errors import JobCancelled
from hanolab_dawtools.events import NeverStop, ignore_progress

RATE = 8_000
N_FRAMES = BLOCK_FRAMES + 12_345  # more than one block, and no whole number of hops


def noise(n_channels: int, n_frames: int = N_FRAMES, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform(-0.5, 0.5, (n_channels, n_frames)).astype(np.float32)


def write(path: Path, samples: np.ndarray) -> Path:
    write_audio(path, AudioBuffer(samples, RATE))
    return path


def balance_of(path: Path, samples: np.ndarray) -> Balance:
    return measure_balance(write(path, samples), stop=NeverStop(), progress=ignore_progress)


def spread(path: Path, n_channels: int, *, is_voice: bool = True, balance=None, end=N_FRAMES):
    with SpreadReader(
        path, n_channels, is_voice=is_voice, balance=balance, end_frame=end
    ) as reader:
        return np.concatenate(list(reader.blocks()), axis=1)


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_a_voice_is_the_same_in_all_channels(tmp_path: Path, n_channels: int) -> None:
    voice = noise(1)
    heard = spread(write(tmp_path / "v.wav", voice), n_channels)
    np.testing.assert_array_equal(heard, np.repeat(voice, n_channels, axis=0))


@pytest.mark.parametrize("n_channels", [2, 3, 6])
def test_a_source_in_the_centre_changes_no_bit_of_the_voice(
    tmp_path: Path, n_channels: int
) -> None:
    balance = balance_of(tmp_path / "s.wav", np.repeat(noise(1, seed=2), n_channels, axis=0))
    voice = noise(1)
    heard = spread(write(tmp_path / "v.wav", voice), n_channels, balance=balance)
    np.testing.assert_array_equal(heard, np.repeat(voice, n_channels, axis=0))


@pytest.mark.parametrize("pan", [(1.0, 0.0), (0.5, 1.0), (0.2, 0.8)])
def test_a_panned_source_that_was_downmixed_comes_back_as_it_was(
    tmp_path: Path, pan: tuple[float, float]
) -> None:
    source = noise(1) * np.array(pan, dtype=np.float32)[:, np.newaxis]
    balance = balance_of(tmp_path / "s.wav", source)
    downmix = source.mean(axis=0, keepdims=True)
    heard = spread(write(tmp_path / "v.wav", downmix), 2, balance=balance)
    # the floor of `SILENT_POWER` lets a silent channel hear the voice at -105 dB
    np.testing.assert_allclose(heard, source, atol=np.sqrt(SILENT_POWER) * 10)


def test_a_source_that_moves_is_followed_within_two_windows(tmp_path: Path) -> None:
    source, middle = noise(2), N_FRAMES // 2
    source[1, :middle] = 0.0
    source[0, middle:] = 0.0
    balance = balance_of(tmp_path / "s.wav", source)
    reach = 2 * round(HOP_SECONDS * RATE)
    before = balance.gains(0, middle - reach)
    behind = balance.gains(middle + reach, N_FRAMES)
    np.testing.assert_allclose(before, [[2.0], [0.0]] * np.ones(before.shape), atol=1e-3)
    np.testing.assert_allclose(behind, [[0.0], [2.0]] * np.ones(behind.shape), atol=1e-3)


def test_silence_puts_the_voice_into_the_centre(tmp_path: Path) -> None:
    balance = balance_of(tmp_path / "s.wav", np.zeros((2, N_FRAMES), np.float32))
    np.testing.assert_array_equal(balance.gains(0, 5000), np.ones((2, 5000)))


@given(
    st.lists(st.lists(st.floats(0, 4), min_size=3, max_size=3), min_size=1, max_size=6),
    st.integers(0, 40),
    st.integers(1, 40),
)
def test_gains_are_finite_keep_the_mean_and_do_not_depend_on_the_block(rows, first, n_frames):
    balance = Balance(np.array(rows), 10)
    gains = balance.gains(first, first + n_frames)
    assert np.isfinite(gains).all()
    np.testing.assert_allclose(gains.mean(axis=0), 1.0, atol=1e-6)
    cut = n_frames // 2
    parts = [balance.gains(first, first + cut), balance.gains(first + cut, first + n_frames)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), gains)


def test_a_song_keeps_its_channels_and_a_voice_does_not(tmp_path: Path) -> None:
    samples = noise(2)
    path = write(tmp_path / "v.wav", samples)
    np.testing.assert_array_equal(spread(path, 2, is_voice=False), samples)
    mono = samples.mean(axis=0, dtype=np.float32, keepdims=True)
    np.testing.assert_array_equal(spread(path, 2), np.repeat(mono, 2, axis=0))
    np.testing.assert_array_equal(spread(path, 1, is_voice=False), mono)


def test_sound_that_ends_early_fades_out_and_nothing_else_changes(tmp_path: Path) -> None:
    samples, end = noise(1), BLOCK_FRAMES + 7  # the fade reaches over the edge of a block
    samples[:, end:] = 0.0
    heard = spread(write(tmp_path / "v.wav", samples), 1, end=end)
    first = end - round(FADE_SECONDS * RATE)
    np.testing.assert_array_equal(heard[:, :first], samples[:, :first])
    ratio = np.abs(heard[0, first:end]) / np.abs(samples[0, first:end])
    assert (np.diff(ratio) < 0).all()
    assert (ratio[0] > 0.9, ratio[-1] < 0.1) == (True, True)
    assert not heard[:, end:].any()


@pytest.mark.parametrize("end", [N_FRAMES, N_FRAMES + 99, 0, -5])
def test_sound_that_reaches_the_end_is_not_faded(tmp_path: Path, end: int) -> None:
    path = write(tmp_path / "v.wav", noise(1))
    np.testing.assert_array_equal(spread(path, 1, end=end), read_audio(path).samples)


def test_measuring_stops_when_asked(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    path = write(tmp_path / "s.wav", noise(2))
    with pytest.raises(JobCancelled):
        measure_balance(path, stop=stop, progress=ignore_progress)
