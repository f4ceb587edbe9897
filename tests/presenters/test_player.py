"""What the device pulls is the mix of the files, frame by frame, through loops and jumps."""

import numpy as np
import pytest
import soundfile
from fakes.pulls import DEADLINE_SECONDS, pull

from hanolab_dawtools.presenters.mixing import GLIDE_SECONDS
from hanolab_dawtools.presenters.player import AHEAD_BLOCKS, BLOCK_FRAMES, Player, PlayLane

RATE = 48_000
GLIDE_FRAMES = int(GLIDE_SECONDS * RATE) + 1
N_FRAMES = 20_000


@pytest.fixture
def player():
    player = Player(RATE)
    yield player
    player.close()


def write(path, samples, rate=RATE):
    soundfile.write(path, samples.T, rate, subtype="FLOAT")
    return path


def ramp(n_frames=N_FRAMES):
    """Every frame has a value of its own: its number, exactly."""
    return np.repeat(np.arange(n_frames, dtype=np.float32)[None], 2, axis=0)


def start(player, tmp_path, samples, **lane):
    path = write(tmp_path / "lane.wav", samples)
    one = PlayLane("lane", "lane", path, **lane)
    player.set_lanes([one], one.start_seconds + samples.shape[1] / RATE)
    player.set_gains({"lane": 1.0})
    player.play()


def test_playing_glides_in_and_then_gives_the_file_frame_by_frame(player, tmp_path):
    start(player, tmp_path, ramp())
    heard = pull(player, 10_000)
    assert np.array_equal(heard[:, GLIDE_FRAMES:], ramp()[:, GLIDE_FRAMES:10_000])
    assert heard[0, 0] == 0.0
    assert np.all(np.diff(heard[0, :GLIDE_FRAMES]) >= 0)
    assert player.position_seconds == 10_000 / RATE


def test_a_lane_that_begins_later_is_silent_until_then(player, tmp_path):
    start(player, tmp_path, ramp(8_000) + 1, start_seconds=3_000 / RATE)
    heard = pull(player, 10_000)
    assert np.all(heard[:, :3_000] == 0)
    assert np.array_equal(heard[0, 3_000:10_000], np.arange(1, 7_001))


@pytest.mark.parametrize("loop", [(5_000, 5_700), (0, BLOCK_FRAMES), (1_000, 9_999)])
def test_a_loop_repeats_to_the_frame(player, tmp_path, loop):
    start(player, tmp_path, ramp())
    player.set_loop((loop[0] / RATE, loop[1] / RATE))
    player.seek(loop[0] / RATE)
    n = loop[1] - loop[0]
    heard = pull(player, 3 * n)[0]
    expected = np.tile(np.arange(loop[0], loop[1]), 3)
    assert np.array_equal(heard[GLIDE_FRAMES:], expected[GLIDE_FRAMES:])


def test_a_jump_has_no_click(player, tmp_path):
    tone = np.repeat(np.sin(np.arange(N_FRAMES) * 0.02)[None], 2, axis=0).astype(np.float32)
    start(player, tmp_path, tone)
    before = pull(player, 5_000)
    player.seek(1_234 / RATE)
    after = pull(player, 5_000)
    steps = np.abs(np.diff(np.concatenate([before[0], after[0]])))
    assert steps.max() < 0.02 + 2 / GLIDE_FRAMES + 1e-3  # the tone's own slope, and two glides
    assert np.array_equal(after[0, GLIDE_FRAMES:], tone[0, 1_234 + GLIDE_FRAMES : 6_234])


def test_a_pause_glides_out_and_stays_where_it_is(player, tmp_path):
    start(player, tmp_path, ramp() * 0 + 1)
    pull(player, 4_000)
    player.pause()
    heard = pull(player, 2_000)
    at = player.position_seconds
    assert np.abs(np.diff(heard[0])).max() <= 1.5 / GLIDE_FRAMES
    assert np.all(heard[:, GLIDE_FRAMES:] == 0)
    assert np.all(player.render(500) == 0)
    assert player.position_seconds == at


def test_lanes_of_other_rates_are_heard_at_the_devices(player, tmp_path):
    seconds = np.arange(44_100) / 44_100
    tone = np.sin(2 * np.pi * 997 * seconds).astype(np.float32)[None] * 0.5
    path = write(tmp_path / "tone.wav", tone, 44_100)
    player.set_lanes([PlayLane("tone", "tone", path)], 1.0)
    player.set_gains({"tone": 1.0})
    player.play()
    heard = pull(player, 40_000)
    expected = 0.5 * np.sin(2 * np.pi * 997 * np.arange(40_000) / RATE)
    assert np.abs(heard[:, 2_000:] - expected[2_000:]).max() < 1e-3


def test_the_end_is_told_and_silence_follows(player, tmp_path):
    start(player, tmp_path, ramp(3_000))
    pull(player, 3_000)
    assert player.has_ended
    assert np.all(pull(player, 1_000) == 0)


def test_no_more_is_read_ahead_than_is_allowed(player, tmp_path):
    start(player, tmp_path, ramp(BLOCK_FRAMES * AHEAD_BLOCKS * 3))
    with player._changed:
        full = (
            player._changed.wait_for(
                lambda: len(player._ready.blocks) >= AHEAD_BLOCKS, DEADLINE_SECONDS
            )
            or len(player._ready.blocks) >= AHEAD_BLOCKS
        )
    assert full
    assert len(player._ready.blocks) <= AHEAD_BLOCKS


def test_a_file_that_is_gone_is_told_and_the_others_are_heard(player, tmp_path):
    there = write(tmp_path / "there.wav", ramp() * 0 + 0.25)
    lanes = [PlayLane("gone", "gone", tmp_path / "gone.wav"), PlayLane("there", "there", there)]
    player.set_lanes(lanes, 0.2)
    player.set_gains({"gone": 1.0, "there": 1.0})
    player.play()
    assert pull(player, 2_000)[0, -1] == 0.25
    assert "gone.wav" in player.problem
