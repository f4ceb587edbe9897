"""The null of stems whose sum, and whose error, are known."""

import math
import threading

import numpy as np
import pytest
from fakes.delays import late, write
from fakes.signals import noise, sine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.files import BLOCK_FRAMES, probe, read_audio
from hanolab_dawtools.audio.null import NO_REFERENCE_DB, null_db, write_residual
from hanolab_dawtools.errors import InputError, JobCancelled
from hanolab_dawtools.units import PERFECT_NULL_DB

SAMPLE_RATE = 44_100
LONG = 2 * BLOCK_FRAMES + 777  # more than two blocks, and a rest
ROUNDING_DB = -140.0  # of float32 sums


def written(folder, **files):
    return [write(folder / f"{name}.wav", samples, SAMPLE_RATE) for name, samples in files.items()]


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_a_copy_nulls_perfectly(tmp_path, n_channels):
    music = noise(SAMPLE_RATE, LONG, n_channels=n_channels).samples
    mix, copy = written(tmp_path, mix=music, copy=music)
    assert null_db(mix, [copy]) == PERFECT_NULL_DB == -300.0


def test_stems_null_to_the_rounding_of_their_sum(tmp_path):
    parts = [noise(SAMPLE_RATE, LONG, n_channels=2, seed=seed).samples for seed in range(4)]
    mix, *stems = written(tmp_path, mix=sum(parts), a=parts[0], b=parts[1], c=parts[2], d=parts[3])
    assert null_db(mix, stems) < ROUNDING_DB


@pytest.mark.parametrize("error_db", [-6.0, -40.0, -80.0])
def test_a_known_error_has_its_level(tmp_path, error_db):
    music = noise(SAMPLE_RATE, LONG, n_channels=2).samples
    mix, stem = written(tmp_path, mix=music, stem=music * (1 - 10 ** (error_db / 20)))
    assert null_db(mix, [stem]) == pytest.approx(error_db, abs=0.01)


def test_no_stem_at_all_leaves_the_mix(tmp_path):
    music = noise(SAMPLE_RATE, LONG).samples
    mix, nothing = written(tmp_path, mix=music, nothing=np.zeros_like(music))
    assert null_db(mix, [nothing]) == 0.0


@pytest.mark.parametrize(("loud", "expected"), [(False, PERFECT_NULL_DB), (True, NO_REFERENCE_DB)])
def test_a_silent_reference_has_a_level_that_is_a_number(tmp_path, loud, expected):
    nothing = np.zeros((1, LONG), dtype=np.float32)
    tone = sine(440, SAMPLE_RATE, LONG).samples
    mix, stem = written(tmp_path, mix=nothing, stem=tone if loud else nothing)
    assert null_db(mix, [stem]) == expected
    assert math.isfinite(expected)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lag=st.integers(-3000, 3000), polarity=st.sampled_from([1, -1]))
def test_a_shift_taken_out_nulls_perfectly_where_both_have_frames(tmp_path, lag, polarity):
    music = noise(SAMPLE_RATE, 9000, n_channels=2).samples
    whole = np.pad(music, ((0, 0), (3000, 3000)))
    mix, stem = written(tmp_path, mix=whole, stem=polarity * late(whole, lag))
    level = null_db(mix, [stem], lag_frames=lag, polarity=polarity, overlap_only=True)
    assert level == PERFECT_NULL_DB


def test_frames_that_are_missing_count_as_silence_unless_left_out(tmp_path):
    music = noise(SAMPLE_RATE, 10_000).samples
    mix, stem = written(tmp_path, mix=music, stem=music[:, :9000])
    lost_db = 10 * math.log10(np.sum(music[:, 9000:] ** 2.0) / np.sum(music**2.0))
    assert null_db(mix, [stem]) == pytest.approx(lost_db, abs=0.01)
    assert null_db(mix, [stem], overlap_only=True) == PERFECT_NULL_DB


@pytest.mark.parametrize(("ours", "theirs"), [(1, 2), (2, 1), (6, 1)])
def test_mono_is_compared_with_every_channel(tmp_path, ours, theirs):
    tone = noise(SAMPLE_RATE, 5000).samples
    mix, stem = written(tmp_path, mix=np.tile(tone, (ours, 1)), stem=np.tile(tone, (theirs, 1)))
    assert null_db(mix, [stem]) == PERFECT_NULL_DB
    assert null_db(mix, [stem, stem]) == pytest.approx(0.0, abs=1e-6)


def test_the_residual_is_what_the_stems_lack(tmp_path):
    music = noise(SAMPLE_RATE, LONG, n_channels=2, seed=1).samples
    lacking = noise(SAMPLE_RATE, LONG, n_channels=2, seed=2, amplitude=1.5).samples
    mix, stem = written(tmp_path, mix=music, stem=music - lacking)
    write_residual(mix, [stem], tmp_path / "out" / "residual.wav")
    info = probe(tmp_path / "out" / "residual.wav")
    assert (info.sample_rate, info.subtype) == (SAMPLE_RATE, "FLOAT")
    np.testing.assert_allclose(read_audio(info.path).samples, lacking, atol=3e-7)


def test_stems_and_residual_together_null(tmp_path):
    music = noise(SAMPLE_RATE, LONG, n_channels=2).samples
    mix, stem = written(tmp_path, mix=music, stem=0.3 * late(music, 5))
    residual = tmp_path / "residual.wav"
    write_residual(mix, [stem], residual)
    assert null_db(mix, [stem, residual]) < ROUNDING_DB


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_samples_that_are_no_audio_are_refused_by_name(tmp_path, value):
    music = noise(SAMPLE_RATE, LONG).samples
    broken = music.copy()
    broken[0, -1] = value
    mix, stem = written(tmp_path, mix=music, broken=broken)
    with pytest.raises(InputError, match=r"broken\.wav"):
        null_db(mix, [stem])
    with pytest.raises(InputError, match=r"broken\.wav"):
        write_residual(mix, [stem], tmp_path / "residual.wav")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.wav", "mix.wav"]


def test_what_cannot_be_compared_is_refused(tmp_path):
    music = noise(SAMPLE_RATE, 1000, n_channels=6).samples
    mix, stereo = written(tmp_path, mix=music, stereo=music[:2])
    other = write(tmp_path / "other.wav", music, 48_000)
    with pytest.raises(InputError, match="channel counts differ"):
        null_db(mix, [stereo])
    with pytest.raises(InputError, match=r"other\.wav \(48000 Hz\)"):
        null_db(mix, [other])


def test_stopping_leaves_no_file(tmp_path):
    mix, stem = written(tmp_path, mix=noise(SAMPLE_RATE, LONG).samples, stem=np.zeros((1, LONG)))
    stop = threading.Event()
    residual = tmp_path / "residual.wav"
    with pytest.raises(JobCancelled):
        write_residual(mix, [stem], residual, stop=stop, progress=lambda report: stop.set())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mix.wav", "stem.wav"]
