import sys
from pathlib import Path

import numpy as np
import pytest
import pyworld
from fakes.known_voices import AH, EE, RATE, gated, hiss, previewed, sung, vibrato, written

from hanolab_dawtools.engines.local.voice import preview
from hanolab_dawtools.engines.local.voice.knobs import VoiceKnobs
from hanolab_dawtools.errors import AudioFileError, ExtraMissing, JobCancelled
from hanolab_dawtools.events import NeverStop, ignore_progress

CENTS = 11.0  # the worst median that the prototype had
FRAME_SECONDS = 0.005


def _pitch(sound: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and pitches where a finder that the preview does not use hears one."""
    found, times = pyworld.dio(sound, rate, f0_floor=40.0, f0_ceil=1200.0)
    found = pyworld.stonemask(sound, found, times, rate)
    inner = (found > 0) & (times > 0.1) & (times < times[-1] - 0.1)
    assert inner.mean() > 0.6
    return times[inner], found[inner]


def _cents_off(made: np.ndarray, rate: int, wanted: np.ndarray, ratio: float) -> float:
    times, found = _pitch(made, rate)
    line = np.interp(times, np.arange(wanted.size) / rate, wanted) * ratio
    return float(np.median(np.abs(1200.0 * np.log2(found / line))))


@pytest.mark.parametrize("semitones", [-12, -5, 0, 0.5, 12])
@pytest.mark.parametrize("pitch_hz", [110.0, 233.0])
def test_the_pitch_is_the_one_that_was_asked_for(
    tmp_path: Path, pitch_hz: float, semitones: float
) -> None:
    wanted = vibrato(pitch_hz, 1.0)
    made, rate = previewed(tmp_path, sung(wanted, 1.0), pitch_shift=semitones)
    assert _cents_off(made, rate, wanted, 2.0 ** (semitones / 12.0)) < CENTS


def test_a_glide_is_neither_early_nor_late(tmp_path: Path) -> None:
    """It climbs 1.8 cents in a millisecond."""
    wanted = 120.0 * 2.0 ** (1.5 * np.arange(RATE) / RATE)
    made, rate = previewed(tmp_path, sung(wanted, 1.0))
    times, found = _pitch(made, rate)
    line = np.interp(times, np.arange(wanted.size) / rate, wanted)
    assert abs(np.median(1200.0 * np.log2(found / line))) < 1.8 * 3.0


def test_a_deep_bass_keeps_its_pitch(tmp_path: Path) -> None:
    wanted = vibrato(58.0, 1.5)
    made, rate = previewed(tmp_path, sung(wanted, 1.5), pitch_shift=7)
    assert _cents_off(made, rate, wanted, 2.0 ** (7 / 12.0)) < CENTS


def test_a_soft_voice_is_a_voice_too(tmp_path: Path) -> None:
    wanted = vibrato(150.0, 1.0)
    made, rate = previewed(tmp_path, 0.001 * sung(wanted, 1.0), pitch_shift=5)
    assert _cents_off(made, rate, wanted, 2.0 ** (5 / 12.0)) < CENTS


def _harmonics_db(sound: np.ndarray, rate: int, pitch_hz: float) -> np.ndarray:
    """Levels of the harmonics up to 4 kHz of a steady tone."""
    inner = sound[rate // 4 : -rate // 4]
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(inner.size)))
    step = pitch_hz * inner.size / rate
    centres = np.arange(1, int(4000 / pitch_hz) + 1) * step
    peaks = [spectrum[int(at - step / 3) : int(at + step / 3)].max() for at in centres]
    return np.asarray(20.0 * np.log10(peaks))


@pytest.mark.parametrize("semitones", [-4.0, 0.0, 5.0])
def test_formants_move_by_what_was_asked_for(tmp_path: Path, semitones: float) -> None:
    voice = sung(100.0, 1.5)
    made, rate = previewed(tmp_path, voice, formant_shift=semitones, rms_mix_rate=1.0)
    before, after = _harmonics_db(voice, rate, 100.0), _harmonics_db(made, rate, 100.0)
    numbers = np.arange(1, before.size + 1)
    inside = (numbers >= 4) & (numbers <= 28)

    def misfit(factor: float) -> float:
        return float(np.std((after - np.interp(numbers / factor, numbers, before))[inside]))

    factors = np.arange(0.7, 1.5, 0.01)
    best = factors[np.argmin([misfit(factor) for factor in factors])]
    assert best == pytest.approx(2.0 ** (semitones / 12.0), abs=0.03)


@pytest.mark.parametrize("n_frames", [1, 2, 7, 100, 799, 4001, 16_001])
def test_every_length_is_kept(tmp_path: Path, n_frames: int) -> None:
    voice = sung(200.0, 1.1)[:n_frames]
    made, _ = previewed(tmp_path, voice, pitch_shift=7)
    assert made.size == n_frames
    assert np.isfinite(made).all()


def test_a_file_cut_in_the_middle_of_a_vowel_is_heard_from_edge_to_edge(tmp_path: Path) -> None:
    voice = sung(200.0, 1.3)[3000:16_000]
    made, _ = previewed(tmp_path, voice, pitch_shift=3, rms_mix_rate=1.0)
    middle = np.std(made[4000:8000])
    for edge in (made[:480], made[-480:]):  # 30 ms: six periods
        assert np.std(edge) > 0.5 * middle


@pytest.mark.parametrize(
    ("rate", "made_rate"), [(8_000, 16_000), (96_000, 48_000), (88_200, 44_100)]
)
def test_a_rate_that_the_vocoder_does_not_know_is_changed(
    tmp_path: Path, rate: int, made_rate: int
) -> None:
    wanted = vibrato(150.0, 0.8, rate)
    made, got_rate = previewed(tmp_path, sung(wanted, 0.8, rate), rate, pitch_shift=-3)
    assert (got_rate, made.size) == (made_rate, round(0.8 * made_rate))
    line = vibrato(150.0, 0.8, made_rate)
    assert _cents_off(made, made_rate, line, 2.0 ** (-3 / 12.0)) < CENTS


@pytest.mark.parametrize("n_channels", [2, 6])
def test_channels_count_alike(tmp_path: Path, n_channels: int) -> None:
    voice = sung(150.0, 0.6)
    alone, _ = previewed(tmp_path, voice)
    shares = np.arange(1, n_channels + 1)
    shares = n_channels * shares / shares.sum()  # so the middle of all is the voice itself
    together, _ = previewed(tmp_path, np.outer(shares, voice))
    np.testing.assert_allclose(together, alone, atol=2e-3)


@pytest.mark.parametrize("knobs", [{}, {"pitch_shift": 5, "rms_mix_rate": 1.0, "protect": 0.5}])
def test_silence_stays_silence(tmp_path: Path, knobs: dict[str, float]) -> None:
    made, _ = previewed(tmp_path, np.zeros(RATE), **knobs)
    assert not made.any()


def test_pauses_stay_silent(tmp_path: Path) -> None:
    voice = sung(150.0, 2.0)
    voice[RATE // 2 : 3 * RATE // 2] = 0.0
    made, _ = previewed(tmp_path, voice, pitch_shift=5, protect=0.5, rms_mix_rate=1.0)
    pause = made[RATE // 2 + RATE // 10 : 3 * RATE // 2 - RATE // 10]
    assert np.abs(pause).max() < 1e-6


def test_what_holds_no_voice_keeps_its_level(tmp_path: Path) -> None:
    noise = hiss(1.0)
    made, _ = previewed(tmp_path, noise, pitch_shift=7, protect=0.5, rms_mix_rate=1.0)
    assert np.std(made) == pytest.approx(np.std(noise), rel=0.25)


def _lag_ms(source: np.ndarray, made: np.ndarray, rate: int) -> float:
    """By how much the envelope of `made` comes after that of `source`."""
    window = np.hanning(rate // 40)  # longer than two periods
    first, second = (np.sqrt(np.convolve(sound**2, window, "same")) for sound in (source, made))
    first, second = first - first.mean(), second - second.mean()
    reach = rate // 50
    lags = range(-reach, reach + 1)
    fits = [first[reach:-reach] @ second[reach + lag : second.size - reach + lag] for lag in lags]
    return 1e3 * lags[int(np.argmax(fits))] / rate


@pytest.mark.parametrize("semitones", [-5, 4])
@pytest.mark.parametrize("pitch_hz", [110.0, 330.0])
def test_onsets_of_a_voice_stay_in_time(tmp_path: Path, pitch_hz: float, semitones: int) -> None:
    voice = gated(sung(pitch_hz, 1.5))
    made, rate = previewed(tmp_path, voice, pitch_shift=semitones, rms_mix_rate=1.0)
    assert abs(_lag_ms(voice, made, rate)) < 2.0


def test_onsets_of_noise_stay_in_time(tmp_path: Path) -> None:
    noise = gated(hiss(1.8, 44_100), 44_100, on=0.15, every=0.3)
    made, rate = previewed(tmp_path, noise, 44_100, protect=0.5, rms_mix_rate=1.0)
    assert abs(_lag_ms(noise, made, rate)) < 0.3


def test_the_same_bytes_come_again_whatever_the_number_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "PIECE_SECONDS", 0.8)
    monkeypatch.setattr(preview, "_EITHER_WAY_SECONDS", 0.2)
    voice = gated(sung(vibrato(170.0, 2.5), 2.5)) + hiss(2.5, level=1e-3)
    files = []
    for n_workers in (1, 2, 1):
        previewed(tmp_path, voice, n_workers=n_workers, pitch_shift=4)
        files.append((tmp_path / "preview.wav").read_bytes())
    assert files[0] == files[1] == files[2]


def test_a_cut_in_a_held_note_makes_no_click(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = sung(150.0, 4.0)
    whole, rate = previewed(tmp_path, voice, pitch_shift=4, rms_mix_rate=1.0)
    monkeypatch.setattr(preview, "PIECE_SECONDS", 1.0)
    monkeypatch.setattr(preview, "_EITHER_WAY_SECONDS", 0.3)
    cut, _ = previewed(tmp_path, voice, pitch_shift=4, rms_mix_rate=1.0)
    assert not np.array_equal(whole, cut)
    assert np.abs(np.diff(cut)).max() < 1.1 * np.abs(np.diff(whole)).max()
    window = rate // 20
    levels = [np.std(cut[at : at + window]) for at in range(window, cut.size - 2 * window, window)]
    assert min(levels) > 0.5 * np.median(levels)


def test_cuts_lie_in_the_pauses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "PIECE_SECONDS", 1.5)
    monkeypatch.setattr(preview, "_EITHER_WAY_SECONDS", 0.5)
    voice = gated(sung(150.0, 8.0))
    path = written(tmp_path / "voice.wav", voice)
    with preview.VoiceReader(path) as reader:
        track = preview.track_pitch(reader, 0.5, NeverStop(), ignore_progress)
        spans = list(preview._spans(reader, track))
    assert sum(n_frames for _, n_frames in spans) == voice.size
    for start, _ in spans[1:]:
        assert not voice[start - 80 : start + 80].any()
    assert len(spans) > 3


def _run(source: Path, target: Path, stop: NeverStop, **knobs: object) -> None:
    preview.preview_voice(
        source, target, VoiceKnobs.of(knobs), n_workers=2, stop=stop, progress=ignore_progress
    )


class _StopsAtOnce(NeverStop):
    def is_set(self) -> bool:
        return True


def test_a_cancelled_preview_leaves_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "voice.wav", sung(150.0, 1.0))
    with pytest.raises(JobCancelled):
        _run(source, tmp_path / "out" / "made.wav", _StopsAtOnce())
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_a_finished_preview_leaves_one_file(tmp_path: Path) -> None:
    source = written(tmp_path / "voice.wav", sung(150.0, 0.3))
    _run(source, tmp_path / "out" / "made.wav", NeverStop())
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["made.wav"]


def test_what_is_no_number_is_refused_with_its_place(tmp_path: Path) -> None:
    voice = sung(150.0, 0.5)
    voice[1234] = np.nan
    source = written(tmp_path / "voice.wav", voice)
    with pytest.raises(AudioFileError, match="frame 1234"):
        _run(source, tmp_path / "made.wav", NeverStop())


@pytest.mark.parametrize("library", ["pyworld", "swift_f0"])
def test_a_missing_library_is_told_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    source = written(tmp_path / "voice.wav", sung(150.0, 0.3))
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExtraMissing, match=library) as caught:
        _run(source, tmp_path / "made.wav", NeverStop())
    assert "hanolab_dawtools[voice]" in caught.value.hint


def test_the_two_vowels_of_these_tests_differ() -> None:
    levels = [_harmonics_db(sung(100.0, 1.0, formants=each), RATE, 100.0) for each in (AH, EE)]
    assert np.std(levels[0] - levels[1]) > 6.0
