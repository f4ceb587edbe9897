"""Items that play the sound of a video or an AAC file."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from fakes.containers import write_container, write_silent_video
from fakes.timelines import write_media

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import SelectionError
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.rpp.host import RppHost
from hanolab_dawtools.model import Wanted

RATE = 48_000
PROJECT = """<REAPER_PROJECT 0.1 "7.18/win64" 1727695440
  SELECTION 0 2
  SAMPLERATE 48000 1 0
  <TRACK {{AAAAAAAA}}
    NAME Film
    <ITEM
      POSITION 0.25
      LENGTH {length}
      LOOP {loop}
      IGUID {{11111111}}
      NAME scene
      SOFFS {offset}
      PLAYRATE {rate} 1 0 -1 0 0.0025
      <SOURCE VIDEO
        FILE "{file}"
      >
    >
  >
  <TRACK {{BBBBBBBB}}
    NAME Keys
    <ITEM
      POSITION 0
      LENGTH 2
      IGUID {{22222222}}
      NAME keys
      <SOURCE WAVE
        FILE "{keys}"
      >
    >
  >
>
"""
DEFAULTS = {"length": 1.75, "loop": 0, "offset": 0.1, "rate": 1, "keys": "keys.wav"}


def captured(folder, file, **fields):
    (folder / "song.rpp").write_text(PROJECT.format(file=file, **{**DEFAULTS, **fields}))
    write_media(folder / "keys.wav", np.zeros((1, 2 * RATE), np.float32), RATE)
    host = RppHost(folder / "song.rpp")
    (selection,) = host.selections(Wanted())
    capture = host.capture(
        selection,
        folder / "job",
        handle_seconds=0.0,
        stop=NeverStop(),
        progress=ignore_progress,
    )
    return capture, read_audio(capture.path).samples


def click(n_channels, rate, at_seconds):
    samples = np.zeros((n_channels, 2 * rate), np.float32)
    samples[:, round(at_seconds * rate)] = 0.9
    return samples


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("name", ["a.m4a", "film.mp4", "film.mov", "film.mkv"])
def test_the_sound_plays_at_its_place(tmp_path, name, rate):
    write_container(tmp_path / name, click(2, rate, 1.0), rate, with_video=name != "a.m4a")
    capture, samples = captured(tmp_path, name)
    assert (capture.n_channels, capture.n_frames) == (2, 2 * RATE)
    assert abs(int(np.argmax(np.abs(samples[0]))) - round(1.15 * RATE)) <= 1
    assert [note.item for note in capture.approximate] == ["scene"]
    assert "decoded by FFmpeg" in capture.approximate[0].reason
    assert sorted(path.name for path in (tmp_path / "job").iterdir()) == ["capture.wav"]


def test_lossless_sound_is_exact(tmp_path):
    whole = np.random.default_rng(0).integers(-32_768, 32_768, (1, 2 * RATE))
    sound = (whole / 32_768).astype(np.float32)
    write_container(tmp_path / "a.mov", sound, RATE, codec="pcm_s16le", with_video=True)
    _, samples = captured(tmp_path, "a.mov", offset=0)
    assert np.array_equal(samples[0, RATE // 4 :], sound[0, : round(1.75 * RATE)])


def test_a_video_loops_at_its_own_length(tmp_path):
    sound = click(1, RATE, 0.25)[:, : RATE // 2]
    write_container(tmp_path / "a.m4a", sound, RATE)
    _, samples = captured(tmp_path, "a.m4a", offset=0, loop=1)
    places = np.flatnonzero(np.abs(samples[0]) > 0.5)
    assert places.tolist() == [RATE // 2, RATE, RATE + RATE // 2]


def test_a_video_is_stretched(tmp_path):
    write_container(tmp_path / "a.m4a", click(1, RATE, 1.0), RATE)
    capture, samples = captured(tmp_path, "a.m4a", rate=0.8, offset=0)
    assert abs(int(np.argmax(np.abs(samples[0]))) - 1.5 * RATE) < 0.0035 * RATE
    assert len(capture.approximate) == 2


@pytest.mark.parametrize("kind", ["silent", "damaged", "missing"])
def test_a_video_without_sound_is_skipped_while_the_rest_renders(tmp_path, kind):
    if kind == "silent":
        write_silent_video(tmp_path / "a.mp4")
    elif kind == "damaged":
        (tmp_path / "a.mp4").write_bytes(b"\0" * 1_000)
    capture, _ = captured(tmp_path, "a.mp4")
    (note,) = capture.skipped
    assert (note.item, note.track) == ("scene", "Film")
    assert {"silent": "no audio stream", "damaged": "decoded", "missing": "missing"}[
        kind
    ] in note.reason


def test_without_the_library_the_item_is_skipped_and_told_how_to_get_it(tmp_path, monkeypatch):
    write_container(tmp_path / "a.m4a", click(1, RATE, 1.0), RATE)
    monkeypatch.setitem(sys.modules, "av", None)
    capture, _ = captured(tmp_path, "a.m4a")
    assert "nstall with pip install 'hanolab_dawtools[video]'" in capture.skipped[0].reason


def test_nothing_is_left_when_nothing_can_be_rendered(tmp_path):
    write_silent_video(tmp_path / "a.mp4")
    with pytest.raises(SelectionError, match="has no audio stream"):
        captured(tmp_path, "a.mp4", keys="gone.wav")
    assert not (tmp_path / "job" / "making").exists()
