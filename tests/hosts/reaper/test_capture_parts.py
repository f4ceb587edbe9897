"""Parts of a capture by themselves: fingerprints, the sum, the header of a rendered file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.timelines import item, noise, project, track, write_media

from hanolab_dawtools.audio.files import AudioWriter
from hanolab_dawtools.errors import HostCallFailed
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.hosts.project.timeline import Take
from hanolab_dawtools.hosts.reaper import item_mix
from hanolab_dawtools.hosts.reaper.fingerprint import fingerprint_of
from hanolab_dawtools.hosts.reaper.item_mix import mixed_blocks
from hanolab_dawtools.hosts.reaper.render_files import Piece, RenderedPiece, inspect_render

RATE = 48_000


def changed(timeline, **fields):
    """A project whose first item is another one; `take_` fields go into its take."""
    one = timeline.tracks[0]
    first = one.items[0]
    take = {name[5:]: fields.pop(name) for name in list(fields) if name.startswith("take_")}
    assert isinstance(first.takes[0], Take)
    items = (replace(first, takes=(replace(first.takes[0], **take),), **fields), *one.items[1:])
    return replace(timeline, tracks=(replace(one, items=items), *timeline.tracks[1:]))


@pytest.fixture
def timeline(tmp_path):
    return project(tmp_path, track(item("a.wav", 0.0, 1.0, id="a"), item("b.wav", 1, 1, id="b")))


@pytest.mark.parametrize(
    "fields",
    [
        {"position_seconds": 0.1},
        {"length_seconds": 0.9},
        {"gain": 0.5},
        {"is_looped": True},
        {"take_source_offset_seconds": 0.1},
        {"take_play_rate": 1.1},
        {"take_pitch_semitones": 1.0},
        {"take_gain": 0.5},
        {"take_source": None},
        {"take_channel_mode": 2},
        {"id": "c"},
    ],
)
def test_fingerprint_tells_an_item_that_sounds_different(timeline, fields):
    assert fingerprint_of(changed(timeline, **fields), ["a"]) != fingerprint_of(timeline, ["a"])


@pytest.mark.parametrize(
    "fields", [{"is_muted": True}, {"take_name": "new"}, {"position_seconds": 1e-12}]
)
def test_fingerprint_does_not_tell_what_is_not_the_items_sound(timeline, fields):
    assert fingerprint_of(changed(timeline, **fields), ["a"]) == fingerprint_of(timeline, ["a"])


def test_fingerprint_does_not_tell_of_other_items(timeline):
    moved = changed(timeline, position_seconds=0.5)
    assert fingerprint_of(moved, ["b"]) == fingerprint_of(timeline, ["b"])


def rendered(folder: Path, number: int, start: int, n_frames: int, **fields) -> RenderedPiece:
    """A file of noise as if REAPER had rendered it, from a frame of the timeline on."""
    samples = noise(2, n_frames, number)
    path = write_media(folder / f"{number}.wav", samples, RATE)
    piece = Piece(str(number), str(number), start, start + n_frames, gaps=fields.pop("gaps", ()))
    facts = {"n_channels": 2, "offset_frames": 0, "missing_frames": 0, "peak": 1.0}
    return RenderedPiece(piece, path, **{**facts, "is_mono": False, **fields})


@pytest.mark.parametrize("block_frames", [7, 1_000, 1_000_000])
def test_sum_does_not_depend_on_the_size_of_the_blocks(tmp_path, monkeypatch, block_frames):
    monkeypatch.setattr(item_mix, "MAX_OPEN_FILES", 3)
    files = [rendered(tmp_path, n, 100 * n, 500) for n in range(8)]
    expected = np.zeros((2, 1_200))
    for number in range(8):
        expected[:, 100 * number : 100 * number + 500] += noise(2, 500, number)
    blocks = mixed_blocks(
        files, start_frame=50, end_frame=1_300, n_channels=2, block_frames=block_frames
    )
    got = np.concatenate(list(blocks), axis=1)
    assert np.array_equal(got[:, :1_150], expected[:, 50:].astype(np.float32))
    assert not got[:, 1_150:].any()


def test_gaps_hold_nothing_of_the_item_and_all_of_the_others(tmp_path):
    files = [rendered(tmp_path, 1, 0, 500, gaps=((100, 200),)), rendered(tmp_path, 2, 100, 100)]
    (got,) = mixed_blocks(files, start_frame=0, end_frame=500, n_channels=2)
    assert np.array_equal(got[:, 100:200], noise(2, 100, 2))
    assert np.array_equal(got[:, :100], noise(2, 500, 1)[:, :100])


PIECE = Piece("{A}", 'item "a"', 1_000, 2_000, whole=(500, 3_000))


def inspected(path: Path, n_channels: int = 2) -> RenderedPiece:
    return inspect_render(path, PIECE, sample_rate=RATE, n_channels=n_channels, stop=NeverStop())


def file_of(folder: Path, n_frames: int, **options) -> Path:
    return write_media(folder / "a.wav", noise(2, n_frames), RATE, **options)


def test_a_whole_item_is_cut_to_the_part_that_was_asked_for(tmp_path):
    one = inspected(file_of(tmp_path, 2_500))
    assert (one.offset_frames, one.missing_frames) == (500, 0)


@pytest.mark.parametrize(("n_frames", "missing"), [(999, 1), (1_000, 0), (1_001, -1)])
def test_one_frame_more_or_less_is_taken(tmp_path, n_frames, missing):
    one = inspected(file_of(tmp_path, n_frames))
    assert (one.offset_frames, one.missing_frames) == (0, missing)


@pytest.mark.parametrize("n_frames", [0, 998, 1_002, 2_498, 2_502])
def test_any_other_length_is_refused(tmp_path, n_frames):
    with pytest.raises(HostCallFailed, match=f"with {n_frames} frames instead of 1000"):
        inspected(file_of(tmp_path, n_frames))


def test_other_channels_than_asked_are_refused(tmp_path):
    with pytest.raises(HostCallFailed, match="with 2 channels instead of 48000 Hz with 6"):
        inspected(file_of(tmp_path, 1_000), n_channels=6)


@pytest.mark.parametrize("kind", ["RF64", "W64"])
def test_forms_for_large_files_are_read(tmp_path, kind):
    with AudioWriter(tmp_path / "a.wav", RATE, 2, format=kind) as writer:
        writer.write(noise(2, 1_000))
    one = inspected(tmp_path / "a.wav")
    assert one.missing_frames == 0
    assert not one.is_silent


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"not a wave" * 10])
def test_what_is_no_whole_wave_file_is_refused(tmp_path, content):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(HostCallFailed, match="the file is cut off"):
        inspected(tmp_path / "a.wav")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(HostCallFailed, match="cannot be read"):
        inspected(tmp_path / "a.wav")
