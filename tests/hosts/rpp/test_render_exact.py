"""Where sound lies: each expectation is computed from the project's own numbers, in plain sums."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, track, write_media
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RATES = (22_050, 44_100, 48_000, 88_200, 96_000, 192_000)
FILES_IN_TEST = [HealthCheck.function_scoped_fixture]


def frame(seconds: float, rate: int) -> int:
    return math.floor(seconds * rate + 0.5)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n_channels", [1, 2, 6])
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=FILES_IN_TEST)
def test_impulse_in_an_item_comes_out_at_its_frame(tmp_path, rate, n_channels, data):
    n_media = 3_000
    at = data.draw(st.integers(0, n_media - 1), label="impulse")
    channel = data.draw(st.integers(0, n_channels - 1), label="channel")
    position = data.draw(st.floats(0, 7), label="position")
    offset = data.draw(st.floats(0, at / rate), label="offset")
    samples = np.zeros((n_channels, n_media), dtype=np.float32)
    samples[channel, at] = 0.7
    write_media(tmp_path / "a.wav", samples, rate)
    one = item("a.wav", position, n_media / rate, source_offset_seconds=offset)
    timeline = project(tmp_path, track(one), sample_rate=rate)
    start = data.draw(st.floats(max(0, position - 0.1), position), label="selection start")
    out = render(timeline, start, position + n_media / rate)
    expected = frame(position, rate) + at - frame(offset, rate) - frame(start, rate)
    assert np.argwhere(out).tolist() == [[channel, expected]]
    assert out[channel, expected] == np.float32(0.7)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("media_rate", RATES)
def test_pulse_keeps_its_time_at_other_rates(tmp_path, rate, media_rate):
    position, offset, centre, width = 0.123_456_7, 0.05, 0.31, 0.001

    def pulse(seconds: np.ndarray) -> np.ndarray:  # 98 % of its energy lies below 500 Hz
        return 0.5 * np.exp(-(((seconds - centre) / width) ** 2))

    media = pulse(np.arange(frame(0.6, media_rate)) / media_rate)[np.newaxis]
    write_media(tmp_path / "a.wav", media.astype(np.float32), media_rate)
    one = item("a.wav", position, 0.5, source_offset_seconds=offset)
    out = render(project(tmp_path, track(one), sample_rate=rate), 0.0, position + 0.5)
    shift = frame(position, rate) - frame(offset, rate)
    expected = pulse((np.arange(out.shape[1]) - shift) / rate)
    expected[: frame(position, rate)] = 0.0
    assert np.abs(out[0] - expected).max() < 2e-6


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=FILES_IN_TEST)
def test_random_projects_are_the_plain_sum_of_their_items(tmp_path, data):
    rate = data.draw(st.sampled_from(RATES))
    media = {f"m{n}.wav": noise(n, 2_500, seed=n) for n in (1, 2, 6)}
    for name, samples in media.items():
        write_media(tmp_path / name, samples, rate)
    seconds = st.floats(0, 0.05)
    items = []
    for number in range(data.draw(st.integers(1, 6))):
        name = data.draw(st.sampled_from(sorted(media)))
        fields = {
            "source_offset_seconds": data.draw(st.floats(-0.02, 0.05)),
            "is_looped": data.draw(st.booleans()),
            "gain": data.draw(st.sampled_from([1.0, 0.5, 1.7])),
            "item_gain": data.draw(st.sampled_from([1.0, 0.25])),
            "is_inverted": data.draw(st.booleans()),
            "is_muted": data.draw(st.sampled_from([False, False, True])),
        }
        position, length = data.draw(seconds), data.draw(st.floats(0.001, 0.06))
        items.append(item(name, position, length, id=f"i{number}", **fields))
    timeline = project(tmp_path, *(track(one) for one in items), sample_rate=rate)
    heard = [one for one in items if not one.is_muted]
    if not heard:
        return
    end = timeline.end_seconds
    n_channels = max(media[one.name].shape[0] for one in heard)
    expected = plain_sum(heard, media, n_channels, rate, frame(end, rate))
    assert np.allclose(render(timeline, 0.0, end), expected, atol=1e-6, rtol=0)


def plain_sum(items, media, n_channels, rate, n_frames):
    """All in memory, straight from the definition: which media frame sounds at which frame."""
    total = np.zeros((n_channels, n_frames))
    for one in items:
        samples, take = media[one.name], one.takes[0]
        first = frame(one.position_seconds, rate)
        t = np.arange(first, min(frame(one.position_seconds + one.length_seconds, rate), n_frames))
        at = frame(take.source_offset_seconds, rate) + t - first
        if one.is_looped:
            at %= samples.shape[1]
        t, at = t[(at >= 0) & (at < samples.shape[1])], at[(at >= 0) & (at < samples.shape[1])]
        gain = one.gain * take.gain * (-1 if take.is_inverted else 1)
        is_mono = samples.shape[0] == 1
        for channel in range(min(2, n_channels) if is_mono else samples.shape[0]):
            total[channel, t] += gain * samples[0 if is_mono else channel, at].astype(np.float64)
    return total


@given(
    block_frames=st.integers(97, 4_000),
    cuts=st.lists(st.integers(1, 9_599), max_size=4),
    handle=st.integers(0, 3_000),
)
@settings(max_examples=25, deadline=None, suppress_health_check=FILES_IN_TEST)
def test_neither_blocks_nor_pieces_change_a_sample(tmp_path, block_frames, cuts, handle):
    write_media(tmp_path / "a.wav", noise(2, 6_000, 1), 48_000)
    write_media(tmp_path / "b.wav", noise(2, 700, 2), 48_000)
    timeline = project(
        tmp_path,
        track(item("a.wav", 0.01, 0.1, gain=0.3), item("a.wav", 0.09, 0.11)),
        track(item("b.wav", 0.0, 0.2, is_looped=True, source_offset_seconds=-0.003)),
    )
    whole = render(timeline, 0.0, 0.2)
    assert np.array_equal(render(timeline, 0.0, 0.2, block_frames=block_frames), whole)
    edges = sorted({0, 9_600, *cuts})
    pieces = [render(timeline, start / 48_000, end / 48_000) for start, end in pairwise(edges)]
    assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    with_handles = render(timeline, 0.1, 0.15, handle=handle / 48_000)
    assert np.array_equal(
        with_handles, whole[:, max(0, 4_800 - handle) : min(9_600, 7_200 + handle)]
    )


@pytest.mark.parametrize("media_rate", [22_050, 44_100, 96_000])
def test_pieces_at_another_rate_differ_by_less_than_is_audible(tmp_path, media_rate):
    write_media(tmp_path / "a.wav", noise(2, media_rate, 1), media_rate)
    timeline = project(tmp_path, track(item("a.wav", 0.1, 0.9, source_offset_seconds=0.03)))
    whole = render(timeline, 0.0, 1.0)
    blocks = render(timeline, 0.0, 1.0, block_frames=5_000)
    assert np.abs(blocks - whole).max() < 1e-6  # -120 dB


def test_silence_follows_where_media_ends_and_comes_before_it_begins(tmp_path):
    write_media(tmp_path / "a.wav", np.ones((1, 480), dtype=np.float32), 48_000)
    late = item("a.wav", 0.0, 0.1, source_offset_seconds=-0.02)
    out = render(project(tmp_path, track(late)), 0.0, 0.1)
    assert np.flatnonzero(out[0]).tolist() == list(range(960, 1_440))


def test_rate_is_the_highest_of_the_captured_items_when_the_project_has_none(tmp_path):
    write_media(tmp_path / "low.wav", noise(1, 4_410), 44_100)
    write_media(tmp_path / "high.wav", noise(1, 9_600), 96_000)
    timeline = project(
        tmp_path,
        track(item("low.wav", 0.0, 0.1), item("high.wav", 1.0, 0.1)),
        sample_rate=None,
    )
    assert render(timeline, 0.0, 0.1).shape == (1, 4_410)
    assert render(timeline, 0.0, 1.1).shape == (1, 105_600)


@pytest.mark.parametrize(
    ("widths", "expected"),
    [((1,), 1), ((1, 1), 1), ((2,), 2), ((1, 2), 2), ((1, 6), 6), ((6, 2), 6)],
)
def test_channels_are_those_of_the_widest_item(tmp_path, widths, expected):
    tracks = []
    for number, width in enumerate(widths):
        write_media(tmp_path / f"{number}.wav", noise(width, 480), 48_000)
        tracks.append(track(item(f"{number}.wav", 0.0, 0.01)))
    assert render(project(tmp_path, *tracks), 0.0, 0.01).shape[0] == expected


def test_mono_item_beside_a_stereo_one_plays_in_both_channels_at_full_level(tmp_path):
    write_media(tmp_path / "mono.wav", noise(1, 480, 1), 48_000)
    write_media(tmp_path / "wide.wav", np.zeros((6, 480), dtype=np.float32), 48_000)
    timeline = project(
        tmp_path, track(item("mono.wav", 0.0, 0.01)), track(item("wide.wav", 0.0, 0.01))
    )
    out = render(timeline, 0.0, 0.01)
    assert np.array_equal(out[0], noise(1, 480, 1)[0])
    assert np.array_equal(out[1], out[0])
    assert not out[2:].any()


def test_wide_item_in_the_handles_does_not_widen_the_capture(tmp_path):
    write_media(tmp_path / "mono.wav", np.zeros((1, 480), dtype=np.float32), 48_000)
    wide = np.stack([np.full(480, 0.5), np.full(480, 0.25)]).astype(np.float32)
    write_media(tmp_path / "wide.wav", wide, 48_000)
    timeline = project(tmp_path, track(item("wide.wav", 0.0, 0.01), item("mono.wav", 0.01, 0.01)))
    out = render(timeline, 0.01, 0.02, handle=0.01)
    assert out.shape == (1, 960)
    assert np.all(out[0, :480] == 0.375)
