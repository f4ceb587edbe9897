"""What each factory preset promises is measured: its effects on signals, its job in parameters.

Levels are RMS in dB against full scale, without the first second, where followers settle.
"""

from pathlib import Path

import numpy as np
import pytest
from fakes.signals import click, noise, sine
from scipy import signal

from hanolab_dawtools.audio.chain import EffectChain
from hanolab_dawtools.model import HostName, StemRole
from hanolab_dawtools.package_data import presets_folder
from hanolab_dawtools.presets.library import PresetLibrary
from hanolab_dawtools.presets.words import idle_knobs
from hanolab_dawtools.workflows.applying import Beside, asked_of

RATE = 48_000
LIBRARY = PresetLibrary(Path("no such folder"), presets_folder())
CEILING = 10 ** (-1 / 20)
SILENT_DB = -90.0

DOUBLE = ("Backing-vocal double", None)
BASS = ("Bass practice", StemRole.BASS)
DRUMS = ("Drum extraction", StemRole.DRUMS)
FORWARD = ("Vocals forward", StemRole.ACCOMPANIMENT)
PHONE = ("Telephone", None)
PODCAST = ("Podcast voice", None)
READY = ("Vocal ready for conversion", None)
REMIX = ("Vocals for a remix", StemRole.VOCALS)


def effects_of(which):
    name, role = which
    preset = LIBRARY.get(name)
    return preset.effects_before() if role is None else preset.effects_after()[role]


def applied(which, samples):
    with EffectChain(effects_of(which), RATE, samples.shape[0]) as chain:
        return np.concatenate([chain.process(samples), chain.flush()], axis=1)


def level_db(samples):
    settled = samples[:, RATE:].astype(np.float64)
    return 10 * np.log10(np.mean(np.square(settled)) + 1e-30)


def change_db(which, frequency_hz, loud_db=-40.0):
    """How much louder a sine of two seconds becomes."""
    sound = sine(frequency_hz, RATE, 2 * RATE, amplitude=10 ** (loud_db / 20)).samples
    return level_db(applied(which, sound)) - level_db(sound)


@pytest.mark.parametrize(
    ("which", "frequency_hz", "least_db", "most_db"),
    [
        (PHONE, 300, -7, -3),  # against 1 kHz: the edges of its band
        (PHONE, 500, -3, 1),
        (PHONE, 2000, -1, 1),
        (PHONE, 3400, -7, -3),
        (PHONE, 100, -60, -30),
        (PHONE, 8000, -60, -30),
        (PODCAST, 30, -40, -15),  # rumble
        (PODCAST, 250, -5, -2.5),  # boom
        (PODCAST, 10_000, 2, 4),  # clearness
        (READY, 30, -80, -12),
        (READY, 8000, -0.5, 0.5),
        (REMIX, 20, -40, -12),
        (REMIX, 200, -1, 0),
        (DRUMS, 10, -40, -9),
        (DRUMS, 60, -1.1, 0),  # the bass drum stays
        (BASS, 60, -0.1, 1),
        (BASS, 12_000, -40, -10),  # hiss
    ],
)
def test_a_frequency_is_louder_or_softer_than_a_kilohertz(which, frequency_hz, least_db, most_db):
    assert least_db <= change_db(which, frequency_hz) - change_db(which, 1000) <= most_db


@pytest.mark.parametrize(
    ("which", "frequency_hz", "gain_db"), [(BASS, 60, 6.0), (FORWARD, 1000, -6.0)]
)
def test_a_gain_is_what_the_description_says(which, frequency_hz, gain_db):
    assert change_db(which, frequency_hz) == pytest.approx(gain_db, abs=0.1)


@pytest.mark.parametrize("which", [PODCAST, READY, BASS])
@pytest.mark.parametrize("seed", range(3))
def test_no_sample_is_ever_over_the_ceiling(which, seed):
    hot = noise(RATE, RATE, amplitude=1.0, seed=seed).samples + 0.5 * click(RATE, RATE, 99).samples
    assert np.abs(applied(which, hot)).max() <= CEILING + 1e-6


@pytest.mark.parametrize(("which", "least_db"), [(PODCAST, 10.0), (READY, 8.0)])
def test_loud_and_soft_words_come_nearer(which, least_db):
    loud, soft = change_db(which, 1000, -6.0), change_db(which, 1000, -30.0)
    assert soft - loud >= least_db


@pytest.mark.parametrize(("which", "room_db"), [(READY, -60.0), (REMIX, -65.0)])
def test_what_sounds_between_the_words_is_silent_and_words_are_not(which, room_db):
    assert room_db + change_db(which, 1000, room_db) < SILENT_DB
    assert -5.0 <= change_db(which, 1000, -20.0) <= 5.0


def test_the_gate_opens_for_a_word_within_five_milliseconds():
    for which in (READY, REMIX):
        word = sine(1000, RATE, 2 * RATE, amplitude=0.1).samples
        word[:, :RATE] = 0.0
        begun = np.abs(applied(which, word)[:, RATE : RATE + RATE // 200])
        assert begun.max() > 0.05


def test_the_vocals_of_a_remix_keep_their_level():
    assert change_db(REMIX, 1000, -20.0) == pytest.approx(0.0, abs=0.1)


def test_a_double_is_late_and_softer():
    made = applied(DOUBLE, click(RATE, RATE, RATE // 2).samples)[0]
    first = np.flatnonzero(np.abs(made) > 1e-4)[0] - RATE // 2
    assert first == round(0.024 * RATE)
    band = signal.butter(4, [300, 3000], "band", fs=RATE, output="sos")
    voice = signal.sosfilt(band, noise(RATE, 4 * RATE).samples).astype(np.float32)
    assert level_db(applied(DOUBLE, voice)) - level_db(voice) == pytest.approx(-6.0, abs=0.5)


def test_a_double_wavers():
    made = applied(DOUBLE, sine(1000, RATE, 8 * RATE, amplitude=0.1).samples)
    quarters = np.split(made[0, 2 * RATE :], 24)
    levels = [10 * np.log10(np.mean(np.square(part))) for part in quarters]
    assert max(levels) - min(levels) > 1.0


def test_the_telephone_distorts_what_is_loud_and_hardly_what_is_soft():
    def third_harmonic_db(amplitude):
        sound = sine(500, RATE, 2 * RATE, amplitude=amplitude).samples
        spectrum = np.abs(np.fft.rfft(applied(PHONE, sound)[0, RATE:]))
        return 20 * np.log10(spectrum[1500] / spectrum[500])

    assert third_harmonic_db(0.5) > -30.0
    assert third_harmonic_db(0.05) < -45.0


@pytest.mark.parametrize(
    ("name", "parameters", "keeps", "roles"),
    [
        ("Karaoke", {"stems": 2}, False, {"accompaniment"}),
        ("Vocals for a remix", {"stems": 2}, True, {"vocals"}),
        ("Vocals forward", {"stems": 2}, False, set()),
        ("Drum extraction", {"stems": 4, "only": ["drums"]}, False, set()),
        ("Bass practice", {"stems": 4, "only": ["bass"]}, False, set()),
        ("Octave up", {"pitch_shift": 12, "rms_mix_rate": 0.0}, False, set()),
        ("Octave down", {"pitch_shift": -12, "rms_mix_rate": 0.0}, False, set()),
        ("Breath kept", {"protect": 0.0, "rms_mix_rate": 0.0}, False, set()),
    ],
)
def test_a_job_reaches_the_engine_as_the_preset_says(name, parameters, keeps, roles):
    asked = asked_of(LIBRARY.get(name), "local", Beside(), HostName.RPP)
    assert asked.parameters == parameters
    assert asked.keep_source is keeps
    assert set(asked.arrangement.roles) == roles


@pytest.mark.parametrize("engine", ["local", "hanolab"])
def test_no_factory_preset_has_a_knob_without_effect(engine):
    told = {entry.name: idle_knobs(entry.preset, engine) for entry in LIBRARY.entries()}
    assert not {name: knobs for name, knobs in told.items() if knobs}
