"""Rates: honest ones that differ, and wrong ones that length and audio together give away."""

import numpy as np
import pytest
from fakes.delays import late, pink_noise, write

from hanolab_dawtools.audio.align import measure_alignment
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.errors import InputError


def at_rate(samples, from_rate, to_rate):
    return resample(AudioBuffer(samples, from_rate), to_rate).samples


def measured(folder, reference, reference_rate, target, target_rate):
    return measure_alignment(
        write(folder / "reference.wav", reference, reference_rate),
        [write(folder / "target.wav", target, target_rate)],
        max_lag_seconds=0.5,
    )


@pytest.mark.parametrize(
    ("ours", "theirs"), [(48_000, 44_100), (44_100, 48_000), (96_000, 44_100), (22_050, 192_000)]
)
@pytest.mark.parametrize("lag", [0, 150, -75])
def test_an_honest_other_rate_is_no_lag_of_its_own(tmp_path, ours, theirs, lag):
    music = pink_noise(2 * ours)
    found = measured(tmp_path, music, ours, at_rate(late(music, lag), ours, theirs), theirs)
    assert found.lag_frames == pytest.approx(lag, abs=0.01)
    assert found.length_ratio == pytest.approx(1.0, abs=1e-4)
    assert found.declared_rate_suspect is None
    assert found.is_confident


@pytest.mark.parametrize(
    ("ours", "declared", "actual"),
    [
        (48_000, 44_100, 48_000),
        (44_100, 48_000, 44_100),
        (48_000, 48_000, 44_100),
        (44_100, 44_100, 22_050),
        (48_000, 96_000, 48_000),
        (96_000, 88_200, 96_000),
    ],
)
def test_a_wrongly_declared_rate_is_recognised(tmp_path, ours, declared, actual):
    music = pink_noise(2 * ours)
    content = at_rate(late(music, 60), ours, actual)
    found = measured(tmp_path, music, ours, content, declared)
    assert found.declared_rate_suspect == actual
    assert found.is_suspect_confirmed
    assert found.length_ratio == pytest.approx(actual / declared, rel=0.001)
    assert found.lag_frames == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize("padding_frames", [-100, 150])
def test_a_little_padding_does_not_hide_a_wrongly_declared_rate(tmp_path, padding_frames):
    music = pink_noise(2 * 48_000)
    frames = np.arange(music.shape[1] + padding_frames)
    content = np.where(frames < music.shape[1], music[:, frames % music.shape[1]], 0)
    found = measured(tmp_path, music, 48_000, content, 44_100)
    assert (found.declared_rate_suspect, found.is_suspect_confirmed) == (48_000, True)


def test_half_of_the_piece_is_not_taken_for_a_wrong_rate(tmp_path):
    music = pink_noise(4 * 48_000)
    found = measured(tmp_path, music, 48_000, music[:, : 2 * 48_000], 48_000)
    assert found.length_ratio == pytest.approx(0.5)
    assert found.declared_rate_suspect is None
    assert (found.lag_frames, found.is_confident) == (pytest.approx(0.0, abs=0.01), True)


def test_other_audio_of_a_suspicious_length_stays_a_suspicion(tmp_path):
    ours, theirs = pink_noise(96_000, seed=1), pink_noise(88_200, seed=2)
    found = measured(tmp_path, ours, 48_000, theirs, 48_000)
    assert (found.declared_rate_suspect, found.is_suspect_confirmed) == (44_100, False)


def test_silence_of_a_suspicious_length_is_no_suspicion(tmp_path):
    found = measured(tmp_path, pink_noise(96_000), 48_000, np.zeros((1, 48_000)), 48_000)
    assert found.declared_rate_suspect is None


def test_stems_of_different_rates_are_refused_by_name(tmp_path):
    music = pink_noise(4800)
    reference = write(tmp_path / "mix.wav", music, 48_000)
    stems = [write(tmp_path / "a.wav", music, 48_000), write(tmp_path / "b.wav", music, 44_100)]
    with pytest.raises(InputError, match=r"b\.wav has 44100 Hz"):
        measure_alignment(reference, stems)
