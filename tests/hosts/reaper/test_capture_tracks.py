"""Captures at the points `track` and `master`."""

from __future__ import annotations

import numpy as np
import pytest
from fakes.live_captures import captured, item, live, media, project, track
from fakes.timelines import noise

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import HostCallFailed, SelectionError
from hanolab_dawtools.model import CapturePoint

AT_TRACK = {"point": CapturePoint.TRACK}
HALF = 10 ** (-6 / 20)


@pytest.fixture
def files(tmp_path):
    return [media(tmp_path / f"{n}.wav", sound(n)) for n in range(4)]


def sound(seed: int) -> np.ndarray:
    return noise(2, 24_000, seed) / 8


def heard(got) -> np.ndarray:
    return read_audio(got.path).samples


def test_track_is_captured_behind_its_effects_and_before_its_fader(tmp_path, files):
    one = track("A", item(files[0], 0, 0.5), guid="{A}", fx=["Gain -6 dB"], volume=0.1, pan=1.0)
    with live(project(tmp_path, one, track("B", item(files[1], 0, 0.5)))) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{A}",), **AT_TRACK)
    assert np.abs(heard(got) - sound(0) * HALF).max() < 1e-6
    assert (got.point, got.n_channels, len(got.sources)) == (CapturePoint.TRACK, 2, 1)
    assert got.unheard_effects == ()
    assert got.remarks == ()


def test_mono_on_a_track_is_stereo_and_a_wide_track_is_as_wide_as_it_is(tmp_path):
    mono = media(tmp_path / "m.wav", noise(1, 24_000) / 4)
    wide = media(tmp_path / "w.wav", noise(6, 24_000) / 4)
    tracks = (
        track("M", item(mono, 0, 0.5), guid="{M}"),
        track("W", item(wide, 0, 0.5), guid="{W}", n_channels=6),
    )
    with live(project(tmp_path, *tracks)) as channel:
        first = captured(channel, tmp_path / "1", 0.0, 0.5, track_ids=("{M}",), **AT_TRACK)
        second = captured(channel, tmp_path / "2", 0.0, 0.5, track_ids=("{W}",), **AT_TRACK)
    assert (first.n_channels, second.n_channels) == (2, 6)
    assert np.abs(heard(second) - noise(6, 24_000) / 4).max() < 1e-6


def test_several_tracks_are_summed_and_it_is_told_that_faders_do_not_count(tmp_path, files):
    tracks = [track(f"T{n}", item(files[n], 0, 0.5), guid=f"{{{n}}}", volume=0.5) for n in range(3)]
    with live(project(tmp_path, *tracks)) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{0}", "{2}"), **AT_TRACK)
    assert np.abs(heard(got) - sound(0) - sound(2)).max() < 1e-6
    assert got.remarks == ("2 tracks were summed as they are before their faders",)


def folder_project(tmp_path, files):
    return project(
        tmp_path,
        track("Alone", item(files[0], 0, 0.5), guid="{0}"),
        track("Bus", guid="{F}", folder_depth=1, fx=["Gain -6 dB"], volume=0.25),
        track("In", item(files[1], 0, 0.5), guid="{1}", volume=0.5),
        track("In too", item(files[2], 0, 0.5), guid="{2}", folder_depth=-1),
    )


def test_a_folder_holds_what_lies_in_it_once(tmp_path, files):
    with live(folder_project(tmp_path, files)) as channel:
        ids = ("{F}", "{1}", "{2}")  # as a selection of a folder has them
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=ids, **AT_TRACK)
    assert np.abs(heard(got) - (sound(1) * 0.5 + sound(2)) * HALF).max() < 1e-6
    assert len(got.sources) == 2
    assert got.remarks == ()


def test_a_folder_that_comes_out_behind_its_fader_is_refused(tmp_path, files):
    song = folder_project(tmp_path, files)
    with live(song, misbehaviours=["stem_without_items_is_the_mix"]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match='rendered track "Bus" behind the fader'):
            captured(channel, tmp_path, 0.0, 0.5, track_ids=("{F}", "{1}", "{2}"), **AT_TRACK)
        assert channel.snapshot() == before


def test_a_folder_with_its_fader_at_rest_comes_out_right_all_the_same(tmp_path, files):
    song = folder_project(tmp_path, files)
    song["tracks"][1]["volume"] = 1.0
    with live(song, misbehaviours=["stem_without_items_is_the_mix"]) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{F}", "{1}", "{2}"), **AT_TRACK)
    assert np.abs(heard(got) - (sound(1) * 0.5 + sound(2)) * HALF).max() < 1e-6


def test_a_bus_that_comes_out_as_the_mix_is_refused(tmp_path, files):
    song = bus_project(tmp_path, files)
    with live(song, misbehaviours=["stem_without_items_is_the_mix"]) as channel:
        before = channel.snapshot()
        with pytest.raises(HostCallFailed, match='the whole mix instead of track "Bus"'):
            captured(channel, tmp_path, 0.0, 0.5, track_ids=("{B}",), **AT_TRACK)
        assert channel.snapshot() == before


def test_a_folder_of_all_there_is_may_well_be_the_mix(tmp_path, files):
    song = project(
        tmp_path,
        track("All", guid="{F}", folder_depth=1),
        track("In", item(files[1], 0, 0.5), guid="{1}", folder_depth=-1),
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{F}", "{1}"), **AT_TRACK)
        renders = [asked["what"] for command, asked in channel.calls if command == "render"]
    assert renders == ["tracks"]
    assert np.abs(heard(got) - sound(1)).max() < 1e-6


def bus_project(tmp_path, files):
    return project(
        tmp_path,
        track("A", item(files[0], 0, 0.5), guid="{A}", sends=[1]),
        track("Bus", guid="{B}", fx=["Gain -6 dB"]),
        track("C", item(files[2], 0, 0.5), guid="{C}"),
    )


def test_a_bus_holds_what_is_sent_to_it(tmp_path, files):
    with live(bus_project(tmp_path, files)) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{B}",), **AT_TRACK)
    assert np.abs(heard(got) - sound(0) * HALF).max() < 1e-6


def test_a_track_that_holds_nothing_and_gets_nothing_is_refused(tmp_path, files):
    song = project(tmp_path, track("A", item(files[0], 0, 0.5), guid="{A}"), track("E", guid="{E}"))
    with live(song) as channel:
        with pytest.raises(SelectionError, match='track "E" holds no items and gets none'):
            captured(channel, tmp_path, 0.0, 0.5, track_ids=("{E}",), **AT_TRACK)
        got = captured(channel, tmp_path, 0.0, 0.5, track_ids=("{A}", "{E}"), **AT_TRACK)
    assert got.remarks == ('track "E" was left out: it held nothing',)


def test_a_muted_track_is_no_part_of_it(tmp_path, files):
    tracks = [track(f"T{n}", item(files[n], 0, 0.5), mute=n == 1) for n in range(2)]
    with live(project(tmp_path, *tracks)) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, **AT_TRACK)
    assert np.abs(heard(got) - sound(0)).max() < 1e-6
    assert len(got.sources) == 1


@pytest.mark.parametrize("point", [CapturePoint.TRACK, CapturePoint.MASTER])
def test_midi_counts_where_its_instrument_is_heard(tmp_path, files, point):
    chords = item("", 0.0, 0.5, take={"kind": "MIDI", "name": "Chords"})
    song = project(tmp_path, track("A", item(files[0], 0, 0.5), chords))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.0, 0.5, point=point)
    assert (len(got.sources), got.skipped) == (2, ())


def test_the_mix_is_as_heard_with_everything(tmp_path, files):
    song = project(
        tmp_path,
        track("A", item(files[0], 0, 0.5), volume=0.5),
        track("B", item(files[1], 0, 0.5), fx=["Gain -6 dB"]),
        master={"volume": 0.5},
    )
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.125, 0.375, point=CapturePoint.MASTER)
    expected = (sound(0) * 0.5 + sound(1) * HALF) * 0.5
    assert np.abs(heard(got) - expected[:, 6_000:18_000]).max() < 1e-6
    assert (got.point, len(got.sources), got.n_channels) == (CapturePoint.MASTER, 2, 2)


def test_handles_of_a_track_hold_what_plays_around(tmp_path, files):
    song = project(tmp_path, track("A", item(files[0], 0, 0.5), item(files[1], 0.5, 0.5)))
    with live(song) as channel:
        got = captured(channel, tmp_path, 0.25, 0.75, handle_seconds=1.0, **AT_TRACK)
    assert (got.lead_frames, got.tail_frames, got.start_frame) == (12_000, 12_000, 12_000)
    assert np.abs(heard(got) - np.hstack([sound(0), sound(1)])).max() < 1e-6
