"""Captures over the real connection, and what is left in REAPER when one ends in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from fakes.live_captures import captured, item, media, project, settled, track
from fakes.reaper.client import FakeReaper
from fakes.timelines import noise

from hanolab_dawtools.audio.files import read_audio
from hanolab_dawtools.errors import HostCallFailed, JobCancelled
from hanolab_dawtools.events import NeverStop
from hanolab_dawtools.hosts.reaper.bridge_file import read_bridge_file
from hanolab_dawtools.hosts.reaper.channel import Channel
from hanolab_dawtools.hosts.reaper.link import shake_hands


@pytest.fixture
def song(tmp_path):
    """Two items of half a second, one after the other; the second is selected."""
    files = [media(tmp_path / f"{n}.wav", noise(2, 24_000, n)) for n in (1, 2)]
    return project(
        tmp_path,
        track("T", item(files[0], 0.0, 0.5), item(files[1], 0.5, 0.5, selected=True)),
        numbers={"RENDER_SRATE": 96_000, "RENDER_CHANNELS": 1, "RENDER_TAILFLAG": 18},
        texts={"RENDER_PATTERN": "mine"},
        time_selection=[0.1, 0.2],
    )


@contextmanager
def running(folder: Path, song, **options) -> Iterator[tuple[FakeReaper, Channel]]:
    """A REAPER with the project open and its bridge running, and a connection to it."""
    with FakeReaper(folder / "reaper", projects=[song], **options) as reaper:
        reaper.install()
        reaper.run_action("HanoLab_bridge.py")
        reaper.wait_until(lambda: bool(list(reaper.runtime_folder.glob("bridge-*.json"))))
        with Channel.open(bridge_of(reaper)) as channel:
            yield reaper, channel


def bridge_of(reaper: FakeReaper):
    return read_bridge_file(next(reaper.runtime_folder.glob("bridge-*.json")))


def tab_of(channel: Channel) -> str:
    return str(channel.call("state", {})["tab"])


def test_a_capture_over_the_connection_is_the_items(song, tmp_path):
    with running(tmp_path, song) as (reaper, channel):
        before = settled(reaper.snapshot())
        got = captured(channel, tmp_path, 0.25, 0.75, tab=tab_of(channel))
        assert settled(reaper.snapshot()) == before
        assert reaper.undo_steps == []
    expected = np.hstack([noise(2, 24_000, 1)[:, 12_000:], noise(2, 24_000, 2)[:, :12_000]])
    assert np.array_equal(read_audio(got.path).samples, expected)


def test_a_render_that_waits_for_an_answer_in_reaper_goes_on_after_it(song, tmp_path):
    with running(tmp_path, song, misbehaviours=["render_dialog_blocks"]) as (reaper, channel):
        before = settled(reaper.snapshot())
        reaper.answer("ok")
        reaper.answer("ok")
        got = captured(channel, tmp_path, 0.0, 1.0, tab=tab_of(channel))
        assert settled(reaper.snapshot()) == before
    assert got.n_frames == 48_000


def test_a_client_killed_while_reaper_renders_leaves_the_project_as_it_was(song, tmp_path):
    folder = tmp_path / "renders"
    folder.mkdir()
    with running(tmp_path, song, misbehaviours=["render_dialog_blocks"]) as (reaper, channel):
        before = settled(reaper.snapshot())
        tab = tab_of(channel)
        channel.close()
        link, _ = shake_hands(bridge_of(reaper), NeverStop(), 10.0)
        asked = {
            "tab": tab,
            "what": "master",
            "ids": [],
            "start_seconds": 0.0,
            "end_seconds": 1.0,
            "sample_rate": 48_000,
            "n_channels": 2,
            "folder": str(folder),
            "name": "mix",
        }
        link.put({"id": 1, "command": "render", "arguments": asked})
        link.exchange(0)
        while not reaper.dialogs:  # REAPER does not tick while it shows one
            pass
        assert settled(reaper.snapshot()) != before  # in the middle of it
        link.close()
        reaper.answer("ok")
        reaper.wait_ticks(5)
        assert settled(reaper.snapshot()) == before
        assert channel.call("ping", {}) == {}


def test_a_stop_ends_the_waiting_and_reaper_ends_its_render(song, tmp_path):
    class StopAtDialog(NeverStop):
        def is_set(self) -> bool:
            return bool(reaper.dialogs)

    with running(tmp_path, song, misbehaviours=["render_dialog_blocks"]) as (reaper, channel):
        before = settled(reaper.snapshot())
        with pytest.raises(JobCancelled):
            captured(channel, tmp_path, 0.0, 1.0, tab=tab_of(channel), stop=StopAtDialog())
        reaper.answer("ok")
        reaper.wait_ticks(5)
        assert settled(reaper.snapshot()) == before
        assert len(reaper.dialogs) == 1  # the second render was not begun


def test_a_project_that_is_closed_before_the_capture_is_told(song, tmp_path):
    with running(tmp_path, song) as (reaper, channel):
        tab = tab_of(channel)
        reaper.open_tab({})
        reaper.close_tab(0)
        with pytest.raises(HostCallFailed, match="no longer open") as caught:
            captured(channel, tmp_path, 0.0, 1.0, tab=tab)
        assert channel.call("ping", {}) == {}
    assert caught.value.code == "gone"
