"""Effects do what physics says, on every shape, whatever the blocks."""

import math
import subprocess
import sys
import threading

import numpy as np
import pedalboard
import pytest
from fakes.full_disk import files_at_most
from fakes.signals import error_db, noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.chain import EffectChain, render_chain
from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import EffectSpec
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.audio.whole_effects import WHOLE_EFFECTS
from hanolab_dawtools.errors import AudioFileError, DiskFull, JobCancelled, SetupError, UsageError
from hanolab_dawtools.units import gain_to_db

HALF = EffectSpec("gain", {"gain_db": gain_to_db(0.5)})
STREAMED = [name for name in EFFECTS if name not in WHOLE_EFFECTS | {"mix", "vst3", "convolution"}]
EVERYTHING = [EffectSpec(name) for name in STREAMED]
RATES = [22_050, 44_100, 48_000, 96_000]


def applied(buffer, effects, cuts=()):
    chain = EffectChain(effects, buffer.sample_rate, buffer.n_channels)
    parts = [chain.process(part) for part in np.split(buffer.samples, cuts, axis=1)]
    return np.concatenate([*parts, chain.flush()], axis=1)


def level_db(samples, sample_rate):
    """RMS level without the first second, where filters and followers settle."""
    return 20 * math.log10(np.sqrt(np.mean(np.square(samples[:, sample_rate:], dtype=np.float64))))


def change_db(frequency_hz, sample_rate, effect, n_channels=1, amplitude=0.1):
    sound = sine(
        frequency_hz, sample_rate, 2 * sample_rate, n_channels=n_channels, amplitude=amplitude
    )
    made = applied(sound, [effect])
    return level_db(made, sample_rate) - level_db(sound.samples, sample_rate)


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_6_db_less_is_half(n_channels):
    sound = noise(48_000, 20_000, n_channels=n_channels)
    assert error_db(applied(sound, [HALF]), sound.samples / 2) < -140.0


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
@pytest.mark.parametrize("name", ["highpass", "lowpass"])
def test_a_filter_is_3_db_down_at_its_cutoff(sample_rate, n_channels, name):
    effect = EffectSpec(name, {"cutoff_frequency_hz": 1000.0})
    assert change_db(1000.0, sample_rate, effect, n_channels) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("gain_db", [-9.0, 6.0])
def test_a_peak_filter_has_its_gain_at_its_frequency(sample_rate, gain_db):
    effect = EffectSpec("peak", {"cutoff_frequency_hz": 2000.0, "gain_db": gain_db, "q": 2.0})
    assert change_db(2000.0, sample_rate, effect) == pytest.approx(gain_db, abs=0.05)


@pytest.mark.parametrize(
    ("name", "inside_hz", "outside_hz"), [("low_shelf", 30, 8000), ("high_shelf", 9000, 60)]
)
def test_a_shelf_lifts_one_side_only(name, inside_hz, outside_hz):
    effect = EffectSpec(name, {"cutoff_frequency_hz": 800.0, "gain_db": 6.0})
    assert change_db(inside_hz, 48_000, effect) == pytest.approx(6.0, abs=0.1)
    assert change_db(outside_hz, 48_000, effect) == pytest.approx(0.0, abs=0.1)


def test_a_compressor_lets_4_db_over_the_threshold_become_1():
    effect = EffectSpec("compressor", {"threshold_db": -20.0, "ratio": 4.0, "release_ms": 2000.0})
    loud = change_db(1000.0, 48_000, effect, amplitude=10 ** (-8 / 20))  # 12 dB over
    assert loud == pytest.approx(-9.0, abs=0.5)
    assert change_db(1000.0, 48_000, effect, amplitude=0.01) == pytest.approx(0.0, abs=0.01)


def test_a_gate_closes_under_its_threshold():
    effect = EffectSpec("noise_gate", {"threshold_db": -40.0})
    assert change_db(1000.0, 48_000, effect, amplitude=0.001) < -40.0
    assert change_db(1000.0, 48_000, effect, amplitude=0.5) == pytest.approx(0.0, abs=0.1)


def test_the_limiter_is_as_its_note_says():
    effect = EffectSpec("limiter", {"threshold_db": -6.0})
    assert change_db(1000.0, 48_000, effect, amplitude=0.001) == pytest.approx(9.75, abs=0.1)
    assert np.abs(applied(sine(1000.0, 48_000, 48_000, amplitude=0.9), [effect])).max() <= 1.0
    assert "3.75 dB minus the threshold" in EFFECTS["limiter"].note


@pytest.mark.parametrize("n_channels", range(1, 9))
@pytest.mark.parametrize("n_frames", range(9))
def test_no_shape_is_mistaken_for_another(n_channels, n_frames):
    """The first frames alone, of each channel alone, are the truth: filters look only back."""
    effect = EffectSpec("highpass", {"cutoff_frequency_hz": 500.0})
    sound = noise(48_000, 500, n_channels=n_channels)
    made = applied(AudioBuffer(sound.samples[:, :n_frames], 48_000), [effect])
    assert made.shape == (n_channels, n_frames)
    for channel in range(n_channels):
        alone = applied(AudioBuffer(sound.samples[channel : channel + 1], 48_000), [effect])
        np.testing.assert_allclose(made[channel], alone[0, :n_frames], atol=1e-6)


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=8).map(sorted))
def test_the_cut_into_blocks_changes_no_bit(cuts):
    sound = noise(44_100, 30_000, n_channels=2)
    np.testing.assert_array_equal(applied(sound, EVERYTHING, cuts), applied(sound, EVERYTHING))


def test_blocks_give_what_pedalboard_gives_at_once():
    sound = noise(48_000, 100_000, n_channels=2)
    board = pedalboard.Pedalboard([pedalboard.HighpassFilter(300), pedalboard.Gain(-3)])
    effects = [
        EffectSpec("highpass", {"cutoff_frequency_hz": 300.0}),
        EffectSpec("gain", {"gain_db": -3.0}),
    ]
    assert error_db(applied(sound, effects), board(sound.samples, 48_000)) < -120.0


def test_no_effect_changes_no_bit():
    sound = noise(48_000, 5, n_channels=6)
    np.testing.assert_array_equal(applied(sound, []), sound.samples)


def test_a_frequency_that_the_rate_cannot_hold_is_refused():
    effect = EffectSpec("lowpass", {"cutoff_frequency_hz": 12_000.0})
    EffectChain([effect], 48_000, 1)
    with pytest.raises(UsageError, match=r"at most 10804\.5 Hz in audio of 22050 Hz"):
        EffectChain([effect], 22_050, 1)


@pytest.mark.parametrize("n_frames", [0, 1, 2, 200_001])
def test_a_file_keeps_rate_channels_and_length(tmp_path, n_frames):
    sound = noise(44_100, n_frames, n_channels=2)
    write_audio(tmp_path / "in.wav", sound)
    reports = []
    render_chain(tmp_path / "in.wav", tmp_path / "out.wav", [HALF], progress=reports.append)
    made = read_audio(tmp_path / "out.wav")
    assert (made.sample_rate, made.samples.shape) == (44_100, (2, n_frames))
    assert error_db(made.samples, sound.samples / 2) < -140.0
    assert probe(tmp_path / "out.wav").subtype == "FLOAT"
    assert not n_frames or reports[-1].fraction == 1.0


def test_a_level_over_full_scale_is_not_cut(tmp_path):
    sound = sine(1000.0, 48_000, 5000, amplitude=0.9)
    write_audio(tmp_path / "in.wav", sound)
    render_chain(tmp_path / "in.wav", tmp_path / "out.wav", [EffectSpec("gain", {"gain_db": 12.0})])
    assert np.abs(read_audio(tmp_path / "out.wav").samples).max() > 3.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_sample_that_is_no_number_is_told_and_nothing_written(tmp_path, bad):
    samples = noise(48_000, 150_000).samples.copy()
    samples[0, 140_000] = bad
    write_audio(tmp_path / "in.wav", AudioBuffer(samples, 48_000))
    with pytest.raises(AudioFileError, match=r"near 2\.731 s is no finite number"):
        render_chain(tmp_path / "in.wav", tmp_path / "out.wav", [HALF])
    assert not (tmp_path / "out.wav").exists()


def test_stopping_leaves_no_file(tmp_path):
    write_audio(tmp_path / "in.wav", noise(48_000, 200_000))
    stop = threading.Event()
    with pytest.raises(JobCancelled):
        render_chain(
            tmp_path / "in.wav",
            tmp_path / "out.wav",
            [HALF],
            stop=stop,
            progress=lambda _: stop.set(),
        )
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_a_full_disk_is_told(tmp_path):
    write_audio(tmp_path / "in.wav", noise(48_000, 200_000))
    with files_at_most(100_000), pytest.raises(DiskFull):
        render_chain(tmp_path / "in.wav", tmp_path / "out.wav", [HALF])


def test_a_pedalboard_that_cannot_be_loaded_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pedalboard", None)
    with pytest.raises(SetupError, match="pedalboard cannot be loaded") as caught:
        EffectChain([HALF], 48_000, 1)
    assert "libatomic1" in caught.value.hint


def test_pedalboard_is_not_loaded_before_it_is_needed():
    code = (
        "import sys; from hanolab_dawtools.audio import chain, effects;"
        "sys.exit('pedalboard' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
