"""Opening files and projects, choosing in them, and noticing that they change."""

import numpy as np
import pytest
from fakes.acts import Acts
from fakes.panel_sources import samples_of, services_in, song, tone, touch_later
from fakes.projects import ProjectText

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import HanolabError
from hanolab_dawtools.model import CapturePoint, Grouping, Wanted
from hanolab_dawtools.presenters.source import LOOK_SECONDS, SourcePresenter
from hanolab_dawtools.presenters.source_view import PreviewState, SourceKind
from hanolab_dawtools.presenters.working import Workers


class Bench:
    """A presenter on the test's thread, with what it told and a clock that the test moves."""

    def __init__(self, folder):
        self.acts = Acts()
        self.told = []
        self.now = 1000.0
        self.services = services_in(folder / "home")
        self.workers = Workers(self.acts)
        self.source = SourcePresenter(
            self.services, self.workers, self.told.append, lambda: self.now
        )

    @property
    def view(self):
        return self.source.view

    def until(self, is_true):
        self.acts.run_until(is_true)

    def settle(self):
        """Until it is known what the choice means, and whether it can be heard."""
        busy = (PreviewState.MAKING, PreviewState.NONE)
        self.until(
            lambda: (
                self.view.problem or (self.view.is_ready and self.view.preview_state not in busy)
            )
        )

    def open(self, path):
        self.source.open(path)
        self.settle()

    def choose(self, act, *arguments):
        """A choice, and what it means."""
        before = self.view.selection_text, self.view.facts_text
        act(*arguments)
        self.until(
            lambda: (self.view.selection_text, self.view.facts_text) != before or self.view.problem
        )
        self.settle()

    def look(self):
        self.now += LOOK_SECONDS
        self.source.tick()


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.workers.close()
    bench.source.close()


def test_nothing_is_open_at_first(bench):
    assert (bench.view.kind, bench.source.path, bench.source.preview) == (
        SourceKind.NONE,
        None,
        None,
    )
    assert not bench.view.is_ready


def test_an_audio_file_is_seen_and_heard_at_once(bench, tmp_path):
    path = tone(tmp_path / "a.wav", 4.0)
    bench.open(path)
    view, preview = bench.view, bench.source.preview
    assert (view.kind, view.title, view.range_seconds) == (SourceKind.FILE, "a.wav", (0.0, 4.0))
    assert (view.sample_rate, view.n_channels, view.n_jobs) == (48_000, 2, 1)
    assert view.facts_text == "0:04.000, 48 kHz, stereo"
    assert (preview.path, preview.start_seconds, preview.seconds) == (path, 0.0, 4.0)
    assert bench.source.wanted() == Wanted()
    assert bench.source.path == path


def test_a_range_of_a_file_is_wanted_and_dropped_again(bench, tmp_path):
    bench.open(tone(tmp_path / "a.wav", 4.0))
    bench.choose(bench.source.choose_range, 3.0, 1.5)
    assert bench.source.wanted() == Wanted(range_seconds=(1.5, 3.0))
    assert (bench.view.is_range, bench.view.range_seconds) == (True, (1.5, 3.0))
    assert bench.source.preview.seconds == 4.0
    bench.choose(bench.source.clear_range)
    assert bench.source.wanted() == Wanted()


def test_what_is_no_audio_is_a_sentence_in_the_bar_and_told_once(bench, tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("no audio")
    bench.open(path)
    assert "a.wav" in bench.view.problem
    assert [str(one) for one in bench.told] == [bench.view.problem]
    assert isinstance(bench.told[0], HanolabError)
    assert bench.view.title == "a.wav"
    assert not bench.view.is_ready
    bench.look()
    bench.now += LOOK_SECONDS
    bench.source.refresh()
    bench.until(lambda: len(bench.told) == 2)  # because the user asked again


def test_a_file_that_is_missing_is_opened_when_it_comes(bench, tmp_path):
    path = tmp_path / "later.wav"
    bench.open(path)
    assert bench.view.problem
    tone(path)
    bench.look()
    bench.until(lambda: bench.view.is_ready)
    assert bench.view.problem == ""


def test_a_saved_time_selection_is_the_first_choice(bench, tmp_path):
    bench.open(song(tmp_path))
    view = bench.view
    assert (view.kind, view.range_seconds) == (SourceKind.PROJECT, (1.0, 3.0))
    assert view.host_choice == "Saved time selection"
    assert not view.is_whole
    assert not view.is_range
    assert "time selection" in view.selection_text
    assert [(one.number, one.name) for one in view.regions] == [(1, "Verse"), (2, "Chorus")]
    assert [(one.name, one.is_chosen) for one in view.tracks] == [("Drums", False), ("Bass", False)]
    assert bench.source.wanted() == Wanted()


def test_without_a_time_selection_all_of_it_is_meant(bench, tmp_path):
    bench.open(song(tmp_path, selection="0 0"))
    assert (bench.view.is_whole, bench.view.host_choice) == (True, "")
    assert bench.view.range_seconds == (0.0, 4.0)


def test_the_preview_of_a_project_is_what_a_capture_holds(bench, tmp_path):
    bench.open(song(tmp_path))
    preview = bench.source.preview
    expected = (samples_of(tmp_path, "drums.wav") + samples_of(tmp_path, "bass.wav"))[
        :, 48_000:144_000
    ]
    assert (preview.start_seconds, preview.seconds) == (1.0, 2.0)
    assert np.allclose(read_audio(preview.path).samples, expected, atol=1e-6)


def test_a_region_is_wanted_by_its_number_and_seen(bench, tmp_path):
    bench.open(song(tmp_path))
    bench.choose(bench.source.choose_region, "#2")
    assert bench.source.wanted() == Wanted(region="#2")
    assert bench.view.range_seconds == (2.0, 4.0)
    assert "Chorus" in bench.view.selection_text
    assert bench.source.preview.start_seconds == 2.0


def test_a_range_within_what_is_seen_needs_no_other_preview(bench, tmp_path):
    bench.open(song(tmp_path))
    bench.choose(bench.source.choose_whole)
    whole = bench.source.preview
    bench.choose(bench.source.choose_range, 1.0, 2.0)
    assert bench.source.preview is whole
    assert bench.source.wanted() == Wanted(range_seconds=(1.0, 2.0))
    bench.choose(bench.source.clear_range)
    assert bench.view.is_whole


def test_a_preview_that_was_made_before_is_not_made_again(bench, tmp_path):
    path = song(tmp_path)
    bench.open(path)
    first = bench.source.preview
    bench.choose(bench.source.choose_region, "#2")
    bench.choose(bench.source.choose_region, None)
    assert bench.source.preview == first


def test_chosen_tracks_are_wanted_each_as_a_job_and_heard_alone(bench, tmp_path):
    bench.open(song(tmp_path))
    bass = bench.view.tracks[1].id
    bench.choose(bench.source.choose_tracks, [bass])
    assert bench.source.wanted() == Wanted(tracks=("Bass",))
    assert [one.is_chosen for one in bench.view.tracks] == [False, True]
    assert np.array_equal(
        read_audio(bench.source.preview.path).samples,
        samples_of(tmp_path, "bass.wav")[:, 48_000:144_000],
    )


def test_each_track_is_a_job_when_that_is_chosen(bench, tmp_path):
    bench.open(song(tmp_path))
    bench.choose(bench.source.set_grouping, Grouping.TRACK)
    assert bench.source.wanted() == Wanted(grouping=Grouping.TRACK)
    assert bench.view.n_jobs == 2
    assert "2 jobs" in bench.view.selection_text


def test_points_that_only_reaper_has_say_so(bench, tmp_path):
    bench.open(song(tmp_path))
    reasons = {one.point: one.reason for one in bench.view.points}
    assert reasons[CapturePoint.ITEM] == ""
    assert "running REAPER" in reasons[CapturePoint.TRACK]
    assert "running REAPER" in reasons[CapturePoint.MASTER]


def test_a_project_that_was_saved_again_is_read_again_and_said_so(bench, tmp_path):
    path = song(tmp_path)
    bench.open(path)
    song(tmp_path, selection="0.5 1.5")
    touch_later(path)
    bench.source.tick()  # too early
    bench.look()
    bench.until(lambda: bench.view.range_seconds == (0.5, 1.5))
    assert bench.told == ["song.rpp was changed and has been read again"]
    bench.settle()
    assert bench.source.preview.start_seconds == 0.5


def test_a_track_that_is_gone_is_not_chosen_any_more(bench, tmp_path):
    path = song(tmp_path)
    bench.open(path)
    bench.choose(bench.source.choose_tracks, [bench.view.tracks[1].id])
    path.write_bytes(
        path.read_bytes().replace(b"0000038", b"0000039").replace(b"NAME Bass", b"NAME Keys")
    )
    touch_later(path)
    bench.look()
    bench.until(lambda: bench.told)
    assert not any(track.is_chosen for track in bench.view.tracks)


def test_an_empty_project_is_one_sentence_with_the_next_step(bench, tmp_path):
    path = tmp_path / "empty.rpp"
    path.write_bytes(ProjectText(tracks=()).content())
    bench.open(path)
    assert bench.view.problem == "empty.rpp holds no items"
    assert "save it" in bench.view.hint


def test_a_choice_of_silence_is_said_in_the_bar_alone(bench, tmp_path):
    bench.open(song(tmp_path))
    bench.choose(bench.source.choose_range, 10.0, 12.0)
    assert "no item plays" in bench.view.problem
    assert bench.view.hint == "Choose another region, range or tracks."
    assert not bench.view.is_ready
    assert bench.told == []
    bench.source.choose_region("#1")
    bench.until(lambda: not bench.view.problem)
    assert bench.view.is_ready


def test_a_project_that_is_none_is_told(bench, tmp_path):
    path = tmp_path / "song.rpp"
    path.write_text("nothing")
    bench.open(path)
    assert "song.rpp" in bench.view.problem


def test_of_several_files_the_first_is_opened_and_the_rest_named(bench, tmp_path):
    paths = [tone(tmp_path / f"{name}.wav") for name in "abc"]
    bench.source.open_files(paths)
    bench.settle()
    assert bench.view.title == "a.wav"
    assert "the first of 3 files" in bench.told[0]
    bench.source.open_files([])
    assert bench.view.title == "a.wav"


def test_recent_sources_outlive_the_panel(bench, tmp_path):
    paths = [tone(tmp_path / f"{name}.wav") for name in "ab"]
    for path in paths:
        bench.open(path)
        bench.until(lambda path=path: bench.view.recent[:1] == (path,))
    again = SourcePresenter(bench.services, bench.workers, bench.told.append)
    bench.until(lambda: again.view.recent == tuple(reversed(paths)))
    again.close()


def test_another_source_forgets_the_choices_of_the_first(bench, tmp_path):
    bench.open(song(tmp_path))
    bench.choose(bench.source.choose_region, "#2")
    bench.open(tone(tmp_path / "a.wav"))
    assert (bench.view.region, bench.view.regions) == (None, ())
    assert bench.source.wanted() == Wanted()


def test_an_hour_is_shown_only_on_request(bench, tmp_path):
    path = song(tmp_path, selection="0 1300")
    bench.open(path)
    assert bench.view.preview_state is PreviewState.ON_REQUEST
    assert bench.source.preview is None
    bench.source.show_preview()
    bench.source.stop_preview()
    assert bench.view.preview_state is PreviewState.ON_REQUEST
