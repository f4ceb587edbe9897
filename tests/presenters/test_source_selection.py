"""A drag in the waveforms is a range of the source, and a range is marked in the waveforms."""

import pytest
from fakes.acts import Acts
from fakes.panel_sources import services_in, song, tone

from hanolab_dawtools.presenters.lanes import LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.source import SourcePresenter
from hanolab_dawtools.presenters.source_selection import SelectionBond
from hanolab_dawtools.presenters.working import Workers


class Bench:
    """A source whose preview is the only lane."""

    def __init__(self, folder):
        self.acts = Acts()
        services = services_in(folder / "home")
        self.workers = Workers(self.acts)
        self.waveforms = WaveformPresenter(self.workers, folder / "peaks")
        self.source = SourcePresenter(services, self.workers, lambda told: None)
        self.is_shown = True
        self.bond = SelectionBond(self.source, self.waveforms, lambda: self.is_shown)
        self.source.preview_changed.connect(self._show)

    def _show(self):
        preview = self.source.preview
        if preview is not None:
            lane = LaneSource("source", "source", None, preview.path, preview.start_seconds)
            self.waveforms.set_lanes([lane])

    def open(self, path):
        self.source.open(path)
        self.until(lambda: self.waveforms.view.lanes and self.waveforms.view.lanes[0].fraction == 1)

    def until(self, is_true):
        self.acts.run_until(is_true)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.workers.close()
    bench.source.close()
    bench.waveforms.close()


def test_a_drag_over_a_file_is_its_range_and_a_click_takes_it_away(bench, tmp_path):
    bench.open(tone(tmp_path / "a.wav"))
    bench.waveforms.select(1.0, 2.5)
    assert bench.source.view.range_seconds == (1.0, 2.5)
    bench.waveforms.select(None)
    bench.until(lambda: bench.source.view.range_seconds == (0.0, 4.0))
    assert bench.waveforms.view.selection is None


def test_a_drag_over_a_project_is_a_range_of_its_own_time(bench, tmp_path):
    bench.open(song(tmp_path))
    assert bench.waveforms.view.origin_seconds == 1.0
    bench.waveforms.select(1.5, 2.0)
    assert bench.source.wanted().range_seconds == (1.5, 2.0)


def test_a_range_that_was_typed_is_marked(bench, tmp_path):
    bench.open(tone(tmp_path / "a.wav"))
    assert bench.source.type_range("0:01", "0:02.5")
    assert bench.waveforms.view.selection == (1.0, 2.5)
    assert not bench.source.type_range("0:02", "0:01")
    assert not bench.source.type_range("x", "0:01")
    assert bench.waveforms.view.selection == (1.0, 2.5)


def test_a_region_within_what_is_seen_is_marked_and_stays_so_after_a_click(bench, tmp_path):
    bench.open(song(tmp_path, selection="0 0"))
    bench.source.choose_region("#2")
    bench.until(lambda: bench.waveforms.view.selection == (2.0, 4.0))
    bench.waveforms.select(None)
    assert bench.source.view.region == "#2"


def test_nothing_is_chosen_while_a_result_is_shown(bench, tmp_path):
    bench.open(tone(tmp_path / "a.wav"))
    bench.is_shown = False
    bench.waveforms.select(1.0, 2.0)
    assert bench.source.view.range_seconds == (0.0, 4.0)
