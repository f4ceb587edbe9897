"""Repairs: what is mended, what is left alone, and that the mended stems lie where they should."""

import threading

import numpy as np
import pytest
from fakes.delays import late, pink_noise, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.align import measure_alignment
from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.files import probe, read_audio
from hanolab_dawtools.audio.null import null_db
from hanolab_dawtools.audio.repair import repair
from hanolab_dawtools.audio.resample import resample
from hanolab_dawtools.errors import InputError, JobCancelled
from hanolab_dawtools.units import PERFECT_NULL_DB

SAMPLE_RATE = 48_000
N_FRAMES = 2 * SAMPLE_RATE


def music_with_room(n_channels=1, seed=0):
    """Music between two silences, so that a shift loses nothing."""
    music = pink_noise(N_FRAMES - 10_000, n_channels=n_channels, seed=seed)
    return np.pad(music, ((0, 0), (5000, 5000)))


def repaired(folder, reference, stems, *, stem_rate=SAMPLE_RATE, n_frames=None):
    """Measure and repair; the reference's path, the stems' and what came of it."""
    mix = write(folder / "mix.wav", reference, SAMPLE_RATE)
    paths = [
        write(folder / f"stem{number}.wav", samples, stem_rate)
        for number, samples in enumerate(stems)
    ]
    measurement = measure_alignment(mix, paths, max_lag_seconds=0.5)
    result = repair(mix, paths, measurement, folder / "repaired", n_frames=n_frames)
    assert result.alignment.repairs == result.repairs
    return mix, paths, result


def test_what_is_right_is_handed_back_untouched(tmp_path):
    parts = [music_with_room(2, seed) for seed in (1, 2)]
    _, paths, result = repaired(tmp_path, parts[0] + parts[1], parts)
    assert result.paths == tuple(paths)
    assert result.repairs == ()
    assert result.alignment.null_db < -140.0
    assert not (tmp_path / "repaired").exists()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lag=st.integers(-5000, 5000).filter(bool), polarity=st.sampled_from([1, -1]))
def test_a_whole_lag_is_taken_out_without_changing_a_bit(tmp_path, lag, polarity):
    music = music_with_room(2)
    mix, _, result = repaired(tmp_path, music, [polarity * late(music, lag)])
    assert result.alignment.null_db == PERFECT_NULL_DB
    assert (result.alignment.lag_frames, result.alignment.polarity) == (lag, polarity)
    assert np.array_equal(read_audio(result.paths[0]).samples, music)
    again = measure_alignment(mix, result.paths, max_lag_seconds=0.5)
    assert (again.lag_frames, again.polarity) == (0.0, 1)


@pytest.mark.parametrize(
    ("lag", "sentence"),
    [(480, "moved earlier by 480 frames (10.00 ms)"), (-48, "moved later by 48 frames (1.00 ms)")],
)
def test_a_move_is_said_in_one_sentence(tmp_path, lag, sentence):
    music = music_with_room()
    assert repaired(tmp_path, music, [late(music, lag)])[2].repairs[0] == sentence


def test_all_stems_are_moved_alike(tmp_path):
    parts = [music_with_room(2, seed) for seed in (1, 2, 3)]
    late_parts = [late(part, 77) for part in parts]
    _, _, result = repaired(tmp_path, parts[0] + parts[1] + parts[2], late_parts)
    for path, part in zip(result.paths, parts, strict=True):
        assert np.array_equal(read_audio(path).samples, part)


@pytest.mark.parametrize("lag", [0.5, 10.25, -3.4])
def test_a_fraction_is_taken_out_when_the_null_gains_by_it(tmp_path, lag):
    music = music_with_room()
    mix, paths, result = repaired(tmp_path, music, [late(music, lag)])
    whole_db = null_db(mix, paths, lag_frames=round(lag), overlap_only=True)
    assert result.alignment.null_db < min(whole_db - 1.0, -80.0)
    again = measure_alignment(mix, result.paths, max_lag_seconds=0.5)
    assert again.lag_frames == pytest.approx(0.0, abs=0.01)


def test_a_fraction_stays_when_the_null_does_not_gain_by_it(tmp_path):
    music, other = music_with_room(seed=1), music_with_room(seed=2)
    quarter_late = late(music, 20.25)
    _, _, result = repaired(tmp_path, 0.3 * music + other, [quarter_late])
    assert result.repairs[0].startswith("moved earlier by 20 frames")
    assert np.array_equal(read_audio(result.paths[0]).samples, late(quarter_late, -20))


def test_low_confidence_moves_nothing(tmp_path):
    hiss = np.random.default_rng(3).standard_normal((1, N_FRAMES))
    _, paths, result = repaired(tmp_path, music_with_room(), [hiss])
    assert (result.paths, result.repairs) == (tuple(paths), ())
    assert result.alignment.confidence < 0.2


@pytest.mark.parametrize("change", [-300, 200])
def test_a_wrong_length_is_mended_at_the_end(tmp_path, change):
    music = music_with_room(2)
    frames = np.arange(N_FRAMES + change)
    stem = np.where(frames < N_FRAMES, music[:, frames % N_FRAMES], 0.25)
    _, _, result = repaired(tmp_path, music, [stem])
    assert len(result.repairs) == 1
    assert str(abs(change)) in result.repairs[0]
    assert np.array_equal(read_audio(result.paths[0]).samples, music)


@pytest.mark.parametrize("short", [0, 1])
def test_only_the_stem_of_wrong_length_is_written(tmp_path, short):
    parts = [music_with_room(1, seed) for seed in (1, 2)]
    stems = [part[:, : N_FRAMES - 100 * (k == short)] for k, part in enumerate(parts)]
    _, paths, result = repaired(tmp_path, parts[0] + parts[1], stems)
    assert result.paths[1 - short] == paths[1 - short]
    assert result.paths[short] != paths[short]


def test_every_stem_gets_the_asked_length(tmp_path):
    music = music_with_room()
    _, _, result = repaired(tmp_path, music, [late(music, 9)], n_frames=N_FRAMES - 1000)
    assert probe(result.paths[0]).n_frames == N_FRAMES - 1000


@pytest.mark.parametrize("declared", [44_100, 96_000])
def test_a_wrongly_declared_rate_is_corrected_to_the_bit(tmp_path, declared):
    music = music_with_room()
    _, _, result = repaired(tmp_path, music, [late(music, 60)], stem_rate=declared)
    buffer = read_audio(result.paths[0])
    assert buffer.sample_rate == SAMPLE_RATE
    assert np.array_equal(buffer.samples, music)
    assert f"declared as {declared} Hz but are at 48000 Hz" in result.repairs[0]


@pytest.mark.parametrize("declared", [44_100, 48_000])
def test_stems_of_another_rate_come_at_the_rate_of_the_input(tmp_path, declared):
    music = music_with_room()
    stem = resample(AudioBuffer(music, SAMPLE_RATE), 44_100).samples
    _, _, result = repaired(tmp_path, music, [stem], stem_rate=declared)
    assert "resampled from 44100 Hz to 48000 Hz" in result.repairs
    assert probe(result.paths[0]).n_frames == N_FRAMES
    assert result.alignment.null_db < -18.0  # the top of the band is gone, nothing else


def test_other_audio_of_a_suspicious_length_is_refused(tmp_path):
    theirs = pink_noise(88_200, seed=5)
    with pytest.raises(InputError, match="44100 Hz, not at the declared 48000 Hz") as caught:
        repaired(tmp_path, music_with_room(), [theirs])
    assert caught.value.hint


def test_channels_that_cannot_be_compared_give_no_null(tmp_path):
    music = music_with_room(1)
    _, _, result = repaired(tmp_path, np.tile(music, (6, 1)), [np.tile(late(music, 8), (2, 1))])
    assert result.alignment.null_db is None
    assert result.repairs[0].startswith("moved earlier by 8 frames")
    assert probe(result.paths[0]).n_channels == 2


def test_stems_of_one_name_do_not_overwrite_each_other(tmp_path):
    parts = [music_with_room(1, seed) for seed in (1, 2)]
    mix = write(tmp_path / "mix.wav", parts[0] + parts[1], SAMPLE_RATE)
    paths = [
        write(tmp_path / folder / "stem.wav", late(part, 5), SAMPLE_RATE)
        for folder, part in zip("ab", parts, strict=True)
    ]
    result = repair(mix, paths, measure_alignment(mix, paths), tmp_path / "out")
    assert [path.name for path in result.paths] == ["stem.wav", "stem-2.wav"]
    assert result.alignment.null_db < -140.0


def test_the_stems_own_folder_is_no_place_for_repaired_ones(tmp_path):
    music = music_with_room()
    mix = write(tmp_path / "mix.wav", music, SAMPLE_RATE)
    stem = write(tmp_path / "stem.wav", late(music, 5), SAMPLE_RATE)
    with pytest.raises(ValueError, match="another folder"):
        repair(mix, [stem], measure_alignment(mix, [stem]), tmp_path)


def test_a_stopped_repair_leaves_no_file(tmp_path):
    music = music_with_room()
    mix = write(tmp_path / "mix.wav", music, SAMPLE_RATE)
    stem = write(tmp_path / "stem.wav", late(music, 5), SAMPLE_RATE)
    measurement = measure_alignment(mix, [stem])
    stop = threading.Event()
    with pytest.raises(JobCancelled):
        repair(
            mix,
            [stem],
            measurement,
            tmp_path / "out",
            stop=stop,
            progress=lambda report: stop.set(),
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_low_confidence_still_gives_the_asked_length(tmp_path):
    hiss = np.random.default_rng(3).standard_normal((1, N_FRAMES - 400)).astype(np.float32)
    _, _, result = repaired(tmp_path, music_with_room(), [hiss])
    samples = read_audio(result.paths[0]).samples
    assert len(result.repairs) == 1
    assert np.array_equal(samples[:, :-400], hiss)
    assert not samples[:, -400:].any()
