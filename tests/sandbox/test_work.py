"""The work behind a task: stems that add up, conversions that behave as RVC's, real music."""

import threading

import numpy as np
import pytest
from fakes.weights import real_music, real_weights_folder
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio, write_audio
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.sandbox.bands import split_bands
from hanolab_dawtools.sandbox.conversion import (
    CUT_SECONDS,
    RVC_RATE,
    convert,
    convert_flash,
    kept_frames,
)
from hanolab_dawtools.sandbox.results import Results
from hanolab_dawtools.sandbox.separation import Separator
from hanolab_dawtools.sandbox.synthesis import SAMPLE_RATE, generate, tempo_of

STOP = threading.Event()
ROLES = {
    "2stem": {"vocals", "accompaniment"},
    "4stem": {"vocals", "drums", "bass", "other"},
    "6stem": {"vocals", "drums", "bass", "piano", "guitar", "other"},
}
PLAIN = Separator(None)


def noise(n_channels, n_frames, seed=1):
    return np.random.default_rng(seed).uniform(-0.3, 0.3, (n_channels, n_frames)).astype(np.float32)


def level_db(samples):
    return 20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-12)


def separated(source, mode, separator, folder):
    results = Results(folder)
    note = separator.separate(source, mode, results, STOP)
    buffers = {name.removesuffix(".wav"): read_audio(folder / name) for name in results.names()}
    return buffers, note


@pytest.mark.parametrize("mode", ROLES)
@pytest.mark.parametrize("with_weights", [True, False])
def test_stems_add_up_to_the_mix_and_none_is_empty(tmp_path, mode, with_weights):
    if with_weights:
        music = read_audio(real_music())
        music = resample(AudioBuffer(music.samples[:, :150_000], music.sample_rate), 48_000)
        separator = Separator(real_weights_folder())
    else:
        music, separator = AudioBuffer(noise(2, 140_000), 48_000), PLAIN
    write_audio(tmp_path / "in.wav", music)
    stems, note = separated(tmp_path / "in.wav", mode, separator, tmp_path)
    assert stems.keys() == ROLES[mode]
    total = np.sum([stem.samples for stem in stems.values()], axis=0, dtype=np.float64)
    assert level_db(total - music.samples) < level_db(music.samples) - 120
    assert {level_db(stem.samples) > -70 for stem in stems.values()} == {True}
    assert ("weights" in note) == (not with_weights)
    assert ("piano is" in note) == (with_weights and mode == "6stem")


@pytest.mark.parametrize(("rate", "n_channels"), [(8000, 1), (44_100, 1), (96_000, 6)])
def test_a_split_by_frequency_keeps_rate_width_and_length(tmp_path, rate, n_channels):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(n_channels, 10_001), rate))
    stems, _ = separated(tmp_path / "in.wav", "6stem", PLAIN, tmp_path)
    for stem in stems.values():
        assert (stem.sample_rate, stem.n_channels, stem.n_frames) == (rate, n_channels, 10_001)


def test_a_band_holds_its_frequencies_and_no_others(tmp_path):
    seconds = np.arange(300_000) / 44_100
    tones = {hz: np.sin(2 * np.pi * hz * seconds) for hz in (100.0, 500.0, 4000.0)}
    mix = 0.2 * np.sum(list(tones.values()), axis=0)[np.newaxis]
    write_audio(tmp_path / "in.wav", AudioBuffer(mix.astype(np.float32), 44_100))
    paths = split_bands(tmp_path / "in.wav", {"low": (300.0, 1000.0)}, "rest", tmp_path, STOP)
    low = read_audio(paths["low"]).samples[0, 5000:-5000]
    assert level_db(low - 0.2 * tones[500.0][5000:-5000]) < -50


def converted(folder, source, call=convert, **request):
    results = Results(folder)
    given = {"voice_model_id": "vm_plain", **request}
    extra = (PLAIN,) if call is convert else ()
    call(source, given, results, *extra, STOP)
    (name,) = results.names()
    return folder / name


@given(st.integers(8000, 96_000), st.floats(0.1, 300.0))
def test_a_conversion_ends_5_to_25_ms_early(rate, seconds):
    n_frames = round(seconds * rate)
    missing_ms = 1000 * (n_frames / rate - kept_frames(n_frames, rate) / RVC_RATE)
    assert 4.9 <= missing_ms <= 25.1


@pytest.mark.parametrize("semitones", [0, -5])
def test_a_conversion_is_mono_16_bit_at_the_models_rate(tmp_path, semitones):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(2, 96_000), 48_000))
    path = converted(tmp_path, tmp_path / "in.wav", pitch_shift=semitones)
    info = probe(path)
    assert (info.sample_rate, info.n_channels, info.subtype) == (40_000, 1, "PCM_16")
    assert info.n_frames == kept_frames(96_000, 48_000)
    assert level_db(read_audio(path).samples) > -40


def test_a_conversion_is_shifted_in_pitch(tmp_path):
    seconds = np.arange(120_000) / 40_000
    tone = 0.3 * np.sin(2 * np.pi * 220.0 * seconds)[np.newaxis]
    write_audio(tmp_path / "in.wav", AudioBuffer(tone.astype(np.float32), 40_000))
    samples = read_audio(converted(tmp_path, tmp_path / "in.wav", pitch_shift=12)).samples[0]
    spectrum = np.abs(np.fft.rfft(samples[20_000:100_000] * np.hanning(80_000)))
    assert abs(spectrum.argmax() * 0.5 - 440.0) < 2.0


def test_a_long_conversion_loses_0_or_10_ms_at_each_cut(tmp_path):
    source = noise(1, 130 * RVC_RATE, seed=5)
    write_audio(tmp_path / "in.wav", AudioBuffer(source, RVC_RATE))
    result = read_audio(converted(tmp_path, tmp_path / "in.wav")).samples[0]
    lags = []
    for second in (CUT_SECONDS // 2, 1.5 * CUT_SECONDS, 2.5 * CUT_SECONDS, 128):
        at = round(second * RVC_RATE)
        errors = {
            lag: level_db(result[at - lag : at - lag + 4000] - source[0, at : at + 4000])
            for lag in range(0, 1601, 400)
        }
        lag = min(errors, key=errors.get)
        assert errors[lag] < -80
        lags.append(lag)
    assert lags[0] == 0
    assert lags[-1] > 0
    assert set(np.diff(lags)) <= {0, 400}
    assert len(result) == kept_frames(source.shape[1], RVC_RATE) - lags[-1]


def test_a_full_song_is_stereo_with_its_accompaniment(tmp_path):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(2, 88_200), 44_100))
    info = probe(converted(tmp_path, tmp_path / "in.wav", full_song=True))
    assert (info.sample_rate, info.n_channels, info.n_frames) == (44_100, 2, 88_200)


@pytest.mark.parametrize(("voice", "rate"), [("vm_plain", 24_000), ("vm_warm", 22_050)])
def test_flash_is_mono_at_a_lower_rate(tmp_path, voice, rate):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(2, 44_321), 44_100))
    path = converted(tmp_path, tmp_path / "in.wav", convert_flash, voice_model_id=voice)
    info = probe(path)
    assert (info.sample_rate, info.n_channels) == (rate, 1)
    assert 0 <= 44_321 / 44_100 - info.n_frames / rate < 0.011


def test_the_voices_sound_different(tmp_path):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(1, 40_000), 40_000))
    contents = {
        converted(tmp_path, tmp_path / "in.wav", voice_model_id=voice).read_bytes()
        for voice in ("vm_plain", "vm_warm", "vm_bright")
    }
    assert len(contents) == 3


@pytest.mark.parametrize("n_frames", [1, 50, 700])
def test_the_shortest_audio_can_be_converted_and_separated(tmp_path, n_frames):
    write_audio(tmp_path / "in.wav", AudioBuffer(noise(1, n_frames), 44_100))
    for call in (convert, convert_flash):
        assert probe(converted(tmp_path, tmp_path / "in.wav", call)).n_frames > 0
    assert probe(converted(tmp_path, tmp_path / "in.wav", pitch_shift=3)).n_frames > 0
    stems, _ = separated(tmp_path / "in.wav", "4stem", PLAIN, tmp_path)
    assert {stem.n_frames for stem in stems.values()} == {n_frames}


def generated(folder, **request):
    folder.mkdir(exist_ok=True)
    results = Results(folder)
    note = generate({"tier": "studio", "prompt": "pop", "duration": 4, **request}, results, STOP)
    return read_audio(folder / "song.wav"), note


@pytest.mark.parametrize("seconds", [0.001, 0.5, 3, 10.25])
def test_a_song_has_the_length_that_was_asked(tmp_path, seconds):
    song, note = generated(tmp_path, duration=seconds)
    assert (song.sample_rate, song.n_channels) == (SAMPLE_RATE, 2)
    assert song.n_frames == round(seconds * SAMPLE_RATE)
    assert "synthesiser" in note


def test_a_song_is_music_with_the_tempo_of_its_prompt(tmp_path):
    song, note = generated(tmp_path, prompt="techno, 150 bpm", duration=16)
    assert "150 bpm" in note
    assert level_db(song.samples) > -30
    loud = np.square(song.samples[0]).reshape(-1, 441).sum(axis=1)  # 10 ms each
    onsets = np.maximum(np.diff(loud), 0.0)
    beat = 40  # steps of 10 ms at 150 bpm
    at_beats = np.correlate(onsets, onsets, "full")[len(onsets) - 1 :]
    around = at_beats[beat - 15 : beat + 16]
    assert abs(int(around.argmax()) - 15) <= 1
    assert around.max() > 2 * np.median(around)


def test_the_prompt_and_the_tier_decide_what_is_played(tmp_path):
    first, again = (generated(tmp_path)[0].samples for _ in range(2))
    other, better = generated(tmp_path, prompt="jazz")[0], generated(tmp_path, tier="maestro")[0]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other.samples)
    assert not np.array_equal(first, better.samples)


@given(st.text())
def test_any_prompt_has_a_tempo(prompt):
    assert 40.0 <= tempo_of(prompt) <= 240.0


@pytest.mark.parametrize(
    ("prompt", "bpm"),
    [("slow, 62.5 BPM", 62.5), ("120bpm", 120), ("999 bpm", 240), ("10 bpm", 40), ("pop", 100)],
)
def test_the_tempo_is_read_from_the_prompt(prompt, bpm):
    assert tempo_of(prompt) == bpm


def test_a_prompt_of_half_a_character_can_be_played(tmp_path):
    song, _ = generated(tmp_path, prompt="\ud800", duration=0.1)
    assert song.n_frames == 4410
