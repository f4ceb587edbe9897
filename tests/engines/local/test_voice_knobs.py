import hashlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from fakes.known_voices import AH, EE, RATE, hiss, previewed, sung, written

from hanolab_dawtools.engines.local.voice import vocoder
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs, working_rate
from hanolab_dawtools.engines.local.voice.loudness import level_track, loudness_gain
from hanolab_dawtools.engines.local.voice.source import VoiceReader
from hanolab_dawtools.errors import AudioFileError, EngineCannot, UsageError
from hanolab_dawtools.events import NeverStop


@pytest.mark.parametrize(("protect", "kept"), [(0.0, 1.0), (0.2, 0.8), (0.49, 0.51), (0.5, 0.0)])
def test_protect_is_strongest_at_0_and_off_at_a_half(protect: float, kept: float) -> None:
    assert VoiceKnobs.of({"protect": protect}).kept_voiceless == pytest.approx(kept)


@pytest.mark.parametrize(("protect", "likeness"), [(0.0, 1.0), (0.33, 0.90), (0.5, 0.0)])
def test_protect_keeps_that_much_of_voiceless_sounds(
    tmp_path: Path, protect: float, likeness: float
) -> None:
    """The source's share w and as loud noise of its own: correlation w / hypot(w, 1 - w)."""
    noise = hiss(1.5)
    made, _ = previewed(tmp_path, noise, protect=protect, rms_mix_rate=1.0, pitch_shift=5)
    inner = slice(RATE // 10, -RATE // 10)
    assert np.corrcoef(noise[inner], made[inner])[0, 1] == pytest.approx(likeness, abs=0.05)
    assert np.std(made[inner]) == pytest.approx(np.std(noise[inner]), rel=0.2)


def test_protect_leaves_what_is_voiced_alone(tmp_path: Path) -> None:
    voice = sung(150.0, 1.0)
    inner = slice(RATE // 5, -RATE // 5)
    strong, _ = previewed(tmp_path, voice, protect=0.0, rms_mix_rate=1.0, pitch_shift=5)
    off, _ = previewed(tmp_path, voice, protect=0.5, rms_mix_rate=1.0, pitch_shift=5)
    np.testing.assert_allclose(strong[inner], off[inner], atol=1e-6)


def _phrases(levels: tuple[float, ...], pitch_hz: float) -> np.ndarray:
    """Two seconds at each level."""
    steps = np.repeat(levels, 2 * RATE)
    return np.asarray(steps * sung(pitch_hz, 2.0 * len(levels)))


def test_rms_mix_rate_brings_the_loudness_to_that_of_the_source(tmp_path: Path) -> None:
    voice = _phrases((0.2, 1.0, 0.4), 180.0)
    source = written(tmp_path / "source.wav", voice)
    with VoiceReader(source) as reader:
        wanted = level_track(reader, NeverStop())
    errors = []
    for rate in (1.0, 0.5, 0.0):
        previewed(tmp_path, voice, rms_mix_rate=rate, pitch_shift=-12, formant_shift=4)
        with VoiceReader(tmp_path / "preview.wav") as reader:
            found = level_track(reader, NeverStop())
        errors.append(np.sqrt(np.mean(np.square(20.0 * np.log10(found / wanted))[1:-1])))
    assert errors[0] > 1.7 * errors[1] > 1.7 * errors[2]
    assert errors[2] < 1.0


@pytest.mark.parametrize("mix", [0.0, 0.25, 1.0])
def test_the_gain_is_rvcs_formula(mix: float) -> None:
    source, result = np.array([0.1, 0.2, 0.2]), np.array([0.4, 0.1, 0.1])
    gain = loudness_gain(source, result, mix, range(3 * RATE // 2), RATE)
    at = [0, RATE // 2, RATE]
    np.testing.assert_allclose(gain[at], source ** (1.0 - mix) * result ** (mix - 1.0))
    assert gain[RATE // 4] == pytest.approx((0.15 / 0.25) ** (1.0 - mix))


def test_the_loudness_is_slow(tmp_path: Path) -> None:
    with VoiceReader(written(tmp_path / "x.wav", np.repeat([0.0, 1.0], RATE))) as reader:
        track = level_track(reader, NeverStop())
    np.testing.assert_allclose(track, [0.0, 0.0, np.sqrt(0.5), 1.0, np.sqrt(0.5)], atol=1e-6)


def _envelope_db(sound: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, and level in bands of a sixth of an octave, 150 Hz to 20 kHz."""
    power = np.abs(np.fft.rfft(sound * np.hanning(sound.size))) ** 2
    frequencies = np.fft.rfftfreq(sound.size, 1.0 / rate)
    edges = 150.0 * 2.0 ** (np.arange(43) / 6.0)
    places = np.searchsorted(frequencies, edges)
    sums = np.array([power[first:last].sum() for first, last in pairwise(places)])
    return np.sqrt(edges[:-1] * edges[1:]), 10.0 * np.log10(sums + 1e-12)


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Envelopes of a reference that ends at 5.5 kHz, and of one voice with more and more of it."""
    folder = tmp_path_factory.mktemp("matched")
    clip = sung(220.0, 1.2, 44_100, EE) + hiss(1.2, 44_100, 1e-3)
    spectrum = np.fft.rfft(clip)
    spectrum[np.fft.rfftfreq(clip.size, 1 / 44_100) > 5500.0] = 0.0
    clip = np.fft.irfft(spectrum, clip.size)
    path = written(folder / "clip.wav", clip, 44_100)
    voice = sung(110.0, 1.2, 44_100, AH) + hiss(1.2, 44_100, 1e-3)
    found = {"reference": _envelope_db(clip, 44_100)}
    for rate in (0.0, 0.5, 1.0):
        made, _ = previewed(
            folder, voice, 44_100, reference=str(path), index_rate=rate, rms_mix_rate=1.0
        )
        found[f"{rate:g}"] = _envelope_db(made, 44_100)
    return found


def _distance(matched: dict[str, tuple[np.ndarray, np.ndarray]], rate: str) -> float:
    frequencies, wanted = matched["reference"]
    inside = (frequencies > 300.0) & (frequencies < 4000.0)
    return float(np.std((matched[rate][1] - wanted)[inside]))


def test_index_rate_brings_the_timbre_nearer_to_the_reference(
    matched: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    none, half, whole = (_distance(matched, rate) for rate in ("0", "0.5", "1"))
    assert none > half > whole
    assert whole < 0.65 * none


def test_above_the_band_of_the_reference_nothing_is_changed(
    matched: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    frequencies, without = matched["0"]
    above = frequencies > 6500.0
    np.testing.assert_allclose(matched["1"][1][above], without[above], atol=1.0)


def test_the_middle_pitch_comes_to_that_of_the_reference(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.wav", sung(220.0, 1.0, formants=EE))
    made, _ = previewed(tmp_path, sung(110.0, 1.0), reference=str(path), index_rate=0)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(made.size)))
    lowest = int(np.argmax(spectrum[80:260])) + 80
    assert lowest / (made.size / RATE) == pytest.approx(220.0, rel=0.01)


def test_a_source_without_voice_needs_no_reference(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.wav", sung(220.0, 0.5))
    made, _ = previewed(tmp_path, hiss(0.5), reference=str(path))
    assert made.any()


@pytest.mark.parametrize("clip", [np.zeros(RATE), hiss(1.0)])
def test_a_reference_without_voice_is_refused(tmp_path: Path, clip: np.ndarray) -> None:
    path = written(tmp_path / "clip.wav", clip)
    with pytest.raises(AudioFileError, match="no voice in it"):
        previewed(tmp_path, sung(150.0, 0.5), reference=str(path))


def test_a_reference_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.wav", sung(220.0, 0.2))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    knobs = VoiceKnobs.of({"reference": str(path), "reference_digest": digest})
    knobs.check_reference()
    path.write_bytes(b"another")
    with pytest.raises(AudioFileError, match="changed meanwhile"):
        knobs.check_reference()


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"voice": "anna"}, EngineCannot, "no cloud voices"),
        ({"full_song": True}, EngineCannot, "full song"),
        ({"input_url": "https://host.example/a.wav"}, EngineCannot, "no input from a URL"),
        ({"pitch_shift": 25}, UsageError, "pitch_shift must be -24 to 24, not 25"),
        ({"protect": 0.51}, UsageError, "protect must be 0 to 0.5"),
        ({"index_rate": "much"}, UsageError, "index_rate must be 0 to 1"),
        ({"rms_mix_rate": float("nan")}, UsageError, "rms_mix_rate must be"),
        ({"formant_shift": True}, UsageError, "formant_shift must be"),
        ({"filter_radius": 8}, UsageError, "filter_radius must be 0 to 7"),
        ({"speed": 2}, UsageError, "no parameter 'speed'"),
    ],
)
def test_what_makes_no_sense_is_refused(
    parameters: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        VoiceKnobs.of(parameters)


def test_parameters_that_do_nothing_are_told() -> None:
    remark = VoiceKnobs.of({"index_rate": 0.5, "filter_radius": 3}).remark(44_100)
    assert remark.startswith("voice preview: ")
    assert "index_rate does nothing without a reference" in remark
    assert "filter_radius does nothing" in remark
    assert "does nothing" not in VoiceKnobs.of({"index_rate": 1, "reference": "a"}).remark(44_100)


@pytest.mark.parametrize(
    ("rate", "worked"),
    [(8_000, 16_000), (22_050, 22_050), (48_000, 48_000), (88_200, 44_100), (192_000, 48_000)],
)
def test_the_rate_of_the_work_is_told_when_it_is_another(rate: int, worked: int) -> None:
    assert working_rate(rate) == worked
    assert (f"{worked} Hz" in VoiceKnobs().remark(rate)) == (rate != worked)


def test_a_deep_voice_gets_finer_spectra() -> None:
    assert vocoder.fft_size(RATE, 40.0) == 2 * vocoder.fft_size(RATE, 71.0)
