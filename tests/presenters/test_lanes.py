"""Zooming, panning and selecting over lanes, and files that come, go and fail."""

import numpy as np
import pytest
import soundfile
from fakes.acts import Acts
from hypothesis import given
from hypothesis import strategies as st

from hanolab_dawtools.presenters.lanes import LaneSource, WaveformPresenter
from hanolab_dawtools.presenters.working import Workers

RATE = 8_000


@pytest.fixture
def acts():
    return Acts()


@pytest.fixture
def presenter(acts, tmp_path):
    workers = Workers(acts)
    presenter = WaveformPresenter(workers, tmp_path / "cache")
    yield presenter
    workers.close()
    presenter.close()


def source(tmp_path, key, seconds=10.0, start=0.0, **more):
    path = tmp_path / f"{key}.wav"
    if not path.exists():
        soundfile.write(path, np.full(int(seconds * RATE), 0.5, np.float32), RATE)
    return LaneSource(key, key, None, path, start, **more)


def loaded(presenter, acts, *sources):
    presenter.set_lanes(sources)
    acts.run_until(lambda: all(lane.fraction == 1.0 for lane in presenter.view.lanes))


def test_the_axis_holds_every_lane_and_all_of_it_is_seen(presenter, acts, tmp_path):
    loaded(presenter, acts, source(tmp_path, "a", 10, 5), source(tmp_path, "b", 4, 12))
    view = presenter.view
    assert (view.origin_seconds, view.total_seconds) == (5.0, 11.0)
    assert (view.start_seconds, view.end_seconds) == (5.0, 16.0)
    assert [lane.seconds for lane in view.lanes] == [10.0, 4.0]


@given(factor=st.floats(0.01, 100), at=st.floats(0, 10), pan=st.floats(-20, 20))
def test_what_is_seen_stays_on_the_axis(factor, at, pan):
    presenter = WaveformPresenter(None, None)
    presenter.zoom(factor, at)
    presenter.pan(pan)
    view = presenter.view
    assert 0 <= view.start_seconds < view.end_seconds <= 10.0 + 1e-9


@given(factor=st.floats(1, 50), at=st.floats(1, 9))
def test_zooming_in_keeps_what_is_under_the_pointer(factor, at):
    presenter = WaveformPresenter(None, None)
    presenter.zoom(factor, at)
    view = presenter.view
    share = (at - view.start_seconds) / (view.end_seconds - view.start_seconds)
    assert share == pytest.approx(at / 10, abs=1e-6)


@pytest.mark.parametrize(
    ("between", "selection"),
    [((2, 4), (2, 4)), ((4, 2), (2, 4)), ((-3, 4), (0, 4)), ((3, 3), None), ((11, 12), None)],
)
def test_a_selection_lies_on_the_axis_and_forwards(between, selection):
    presenter, told = WaveformPresenter(None, None), []
    presenter.selected.connect(lambda: told.append(presenter.view.selection))
    presenter.select(*between)
    assert presenter.view.selection == selection
    assert told == ([selection] if selection else [])


def test_a_lane_that_stays_is_not_read_again(presenter, acts, tmp_path):
    first, second = source(tmp_path, "a"), source(tmp_path, "b")
    loaded(presenter, acts, first, second)
    before = presenter.drawing("a", 10)[0]
    presenter.set_lanes([source(tmp_path, "a", figure="null -150 dB")])
    assert presenter.drawing("a", 10)[0].maxima.tolist() == before.maxima.tolist()
    assert presenter.drawing("b", 10) is None
    assert [lane.source.figure for lane in presenter.view.lanes] == ["null -150 dB"]


def test_a_file_that_cannot_be_read_says_why_in_its_lane(presenter, acts, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio at all")
    presenter.set_lanes([LaneSource("bad", "bad", None, bad), source(tmp_path, "good")])
    acts.run_until(
        lambda: presenter.view.lanes[0].problem and presenter.view.lanes[1].fraction == 1
    )
    assert "bad.wav" in presenter.view.lanes[0].problem
    assert presenter.drawing("good", 10) is not None


def test_a_drawing_tells_where_its_frames_lie_on_the_axis(presenter, acts, tmp_path):
    loaded(presenter, acts, source(tmp_path, "a", 10, 5))
    drawing, offset, frame = presenter.drawing("a", 100)
    assert offset == 5.0
    assert frame == 1 / RATE
    assert offset + drawing.frames[-1] * frame < 15.0
    assert np.allclose(drawing.maxima, 0.5, atol=1e-4)


def test_finer_samples_are_read_in_the_background_and_told(presenter, acts, tmp_path):
    loaded(presenter, acts, source(tmp_path, "a", 10))
    redraws = []
    presenter.redraw.connect(lambda: redraws.append(1))
    presenter.show(5.0, 5.01)
    assert not presenter.drawing("a", 400)[0].is_samples
    acts.run_until(lambda: redraws and presenter.drawing("a", 400)[0].is_samples)


def test_no_lanes_show_an_empty_axis(presenter, acts, tmp_path):
    loaded(presenter, acts, source(tmp_path, "a", 3))
    presenter.set_lanes([])
    assert presenter.view.lanes == ()
    assert (presenter.view.start_seconds, presenter.view.end_seconds) == (0.0, 10.0)
