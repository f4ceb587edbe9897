"""Hearing a chain: what is rendered, what is heard, and the way back."""

import numpy as np
import pytest
import soundfile
from fakes.hearing import HearingPanel

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.model import StemRole
from hanolab_dawtools.presenters.chain_preview import KEY
from hanolab_dawtools.presenters.lanes import LaneSource
from hanolab_dawtools.presets.schema import NoJob, SeparateJob

RATE, SECONDS = 8_000, 60.0
GAIN = {"effect": "gain", "gain_db": -20.0}  # exactly a tenth


@pytest.fixture
def make(tmp_path):
    made = []

    def panel(**fields):
        made.append(HearingPanel(tmp_path, seconds=SECONDS, **fields))
        return made[-1]

    yield panel
    for each in made:
        each.close()


@pytest.fixture
def song(tmp_path):
    path = tmp_path / "song.wav"
    samples = np.random.default_rng(3).uniform(-0.9, 0.9, (int(SECONDS * RATE), 2))
    soundfile.write(path, samples.astype(np.float32), RATE, subtype="FLOAT")
    return path


def original(path, start_seconds=0.0):
    return LaneSource("original", "Song", None, path, start_seconds)


def samples_of(path):
    return read_audio(path).samples


def heard(panel):
    """What A and B play."""
    dry, wet = panel.listening.sources
    return samples_of(dry.path), samples_of(wet.path)


def test_nothing_can_be_heard_before_something_is_open(make):
    panel = make(before=[GAIN])
    assert "Open something" in panel.preview.view.reason
    panel.preview.hear()
    assert not panel.preview.view.is_on


def test_the_loop_is_heard_with_and_without_the_chain(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.listening.set_loop((12.0, 15.0))
    panel.preview.hear()
    panel.settle()
    dry, wet = heard(panel)
    assert np.array_equal(dry, samples_of(song)[:, 12 * RATE : 15 * RATE])
    assert np.allclose(wet, dry * 0.1, atol=1e-6)
    view = panel.listening.view
    assert view.is_playing
    assert view.can_compare
    assert not view.hears_original
    assert view.loop == (12.0, 15.0)
    assert 12.0 <= view.position_seconds < 15.0


def test_a_and_b_are_brought_to_one_loudness(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.acts.run_until(lambda: panel.listening.view.match_db)
    assert panel.listening.view.match_db == pytest.approx(20.0, abs=0.1)


def test_the_lane_of_the_preview_lies_below_its_original_in_its_place(make, song):
    panel = make(before=[GAIN])
    panel.show(
        original(song, 100.0),
        LaneSource("other", "Other", StemRole.OTHER, song, 100.0),
        start_seconds=100.0,
    )
    panel.waveforms.select(110.0, 112.0)
    panel.preview.hear()
    panel.settle()
    keys = [lane.source.key for lane in panel.waveforms.view.lanes]
    assert keys == ["original", KEY, "other"]
    assert panel.lane().source.start_seconds == 110.0
    assert panel.lane().seconds == pytest.approx(2.0)
    dry, _ = heard(panel)
    assert np.array_equal(dry, samples_of(song)[:, 10 * RATE : 12 * RATE])


def test_effects_have_settled_where_the_loop_begins(make, song):
    """A delay of half a second sounds from the first frame on: what lies before is rendered too."""
    entry = {"effect": "delay", "delay_seconds": 0.5, "mix": 1.0}
    panel = make(before=[entry])
    panel.show(original(song))
    panel.listening.set_loop((20.0, 21.0))
    panel.preview.hear()
    panel.settle()
    _, wet = heard(panel)
    late = samples_of(song)[:, int(19.5 * RATE) : int(20.5 * RATE)]
    assert np.allclose(wet, late, atol=1e-6)


@pytest.mark.parametrize(
    ("selection", "cursor", "expected"),
    [
        ((5.0, 50.0), 0.0, (5.0, 35.0)),
        (None, 20.0, (20.0, 30.0)),
        (None, 58.0, (50.0, 60.0)),
        ((1.0, 2.0), 20.0, (1.0, 2.0)),
    ],
)
def test_what_is_heard_is_the_selection_or_what_follows_the_cursor(
    make, song, selection, cursor, expected
):
    panel = make(before=[GAIN])
    panel.show(original(song))
    if selection:
        panel.waveforms.select(*selection)
    panel.waveforms.set_cursor(cursor)
    panel.preview.hear()
    panel.settle()
    assert panel.listening.view.loop == expected


def test_a_change_of_the_chain_is_heard_and_playing_goes_on(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.chains.select((0,))
    panel.chains.set_value("gain_db", -40.0)
    assert panel.preview.view.is_rendering
    panel.settle()
    dry, wet = heard(panel)
    assert np.allclose(wet, dry * 0.01, atol=1e-6)
    assert panel.listening.view.is_playing


def test_only_the_last_of_many_changes_is_heard(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.chains.select((0,))
    for db in range(-30, 0):
        panel.chains.set_value("gain_db", float(db))
    panel.settle()
    dry, wet = heard(panel)
    assert np.allclose(wet, dry * 10 ** (-1 / 20), atol=1e-5)


def test_a_change_waits_until_the_hand_is_still(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.preview._delay_seconds = 3_600.0
    panel.chains.select((0,))
    panel.chains.set_value("gain_db", -3.0)
    assert panel.preview.view.is_rendering
    panel.preview.stop()  # ends the wait, too
    assert not panel.preview.view.is_rendering


def test_another_loop_is_rendered_anew(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.listening.set_loop((40.0, 41.0))
    panel.settle()
    dry, _ = heard(panel)
    assert np.array_equal(dry, samples_of(song)[:, 40 * RATE : 41 * RATE])


def test_without_its_loop_the_same_stretch_stays(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.listening.set_loop(None)
    panel.waveforms.set_cursor(30.0)
    assert not panel.preview.view.is_rendering


def test_stopping_goes_back_to_what_was_heard_before(make, song):
    panel = make(job=SeparateJob(), before=[GAIN])
    stems = [LaneSource(role, role, role, song) for role in (StemRole.VOCALS, StemRole.OTHER)]
    panel.show(original(song), *stems)
    panel.listening.mute(StemRole.VOCALS)
    panel.listening.solo(StemRole.OTHER)
    panel.listening.set_loop((1.0, 4.0))
    before, lanes = panel.listening.view, panel.waveforms.view.lanes
    panel.preview.hear()
    panel.settle()
    assert not any(lane.is_soloed or lane.is_muted for lane in panel.listening.view.lanes)
    panel.preview.stop()
    after = panel.listening.view
    assert after.lanes == before.lanes
    assert (after.loop, after.end_seconds) == (before.loop, before.end_seconds)
    assert not after.is_playing
    assert panel.waveforms.view.lanes == lanes
    assert panel.waveforms.view.title == "Song"


def test_a_chain_behind_the_job_is_heard_on_its_result(make, song, tmp_path):
    vocals = tmp_path / "vocals.wav"
    soundfile.write(vocals, np.full((int(SECONDS * RATE), 1), 0.5, np.float32), RATE)
    panel = make(job=SeparateJob(), after={"vocals": [GAIN]})
    panel.show(original(song))
    panel.chains.choose_place(StemRole.VOCALS)
    assert "No vocals" in panel.preview.view.reason
    panel.show(original(song), LaneSource("v", "Vocals", StemRole.VOCALS, vocals))
    panel.preview.hear()
    panel.settle()
    _, wet = heard(panel)
    assert wet.shape[0] == 1
    assert np.allclose(wet, 0.05, atol=1e-3)


def test_effects_alone_are_heard_through_both_chains(make, song):
    panel = make(job=NoJob(), before=[GAIN], after={"processed": [GAIN]})
    panel.show(original(song))
    panel.chains.choose_place(StemRole.PROCESSED)
    panel.preview.hear()
    panel.settle()
    dry, wet = heard(panel)
    assert np.allclose(wet, dry * 0.01, atol=1e-6)


def test_a_chain_that_fails_is_told_and_the_panel_goes_back(make, song):
    panel = make(before=[{"effect": "highpass", "cutoff_frequency_hz": 5_000.0}])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    assert "at most 3920 Hz" in panel.messages.view.current.sentence
    assert not panel.preview.view.is_on
    assert [lane.key for lane in panel.listening.sources] == ["original"]


def test_a_change_that_fails_leaves_what_was_heard(make, song):
    panel = make(before=[{"effect": "highpass"}])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.chains.select((0,))
    panel.chains.set_value("cutoff_frequency_hz", 5_000.0)
    panel.settle()
    assert "at most 3920 Hz" in panel.messages.view.current.sentence
    assert panel.preview.view.is_on
    assert panel.lane() is not None


def test_another_source_ends_the_preview(make, song, tmp_path):
    other = tmp_path / "other.wav"
    soundfile.write(other, np.zeros((RATE, 1), np.float32), RATE)
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.show(LaneSource("new", "New", None, other))
    assert not panel.preview.view.is_on
    assert [lane.key for lane in panel.listening.sources] == ["new"]
    assert [lane.source.key for lane in panel.waveforms.view.lanes] == ["new"]


def test_lanes_that_are_shown_anew_leave_the_preview(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.waveforms.set_lanes([LaneSource("original", "Song", None, song, figure="-3 dB")])
    assert panel.preview.view.is_on
    assert panel.lane() is not None
    panel.waveforms.set_lanes([])
    assert not panel.preview.view.is_on
    assert [lane.key for lane in panel.listening.sources] == ["original"]


def test_only_the_last_renderings_stay_on_the_disk(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    panel.preview.hear()
    panel.settle()
    panel.chains.select((0,))
    for db in (-1.0, -2.0, -3.0, -4.0):
        panel.chains.set_value("gain_db", db)
        panel.settle()
    assert len(list(panel.folder.glob("*/*"))) <= 2
    panel.workers.close()
    panel.preview.close()
    assert not list(panel.folder.iterdir())


def test_a_file_that_is_gone_is_told(make, song):
    panel = make(before=[GAIN])
    panel.show(original(song))
    song.unlink()
    panel.preview.hear()
    panel.settle()
    assert "song.wav" in panel.messages.view.current.sentence
    assert not panel.preview.view.is_on


def test_a_selection_outside_of_the_music_cannot_be_heard(make, song, tmp_path):
    short = tmp_path / "short.wav"
    soundfile.write(short, np.zeros((RATE, 1), np.float32), RATE)
    panel = make(job=SeparateJob(), after={"vocals": [GAIN]})
    panel.show(original(song), LaneSource("v", "Vocals", StemRole.VOCALS, short))
    panel.waveforms.select(30.0, 31.0)
    panel.chains.choose_place(StemRole.VOCALS)
    assert "outside of Vocals" in panel.preview.view.reason
