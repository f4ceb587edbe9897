"""Captures of items through REAPER: every frame where it must be, as REAPER plays it."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.live_captures import captured, impulses, item, live, media, project, track
from fakes.timelines import noise

from hanolab_dawtools.audio.digest import content_digest
from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.units import seconds_to_frames

RATE = 48_000


@pytest.mark.parametrize("n_channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000, 192_000])
def test_impulse_comes_out_at_its_frame(tmp_path, rate, n_channels):
    file = media(tmp_path / "a.wav", impulses(4_000, 123, 3_456, n_channels=n_channels), rate)
    position = (10_007 + 0.37) / rate
    song = project(
        tmp_path,
        track("T", item(file, position, 4_000 / rate), n_channels=6),
        sample_rate=rate,
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 10_000 / rate, 14_000 / rate)
    samples = read_audio(got.path).samples
    start = seconds_to_frames(position, rate) - 10_000
    assert (got.sample_rate, got.n_channels, got.n_frames) == (rate, n_channels, 4_000)
    assert got.start_frame == 10_000
    for channel_number in range(n_channels):
        frames = np.flatnonzero(samples[channel_number]).tolist()
        assert frames == [start + 123, start + 3_456]
        assert np.all(samples[channel_number][frames] == np.float32(0.5 / (channel_number + 1)))
    assert got.digest == content_digest(got.path)


def test_item_and_take_volume_sound_and_those_of_the_track_do_not(tmp_path):
    file = media(tmp_path / "a.wav", np.full((2, 4_800), 0.5, dtype=np.float32))
    one = item(file, 0.0, 0.1, volume=0.5, take={"volume": 0.25})
    song = project(tmp_path, track("T", one, volume=0.1, pan=-1.0, fx=["Gain -6 dB"]))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.1)
    assert np.all(read_audio(got.path).samples == 0.0625)
    assert got.unheard_effects == ("T: Gain -6 dB",)


def test_straight_fade_rises_frame_by_frame(tmp_path):
    file = media(tmp_path / "a.wav", np.ones((1, 4_800), dtype=np.float32))
    song = project(tmp_path, track("T", item(file, 0.0, 0.1, fade_in=0.01)))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.1)
    samples = read_audio(got.path).samples[0]
    assert np.allclose(samples[:480], np.arange(480) / 480, atol=1e-6)
    assert np.all(samples[480:] == 1.0)


def test_items_of_two_tracks_are_summed_each_at_its_place(tmp_path):
    files = [media(tmp_path / f"{n}.wav", noise(2, 48_000, n) / 4) for n in (1, 2)]
    song = project(
        tmp_path,
        track("A", item(files[0], 0.0, 1.0)),
        track("B", item(files[1], 0.5, 1.0)),
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.25, 1.25)
    expected = np.zeros((2, 72_000))
    expected[:, :48_000] += noise(2, 48_000, 1) / 4
    expected[:, 24_000:] += noise(2, 48_000, 2) / 4
    assert np.abs(read_audio(got.path).samples - expected[:, 12_000:60_000]).max() < 1e-7
    assert len(got.sources) == 2


def test_an_enclosed_item_replaces_the_one_around_it(tmp_path):
    file = media(tmp_path / "a.wav", np.full((1, 48_000), 0.5, dtype=np.float32))
    inner = item(file, 0.25, 0.5, volume=0.5)
    song = project(tmp_path, track("T", item(file, 0.0, 1.0), inner))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 1.0)
    samples = read_audio(got.path).samples[0]
    assert np.all(samples[12_000:36_000] == 0.25)
    assert np.all(np.delete(samples, np.s_[12_000:36_000]) == 0.5)


@pytest.mark.parametrize("misbehaviours", [(), ("render_ignores_custom_bounds_for_items",)])
def test_of_a_longer_item_the_part_in_the_range_is_captured(tmp_path, misbehaviours):
    samples = noise(2, 96_000)
    song = project(tmp_path, track("T", item(media(tmp_path / "a.wav", samples), 0.123, 2.0)))
    with live(song, misbehaviours=misbehaviours) as channel:
        got = captured(channel, tmp_path, 0.5, 1.5)
    at = 24_000 - seconds_to_frames(0.123, RATE)
    assert np.array_equal(read_audio(got.path).samples, samples[:, at : at + 48_000])


def test_handles_hold_what_plays_around_and_end_with_the_project(tmp_path):
    samples = noise(2, 96_000)
    song = project(tmp_path, track("T", item(media(tmp_path / "a.wav", samples), 0.0, 2.0)))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.25, 1.75, handle_seconds=0.5)
        inner = captured(channel, tmp_path / "b", 1.0, 1.25, handle_seconds=0.5)
    assert (got.lead_frames, got.tail_frames, got.start_frame) == (12_000, 12_000, 12_000)
    assert np.array_equal(read_audio(got.path).samples, samples)
    assert (inner.lead_frames, inner.tail_frames, inner.selection_frames) == (
        24_000,
        24_000,
        12_000,
    )
    assert np.array_equal(read_audio(inner.path).samples, samples[:, 24_000:84_000])


def test_an_item_in_the_handles_alone_is_heard_and_is_no_source(tmp_path):
    files = [media(tmp_path / f"{n}.wav", noise(n, 48_000, n) / 2) for n in (1, 2)]
    song = project(
        tmp_path, track("T", item(files[0], 0.0, 1.0), item(files[1], 1.0, 1.0, guid="{B}"))
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 1.0, handle_seconds=0.5)
    assert (got.n_channels, got.tail_frames, len(got.sources)) == (1, 24_000, 1)
    assert "{B}" not in got.sources
    mean = (noise(2, 48_000, 2) / 2).mean(axis=0)[:24_000]
    assert np.abs(read_audio(got.path).samples[0, 48_000:] - mean).max() < 1e-6


@pytest.mark.parametrize(
    ("project_rate", "device_rate", "expected"),
    [(88_200, 44_100, 88_200), (None, 44_100, 44_100), (None, 0, 96_000)],
)
def test_rate_is_the_projects_or_the_devices_or_the_highest_of_the_media(
    tmp_path, project_rate, device_rate, expected
):
    files = [media(tmp_path / f"{r}.wav", noise(1, r // 4), r) for r in (48_000, 96_000)]
    song = project(tmp_path, track("T", *(item(f, n, 0.25) for n, f in enumerate(files)))) | {
        "sample_rate": project_rate
    }
    with live(song) as channel:
        channel.host.device_rate = device_rate
        got = captured(channel, tmp_path, 0.0, 2.0)
    assert got.sample_rate == read_audio(got.path).sample_rate == expected


def test_mono_beside_stereo_plays_in_both_channels(tmp_path):
    files = [media(tmp_path / f"{n}.wav", noise(n, 24_000, n) / 4) for n in (1, 2)]
    song = project(tmp_path, track("T", *(item(f, n / 2, 0.5) for n, f in enumerate(files))))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 1.0)
    samples = read_audio(got.path).samples
    assert got.n_channels == 2
    assert np.array_equal(samples[0, :24_000], samples[1, :24_000])
    assert np.array_equal(samples[:, 24_000:], noise(2, 24_000, 2) / 4)


def test_a_panned_mono_item_is_stereo(tmp_path):
    file = media(tmp_path / "a.wav", np.full((1, 4_800), 0.5, dtype=np.float32))
    song = project(tmp_path, track("T", item(file, 0.0, 0.1, take={"pan": -1.0})))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.1)
    assert got.n_channels == 2
    assert not read_audio(got.path).samples[1].any()


def test_a_range_between_items_is_silent_there_and_whole(tmp_path):
    file = media(tmp_path / "a.wav", np.ones((1, 4_800), dtype=np.float32))
    song = project(tmp_path, track("T", item(file, 0.0, 0.1), item(file, 0.5, 0.1)))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.05, 0.55)
    samples = read_audio(got.path).samples[0]
    assert np.flatnonzero(np.diff(samples)).tolist() == [2_399, 21_599]


def test_items_of_a_selection_narrow_it(tmp_path):
    file = media(tmp_path / "a.wav", np.full((1, 4_800), 0.5, dtype=np.float32))
    song = project(
        tmp_path, track("A", item(file, 0.0, 0.1, guid="{A}")), track("B", item(file, 0.0, 0.1))
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.1, item_ids=("{A}",))
    assert got.sources == ("{A}",)
    assert np.all(read_audio(got.path).samples == 0.5)
