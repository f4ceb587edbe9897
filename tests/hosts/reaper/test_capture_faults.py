"""When REAPER does something else, or nothing: it is told, and the project is as it was."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from fakes.live_captures import captured, item, live, media, project, track
from fakes.timelines import noise

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import (
    AudioFileError,
    DiskFull,
    HostCallFailed,
    JobCancelled,
    SelectionError,
)
from hanolab_dawtools.hosts.reaper import rendering

RATE = 48_000


class CountedStop:
    """A stop that is set after so many looks at it; `on_wait` is called when it is waited on."""

    def __init__(self, looks: int = 1_000_000, on_wait=lambda: None) -> None:
        self.looks, self.on_wait, self.waits = looks, on_wait, 0

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waits += 1
        self.on_wait()
        return self.is_set()


@pytest.fixture
def song(tmp_path):
    """Two items of half a second, one after the other."""
    files = [media(tmp_path / f"{n}.wav", noise(2, 24_000, n)) for n in (1, 2)]
    return project(
        tmp_path,
        track("T", item(files[0], 0.0, 0.5, selected=True), item(files[1], 0.5, 0.5)),
        numbers={"RENDER_SRATE": 96_000, "RENDER_CHANNELS": 1},
        time_selection=[0.1, 0.2],
    )


@pytest.fixture
def work(tmp_path):
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.mark.parametrize(
    ("misbehaviour", "told"),
    [
        ("render_one_frame_short", "a frame less than asked, which is silent now"),
        ("render_one_frame_long", "a frame more than asked, which was left out"),
    ],
)
def test_a_frame_more_or_less_is_mended_at_the_end_and_told(song, work, misbehaviour, told):
    with live(song, misbehaviours=[misbehaviour]) as channel:
        got = captured(channel, work, 0.0, 1.0)
    samples = read_audio(got.path).samples
    assert got.n_frames == samples.shape[1] == 48_000
    for start, seed in ((0, 1), (24_000, 2)):
        assert np.array_equal(
            samples[:, start : start + 23_999], noise(2, 24_000, seed)[:, :23_999]
        )
    (remark,) = got.remarks
    assert told in remark


def test_silence_is_refused_with_what_was_rendered(song, work):
    with live(song, misbehaviours=["render_silent"]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match=r"only silence of 'part' .item ") as caught:
            captured(channel, work, 0.0, 1.0)
        assert channel.snapshot() == before
    assert caught.value.code == "silent"
    assert "Listen to it in REAPER" in caught.value.hint
    assert list(work.iterdir()) == []


def test_silence_of_one_item_is_told(tmp_path, work):
    quiet = media(tmp_path / "quiet.wav", np.zeros((1, 24_000), dtype=np.float32))
    loud = media(tmp_path / "loud.wav", noise(1, 24_000))
    with live(project(tmp_path, track("T", item(quiet, 0, 0.5), item(loud, 0.5, 0.5)))) as channel:
        got = captured(channel, work, 0.0, 1.0)
    assert got.remarks == ('REAPER rendered only silence of item "quiet.wav" on track "T"',)


def test_no_file_is_an_error_and_the_project_is_as_it_was(song, work):
    with live(song, misbehaviours=["render_writes_nothing"]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match="made no file"):
            captured(channel, work, 0.0, 1.0)
        assert channel.snapshot() == before
    assert list(work.iterdir()) == []


def test_another_rate_than_asked_is_refused(song, work):
    slow = {**song, "sample_rate": 44_100}
    told = pytest.raises(HostCallFailed, match=r"at 48000 Hz .* instead of 44100 Hz")
    with live(slow, misbehaviours=["render_at_device_rate"]) as channel, told:
        captured(channel, work, 0.0, 1.0)


@pytest.mark.parametrize("n_bytes", [10, 60, 5_000])
def test_a_file_that_is_cut_off_is_refused(song, work, n_bytes):
    with live(song) as channel:
        call = channel.call

        def cut(command, arguments, **options):
            answer = call(command, arguments, **options)
            for one in answer.get("files", ()):
                with Path(one["path"]).open("rb+") as stream:
                    stream.truncate(n_bytes)
            return answer

        channel.call = cut
        with pytest.raises(HostCallFailed, match=r"cut off|frames instead of"):
            captured(channel, work, 0.0, 1.0)


def test_a_value_that_is_no_number_is_refused_with_its_time(tmp_path, work):
    samples = noise(1, 48_000)
    samples[0, 36_000] = np.nan
    song = project(tmp_path, track("T", item(media(tmp_path / "a.wav", samples), 1, 1)))
    told = pytest.raises(AudioFileError, match=r'of item "a.wav" on track "T" at 0:01.750')
    with live(song) as channel, told:
        captured(channel, work, 1.0, 2.0)


def test_a_stop_between_two_renders_ends_it_and_leaves_nothing(song, work):
    renders = []
    with live(song) as channel:
        before = channel.snapshot()
        channel.when_rendering(lambda: renders.append(1))
        with pytest.raises(JobCancelled):
            captured(channel, work, 0.0, 1.0, stop=CountedStop(1))
        assert channel.snapshot() == before
    assert len(renders) == 1
    assert list(work.iterdir()) == []


def test_the_end_of_playback_is_waited_for(song, work):
    told = []
    with live(song) as channel:
        playing = channel.host.projects[0]
        playing.play_state = 1

        def stop_playing() -> None:
            if stop.waits == 3:
                playing.play_state = 0

        stop = CountedStop(on_wait=stop_playing)
        captured(channel, work, 0.0, 1.0, stop=stop, progress=told.append)
    assert stop.waits == 3
    assert [one.step for one in told].count(
        "waiting until REAPER has stopped playing or rendering"
    ) == 3


def test_playback_without_end_is_given_up(song, work):
    stop = CountedStop()
    with live(song) as channel:
        channel.host.projects[0].play_state = 1
        with pytest.raises(HostCallFailed, match="is playing"):
            captured(channel, work, 0.0, 1.0, stop=stop)
    assert stop.waits * rendering.WAIT_SECONDS == rendering.MAX_WAIT_SECONDS


def test_a_recording_is_left_alone(song, work):
    with live(song) as channel:
        channel.host.projects[0].play_state = 5
        with pytest.raises(HostCallFailed, match="is recording"):
            captured(channel, work, 0.0, 1.0)


def test_too_little_room_is_told_before_reaper_is_held_up(song, work, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100_000))
    with live(song) as channel:
        with pytest.raises(DiskFull):
            captured(channel, work, 0.0, 1.0)
        assert [command for command, _ in channel.calls] == ["timeline"]


def test_a_disk_that_fills_up_while_reaper_renders_is_told_as_that(song, work, monkeypatch):
    with live(song, misbehaviours=["disk_full"]) as channel:
        before = channel.snapshot()
        none_left = SimpleNamespace(free=0)
        channel.when_rendering(
            lambda: monkeypatch.setattr(shutil, "disk_usage", lambda path: none_left)
        )
        with pytest.raises(DiskFull):
            captured(channel, work, 0.0, 1.0)
        assert channel.snapshot() == before
    assert list(work.iterdir()) == []


def test_midi_and_missing_media_are_skipped_and_told(tmp_path, work):
    file = media(tmp_path / "a.wav", noise(1, 24_000))
    gone = str(tmp_path / "gone.wav")
    song = project(
        tmp_path,
        track(
            "T",
            item(file, 0.0, 0.5),
            item(gone, 0.0, 0.5),
            item("", 0.0, 0.5, take={"kind": "MIDI", "name": "Chords"}),
        ),
    )
    with live(song) as channel:
        got = captured(channel, work, 0.0, 0.5)
        with pytest.raises(SelectionError, match="nothing of 'part' can be rendered"):
            captured(channel, work, 0.0, 0.5, item_ids=(channel.item_id(0, 1),))
    assert len(got.sources) == 1
    reasons = {note.item: note.reason for note in got.skipped}
    assert "is missing" in reasons["gone.wav"]
    assert "instrument" in reasons["Chords"]


def test_an_item_that_is_gone_meanwhile_is_told(song, work):
    with live(song) as channel, pytest.raises(SelectionError, match="was changed"):
        captured(channel, work, 0.0, 1.0, item_ids=("{gone}",))


def test_less_than_a_frame_is_refused(song, work):
    with live(song) as channel, pytest.raises(SelectionError, match="shorter than one frame"):
        captured(channel, work, 0.1, 0.100001)


def test_a_slow_render_is_told_as_a_setting_of_the_project(tmp_path, work):
    file = media(tmp_path / "a.wav", noise(1, 8 * RATE))
    with live(project(tmp_path, track("T", item(file, 0.0, 8.0)))) as channel:
        call = channel.call

        def slowed(command, arguments, **options):
            answer = call(command, arguments, **options)
            for one in answer.get("files", ()):
                one["seconds_taken"] = 7.9
            return answer

        channel.call = slowed
        got = captured(channel, work, 0.0, 8.0)
        assert not captured(channel, work, 0.0, 4.0).remarks
    (remark,) = got.remarks
    assert "8 s of audio in 8 s" in remark
    assert "Full-speed Offline" in remark


def test_progress_follows_the_length_of_the_audio(tmp_path, work):
    file = media(tmp_path / "a.wav", noise(1, 4 * RATE))
    told = []
    with live(project(tmp_path, track("T", item(file, 0, 1), item(file, 1, 3)))) as channel:
        captured(channel, work, 0.0, 4.0, progress=told.append)
    rendering_steps = [one for one in told if one.step == "rendering in REAPER"]
    assert [one.fraction for one in rendering_steps] == [0.0, 0.25, 1.0]
    assert told[-1].step == "capturing"
    assert told[-1].fraction == 1.0


def test_an_unsaved_project_is_captured_as_any_other(tmp_path, work):
    file = media(tmp_path / "a.wav", noise(1, 24_000))
    with live({**project(tmp_path, track("T", item(file, 0.0, 0.5))), "path": ""}) as channel:
        got = captured(channel, work, 0.0, 0.5)
        assert "render" in [command for command, _ in channel.calls]
    assert np.array_equal(read_audio(got.path).samples, noise(1, 24_000))


def test_what_a_crash_left_of_an_earlier_capture_is_removed(song, work):
    left = work / rendering.RENDER_FOLDER / "hanolab-old.wav"
    left.parent.mkdir()
    left.write_bytes(b"old")
    with live(song) as channel:
        captured(channel, work, 0.0, 1.0)
    assert [path.name for path in work.iterdir()] == ["capture.wav"]
