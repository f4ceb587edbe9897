"""Where the sound of stretched takes lands, against positions from the grammar's formulas."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest
from fakes.timelines import item, project, render, selection, track, write_media

from hanolab_dawtools.errors import AudioFileError, JobCancelled
from hanolab_dawtools.events import NeverStop, ignore_progress
from hanolab_dawtools.hosts.project.timeline import Fade, Source, Take
from hanolab_dawtools.hosts.rpp.planning import plan_capture
from hanolab_dawtools.hosts.rpp.preparing import Preparation
from hanolab_dawtools.hosts.rpp.stretching import can_be_stretched, is_stretched, time_stretch

RATE = 48_000
CLICK_SECONDS = (0.2, 0.7, 1.23, 1.8, 2.41, 3.0, 3.7)
NEAR_SECONDS = 0.0035  # how far a click is spread at rates from 0.8 to 1.25


def take(**fields):
    return Take(name="t", guid="", source=Source("WAVE", "a.wav"), preserves_pitch=True, **fields)


def clicks(rate=RATE, n_channels=1, seconds=4.0):
    samples = np.zeros((n_channels, round(seconds * rate)), np.float32)
    samples[:, [round(click * rate) for click in CLICK_SECONDS]] = 1.0
    return samples


def place_seconds(samples, near_seconds, reach_seconds=0.03):
    """Where the loudest sample near a time is."""
    first = max(round((near_seconds - reach_seconds) * RATE), 0)
    near = np.abs(samples[0, first : round((near_seconds + reach_seconds) * RATE)])
    return (first + int(np.argmax(near))) / RATE


def stretched_item(position, length, **fields):
    return item("a.wav", position, length, preserves_pitch=True, **fields)


@pytest.fixture
def folder(tmp_path):
    write_media(tmp_path / "a.wav", clicks(), RATE)
    return tmp_path


@pytest.mark.parametrize("media_rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("play_rate", [0.8, 1.2])
def test_source_second_s_sounds_at_its_place(tmp_path, media_rate, play_rate):
    """At POSITION + (s - SOFFS) / PLAYRATE, as the grammar says."""
    write_media(tmp_path / "a.wav", clicks(media_rate), media_rate)
    one = stretched_item(0.25, 3.0, play_rate=play_rate, source_offset_seconds=0.5)
    made = render(project(tmp_path, track(one)), 0.0, 3.25)
    assert made.shape == (1, round(3.25 * RATE))
    for click in CLICK_SECONDS:
        wanted = 0.25 + (click - 0.5) / play_rate
        if 0.3 < wanted < 3.2:
            assert abs(place_seconds(made, wanted) - wanted) < NEAR_SECONDS
    assert not made[:, : round(0.25 * RATE)].any()


def test_a_part_in_the_middle_and_its_handles_are_in_place(folder):
    one = stretched_item(0.0, 4.0, play_rate=0.9)
    made = render(project(folder, track(one)), 1.5, 2.5, handle=0.5)
    for click in (1.23, 1.8, 2.41):
        wanted = click / 0.9 - 1.0
        assert abs(place_seconds(made, wanted) - wanted) < NEAR_SECONDS


@pytest.mark.parametrize("semitones", [-4.0, 2.5])
def test_pitch_is_shifted_and_time_is_kept(tmp_path, semitones):
    times = np.arange(3 * RATE) / RATE
    write_media(tmp_path / "a.wav", np.sin(2 * np.pi * 440 * times)[None].astype(np.float32), RATE)
    one = stretched_item(0.0, 3.0, pitch_semitones=semitones)
    made = render(project(tmp_path, track(one)), 0.0, 3.0)[0, RATE // 2 : -RATE // 2]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(made.size), 1 << 20))
    found = np.argmax(spectrum) * RATE / (1 << 20)
    assert abs(1200 * math.log2(found / 440) - 100 * semitones) < 1.0
    assert np.sqrt(np.mean(made**2)) == pytest.approx(math.sqrt(0.5), rel=0.06)


def test_rate_without_preserved_pitch_moves_the_pitch_besides_the_semitones(tmp_path):
    times = np.arange(4 * RATE) / RATE
    write_media(tmp_path / "a.wav", np.sin(2 * np.pi * 440 * times)[None].astype(np.float32), RATE)
    one = item("a.wav", 0.0, 3.0, play_rate=1.2, pitch_semitones=3.0)
    made = render(project(tmp_path, track(one)), 0.0, 3.0)[0, RATE // 2 : -RATE // 2]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(made.size), 1 << 20))
    found = np.argmax(spectrum) * RATE / (1 << 20)
    assert abs(1200 * math.log2(found / (440 * 1.2 * 2 ** (3 / 12)))) < 1.0


MARKERS = ((0.5, 0.5, 0.0), (1.5, 1.7, 0.0), (3.0, 2.9, 0.0))


def marked_place(source, markers):
    """Second of the take at which a second of the source sounds, slopes being 0."""
    (first, first_source, _), (last, last_source, _) = markers[0], markers[-1]
    if source < first_source:
        return first + source - first_source
    if source > last_source:
        return last + source - last_source
    places, sources = [m[0] for m in markers], [m[1] for m in markers]
    return float(np.interp(source, sources, places))


@pytest.mark.parametrize("play_rate", [1.0, 0.9])
def test_stretch_markers_move_what_they_mark(folder, play_rate):
    one = stretched_item(0.0, 4.0, play_rate=play_rate, stretch_markers=MARKERS)
    made = render(project(folder, track(one)), 0.0, 4.0)
    for click in CLICK_SECONDS:
        wanted = marked_place(click, MARKERS) / play_rate
        if wanted < 3.95:
            assert abs(place_seconds(made, wanted) - wanted) < NEAR_SECONDS


def test_a_slope_lets_the_rate_run_between_its_ends(folder):
    """From 0.9 to 1.1 in 4 s: source = 4 (0.9 x + 0.1 x²) at part x, which is solved for x."""
    one = stretched_item(0.0, 4.0, stretch_markers=((0.0, 0.0, 0.1), (4.0, 4.0, 0.0)))
    made = render(project(folder, track(one)), 0.0, 4.0)
    for click in CLICK_SECONDS:
        part = (-0.9 + math.sqrt(0.81 + 0.4 * click / 4.0)) / 0.2
        assert abs(place_seconds(made, 4.0 * part) - 4.0 * part) < NEAR_SECONDS


def test_a_stretched_loop_goes_round(folder):
    one = stretched_item(0.0, 8.0, play_rate=0.8, is_looped=True)
    made = render(project(folder, track(one)), 0.0, 8.0)
    for click in CLICK_SECONDS:
        for wanted in (click / 0.8, (click + 4.0) / 0.8):
            if wanted < 7.95:
                assert abs(place_seconds(made, wanted) - wanted) < NEAR_SECONDS


def test_gain_fades_and_polarity_act_on_the_stretched_sound(folder):
    plain = stretched_item(0.0, 3.0, play_rate=0.9)
    shaped = stretched_item(
        0.0, 3.0, play_rate=0.9, gain=0.5, is_inverted=True, fade_in=Fade(1.0), fade_out=Fade(1.0)
    )
    made = render(project(folder, track(shaped)), 0.0, 3.0)
    ramp = np.minimum(np.arange(3 * RATE), np.arange(3 * RATE, 0, -1)) / RATE
    wanted = -0.5 * np.minimum(ramp, 1.0) * render(project(folder, track(plain)), 0.0, 3.0)
    assert np.abs(made - wanted).max() < 1e-6


def test_other_items_stay_bit_for_bit(tmp_path):
    noise = np.random.default_rng(0).uniform(-1, 1, (2, RATE)).astype(np.float32)
    write_media(tmp_path / "a.wav", clicks(), RATE)
    write_media(tmp_path / "b.wav", noise, RATE)
    timeline = project(
        tmp_path, track(stretched_item(0.0, 1.0, play_rate=0.9)), track(item("b.wav", 1.0, 1.0))
    )
    assert np.array_equal(render(timeline, 0.0, 2.0)[:, RATE:], noise)


def test_progress_runs_once_over_all_that_is_stretched(folder):
    items = [stretched_item(start, 1.0, play_rate=0.9) for start in (0.0, 1.0)]
    timeline = project(folder, track(*items))
    plan = plan_capture(timeline, selection(timeline, 0.0, 2.0), 0.0)
    told = []
    with Preparation(folder, NeverStop(), told.append) as making:
        making.prepared(plan)
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert max(fractions[: len(fractions) // 2]) <= 0.51


def test_stopping_leaves_nothing(folder):
    timeline = project(folder, track(stretched_item(0.0, 3.0, play_rate=0.9)))
    plan = plan_capture(timeline, selection(timeline, 0.0, 3.0), 0.0)
    stop = threading.Event()
    stop.set()
    with (
        pytest.raises(JobCancelled),
        Preparation(folder, stop, ignore_progress) as making,
    ):
        making.prepared(plan)
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav"]


def test_nothing_that_was_made_is_left(folder):
    render(project(folder, track(stretched_item(0.0, 1.0, play_rate=0.9))), 0.0, 1.0)
    assert sorted(path.name for path in folder.iterdir()) == ["a.wav"]


def test_damage_in_stretched_media_names_the_item(tmp_path):
    samples = clicks()
    samples[0, RATE] = np.nan
    write_media(tmp_path / "a.wav", samples, RATE)
    timeline = project(tmp_path, track(stretched_item(0.0, 3.0, play_rate=0.9, name="Odd")))
    with pytest.raises(AudioFileError, match=r'NaN or an infinity at 0:01.000; item "Odd"'):
        render(timeline, 0.0, 3.0)


def test_it_is_told(folder):
    one = stretched_item(0.0, 2.0, play_rate=0.9, pitch_semitones=1.0, stretch_markers=MARKERS)
    timeline = project(folder, track(one))
    told = plan_capture(timeline, selection(timeline, 0.0, 2.0), 0.0).approximate
    assert len(told) == 3
    assert all("not equal" in note.reason for note in told)


@pytest.mark.parametrize(
    "markers",
    [
        ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),  # stands still
        ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),  # runs back
        ((0.0, 0.0, 0.0), (1.0, 20.0, 0.0)),  # too fast
        ((0.0, 0.0, 1.0), (1.0, 1.1, 0.0)),  # begins at rate 0
        ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0)),  # jumps
        ((0.0, math.nan, 0.0), (1.0, 1.0, 0.0)),
    ],
)
def test_markers_that_cannot_be_followed_are_refused(folder, markers):
    assert not can_be_stretched(take(stretch_markers=markers))
    ok = item("a.wav", 0.0, 1.0)
    odd = stretched_item(0.0, 1.0, stretch_markers=markers)
    timeline = project(folder, track(ok), track(odd))
    (note,) = plan_capture(timeline, selection(timeline, 0.0, 1.0), 0.0).skipped
    assert "stretch markers run backwards" in note.reason


def test_markers_that_move_nothing_leave_the_take_exact():
    markers = ((0.0, 0.5, 0.0), (1.0, 1.5, 0.0))
    assert not is_stretched(take(stretch_markers=markers, source_offset_seconds=0.5))
    assert is_stretched(take(stretch_markers=markers))


def test_the_map_hits_every_marker_and_goes_on_at_the_play_rate():
    made = time_stretch(take(stretch_markers=MARKERS, play_rate=2.0), 1_000, late_seconds=0.1)
    for place, source, _ in MARKERS:
        output = (place / 2.0 - 0.1) * 1_000
        assert made.time_map.source_at(output) == pytest.approx(source * 1_000)
    assert made.time_map.source_at((4.0 / 2.0 - 0.1) * 1_000) == pytest.approx(3_900)
    assert made.time_map.source_at((0.0 / 2.0 - 0.1) * 1_000) == pytest.approx(0.0)
