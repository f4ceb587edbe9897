"""What items sound like: fades, loops, overlaps, formats, and damaged media."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.timelines import item, noise, project, render, selection, track, write_media

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import AudioFileError, SelectionError
from hanolab_dawtools.hosts.project.timeline import Fade
from hanolab_dawtools.hosts.rpp import render as render_module
from hanolab_dawtools.hosts.rpp.planning import plan_capture

RATE = 48_000


def ones(path, n_frames: int = 4_800, n_channels: int = 1):
    return write_media(path, np.ones((n_channels, n_frames), dtype=np.float32), RATE)


def reasons(notes) -> list[tuple[str, str]]:
    return [(note.item, note.reason) for note in notes]


def test_straight_fades_rise_and_fall_frame_by_frame(tmp_path):
    ones(tmp_path / "a.wav")
    one = item("a.wav", 0.0, 0.1, fade_in=Fade(0.01), fade_out=Fade(0.02))
    out = render(project(tmp_path, track(one)), 0.0, 0.1)[0]
    assert np.allclose(out[:480], np.arange(480) / 480, atol=1e-7)
    assert np.array_equal(out[480:3_840], np.ones(3_360))
    assert np.allclose(out[3_840:], np.arange(960, 0, -1) / 960, atol=1e-7)


def test_crossfade_of_straight_fades_sums_to_one(tmp_path):
    ones(tmp_path / "a.wav")
    cross = Fade(0.03, is_auto=True)
    left = item("a.wav", 0.0, 0.08, fade_out=cross)
    right = item("a.wav", 0.05, 0.05, fade_in=cross)
    out = render(project(tmp_path, track(left, right)), 0.0, 0.1)[0]
    assert np.allclose(out, 1.0, atol=1e-6)


def test_selection_inside_a_fade_starts_in_the_middle_of_it(tmp_path):
    ones(tmp_path / "a.wav")
    timeline = project(tmp_path, track(item("a.wav", 0.0, 0.1, fade_in=Fade(0.1, shape=1))))
    assert np.array_equal(render(timeline, 0.03, 0.1), render(timeline, 0.0, 0.1)[:, 1_440:])


def test_curved_fade_is_told_only_where_it_sounds(tmp_path):
    ones(tmp_path / "a.wav")
    timeline = project(tmp_path, track(item("a.wav", 0.0, 0.1, fade_in=Fade(0.06, shape=1))))
    assert len(plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0).approximate) == 1
    assert plan_capture(timeline, selection(timeline, 0.06, 0.1), 0.0).approximate == ()


def test_short_curved_fades_are_not_told_as_nearly_every_item_has_one(tmp_path):
    ones(tmp_path / "a.wav")
    timeline = project(tmp_path, track(item("a.wav", 0.0, 0.1, fade_in=Fade(0.05, shape=1))))
    assert plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0).approximate == ()


def test_curved_fade_of_no_length_is_none(tmp_path):
    ones(tmp_path / "a.wav")
    none = Fade(0.0, shape=1)
    timeline = project(tmp_path, track(item("a.wav", 0.1, 0.1, fade_in=none, fade_out=none)))
    assert plan_capture(timeline, selection(timeline, 0.0, 0.4), 0.0).approximate == ()


def test_long_loop_wraps_to_the_start_of_its_media(tmp_path):
    samples = noise(2, 70_000)  # longer than a block: read piece by piece
    write_media(tmp_path / "a.wav", samples, RATE)
    one = item("a.wav", 0.0, 4.0, is_looped=True, source_offset_seconds=1.0)
    out = render(project(tmp_path, track(one)), 0.0, 4.0)
    assert np.array_equal(out, samples[:, (np.arange(192_000) + 48_000) % 70_000])


def test_loop_of_less_than_a_frame_is_its_one_value(tmp_path):
    write_media(tmp_path / "a.wav", np.full((1, 1), 0.25, dtype=np.float32), 192_000)
    timeline = project(tmp_path, track(item("a.wav", 0.0, 0.1, is_looped=True)), sample_rate=22_050)
    assert np.allclose(render(timeline, 0.0, 0.1), 0.25, atol=1e-6)


def test_loop_at_another_rate_repeats_itself(tmp_path):
    write_media(tmp_path / "a.wav", noise(1, 4_410), 44_100)
    one = item("a.wav", 0.0, 1.0, is_looped=True)
    out = render(project(tmp_path, track(one)), 0.0, 1.0)[0].reshape(10, 4_800)
    assert np.allclose(out, np.tile(out[0], (10, 1)), atol=1e-6)


@pytest.mark.parametrize(
    ("rule", "own_rule", "expected"),
    [(0, None, 1.0), (1, None, 1.5), (2, None, 0.5), (0, 1, 1.5), (1, 2, 0.5)],
)
def test_partial_overlap_follows_the_mix_rule(tmp_path, rule, own_rule, expected):
    ones(tmp_path / "a.wav")
    lower = item("a.wav", 0.0, 0.06)
    upper = item("a.wav", 0.04, 0.06, id="upper", item_gain=0.5, mix_behaviour=own_rule)
    timeline = project(tmp_path, track(lower, upper), overlap_rule=rule)
    out = render(timeline, 0.0, 0.1)[0]
    assert np.all(out[:1_920] == 1.0)
    assert np.all(out[1_920:2_880] == (1.5 if rule == 0 and own_rule is None else expected))
    assert np.all(out[2_880:] == 0.5)


def test_enclosed_item_replaces_the_enclosing_one_and_says_so(tmp_path):
    ones(tmp_path / "a.wav")
    lower, upper = item("a.wav", 0.0, 0.1), item("a.wav", 0.02, 0.03, item_gain=0.25)
    timeline = project(tmp_path, track(lower, upper), overlap_rule=0)
    out = render(timeline, 0.0, 0.1)[0]
    assert np.all(out[960:2_400] == 0.25)
    assert np.all(np.delete(out, np.s_[960:2_400]) == 1.0)
    plan = plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0)
    assert [note.item for note in plan.approximate] == ["a.wav"]
    assert "replaces" in plan.approximate[0].reason


def test_muted_item_replaces_nothing(tmp_path):
    ones(tmp_path / "a.wav")
    lower, upper = item("a.wav", 0.0, 0.1), item("a.wav", 0.02, 0.03, is_muted=True)
    out = render(project(tmp_path, track(lower, upper), overlap_rule=0), 0.0, 0.1)
    assert np.all(out == 1.0)


def test_items_of_two_tracks_always_mix(tmp_path):
    ones(tmp_path / "a.wav")
    tracks = (track(item("a.wav", 0.0, 0.1)), track(item("a.wav", 0.02, 0.03)))
    out = render(project(tmp_path, *tracks, overlap_rule=2), 0.0, 0.1)[0]
    assert np.all(out[960:2_400] == 2.0)


@pytest.mark.parametrize(
    ("name", "kind", "container", "subtype"),
    [
        ("a.wav", "WAVE", "WAV", "PCM_16"),
        ("a.wav", "WAVE", "WAV", "PCM_24"),
        ("a.wav", "WAVE", "WAVEX", "DOUBLE"),
        ("a.aif", "WAVE", "AIFF", "PCM_24"),
        ("a.flac", "FLAC", "FLAC", "PCM_16"),
        ("a.mp3", "MP3", "MP3", "MPEG_LAYER_III"),
        ("a.ogg", "VORBIS", "OGG", "VORBIS"),
    ],
)
def test_media_of_every_format_come_out_as_they_decode(tmp_path, name, kind, container, subtype):
    samples = noise(2, 96_000) * 0.5
    write_media(tmp_path / name, samples, RATE, format=container, subtype=subtype)
    decoded = read_audio(tmp_path / name).samples
    one = item(name, 0.25, 1.0, kind=kind, source_offset_seconds=0.7)
    out = render(project(tmp_path, track(one)), 0.5, 1.0)
    assert np.allclose(out, decoded[:, 45_600:69_600], atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("is_looped", [False, True])
def test_value_that_is_no_number_is_refused_with_item_file_and_time(tmp_path, bad, is_looped):
    samples = noise(1, 96_000)
    samples[0, 72_000] = bad
    write_media(tmp_path / "a.wav", samples, RATE)
    one = item("a.wav", 3.0, 2.0, name="Guitar", is_looped=is_looped)
    with pytest.raises(AudioFileError) as caught:
        render(project(tmp_path, track(one, name="Left")), 3.0, 5.0)
    assert 'at 0:01.500; item "Guitar" on track "Left"' in str(caught.value)
    assert str(tmp_path / "a.wav") in str(caught.value)
    assert "Mute the item" in caught.value.hint


def test_bad_value_that_does_not_sound_disturbs_nobody(tmp_path):
    samples = noise(1, 96_000)
    samples[0, 72_000] = np.nan
    write_media(tmp_path / "a.wav", samples, RATE)
    out = render(project(tmp_path, track(item("a.wav", 0.0, 1.0))), 0.0, 1.0)
    assert np.array_equal(out, samples[:, :48_000])


def test_media_that_are_cut_off_are_refused_with_the_item(tmp_path):
    path = write_media(tmp_path / "a.flac", noise(2, 96_000), RATE, format="FLAC", subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    one = item("a.flac", 0.0, 2.0, kind="FLAC", name="Guitar")
    with pytest.raises(AudioFileError, match='item "Guitar"'):
        render(project(tmp_path, track(one)), 0.0, 2.0)


def test_many_items_at_once_keep_few_files_open(tmp_path, monkeypatch):
    monkeypatch.setattr(render_module, "MAX_OPEN_FILES", 3)
    expected = np.zeros((1, 9_600))
    items = []
    for number in range(12):
        samples = noise(1, 9_600, number)
        write_media(tmp_path / f"{number}.wav", samples, RATE)
        items.append(track(item(f"{number}.wav", 0.0, 0.2)))
        expected += samples
    out = render(project(tmp_path, *items), 0.0, 0.2, block_frames=1_000)
    assert np.allclose(out, expected, atol=1e-6)


def test_copies_of_an_item_are_read_each_on_its_own(tmp_path):
    samples = noise(2, 480_000) / 8
    write_media(tmp_path / "a.flac", samples, RATE, format="FLAC", subtype="PCM_24")
    same = [track(item("a.flac", 0.0, 10.0, id="a", kind="FLAC"), name="Copy") for _ in range(4)]
    out = render(project(tmp_path, *same), 0.0, 10.0, block_frames=20_000)
    assert np.abs(out - 4 * samples).max() < 1e-6


def test_missing_media_are_skipped_and_every_place_is_told(tmp_path):
    ones(tmp_path / "here.wav")
    gone = item(r"sub\gone.wav", 0.0, 0.1, name="Gone")
    timeline = project(tmp_path, track(item("here.wav", 0.0, 0.1), gone, name="Gtr"))
    plan = plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0)
    (note,) = plan.skipped
    assert (note.item, note.track) == ("Gone", "Gtr")
    for place in (r"sub\gone.wav", "sub/gone.wav", "gone.wav"):
        assert str(tmp_path / place) in note.reason
    assert plan.sources == ("here.wav@0.0",)


@pytest.mark.parametrize("content", [b"", b"RIFF\0\0", b"\xff" * 4_000])
def test_corrupt_media_are_skipped_while_the_rest_renders(tmp_path, content):
    ones(tmp_path / "here.wav")
    (tmp_path / "bad.wav").write_bytes(content)
    timeline = project(
        tmp_path, track(item("here.wav", 0.0, 0.1)), track(item("bad.wav", 0.0, 0.1))
    )
    plan = plan_capture(timeline, selection(timeline, 0.0, 0.1), 0.0)
    assert [note.item for note in plan.skipped] == ["bad.wav"]
    assert np.all(render(timeline, 0.0, 0.1) == 1.0)


def test_media_without_a_frame_are_skipped(tmp_path):
    ones(tmp_path / "none.wav", 0)
    timeline = project(tmp_path, track(item("none.wav", 0.0, 0.1)))
    with pytest.raises(SelectionError, match="holds no audio"):
        render(timeline, 0.0, 0.1)
