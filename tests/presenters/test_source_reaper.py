"""Following the stand-in REAPER: found, read when something moves, lost, chosen among several."""

import numpy as np
import pytest
from fakes.acts import Acts
from fakes.live_captures import item, media, project, track
from fakes.panel_sources import services_in, tone
from fakes.reaper.client import FakeReaper
from fakes.timelines import noise

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.model import CapturePoint, Grouping
from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_reaper import (
    BACK_OFF_SECONDS,
    READ_AGAIN_SECONDS,
    UNREACHABLE,
)
from hanolab_dawtools.presenters.source_view import PreviewState, SourceKind
from hanolab_dawtools.presenters.working import Workers


class Bench:
    """A presenter on the test's thread that looks for REAPERs in a folder of its own."""

    def __init__(self, folder):
        self.acts = Acts()
        self.told = []
        self.now = 1000.0
        self.services = services_in(folder / "home")
        self.runtime = self.services.folders.data / "reaper"
        self.runtime.mkdir(parents=True)
        self.workers = Workers(self.acts)
        self.source = SourcePresenter(
            self.services, self.workers, self.told.append, lambda: self.now
        )

    @property
    def view(self):
        return self.source.view

    def until(self, is_true):
        """Look again and again until something is true."""
        while not is_true():
            self.now += 0.3
            self.source.tick()
            if self.source._following._is_looking or not self.acts.is_empty:
                self.acts.run_next()

    def look(self):
        """One look, and what comes of it."""
        following = self.source._following
        self.source.tick()
        self.acts.run_until(lambda: not following._is_looking)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.workers.close()
    bench.source.close()


@pytest.fixture
def song(tmp_path):
    """Two items of half a second, one after the other; the second is selected."""
    files = [media(tmp_path / f"{n}.wav", noise(2, 24_000, n)) for n in (1, 2)]
    return project(
        tmp_path,
        track("Keys", item(files[0], 0.0, 0.5), item(files[1], 0.5, 0.5)),
        time_selection=[0.1, 0.2],
        regions=[{"number": 1, "name": "Verse", "start": 0.0, "end": 0.5}],
    )


@pytest.fixture
def reaper(bench, song, tmp_path):
    with FakeReaper(tmp_path / "one", projects=[song]) as reaper:
        yield started(reaper, bench.runtime)


def started(reaper, runtime_folder):
    """With its bridge running, its port file where the bench looks."""
    reaper.runtime_folder = runtime_folder
    reaper.install()
    reaper.run_action("HanoLab_bridge.py")
    reaper.wait_until(lambda: any(runtime_folder.glob(f"bridge-{reaper.pid}.json")))
    return reaper


def ready(bench):
    bench.source.open_reaper()
    bench.until(lambda: bench.view.is_ready)


def test_no_reaper_is_a_state_and_looked_for_less_and_less_often(bench):
    bench.source.open_reaper()
    bench.acts.run_until(lambda: not bench.view.is_loading)
    view = bench.view
    assert (view.kind, view.title, view.is_reachable) == (SourceKind.REAPER, "REAPER", False)
    assert (view.note, view.problem) == (UNREACHABLE, "")
    assert not view.is_ready
    assert bench.told == []
    following = bench.source._following
    for wait in (*BACK_OFF_SECONDS[1:], BACK_OFF_SECONDS[-1]):
        bench.now = following._next_at - 0.01
        bench.source.tick()
        assert not following._is_looking
        bench.now = following._next_at
        bench.look()
        assert following._next_at == bench.now + wait


def test_what_is_selected_in_reaper_is_what_is_meant(bench, reaper, tmp_path):
    ready(bench)
    view = bench.view
    assert (view.kind, view.title) == (SourceKind.REAPER, "song.rpp")
    assert view.location == str(tmp_path / "song.rpp")
    assert (view.range_seconds, view.host_choice) == ((0.1, 0.2), "As selected in REAPER")
    assert view.selection_text == "time selection, Keys"
    assert (view.sample_rate, view.n_channels, view.n_jobs) == (48_000, 2, 1)
    assert [(one.number, one.name) for one in view.regions] == [(1, "Verse")]
    assert [one.name for one in view.tracks] == ["Keys"]
    assert str(bench.source.path) == "reaper"


def test_another_selection_in_reaper_is_followed(bench, reaper):
    ready(bench)
    reaper.edit({"time_selection": [0.0, 0.0], "select_items": [[0, 1]]})
    bench.until(lambda: bench.view.range_seconds == (0.5, 1.0))
    assert bench.view.selection_text.startswith("selected item")


def test_nothing_selected_is_a_sentence_in_the_bar_and_told_nobody(bench, reaper):
    ready(bench)
    reaper.edit({"time_selection": [0.0, 0.0], "cursor": 20.0})
    bench.until(lambda: bench.view.problem)
    assert "nothing is selected in song.rpp" in bench.view.problem
    assert "Select in REAPER" in bench.view.hint
    assert bench.told == []
    assert not bench.view.is_ready


def test_a_project_at_rest_is_not_read_again_and_again(bench, reaper):
    ready(bench)
    reading = bench.source._source.reading
    for _ in range(3):
        bench.look()
    assert bench.source._source.reading is reading
    bench.now += READ_AGAIN_SECONDS
    bench.look()
    assert bench.source._source.reading is not reading
    again = bench.source._source.reading
    bench.acts.run_until(lambda: bench.acts.is_empty)
    bench.source.refresh()
    bench.until(lambda: bench.source._source.reading is not again)


def test_a_region_of_reaper_can_be_chosen_here(bench, reaper):
    ready(bench)
    bench.source.choose_region("#1")
    bench.until(lambda: bench.view.range_seconds == (0.0, 0.5))
    assert bench.source.wanted().region == "#1"
    bench.source.choose_region(None)
    bench.until(lambda: bench.view.range_seconds == (0.1, 0.2))


def test_points_exclude_what_they_cannot_take(bench, reaper):
    ready(bench)
    assert not any(one.reason for one in bench.view.points)
    bench.source.set_point(CapturePoint.MASTER)
    bench.until(lambda: not bench.view.problem)
    reasons = {one.grouping: one.reason for one in bench.view.groupings}
    assert reasons[Grouping.TRACK]
    assert reasons[Grouping.ITEM]
    bench.source.set_point(None)
    bench.source.choose_tracks([bench.view.tracks[0].id])
    reasons = {one.point: one.reason for one in bench.view.points}
    assert "choose no tracks" in reasons[CapturePoint.MASTER]


def test_reaper_renders_only_when_the_user_wants_to_see_it(bench, reaper):
    ready(bench)
    assert bench.view.preview_state is PreviewState.ON_REQUEST
    assert bench.source.preview is None
    bench.source.show_preview()
    bench.until(lambda: bench.view.preview_state is PreviewState.READY)
    preview = bench.source.preview
    assert (preview.start_seconds, preview.seconds) == (0.1, 0.1)
    expected = noise(2, 24_000, 1)[:, 4_800:9_600]
    assert np.array_equal(read_audio(preview.path).samples, expected)


def test_a_preview_of_what_has_changed_says_so(bench, reaper):
    ready(bench)
    bench.source.show_preview()
    bench.until(lambda: bench.view.preview_state is PreviewState.READY)
    shown = bench.source.preview
    reaper.edit({"items": {"0,0": {"D_VOL": 0.5}}})
    bench.until(lambda: bench.view.preview_state is PreviewState.STALE)
    assert bench.source.preview is shown


def test_a_reaper_that_was_closed_is_found_again_when_it_is_back(bench, song, tmp_path):
    with FakeReaper(tmp_path / "one", projects=[song]) as reaper:
        started(reaper, bench.runtime)
        ready(bench)
        reaper.kill()
    bench.until(lambda: not bench.view.is_reachable)
    assert (bench.view.note, bench.view.title) == (UNREACHABLE, "REAPER")
    assert not bench.view.is_ready
    assert bench.told == []
    with FakeReaper(tmp_path / "two", projects=[song]) as reaper:
        started(reaper, bench.runtime)
        bench.until(lambda: bench.view.is_ready)


def test_of_several_reapers_one_is_chosen(bench, reaper, song, tmp_path):
    other = {**song, "path": str(tmp_path / "other.rpp")}
    with FakeReaper(tmp_path / "two", projects=[other]) as second:
        started(second, bench.runtime)
        bench.source.open_reaper()
        bench.until(lambda: bench.view.reapers)
        assert {one.pid for one in bench.view.reapers} == {reaper.pid, second.pid}
        assert "choose one" in bench.view.note
        assert not bench.view.is_ready
        bench.source.open_reaper(second.pid)
        bench.until(lambda: bench.view.is_ready)
        assert (bench.view.title, bench.view.pid) == ("other.rpp", second.pid)
        assert str(bench.source.path) == f"reaper:{second.pid}"
        assert len(bench.view.reapers) == 2


def test_leaving_reaper_hangs_up(bench, reaper, tmp_path):
    ready(bench)
    bench.source.open(tone(tmp_path / "a.wav"))
    bench.acts.run_until(lambda: bench.view.is_ready)
    assert bench.view.title == "a.wav"
    while bench.source._following._is_looking:  # what was under way comes to its end
        bench.acts.run_next()
    bench.now += 60
    bench.source.tick()
    assert not bench.source._following._is_looking
