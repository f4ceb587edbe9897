"""What the buttons of the transport mean for what is heard."""

import numpy as np
import pytest
import soundfile
from fakes.acts import Acts
from fakes.pulls import pull

from hanolab_dawtools.presenters.listening import NO_DEVICE, ListeningPresenter
from hanolab_dawtools.presenters.player import PlayLane
from hanolab_dawtools.presenters.working import Workers

RATE = 48_000


class PulledSink:
    """A sound device that pulls when the test says so."""

    def __init__(self, device="Speakers"):
        self.sample_rate = RATE
        self.device = device
        self.is_closed = False
        self._pull = None

    def devices(self):
        return ["Speakers", "Headphones"]

    def start(self, pull):
        self._pull = pull

    def choose(self, device):
        self.device = device

    def close(self):
        self.is_closed = True

    def hear(self):
        """What is heard once gains stand still."""
        return pull(self._pull.__self__, 4_800)


@pytest.fixture
def acts():
    return Acts()


@pytest.fixture
def workers(acts):
    workers = Workers(acts)
    yield workers
    workers.close()


@pytest.fixture
def sink():
    return PulledSink()


@pytest.fixture
def presenter(workers, sink):
    presenter = ListeningPresenter(workers, sink)
    yield presenter
    presenter.close()
    assert sink.is_closed


def lane(tmp_path, key, level, *, is_original=False, seconds=5.0):
    path = tmp_path / f"{key}.wav"
    samples = np.full(int(RATE * seconds), level, np.float32)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return PlayLane(key, key, path, is_original=is_original)


@pytest.fixture
def three(presenter, tmp_path):
    """An original at 0.75, its stems at 0.5 and 0.25, playing in a loop."""
    lanes = [
        lane(tmp_path, "original", 0.75, is_original=True),
        lane(tmp_path, "vocals", 0.5),
        lane(tmp_path, "rest", 0.25),
    ]
    presenter.set_lanes(lanes, 5.0)
    presenter.set_loop((0.0, 4.0))
    presenter.play()
    return presenter


def heard_keys(presenter):
    return {lane.key for lane in presenter.view.lanes if lane.is_heard}


def test_the_result_is_heard_first_and_a_is_the_original(three, sink):
    assert heard_keys(three) == {"vocals", "rest"}
    assert sink.hear()[0, -1] == 0.75
    three.toggle_ab()
    assert heard_keys(three) == {"original"}
    assert sink.hear()[0, -1] == 0.75


@pytest.mark.parametrize(
    ("acts_of_user", "level"),
    [
        ([("solo", "vocals")], 0.5),
        ([("solo", "vocals"), ("solo", "rest")], 0.75),
        ([("solo", "vocals"), ("solo", "vocals")], 0.75),
        ([("mute", "vocals")], 0.25),
        ([("solo", "vocals"), ("mute", "vocals")], 0.0),
        ([("solo", "original")], 0.75),
        ([("mute", "vocals"), ("mute", "rest")], 0.0),
    ],
)
def test_solo_and_mute_mean_what_they_mean_on_a_mixer(three, sink, acts_of_user, level):
    for verb, key in acts_of_user:
        getattr(three, verb)(key)
    assert sink.hear()[0, -1] == level


def test_a_single_result_is_played_at_the_loudness_of_its_original(presenter, acts, sink, tmp_path):
    tone = np.sin(np.arange(RATE * 5) * 0.13).astype(np.float32)
    lanes = []
    for key, level in (("original", 0.5), ("converted", 0.25)):
        path = tmp_path / f"{key}.wav"
        soundfile.write(path, level * tone, RATE, subtype="FLOAT")
        lanes.append(PlayLane(key, key, path, is_original=key == "original"))
    presenter.set_lanes(lanes, 5.0)
    acts.run_until(lambda: presenter.view.match_db)
    assert presenter.view.match_db == pytest.approx(6.0206, abs=0.01)
    presenter.set_loop((0.0, 4.0))
    presenter.play()
    assert np.abs(sink.hear()).max() == pytest.approx(0.5, abs=0.005)


def test_playing_moves_on_and_ends_at_the_end(presenter, sink, tmp_path):
    presenter.set_lanes([lane(tmp_path, "short", 0.5, is_original=True, seconds=0.5)], 0.5)
    presenter.play()
    for _ in range(51):
        pull(sink._pull.__self__, 480)
        presenter.tick()
    assert not presenter.view.is_playing
    assert presenter.view.position_seconds == pytest.approx(0.5, abs=0.05)
    presenter.play()
    assert presenter.view.position_seconds == 0.0


def test_without_anything_to_hear_nothing_plays(presenter):
    presenter.play()
    presenter.toggle_ab()
    assert not presenter.view.is_playing
    assert not presenter.view.can_compare


def test_no_device_is_told(workers):
    presenter = ListeningPresenter(workers, PulledSink(""))
    assert presenter.view.problem == NO_DEVICE
    presenter.choose_device("Headphones")
    assert presenter.view.problem == ""
    presenter.close()


def test_a_loop_begins_in_itself(three):
    three.seek(0.5)
    three.set_loop((2.0, 3.0))
    assert three.view.position_seconds == 2.0


def test_lanes_that_stay_keep_their_buttons(three, tmp_path):
    three.mute("vocals")
    three.set_lanes([lane(tmp_path, "vocals", 0.5), lane(tmp_path, "new", 0.1)], 5.0)
    assert {lane.key: lane.is_muted for lane in three.view.lanes} == {"vocals": True, "new": False}
