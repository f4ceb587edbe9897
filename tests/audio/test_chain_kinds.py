"""Latency, tails, mixes, and the effects that cannot be streamed."""

import math

import numpy as np
import pytest
from fakes.signals import error_db, noise, sine
from hypothesis import given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.chain import TAIL_FLOOR, EffectChain, render_chain
from hanolab_dawtools.audio.effect_table import EFFECTS
from hanolab_dawtools.audio.effects import Choice, EffectSpec, Parameter, Switch
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.audio.whole_effects import WHOLE_EFFECTS
from hanolab_dawtools.errors import UsageError

RATE = 48_000
STREAMED = [name for name in EFFECTS if name not in WHOLE_EFFECTS | {"mix", "vst3", "convolution"}]
SMEARED = {"mp3": 30, "resample": 2, "ladder": 40}  # frames: coding, and a filter's own delay


def applied(samples, effects, cuts=(), *, tail=False):
    chain = EffectChain(effects, RATE, samples.shape[0])
    parts = [chain.process(part) for part in np.split(samples, cuts, axis=1)]
    return np.concatenate([*parts, chain.flush(tail=tail)], axis=1)


def rendered(tmp_path, sound, effects, **options):
    write_audio(tmp_path / "in.wav", sound)
    render_chain(tmp_path / "in.wav", tmp_path / "out.wav", effects, **options)
    return read_audio(tmp_path / "out.wav").samples


@pytest.mark.parametrize("name", STREAMED)
def test_a_click_stays_in_its_place(name):
    samples = np.zeros((1, 60_000), np.float32)
    samples[0, 30_000] = 0.9
    made = applied(samples, [EffectSpec(name)])
    assert made.shape == samples.shape
    assert abs(int(np.abs(made[0]).argmax()) - 30_000) <= SMEARED.get(name, 0)


@pytest.mark.parametrize("name", STREAMED)
@pytest.mark.parametrize("n_channels", [3, 6])
def test_every_channel_is_worked_on_alike(name, n_channels):
    pair = np.repeat(noise(RATE, 20_000).samples, 2, axis=0)
    many = np.repeat(pair[:1], n_channels, axis=0)
    expected = applied(pair, [EffectSpec(name)])
    made = applied(many, [EffectSpec(name)])
    n_paired = n_channels // 2 * 2
    for first in range(0, n_paired, 2):
        np.testing.assert_array_equal(made[first : first + 2], expected)


def test_a_ceiling_is_one():
    loud = sine(997.0, RATE, RATE, amplitude=0.9).samples * 8
    made = applied(loud, [EffectSpec("ceiling", {"ceiling_db": -3.0})])
    assert 20 * math.log10(np.abs(made).max()) == pytest.approx(-3.0, abs=0.01)


def test_below_a_ceiling_nothing_changes():
    soft = sine(997.0, RATE, RATE, amplitude=0.5).samples
    assert error_db(applied(soft, [EffectSpec("ceiling")]), soft) < -120.0


def test_a_mix_of_branches_of_different_latency_is_their_sum():
    """Without compensation the sum would be a comb filter; with it, it is twice the sound."""
    sound = noise(RATE, 50_000).samples * 0.1
    branches = ((), (EffectSpec("ceiling"),))
    made = applied(sound, [EffectSpec("mix", branches=branches)])
    assert error_db(made, 2 * sound) < -100.0


def test_a_mix_against_its_opposite_is_silence():
    sound = noise(RATE, 50_000, n_channels=2).samples
    branches = ((EffectSpec("reverb"),), (EffectSpec("reverb"), EffectSpec("invert")))
    assert not applied(sound, [EffectSpec("mix", branches=branches)]).any()


def test_a_bypassed_effect_changes_no_bit():
    sound = noise(RATE, 20_000).samples
    effects = [EffectSpec("gain", {"gain_db": 20.0}, is_bypassed=True)]
    np.testing.assert_array_equal(applied(sound, effects), sound)


@pytest.mark.parametrize("seconds", [0.25, 1.5])
def test_a_tail_holds_every_echo_down_to_90_db(seconds):
    """Echoes of half the level each: the last over -90 dB is known from arithmetic."""
    click = np.zeros((1, 1_000), np.float32)
    click[0, 0] = 1.0
    echo = EffectSpec("delay", {"delay_seconds": seconds, "feedback": 0.5, "mix": 0.5})
    made = applied(click, [echo], tail=True)
    heard = np.flatnonzero(np.abs(made[0]) > TAIL_FLOOR)
    assert made.shape[1] == heard[-1] + 1
    n_echoes = round(heard[-1] / (seconds * RATE))
    assert heard[-1] == n_echoes * round(seconds * RATE)
    assert 13 <= n_echoes <= 15  # 2^-14 is -84 dB, and the mix takes 6 dB more


def test_a_tail_that_never_ends_is_cut_after_half_a_minute(tmp_path):
    sound = noise(RATE, RATE)
    endless = EffectSpec("delay", {"delay_seconds": 1.0, "feedback": 0.95})
    made = rendered(tmp_path, sound, [endless], tail=True)
    assert made.shape[1] == 31 * RATE


def test_without_a_tail_the_length_stays(tmp_path):
    sound = noise(RATE, 30_001)
    assert rendered(tmp_path, sound, [EffectSpec("reverb")]).shape == (1, 30_001)


@pytest.mark.parametrize("semitones", [-12.0, 7.0])
def test_a_pitch_shift_moves_a_sine_by_its_ratio(tmp_path, semitones):
    sound = sine(500.0, RATE, 2 * RATE, amplitude=0.5)
    made = rendered(tmp_path, sound, [EffectSpec("pitch_shift", {"semitones": semitones})])
    assert made.shape == sound.samples.shape
    middle = made[0, RATE // 2 : RATE // 2 + RATE] * np.hanning(RATE)
    peak_hz = int(np.abs(np.fft.rfft(middle)).argmax())  # one bin is 1 Hz
    assert peak_hz == pytest.approx(500.0 * 2 ** (semitones / 12), abs=1.0)


def test_a_phone_keeps_length_and_place(tmp_path):
    sound = sine(440.0, RATE, RATE, amplitude=0.3)
    sound.samples[:, : RATE // 2] = 0.0
    made = rendered(tmp_path, sound, [EffectSpec("gsm")])
    assert made.shape == sound.samples.shape
    onset = int(np.flatnonzero(np.abs(made[0]) > 0.1)[0])
    assert abs(onset - RATE // 2) < 0.02 * RATE  # one frame of the codec


def test_effects_that_cannot_be_streamed_stand_between_others(tmp_path):
    sound = sine(500.0, RATE, RATE, amplitude=0.2)
    around = EffectSpec("gain", {"gain_db": 6.0206})
    nothing = EffectSpec("pitch_shift", {"semitones": 0.0})
    made = rendered(tmp_path, sound, [around, nothing, around])
    assert error_db(made, 4 * sound.samples) < -90.0
    assert {path.name for path in tmp_path.iterdir()} == {"in.wav", "out.wav"}


@pytest.mark.parametrize("name", sorted(WHOLE_EFFECTS))
def test_in_a_mix_they_are_refused(name):
    with pytest.raises(UsageError, match=f"{name} cannot be streamed"):
        EffectChain([EffectSpec("mix", branches=((EffectSpec(name),),))], RATE, 1)


def test_an_impulse_response_is_convolved(tmp_path):
    response = np.zeros((1, 100), np.float32)
    response[0, 60] = 1.0
    write_audio(tmp_path / "ir.wav", noise(RATE, 1).__class__(response, RATE))
    effect = EffectSpec("convolution", {"impulse_response": str(tmp_path / "ir.wav")})
    click = np.zeros((1, 20_000), np.float32)
    click[0, 5_000] = 1.0
    made = applied(click, [effect])
    assert int(np.abs(made[0]).argmax()) == 5_060


def test_a_missing_impulse_response_is_told():
    effect = EffectSpec("convolution", {"impulse_response": "/nowhere/ir.wav"})
    with pytest.raises(UsageError, match=r"no impulse response at '/nowhere/ir\.wav'"):
        EffectChain([effect], RATE, 1)


def _values(parameter):
    if isinstance(parameter, Parameter):
        highest = min(parameter.maximum, 0.45 * RATE if parameter.unit == "Hz" else math.inf)
        return st.floats(parameter.minimum, highest)
    if isinstance(parameter, Choice):
        return st.sampled_from(parameter.options)
    assert isinstance(parameter, Switch)
    return st.booleans()


@st.composite
def any_effect(draw, names=tuple(STREAMED)):
    effect = EFFECTS[draw(st.sampled_from(names))]
    chosen = draw(st.lists(st.sampled_from(effect.parameters or (None,)), unique=True, max_size=4))
    values = {each.name: draw(_values(each)) for each in chosen if each is not None}
    return EffectSpec(effect.name, values, is_bypassed=draw(st.booleans()))


chains = st.lists(
    any_effect()
    | st.lists(st.lists(any_effect(), max_size=2).map(tuple), min_size=1, max_size=3).map(
        lambda branches: EffectSpec("mix", branches=tuple(branches))
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(chain=chains, cuts=st.lists(st.integers(0, 20_000), max_size=5).map(sorted))
def test_any_chain_is_finite_as_long_and_the_same_in_any_blocks(chain, cuts):
    sound = noise(RATE, 20_000, n_channels=2).samples * 0.2
    whole = applied(sound, chain)
    assert whole.shape == sound.shape
    assert np.isfinite(whole).all()
    np.testing.assert_array_equal(applied(sound, chain, cuts), whole)
