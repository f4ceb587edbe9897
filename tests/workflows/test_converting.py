"""What a voice conversion gives, brought back to what was captured."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from fakes.converted_voices import SECONDS, Conversion, captured, write_source

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.drift import measure_drift
from hanolab_dawtools.audio.files import AudioWriter, probe, read_audio, write_audio
from hanolab_dawtools.audio.levels import measure_levels
from hanolab_dawtools.errors import AudioFileError, InputError, JobCancelled
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.model import Alignment, Capture, Width
from hanolab_dawtools.workflows.converting import bring_back

STEREO = (1.0, 1.0)


def bring(
    folder: Path,
    converted: Path,
    capture: Capture,
    *,
    width: Width = Width.MONO,
    match_level: bool = False,
    is_song: bool = False,
    stop=None,
) -> tuple[np.ndarray, Alignment]:
    target = folder / "back" / "voice.wav"
    alignment = bring_back(
        converted,
        capture,
        target,
        width=width,
        match_level=match_level,
        is_song=is_song,
        stop=stop or NeverStop(),
        progress=ignore_progress,
    )
    assert [path.name for path in target.parent.iterdir()] == ["voice.wav"]
    assert probe(target).sample_rate == capture.sample_rate
    return read_audio(target).samples, alignment


@pytest.mark.parametrize(
    ("rate", "n_channels"), [(22_050, 1), (44_100, 2), (48_000, 6), (96_000, 2), (192_000, 1)]
)
def test_rate_channels_and_length_are_the_captures_to_the_frame(
    tmp_path: Path, rate: int, n_channels: int
) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", rate, (1.0,) * n_channels))
    samples, alignment = bring(tmp_path, Conversion().write(tmp_path / "came.wav"), capture)
    assert samples.shape == (n_channels, capture.n_frames)
    assert (samples == samples[:1]).all()
    assert alignment.length_ratio == pytest.approx((SECONDS - 0.02) / SECONDS, abs=1e-5)
    assert alignment.repairs == ("the last 20 ms are silence, the conversion has none there",)


@pytest.mark.parametrize("late_seconds", [0.0, 0.03, 0.12])
def test_a_voice_that_comes_late_is_put_where_the_source_is(
    tmp_path: Path, late_seconds: float
) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, STEREO))
    came = Conversion(late_seconds=late_seconds).write(tmp_path / "came.wav")
    _, alignment = bring(tmp_path, came, capture)
    assert alignment.lag_frames / 44_100 == pytest.approx(late_seconds, abs=0.003)
    again = measure_drift(capture.path, tmp_path / "back" / "voice.wav")
    assert abs(again.lag_frames) / 44_100 < 0.003


def test_the_end_fades_and_then_is_silent_where_nothing_came_back(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 48_000))
    came = tmp_path / "came.wav"
    tone = np.full((1, round((SECONDS - 0.02) * 48_000)), 0.5, np.float32)
    write_audio(came, AudioBuffer(tone, 48_000))
    samples, _ = bring(tmp_path, came, capture)
    end = tone.shape[1]
    assert not samples[:, end:].any()
    assert np.abs(np.diff(samples[0, end - 300 : end + 10])).max() < 0.005
    np.testing.assert_array_equal(samples[:, : end - 241], tone[:, : end - 241])


def test_a_voice_that_came_too_long_is_cut_to_the_frame(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    came = Conversion(missing_seconds=0.0).write(tmp_path / "came.wav")
    longer = read_audio(came).samples
    write_audio(came, AudioBuffer(np.pad(longer, ((0, 0), (0, 1200))), 40_000))
    samples, alignment = bring(tmp_path, came, capture)
    assert samples.shape[1] == capture.n_frames
    assert all("only known to" in told for told in alignment.repairs), "nothing had to be mended"


@pytest.mark.parametrize(("true_rate", "declared_rate"), [(40_000, 44_100), (48_000, 40_000)])
def test_a_wrongly_declared_rate_is_corrected_and_told(
    tmp_path: Path, true_rate: int, declared_rate: int
) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    right = Conversion(true_rate).write(tmp_path / "right.wav")
    wrong = Conversion(true_rate, declared_rate).write(tmp_path / "wrong.wav")
    expected, _ = bring(tmp_path, right, capture)
    samples, alignment = bring(tmp_path, wrong, capture)
    np.testing.assert_array_equal(samples, expected)
    told = f"declared as {declared_rate} Hz but at {true_rate} Hz: corrected"
    assert told in alignment.repairs


@pytest.mark.parametrize("length", [0.5, 0.8, 1.21])
def test_a_length_that_no_rate_explains_is_refused(tmp_path: Path, length: float) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    noise = np.random.default_rng(1).normal(0, 0.1, (1, round(SECONDS * length * 44_100)))
    write_audio(tmp_path / "came.wav", AudioBuffer(noise.astype(np.float32), 44_100))
    with pytest.raises(InputError, match=r"came back where 0:05\.000 was sent"):
        bring(tmp_path, tmp_path / "came.wav", capture)


def test_a_length_that_a_rate_explains_but_not_the_sound_is_refused(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    noise = np.random.default_rng(1).normal(0, 0.1, (1, round(SECONDS * 40_000)))
    write_audio(tmp_path / "came.wav", AudioBuffer(noise.astype(np.float32), 44_100))
    with pytest.raises(InputError, match="no wrongly declared sample rate explains"):
        bring(tmp_path, tmp_path / "came.wav", capture)


@pytest.mark.parametrize("pan", [(1.0, 1.0), (0.9, 0.3), (0.0, 1.0)])
def test_a_voice_stands_where_its_source_stood(tmp_path: Path, pan: tuple[float, float]) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, pan))
    came = Conversion().write(tmp_path / "came.wav")
    centre, _ = bring(tmp_path, came, capture)
    samples, _ = bring(tmp_path, came, capture, width=Width.SOURCE)
    wanted = np.array(pan) / np.mean(pan)
    if pan == (1.0, 1.0):
        np.testing.assert_array_equal(samples, centre)
    levels = np.sqrt(np.mean(samples.astype(np.float64) ** 2, axis=1))
    before = np.sqrt(np.mean(centre[0].astype(np.float64) ** 2))
    np.testing.assert_allclose(levels / before, wanted, atol=0.01)


def test_one_channel_has_no_width(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    came = Conversion().write(tmp_path / "came.wav")
    centre, _ = bring(tmp_path, came, capture)
    np.testing.assert_array_equal(bring(tmp_path, came, capture, width=Width.SOURCE)[0], centre)


@pytest.mark.parametrize("width", Width)
@pytest.mark.parametrize("gain", [0.1, 6.0])
def test_the_level_is_matched_to_the_sources_loudness(
    tmp_path: Path, width: Width, gain: float
) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, (0.9, 0.3)))
    came = Conversion(gain=gain).write(tmp_path / "came.wav")
    _, alignment = bring(tmp_path, came, capture, width=width, match_level=True)
    wanted = measure_levels(capture.path).loudness_lufs
    found = measure_levels(tmp_path / "back" / "voice.wav").loudness_lufs
    assert found == pytest.approx(wanted, abs=0.02)
    (told,) = [said for said in alignment.repairs if "LUFS" in said]
    assert told.startswith("raised by" if gain < 1 else "lowered by")


def test_without_being_asked_the_level_stays_as_it_came(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 40_000))
    quiet, loud = (
        bring(tmp_path, Conversion(gain=gain).write(tmp_path / "came.wav"), capture)[0]
        for gain in (0.25, 4.0)
    )
    np.testing.assert_allclose(loud, quiet * 16, rtol=1e-6)
    assert np.abs(loud).max() > 1.0


@pytest.mark.parametrize("which", ["capture", "came"])
def test_silence_has_no_level_to_match(tmp_path: Path, which: str) -> None:
    path = write_source(tmp_path / "capture.wav", 44_100)
    came = Conversion().write(tmp_path / "came.wav")
    silent = {"capture": path, "came": came}[which]
    info = probe(silent)
    write_audio(silent, AudioBuffer(np.zeros((1, info.n_frames), np.float32), info.sample_rate))
    _, alignment = bring(tmp_path, came, captured(path), match_level=True)
    assert "the level was not matched: silence has no loudness" in alignment.repairs


def test_a_whole_song_keeps_its_channels(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, STEREO))
    song = np.random.default_rng(3).normal(0, 0.1, (2, capture.n_frames)).astype(np.float32)
    write_audio(tmp_path / "came.wav", AudioBuffer(song, 44_100))
    samples, _ = bring(tmp_path, tmp_path / "came.wav", capture, is_song=True, width=Width.SOURCE)
    np.testing.assert_array_equal(samples, song)


def test_a_voice_that_was_sent_as_two_equal_channels_is_one_voice(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, (0.0, 1.0)))
    came = Conversion(n_channels=2).write(tmp_path / "came.wav")
    samples, _ = bring(tmp_path, came, capture, width=Width.SOURCE)
    assert np.abs(samples[0]).max() < 1e-3 * np.abs(samples[1]).max()


def test_a_result_without_audio_is_told(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100))
    with AudioWriter(tmp_path / "came.wav", 44_100, 1):
        pass
    with pytest.raises(AudioFileError, match="no audio"):
        bring(tmp_path, tmp_path / "came.wav", capture)


def test_it_stops_when_asked_and_a_second_call_ends_in_the_same_file(tmp_path: Path) -> None:
    capture = captured(write_source(tmp_path / "capture.wav", 44_100, STEREO))
    came = Conversion(40_000, 44_100).write(tmp_path / "came.wav")
    expected, _ = bring(tmp_path, came, capture)
    stop = threading.Event()
    stop.set()
    with pytest.raises(JobCancelled):
        bring(tmp_path, came, capture, stop=stop)
    samples, _ = bring(tmp_path, came, capture)
    np.testing.assert_array_equal(samples, expected)
