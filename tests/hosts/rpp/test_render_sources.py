"""Sections, reverse, loops and play rates, against plain index arithmetic and formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, track, write_media
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from hanolab_dawtools.hosts.project.timeline import Item, Source

RATE = 48_000
RATES = (22_050, 44_100, 48_000, 88_200, 96_000, 192_000)
FILES_IN_TEST = [HealthCheck.function_scoped_fixture]
TOLERANCE = 2e-6
REVERSED_SECTION, REVERSED = 2, 3  # MODE


def in_section(one: Item, start: float = 0.0, length: float = 0.0, mode: int = 0) -> Item:
    (take,) = one.takes
    source = Source(
        "SECTION",
        section_start_seconds=start,
        section_length_seconds=length,
        section_mode=mode,
        inner=take.source,
    )
    return replace(one, takes=(replace(take, source=source),))


def pulse(seconds: np.ndarray, centre: float, width: float = 0.001) -> np.ndarray:
    return 0.5 * np.exp(-(((seconds - centre) / width) ** 2))  # nearly all below 500 Hz


def write_pulse(path, seconds: float, centre: float, rate: int, width: float = 0.001):
    times = np.arange(round(seconds * rate)) / rate
    return write_media(path, pulse(times, centre, width)[np.newaxis].astype(np.float32), rate)


@pytest.mark.parametrize("mode", [0, REVERSED_SECTION])
@pytest.mark.parametrize("is_looped", [False, True])
@pytest.mark.parametrize("offset", [-0.05, 0.0, 0.03, 0.21])
@pytest.mark.parametrize("n_file", [9_600, 100_000])
def test_section_is_a_part_of_its_file(tmp_path, mode, is_looped, offset, n_file):
    samples = noise(2, n_file)
    write_media(tmp_path / "a.wav", samples, RATE)
    start, n_section = 480, n_file - 1_000
    one = item("a.wav", 0.1, 2.5, is_looped=is_looped, source_offset_seconds=offset)
    one = in_section(one, start / RATE, n_section / RATE, mode)
    part = samples[:, start : start + n_section]
    if mode == REVERSED_SECTION:
        part = part[:, ::-1]
    frames = np.arange(120_000) + round(offset * RATE)
    expected = part[:, frames % n_section]
    if not is_looped:
        expected = np.where((frames >= 0) & (frames < n_section), expected, 0.0)
    assert np.array_equal(render(project(tmp_path, track(one)), 0.1, 2.6), expected)


def test_section_that_is_switched_off_is_the_whole_file_backwards(tmp_path):
    samples = noise(1, 4_800)
    write_media(tmp_path / "a.wav", samples, RATE)
    one = in_section(item("a.wav", 0.0, 0.1), start=0.02, length=0.01, mode=REVERSED)
    assert np.array_equal(render(project(tmp_path, track(one)), 0.0, 0.1), samples[:, ::-1])


def test_section_without_a_length_goes_on_to_the_end_of_the_file(tmp_path):
    samples = noise(1, 4_800)
    write_media(tmp_path / "a.wav", samples, RATE)
    out = render(project(tmp_path, track(in_section(item("a.wav", 0.0, 0.1), 0.02))), 0.0, 0.1)
    assert np.array_equal(out[:, :3_840], samples[:, 960:])
    assert not out[:, 3_840:].any()


def test_section_longer_than_its_file_ends_in_silence_and_loops_with_it(tmp_path):
    samples = noise(1, 480)
    write_media(tmp_path / "a.wav", samples, RATE)
    one = in_section(item("a.wav", 0.0, 0.04, is_looped=True), length=0.02)
    out = render(project(tmp_path, track(one)), 0.0, 0.04)
    once = np.concatenate([samples, np.zeros((1, 480))], axis=1)
    assert np.array_equal(out, np.tile(once, 2))


@pytest.mark.parametrize("media_rate", RATES)
@pytest.mark.parametrize("rate", RATES)
def test_reversed_chirp_at_another_rate_falls(tmp_path, rate, media_rate):
    def chirp(seconds):
        wave = np.sin(2 * np.pi * (300 * seconds + 1_500 * seconds**2))
        return wave * np.exp(-(((seconds - 0.25) / 0.05) ** 2))  # no edges

    n_file = round(0.5 * media_rate)
    times = np.arange(n_file) / media_rate
    write_media(tmp_path / "a.wav", chirp(times)[np.newaxis].astype(np.float32), media_rate)
    one = in_section(item("a.wav", 0.0, 0.5), mode=REVERSED)
    out = render(project(tmp_path, track(one), sample_rate=rate), 0.0, 0.5)
    last_frame = (n_file - 1) / media_rate  # which comes first
    assert np.abs(out[0] - chirp(last_frame - np.arange(out.shape[1]) / rate)).max() < TOLERANCE


@pytest.mark.parametrize(("media_rate", "rate"), [(44_100, 48_000), (48_000, 44_100)])
def test_looped_pulse_at_another_rate_does_not_drift(tmp_path, media_rate, rate):
    n_file = 4_413  # no whole number of frames at the other rate
    write_pulse(tmp_path / "a.wav", n_file / media_rate, 0.05, media_rate)
    one = item("a.wav", 0.0, 600.0, is_looped=True)
    out = render(project(tmp_path, track(one), sample_rate=rate), 599.0, 600.0)
    period = n_file / media_rate
    times = 599.0 + np.arange(rate) / rate
    assert np.abs(out[0] - pulse(np.mod(times, period), 0.05)).max() < TOLERANCE


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=FILES_IN_TEST)
def test_pulse_at_a_play_rate_lands_where_division_says(tmp_path, data):
    rate, media_rate = data.draw(st.sampled_from(RATES)), data.draw(st.sampled_from(RATES))
    play_rate = data.draw(st.floats(0.25, 4.0), label="play rate")
    assume(play_rate != 1.0 or rate != media_rate)  # what is not resampled begins on a whole frame
    position = data.draw(st.floats(0.0, 5.0), label="position")
    offset = data.draw(st.floats(-0.1, 0.2), label="offset")
    width = 0.001 * max(1.0, play_rate)
    write_pulse(tmp_path / "a.wav", 0.6, 0.3, media_rate, width)
    one = item(
        "a.wav", position, 0.8 / play_rate, source_offset_seconds=offset, play_rate=play_rate
    )
    timeline = project(tmp_path, track(one), sample_rate=rate)
    out = render(timeline, position, position + 0.8 / play_rate)
    first = np.floor(position * rate + 0.5)
    times = (first + np.arange(out.shape[1])) / rate
    expected = pulse(offset + (times - position) * play_rate, 0.3, width)
    assert np.abs(out[0] - expected).max() < TOLERANCE


def test_pulse_after_an_hour_at_a_play_rate_is_exact(tmp_path):
    play_rate = 1.0 + np.pi / 100
    write_pulse(tmp_path / "a.wav", 0.5, 0.25, 44_100)
    one = item("a.wav", 0.0, 3_601.0, is_looped=True, play_rate=play_rate)
    out = render(project(tmp_path, track(one)), 3_600.0, 3_601.0)
    times = (3_600.0 + np.arange(RATE) / RATE) * play_rate
    assert np.abs(out[0] - pulse(np.mod(times, 0.5), 0.25)).max() < TOLERANCE


def test_item_that_is_split_at_a_play_rate_sounds_as_one(tmp_path):
    write_pulse(tmp_path / "a.wav", 1.0, 0.5, 44_100, 0.01)
    whole = item("a.wav", 0.0, 0.9, play_rate=1.07)
    at = 0.467_391
    right = item("a.wav", at, 0.9 - at, play_rate=1.07, source_offset_seconds=at * 1.07)
    split = project(tmp_path, track(replace(whole, length_seconds=at), right))
    expected = render(project(tmp_path, track(whole)), 0.0, 0.9)
    assert np.abs(render(split, 0.0, 0.9) - expected).max() < TOLERANCE
