from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.audio.buffer import AudioBuffer
from hanolab_dawtools.audio.digest import content_digest
from hanolab_dawtools.audio.files import read_audio, write_audio
from hanolab_dawtools.errors import AudioFileError, JobCancelled, SelectionError, UsageError
from hanolab_dawtools.events import NeverStop, Progress, ignore_progress
from hanolab_dawtools.hosts.audio_file import AudioFileHost
from hanolab_dawtools.model import Capture, CapturePoint, Grouping, Selection, Wanted

RATES = (22_050, 44_100, 48_000, 96_000, 192_000)


def noise(n_channels: int, n_frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, (n_channels, n_frames)).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = 48_000) -> Path:
    write_audio(path, AudioBuffer(samples, rate))
    return path


def capture(host: AudioFileHost, selection: Selection, folder: Path, handle: float = 0) -> Capture:
    return host.capture(
        selection, folder, handle_seconds=handle, stop=NeverStop(), progress=ignore_progress
    )


def test_whole_file_is_selected_when_nothing_is_said(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(2, 96_000)))
    (selection,) = host.selections(Wanted())
    assert (selection.name, selection.start_seconds, selection.end_seconds) == ("song", 0.0, 2.0)
    assert selection.reason == "whole file"


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
def test_whole_file_comes_out_bit_for_bit(tmp_path, rate, n_channels):
    samples = noise(n_channels, 70_001) * 4  # over full scale: nothing may clip
    host = AudioFileHost(write(tmp_path / "song.wav", samples, rate))
    (selection,) = host.selections(Wanted())
    made = capture(host, selection, tmp_path / "work", handle=5.0)
    assert np.array_equal(read_audio(made.path).samples, samples)
    assert (made.sample_rate, made.n_channels, made.n_frames) == (rate, n_channels, 70_001)
    assert (made.lead_frames, made.tail_frames, made.start_frame) == (0, 0, 0)


@given(
    start=st.integers(0, 9_000),
    length=st.integers(1, 999),
    handle=st.integers(0, 12_000),
    rate=st.sampled_from(RATES),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_range_and_its_handles_are_the_frames_of_the_file(tmp_path, start, length, handle, rate):
    samples = noise(2, 10_000)
    host = AudioFileHost(write(tmp_path / "song.wav", samples, rate))
    wanted = Wanted(range_seconds=(start / rate, (start + length) / rate))
    (selection,) = host.selections(wanted)
    made = capture(host, selection, tmp_path / "work", handle / rate)
    assert made.lead_frames == min(handle, start)
    assert made.tail_frames == min(handle, 10_000 - start - length)
    assert (made.start_frame, made.selection_frames) == (start, length)
    expected = samples[:, start - made.lead_frames : start + length + made.tail_frames]
    assert np.array_equal(read_audio(made.path).samples, expected)


def test_digest_is_that_of_the_written_file(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(2, 200_000)))
    (selection,) = host.selections(Wanted())
    made = capture(host, selection, tmp_path / "work")
    assert made.digest == content_digest(made.path)


@pytest.mark.parametrize(
    ("name", "container", "subtype"),
    [
        ("a.flac", "FLAC", "PCM_24"),
        ("a.aiff", "AIFF", "PCM_16"),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.mp3", "MP3", "MPEG_LAYER_III"),
    ],
)
def test_other_formats_come_out_as_they_decode_from_their_start(tmp_path, name, container, subtype):
    path = tmp_path / name
    write_audio(path, AudioBuffer(noise(2, 96_000), 48_000), format=container, subtype=subtype)
    decoded = read_audio(path).samples
    (selection,) = AudioFileHost(path).selections(Wanted(range_seconds=(1.0, 1.5)))
    made = capture(AudioFileHost(path), selection, tmp_path / "work")
    assert np.allclose(read_audio(made.path).samples, decoded[:, 48_000:72_000], atol=1e-6)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(region="Verse"),
        Wanted(tracks=("Drums",)),
        Wanted(grouping=Grouping.TRACK),
        Wanted(point=CapturePoint.MASTER),
    ],
)
def test_what_only_a_project_has_is_refused(tmp_path, wanted):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 100)))
    with pytest.raises(UsageError, match=r"does not apply to song\.wav"):
        host.selections(wanted)


@pytest.mark.parametrize("span", [(1.5, 2.5), (3.0, 4.0), (-1.0, 1.0)])
def test_range_outside_the_file_tells_its_length(tmp_path, span):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 96_000)))
    with pytest.raises(SelectionError, match=r"is 0:02\.000 long"):
        host.selections(Wanted(range_seconds=span))


@pytest.mark.parametrize("span", [(1.0, 1.0), (1.5, 0.5), (1.0, 1.000001)])
def test_empty_and_reversed_ranges_are_refused(tmp_path, span):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 96_000)))
    with pytest.raises(SelectionError, match="is empty"):
        host.selections(Wanted(range_seconds=span))


def test_length_as_shown_is_taken_as_the_end(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 48_020)))  # 1.000417 s: "0:01.000"
    with pytest.raises(SelectionError):
        host.selections(Wanted(range_seconds=(0.5, 1.0025)))
    (selection,) = host.selections(Wanted(range_seconds=(0.5, 1.001)))
    assert selection.end_seconds == 48_020 / 48_000


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused_with_their_time(tmp_path, bad):
    samples = noise(2, 200_000)
    samples[1, 96_000] = bad
    host = AudioFileHost(write(tmp_path / "song.wav", samples))
    (selection,) = host.selections(Wanted())
    with pytest.raises(AudioFileError, match=r"at 0:02\.000"):
        capture(host, selection, tmp_path / "work")
    assert list((tmp_path / "work").iterdir()) == []


def test_file_without_a_frame_is_refused(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 0)))
    with pytest.raises(AudioFileError, match="holds no audio"):
        host.selections(Wanted())


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\xff" * 5_000])
def test_corrupt_file_is_refused(tmp_path, content):
    (tmp_path / "song.wav").write_bytes(content)
    with pytest.raises(AudioFileError):
        AudioFileHost(tmp_path / "song.wav").selections(Wanted())


def test_file_that_became_shorter_is_refused(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 96_000)))
    (selection,) = host.selections(Wanted())
    write(tmp_path / "song.wav", noise(1, 48_000))
    with pytest.raises(SelectionError, match=r"is 0:01\.000 long"):
        capture(host, selection, tmp_path / "work")


def test_stop_ends_the_capture_and_leaves_no_file(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 300_000)))
    (selection,) = host.selections(Wanted())
    stop = threading.Event()
    seen: list[Progress] = []

    def stop_early(progress: Progress) -> None:
        seen.append(progress)
        stop.set()

    with pytest.raises(JobCancelled):
        host.capture(selection, tmp_path / "work", handle_seconds=0, stop=stop, progress=stop_early)
    assert len(seen) == 1
    assert list((tmp_path / "work").iterdir()) == []


def test_progress_ends_at_one(tmp_path):
    host = AudioFileHost(write(tmp_path / "song.wav", noise(1, 150_000)))
    (selection,) = host.selections(Wanted())
    seen: list[Progress] = []
    host.capture(
        selection, tmp_path / "w", handle_seconds=0, stop=NeverStop(), progress=seen.append
    )
    assert [step.fraction for step in seen] == sorted(step.fraction for step in seen)
    assert seen[-1].fraction == 1.0
