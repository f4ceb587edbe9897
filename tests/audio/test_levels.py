"""Levels against the numbers that the standards state."""

import math
import threading

import numpy as np
import pytest
from fakes.signals import noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyloudnorm import Meter

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import write_audio
from hanolab_dawtools.audio.levels import LevelMeter, measure_levels
from hanolab_dawtools.errors import JobCancelled

LOUDNESS_TOLERANCE_LU = 0.01
TRUE_PEAK_TOLERANCE_DB = 0.05


def levels_of(buffer, cuts=()):
    meter = LevelMeter(buffer.sample_rate, buffer.n_channels)
    for part in np.split(buffer.samples, cuts, axis=1):
        meter.add(part)
    return meter.finish()


def programme(sample_rate, n_channels, seed=0):
    """Loud, near silent and middling stretches: both gates have something to do."""
    samples = noise(sample_rate, 12 * sample_rate, n_channels=n_channels, seed=seed).samples
    gain = np.repeat([1.0, 0.0001, 0.2, 0.02], 3 * sample_rate)
    return AudioBuffer((samples * gain).astype(np.float32), sample_rate)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
def test_a_full_scale_997_hz_sine_in_one_channel_is_minus_3_lkfs(sample_rate):
    levels = levels_of(sine(997.0, sample_rate, 10 * sample_rate, amplitude=1.0))
    assert levels.loudness_lufs == pytest.approx(-3.01, abs=0.02)


def test_the_same_in_two_channels_is_3_db_louder():
    levels = levels_of(sine(997.0, 48_000, 480_000, amplitude=1.0, n_channels=2))
    assert levels.loudness_lufs == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("sample_rate", [22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 5])
def test_loudness_equals_that_of_the_library_on_the_whole(sample_rate, n_channels):
    sound = programme(sample_rate, n_channels)
    expected = Meter(sample_rate, filter_class="DeMan").integrated_loudness(sound.samples.T)
    assert levels_of(sound).loudness_lufs == pytest.approx(expected, abs=LOUDNESS_TOLERANCE_LU)


def test_quiet_parts_do_not_count():
    sound = sine(997.0, 48_000, 480_000, amplitude=0.5)
    quiet = np.concatenate([sound.samples, sound.samples * 0.01], axis=1)
    expected = levels_of(sound).loudness_lufs
    assert levels_of(AudioBuffer(quiet, 48_000)).loudness_lufs == pytest.approx(expected, abs=0.1)


def test_the_low_frequency_channel_of_six_does_not_count_and_surrounds_count_more():
    sound = sine(997.0, 48_000, 96_000, amplitude=0.5).samples
    loudness = {}
    for channel in range(6):
        samples = np.zeros((6, 96_000), dtype=np.float32)
        samples[channel] = sound
        loudness[channel] = levels_of(AudioBuffer(samples, 48_000)).loudness_lufs
    assert loudness[3] == -math.inf
    assert loudness[0] == loudness[1] == loudness[2]
    assert loudness[4] - loudness[0] == pytest.approx(10 * math.log10(1.41), abs=1e-6)


def test_more_than_six_channels_all_count_the_same():
    sound = sine(997.0, 48_000, 96_000, amplitude=0.1)
    many = AudioBuffer(np.tile(sound.samples, (8, 1)), 48_000)
    gained = levels_of(many).loudness_lufs - levels_of(sound).loudness_lufs
    assert gained == pytest.approx(10 * math.log10(8), abs=1e-6)


@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_a_sine_has_its_amplitude_as_peak_and_3_db_less_as_rms(n_channels):
    levels = levels_of(sine(1000.0, 48_000, 48_000, amplitude=0.5, n_channels=n_channels))
    assert levels.peak_dbfs == pytest.approx(-6.0206, abs=0.001)
    assert levels.rms_dbfs == pytest.approx(-9.0309, abs=0.001)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("share_of_rate", "phase_degrees", "sample_peak_db"),
    [(1 / 4, 45, -3.0103), (1 / 6, 60, -1.2494), (1 / 8, 67.5, -0.6877)],
)
def test_true_peak_finds_what_lies_between_the_samples(
    sample_rate, share_of_rate, phase_degrees, sample_peak_db
):
    """The sines of EBU Tech 3341, whose crests all fall between two samples."""
    frequency_hz = share_of_rate * sample_rate
    wave = sine(
        frequency_hz, sample_rate, sample_rate, amplitude=0.5, phase=math.radians(phase_degrees)
    )
    edges = np.clip(np.arange(wave.n_frames) / 5000, 0.0, 1.0)
    soft = wave.samples * (edges * edges[::-1]).astype(np.float32)
    levels = levels_of(AudioBuffer(soft, sample_rate))
    assert levels.peak_dbfs == pytest.approx(-6.0206 + sample_peak_db, abs=0.001)
    assert levels.true_peak_dbtp == pytest.approx(-6.0206, abs=TRUE_PEAK_TOLERANCE_DB)


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 100_000), max_size=6).map(sorted))
def test_the_cut_into_blocks_changes_nothing(cuts):
    sound = noise(44_100, 100_000, n_channels=2)
    whole, parts = levels_of(sound), levels_of(sound, cuts)
    assert parts.peak_dbfs == whole.peak_dbfs
    assert parts.true_peak_dbtp == whole.true_peak_dbtp
    assert parts.rms_dbfs == pytest.approx(whole.rms_dbfs, abs=1e-9)
    assert parts.loudness_lufs == pytest.approx(whole.loudness_lufs, abs=1e-9)


def test_silence_is_minus_infinity():
    levels = levels_of(AudioBuffer(np.zeros((2, 48_000), dtype=np.float32), 48_000))
    values = (levels.peak_dbfs, levels.true_peak_dbtp, levels.rms_dbfs, levels.loudness_lufs)
    assert set(values) == {-math.inf}


@pytest.mark.parametrize(("n_frames", "has_one"), [(0, False), (19_199, False), (19_200, True)])
def test_loudness_needs_400_ms(n_frames, has_one):
    levels = levels_of(noise(48_000, n_frames))
    assert (levels.loudness_lufs is not None) == has_one


@pytest.mark.parametrize(
    ("sample_rate", "has_one"), [(1_000, False), (3_999, False), (4_000, True)]
)
def test_loudness_needs_a_rate_that_carries_what_it_weighs(sample_rate, has_one):
    levels = levels_of(noise(sample_rate, sample_rate))
    assert (levels.loudness_lufs is not None) is has_one
    assert math.isfinite(levels.rms_dbfs)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_no_number_has_no_level(bad):
    samples = noise(48_000, 48_000).samples.copy()
    samples[0, 24_000] = bad
    levels = levels_of(AudioBuffer(samples, 48_000))
    assert not math.isfinite(levels.peak_dbfs)
    assert not math.isfinite(levels.rms_dbfs)
    assert math.isnan(levels.loudness_lufs)


def test_a_file_is_measured_as_its_samples_are_and_reports_progress(tmp_path):
    sound = noise(48_000, 200_000, n_channels=2)
    write_audio(tmp_path / "a.wav", sound)
    reports = []
    assert measure_levels(tmp_path / "a.wav", progress=reports.append) == levels_of(sound)
    assert reports[-1].fraction == 1.0
    assert reports[-1].audio_seconds == 200_000 / 48_000


def test_measuring_stops_when_asked(tmp_path):
    write_audio(tmp_path / "a.wav", noise(48_000, 1000))
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        measure_levels(tmp_path / "a.wav", stop=stop)
