"""Voices that another voice sang, with time lost at known places: all is found and repaired."""

import functools
import os

import numpy as np
import pytest
from fakes import rvc_cuts, singers
from fakes.conversions import convert, errors_at_onsets, found_steps

from hanolab_dawtools.audio.drift import measure_drift
from hanolab_dawtools.audio.drift_repair import repair_drift
from hanolab_dawtools.audio.files import probe

LARGEST_ERROR_SECONDS = 0.003
SINGER_SECONDS = 44
VOICES = {
    "an octave up, smaller head": {"semitones": 12.0, "formants": 1.2},
    "a fifth up, breathy": {"semitones": 7.0, "formants": 1.15, "breath": 0.2},
    "an octave down, larger head": {"semitones": -12.0, "formants": 0.8, "breath": 0.5},
}
CASES = list(zip(VOICES, ("held", "gliding", "held"), strict=True))
TEXT = (
    "The wind was blowing hard that night, and nobody on the ship had slept. Tell me, said the "
    "captain, what did you see? I saw a light, he answered, far away, beyond the rocks. It moved "
    "slowly, then it stopped. Six thick thistle sticks stood by the path. One, two, three, four. "
    "She sells sea shells on the shore, and the shells she sells are surely good. Stop! Go back. "
)


@pytest.fixture(scope="module")
def singer():
    take = singers.sung(SINGER_SECONDS, seed=22)
    return functools.cache(lambda name, features: take.played(**VOICES[name], features=features))


@pytest.fixture(scope="module")
def source():
    return singers.sung(SINGER_SECONDS, seed=22).played()


def check(conversion, folder):
    """Measure, repair, and compare with what is known."""
    drift = measure_drift(conversion.reference, conversion.converted)
    target = folder / "repaired.wav"
    n_frames = probe(conversion.reference).n_frames
    repair_drift(conversion.converted, drift, target, n_frames=n_frames)
    assert drift.is_confident
    assert [lost for _, lost in found_steps(drift)] == [lost for _, lost in conversion.true_steps]
    assert probe(target).n_frames == n_frames
    times, errors = errors_at_onsets(conversion, target)
    assert times.size > 50
    assert np.abs(errors).max() < LARGEST_ERROR_SECONDS


@pytest.mark.parametrize(("case", "by_sum"), list(zip(CASES, (True, False, True), strict=True)))
def test_what_a_conversion_lost_is_put_back(case, by_sum, singer, source, tmp_path):
    conversion = convert(tmp_path, source, singer(*case), by_sum=by_sum)
    assert conversion.true_steps
    check(conversion, tmp_path)


@pytest.mark.parametrize("late_seconds", [0.005, 0.0261])
def test_a_late_conversion_is_moved(late_seconds, singer, source, tmp_path):
    voice = singer("a fifth up, breathy", "gliding")
    check(convert(tmp_path, source, voice, late_seconds=late_seconds), tmp_path)


@pytest.mark.parametrize("features", ["held", "gliding"])
def test_the_lag_of_a_legato_voice_is_right_to_what_it_says(features, tmp_path):
    take = singers.sung(30, seed=23, legato=True)
    voice = take.played(**VOICES["an octave down, larger head"], features=features)
    conversion = convert(tmp_path, take.played(), voice, late_seconds=0.0126)
    drift = measure_drift(conversion.reference, conversion.converted)
    error_frames = abs(drift.lag_frames - 0.0126 * drift.sample_rate)
    assert error_frames < LARGEST_ERROR_SECONDS * drift.sample_rate
    assert error_frames < 2.0 * drift.lag_error_frames
    assert drift.moved_frames


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(400, 406))
@pytest.mark.parametrize("machine", [rvc_cuts.LARGE, rvc_cuts.MIDDLE, rvc_cuts.SMALL])
def test_four_minutes_are_put_right(machine, seed, tmp_path):
    take = singers.sung(240, seed=seed)
    voice, features = list(VOICES.values())[seed % 3], ("held", "gliding")[seed % 2]
    converted = take.played(**voice, features=features)
    check(convert(tmp_path, take.played(), converted, machine), tmp_path)


@pytest.mark.skipif(
    singers.espeak() is None and "CI" not in os.environ, reason="espeak-ng is not installed"
)
def test_speech_is_put_right(tmp_path):
    source, take = singers.spoken(TEXT, tmp_path)
    voice = take.played(semitones=5.0, formants=1.15, features="held")[: source.size]
    conversion = convert(tmp_path, source, voice, by_sum=True)
    if not conversion.true_steps:
        kept = [rvc_cuts.Piece(0.0, 12.0), rvc_cuts.Piece(12.01, source.size / singers.RATE)]
        conversion = convert(tmp_path, source, voice, kept=kept)
    check(conversion, tmp_path)
